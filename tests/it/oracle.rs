//! A second evaluator, slow and obvious, written from AWS's pages over plain JSON, and the evaluator of
//! the library beside it on generated policies and requests. Then laws that hold for every policy.

mod generate;
mod slow;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};
use trail_lint::iam::{
    Context, ContextValue, Effective, Policy, Principal, Request, decide, examine, nearest_misses,
};

pub(crate) use self::generate::Random;

const POLICIES: usize = 3400;
const REQUESTS_EACH: usize = 6;

/// One request as plain data.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) policy: Value,
    /// Kind and value.
    pub(crate) principal: (&'static str, String),
    pub(crate) action: String,
    pub(crate) resource: String,
    pub(crate) context: BTreeMap<String, Vec<String>>,
}

/// The slow evaluator's answer, for tests that want a second opinion.
pub(crate) fn second_opinion(case: &Case) -> &'static str {
    slow::decide(case)
}

/// The library's answer.
fn fast(case: &Case) -> &'static str {
    answer(&read(&case.policy), case)
}

fn read(policy: &Value) -> Policy {
    let root = trail_lint::json::parse(&policy.to_string()).unwrap();
    Policy::read(&root).unwrap_or_else(|error| panic!("{error}: {policy}"))
}

fn answer(policy: &Policy, case: &Case) -> &'static str {
    let value = case.principal.1.clone();
    let principal = match case.principal.0 {
        "Service" => Principal::Service {
            name: value,
            account: None,
        },
        "AWS" => Principal::Aws(value),
        "Federated" => Principal::Federated(value),
        "CanonicalUser" => Principal::CanonicalUser(value),
        _ => Principal::Anonymous,
    };
    let mut context = Context::new();
    for (key, values) in &case.context {
        context.set(key, ContextValue::Present(values.clone()));
    }
    let request = Request {
        principal: &principal,
        action: &case.action,
        resource: &case.resource,
        context: &context,
    };
    // Explaining must not panic either, and sees what deciding sees.
    assert_eq!(examine(policy, &request).len(), policy.statements.len());
    nearest_misses(policy, &request);
    match decide(policy, &request) {
        Effective::Allowed { .. } => "Allow",
        Effective::ExplicitlyDenied { .. } => "ExplicitDeny",
        Effective::ImplicitlyDenied => "ImplicitDeny",
        Effective::Undecided { .. } => "Undecided",
    }
}

fn cases(seed: u64, policies: usize) -> impl Iterator<Item = Case> {
    let mut random = Random::new(seed);
    (0..policies).flat_map(move |_| {
        let policy = random.policy();
        (0..REQUESTS_EACH)
            .map(|_| random.request(&policy))
            .collect::<Vec<_>>()
    })
}

#[test]
fn a_slow_and_obvious_evaluator_agrees() {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut total = 0;
    let mut policy = (json!({}), read(&json!({})));
    for case in cases(1, POLICIES) {
        if policy.0 != case.policy {
            policy = (case.policy.clone(), read(&case.policy));
        }
        let expected = slow::decide(&case);
        if answer(&policy.1, &case) != expected {
            let least = shrink(case);
            panic!(
                "the library says {}, the slow evaluator {}\n{}",
                fast(&least),
                slow::decide(&least),
                shown(&least)
            );
        }
        *seen.entry(expected).or_default() += 1;
        total += 1;
    }
    assert!(total >= 20_000);
    // Cases that all end alike would prove little.
    for word in ["Allow", "ImplicitDeny", "ExplicitDeny"] {
        assert!(seen[word] > total / 20, "{seen:?}");
    }
    assert!(seen["Undecided"] > 20, "{seen:?}");
}

fn shown(case: &Case) -> String {
    let (kind, value) = &case.principal;
    json!({"policy": case.policy, "request": {"principal": {"type": kind, "value": value},
        "action": case.action, "resource": case.resource, "context": case.context}})
    .to_string()
}

/// Leaves out whatever can be left out while the two still disagree.
fn shrink(mut case: Case) -> Case {
    loop {
        let smaller = smaller(&case.policy).into_iter().map(|policy| Case {
            policy,
            ..case.clone()
        });
        let poorer = case.context.keys().map(|key| {
            let mut context = case.context.clone();
            context.remove(key);
            Case {
                context,
                ..case.clone()
            }
        });
        let disagree = |case: &Case| {
            let root = trail_lint::json::parse(&case.policy.to_string()).unwrap();
            Policy::read(&root).is_ok() && fast(case) != slow::decide(case)
        };
        match smaller.chain(poorer).find(disagree) {
            Some(next) => case = next,
            None => return case,
        }
    }
}

