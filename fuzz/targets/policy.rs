//! Any JSON as a policy: read or refused; what was read can be examined, and every problem has a place.

use trail_lint::iam::{
    Context, ContextValue, Policy, Principal, Request, decide, examine, nearest_misses,
};
use trail_lint::json;

pub(crate) fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let Ok(root) = json::parse(text) else { return };
    let policy = match Policy::read(&root) {
        Ok(policy) => policy,
        Err(error) => {
            assert!(root.at(&error.pointer).is_some(), "{}", error.pointer);
            return;
        }
    };
    for problem in &policy.problems {
        assert!(root.at(&problem.pointer).is_some(), "{}", problem.pointer);
    }
    let principal = Principal::Service {
        name: "cloudtrail.amazonaws.com".to_owned(),
        account: None,
    };
    let mut context = Context::new();
    context.set(
        "aws:SourceArn",
        ContextValue::one("arn:aws:cloudtrail:us-east-1:1:trail/t"),
    );
    context.set(
        "k",
        ContextValue::Present(vec!["1".to_owned(), "a".to_owned()]),
    );
    context.set("u", ContextValue::Unknown);
    let request = Request {
        principal: &principal,
        action: "s3:PutObject",
        resource: "arn:aws:s3:::logs/x",
        context: &context,
    };
    decide(&policy, &request);
    assert_eq!(examine(&policy, &request).len(), policy.statements.len());
    nearest_misses(&policy, &request);
}
