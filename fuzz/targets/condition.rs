//! Lines: an operator, a policy value, then the values of the request. A condition is decided, `x` and
//! `[x]` alike, and a Deny with it never leaves what an Allow with it allows.

use serde_json::{Value, json};
use trail_lint::iam::{Context, ContextValue, Effective, Policy, Principal, Request, decide};
use trail_lint::json;

pub(crate) fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let mut lines = text.split('\n');
    let operator = lines.next().unwrap_or_default();
    let value = lines.next().unwrap_or_default();
    let sent: Vec<String> = lines.map(str::to_owned).collect();
    let mut context = Context::new();
    if !sent.is_empty() {
        context.set("k", ContextValue::Present(sent));
    }
    context.set("v", ContextValue::one("a*"));
    let alone = answer(operator, &json!(value), &context);
    assert_eq!(alone, answer(operator, &json!([value]), &context));
    context.set("k", ContextValue::Unknown);
    let unknown = answer(operator, &json!(value), &context);
    assert!(
        unknown == alone || unknown == "undecided" || alone == "undecided",
        "{unknown} {alone}"
    );
}

fn answer(operator: &str, value: &Value, context: &Context) -> &'static str {
    let statement = |effect: &str, condition: Value| json!({"Effect": effect, "Principal": "*", "Action": "*", "Resource": "*", "Condition": condition});
    let condition = json!({operator: {"k": value}});
    let allow =
        json!({"Version": "2012-10-17", "Statement": statement("Allow", condition.clone())});
    let both = json!({"Version": "2012-10-17", "Statement":
        [statement("Allow", json!({})), statement("Deny", condition)]});
    let allowed = decided(&allow, context);
    let denied = decided(&both, context);
    match (&allowed, &denied) {
        (Effective::Allowed { .. }, Effective::ExplicitlyDenied { .. }) => "holds",
        (Effective::ImplicitlyDenied, Effective::Allowed { .. }) => "does not hold",
        (Effective::Undecided { .. }, Effective::Undecided { .. }) => "undecided",
        other => unreachable!("{other:?}"),
    }
}

fn decided(policy: &Value, context: &Context) -> Effective {
    let root = json::parse(&policy.to_string()).expect("what serde_json writes is JSON");
    let policy = Policy::read(&root).expect("the types are right");
    let request = Request {
        principal: &Principal::Anonymous,
        action: "s3:PutObject",
        resource: "arn:aws:s3:::logs/x",
        context,
    };
    decide(&policy, &request)
}