/// Every value that has one member or item less somewhere.
fn smaller(value: &Value) -> Vec<Value> {
    let mut all = Vec::new();
    match value {
        Value::Array(items) => {
            for at in 0..items.len() {
                let mut fewer = items.clone();
                fewer.remove(at);
                all.push(Value::Array(fewer));
                all.extend(smaller(&items[at]).into_iter().map(|item| {
                    let mut items = items.clone();
                    items[at] = item;
                    Value::Array(items)
                }));
            }
        }
        Value::Object(members) => {
            for (key, inner) in members {
                let mut fewer = members.clone();
                fewer.remove(key);
                all.push(Value::Object(fewer));
                all.extend(smaller(inner).into_iter().map(|inner| {
                    let mut members = members.clone();
                    members.insert(key.clone(), inner);
                    Value::Object(members)
                }));
            }
        }
        _ => {}
    }
    all
}

/// The statements of a generated policy, which always stand in a list.
fn statements(policy: &mut Value) -> &mut Vec<Value> {
    policy["Statement"].as_array_mut().unwrap()
}

#[test]
fn a_matching_deny_wins_wherever_it_stands() {
    for mut case in cases(2, 200) {
        let deny = json!({"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"});
        let all = statements(&mut case.policy);
        all.insert(all.len() / 2, deny);
        assert_eq!(fast(&case), "ExplicitDeny", "{}", shown(&case));
    }
}

#[test]
fn widening_an_allow_never_loses_a_request() {
    let mut allowed = 0;
    for case in cases(3, 500).filter(|case| fast(case) == "Allow") {
        allowed += 1;
        let wider: &[(&str, &str, Option<Value>)] = &[
            ("Resource", "NotResource", Some(json!("*"))),
            ("Action", "NotAction", Some(json!("*"))),
            ("Principal", "NotPrincipal", Some(json!("*"))),
            ("Condition", "Condition", None),
        ];
        for (name, complement, value) in wider {
            let mut wide = case.clone();
            for statement in statements(&mut wide.policy) {
                let members = statement.as_object_mut().unwrap();
                if members["Effect"] == "Allow" {
                    members.remove(*complement);
                    members.remove(*name);
                    members.extend(value.clone().map(|value| ((*name).to_owned(), value)));
                }
            }
            assert_eq!(fast(&wide), "Allow", "{}", shown(&case));
        }
    }
    assert!(allowed > 200);
}

#[test]
fn the_order_of_statements_and_lists_of_one_make_no_difference() {
    for case in cases(4, 300) {
        let expected = fast(&case);
        let mut reversed = case.clone();
        statements(&mut reversed.policy).reverse();
        assert_eq!(fast(&reversed), expected, "{}", shown(&case));
        let mut listed = case.clone();
        for statement in statements(&mut listed.policy) {
            for (name, element) in statement.as_object_mut().unwrap() {
                match name.trim_start_matches("Not") {
                    "Action" | "Resource" => list(element),
                    "Principal" => element
                        .as_object_mut()
                        .into_iter()
                        .flat_map(|kinds| kinds.values_mut())
                        .for_each(list),
                    "Condition" => element
                        .as_object_mut()
                        .into_iter()
                        .flat_map(|operators| operators.values_mut())
                        .flat_map(|keys| keys.as_object_mut().unwrap().values_mut())
                        .for_each(list),
                    _ => {}
                }
            }
        }
        assert_eq!(fast(&listed), expected, "{}", shown(&case));
    }
}

/// Makes a value a list of itself; a list of one becomes the value.
fn list(value: &mut Value) {
    *value = match value.take() {
        Value::Array(mut items) if items.len() == 1 => items.remove(0),
        Value::Array(items) => Value::Array(items),
        other => json!([other]),
    };
}

#[test]
fn no_json_at_all_makes_the_reader_or_the_evaluator_panic() {
    let mut random = Random::new(5);
    let case = random.request(&json!({}));
    let mut read = 0;
    for _ in 0..4000 {
        let value = random.any_json();
        let mut text = String::new();
        write!(text, "{value}").unwrap();
        let root = trail_lint::json::parse(&text).unwrap();
        if let Ok(policy) = Policy::read(&root) {
            read += 1;
            answer(&policy, &case);
        }
    }
    assert!(read > 100, "{read}");
}
