//! Tests of the whole module: tables of documented behaviour, and laws over generated policies.

mod classes;
mod conditions;
mod decisions;
mod documents;
mod elements;
mod hostile;
mod laws;
mod patterns;
mod unknown;
mod words;

use super::{Context, ContextValue, Effective, Policy, Principal, Request, decide};
use crate::json;

const CLOUDTRAIL: &str = "cloudtrail.amazonaws.com";
const BUCKET: &str = "arn:aws:s3:::logs";
const OBJECT: &str = "arn:aws:s3:::logs/AWSLogs/111111111111/x";

fn policy(text: &str) -> Policy {
    let root = json::parse(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    Policy::read(&root).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn service(name: &str) -> Principal {
    Principal::Service {
        name: name.to_owned(),
        account: None,
    }
}

/// A context of keys and their values; `None` is unknown.
fn context(keys: &[(&str, &[&str])]) -> Context {
    let mut context = Context::new();
    for (key, values) in keys {
        let values = values.iter().map(ToString::to_string).collect();
        context.set(key, ContextValue::Present(values));
    }
    context
}

/// `Allow`, `ImplicitDeny`, `ExplicitDeny` or `Undecided`, for a write by CloudTrail.
fn verdict(policy: &Policy, context: &Context) -> &'static str {
    let principal = service(CLOUDTRAIL);
    word(&decide(
        policy,
        &Request {
            principal: &principal,
            action: "s3:PutObject",
            resource: OBJECT,
            context,
        },
    ))
}

fn word(effective: &Effective) -> &'static str {
    match effective {
        Effective::Allowed { .. } => "Allow",
        Effective::ExplicitlyDenied { .. } => "ExplicitDeny",
        Effective::ImplicitlyDenied => "ImplicitDeny",
        Effective::Undecided { .. } => "Undecided",
    }
}

/// One statement that allows CloudTrail everything, with some members replaced or added.
fn allow_with(members: &str) -> Policy {
    let names: Vec<&str> = ["Effect", "Principal", "Action", "Resource"]
        .into_iter()
        .filter(|name| {
            !members.contains(&format!("\"{name}\""))
                && !members.contains(&format!("\"Not{name}\""))
        })
        .collect();
    let defaults = names.iter().map(|name| match *name {
        "Effect" => r#""Effect": "Allow""#,
        "Principal" => r#""Principal": {"Service": "cloudtrail.amazonaws.com"}"#,
        "Action" => r#""Action": "s3:PutObject""#,
        _ => r#""Resource": "*""#,
    });
    let all: Vec<&str> = defaults
        .chain([members])
        .filter(|text| !text.is_empty())
        .collect();
    policy(&format!(
        r#"{{"Version": "2012-10-17", "Statement": {{{}}}}}"#,
        all.join(", ")
    ))
}
