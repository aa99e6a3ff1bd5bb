//! The statements in which two policies differ, cut down to what they differ in: requests that these do
//! not apply to are decided alike by both, and asking these first is cheap.

use std::collections::BTreeSet;

use super::classes::{Known, Prepared, prepare};
use super::family::Shape;
use crate::iam::{
    BaseOperator, Condition, Effect, Policy, Quantifier, Request, Statement, Truth, applies,
};

/// How two policies differ.
pub(super) struct Differing {
    /// Statements, as the parts below name them.
    policy: Policy,
    parts: Vec<Part>,
}

/// What tells a request's two answers apart.
enum Part {
    /// A statement of one of the policies, if it may apply.
    Alone(usize),
    /// A statement as it is in both, if only one of the two may apply.
    Pair(usize, usize),
}

impl Differing {
    /// Statements that stand in the same place in both, and are the same, are left out.
    pub(super) fn between(old: &Policy, new: &Policy) -> Differing {
        let mut differing = Differing {
            policy: Policy {
                version: new.version,
                statements: Vec::new(),
                problems: Vec::new(),
            },
            parts: Vec::new(),
        };
        let same_version = old.version == new.version;
        let longer = old.statements.len().max(new.statements.len());
        for index in 0..longer {
            match (old.statements.get(index), new.statements.get(index)) {
                (Some(old), Some(new)) if old == new && same_version => {}
                (Some(old), Some(new)) => differing.add_pair(old, new, same_version),
                (Some(only), None) | (None, Some(only)) => differing.add_alone(only.clone()),
                (None, None) => {}
            }
        }
        differing
    }

    /// Whether nothing differs.
    pub(super) fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// Whether a request may be decided otherwise by one policy than by the other.
    pub(super) fn tells_apart(&self, request: &Request<'_>) -> bool {
        let truth = |at: usize| match self.policy.statements.get(at) {
            Some(statement) if statement.effect != Effect::Invalid => applies(statement, request),
            _ => Truth::False,
        };
        self.parts.iter().any(|part| match part {
            Part::Alone(at) => truth(*at) != Truth::False,
            // What is unknown of both may be so for different reasons.
            Part::Pair(old, new) => {
                let (old, new) = (truth(*old), truth(*new));
                old != new || old == Truth::Unknown
            }
        })
    }

    /// The shapes, told apart by nothing but these statements; nothing if even they are too tangled.
    pub(super) fn prepare(&self, action: &str, shapes: &[Shape]) -> Option<Vec<Prepared<'_>>> {
        let shapes = shapes.iter().cloned();
        let prepare = |shape| prepare(&[&self.policy], action, shape, &Known::default());
        shapes.map(prepare).collect()
    }

    fn push(&mut self, statement: Statement) -> usize {
        self.policy.statements.push(statement);
        self.policy.statements.len() - 1
    }

    fn add_alone(&mut self, statement: Statement) {
        let at = self.push(statement);
        self.parts.push(Part::Alone(at));
    }

    fn add_pair(&mut self, old: &Statement, new: &Statement, same_version: bool) {
        if old.effect != new.effect {
            self.add_alone(old.clone());
            self.add_alone(new.clone());
            return;
        }
        let lists = same_version
            .then(|| Some([surplus(old, new)?, surplus(new, old)?]))
            .flatten();
        match lists {
            Some(lists) => {
                for statement in lists.into_iter().flatten() {
                    self.add_alone(statement);
                }
            }
            None => {
                let (old, new) = (self.push(old.clone()), self.push(new.clone()));
                self.parts.push(Part::Pair(old, new));
            }
        }
    }
}

/// A statement once for each list that has more in it than the other's, with nothing else left in that
/// list: wherever the statement applies and the other does not, one of these does. Nothing where that
/// cannot be said so simply: a list is negated, or an element stands in one of the two only.
fn surplus(statement: &Statement, other: &Statement) -> Option<Vec<Statement>> {
    let mut found = Vec::new();
    match (&statement.principal, &other.principal) {
        (Some(own), Some(known)) if own.negated == known.negated => {
            let more = more(&own.entries, &known.entries, |it| {
                (it.kind, it.value.clone())
            });
            cut(
                statement,
                more,
                !own.negated,
                |copy, entries| {
                    if let Some(element) = &mut copy.principal {
                        element.entries = entries;
                    }
                },
                &mut found,
            )?;
        }
        (None, None) => {}
        _ => return None,
    }
    match (&statement.action, &other.action) {
        (Some(own), Some(known)) if own.negated == known.negated => {
            let more = more(&own.patterns, &known.patterns, |it| it.text.clone());
            cut(
                statement,
                more,
                !own.negated,
                |copy, patterns| {
                    if let Some(element) = &mut copy.action {
                        element.patterns = patterns;
                    }
                },
                &mut found,
            )?;
        }
        (None, None) => {}
        _ => return None,
    }
    match (&statement.resource, &other.resource) {
        (Some(own), Some(known)) if own.negated == known.negated => {
            let more = more(&own.patterns, &known.patterns, |it| it.text.clone());
            cut(
                statement,
                more,
                !own.negated,
                |copy, patterns| {
                    if let Some(element) = &mut copy.resource {
                        element.patterns = patterns;
                    }
                },
                &mut found,
            )?;
        }
        (None, None) => {}
        _ => return None,
    }
    if statement.conditions.len() != other.conditions.len() {
        return None;
    }
    let pairs = statement.conditions.iter().zip(&other.conditions);
    for (at, (own, known)) in pairs.enumerate() {
        if own.operator != known.operator || own.key != known.key {
            return None;
        }
        let more = more(&own.values, &known.values, |it| it.text.clone());
        cut(
            statement,
            more,
            any_will_do(own),
            |copy, values| {
                if let Some(condition) = copy.conditions.get_mut(at) {
                    condition.values = values;
                }
            },
            &mut found,
        )?;
    }
    Some(found)
}

/// Adds a statement with a list cut down to the items that it has more, if there are any. Nothing if it
/// does not do that one item fits, so that none may be left out.
fn cut<T>(
    statement: &Statement,
    more: Vec<T>,
    any_will_do: bool,
    cut: impl Fn(&mut Statement, Vec<T>),
    found: &mut Vec<Statement>,
) -> Option<()> {
    if more.is_empty() {
        return Some(());
    }
    any_will_do.then(|| {
        let mut copy = statement.clone();
        cut(&mut copy, more);
        found.push(copy);
    })
}

/// The items of a list that another lacks.
fn more<T: Clone, K: Ord>(own: &[T], known: &[T], key: impl Fn(&T) -> K) -> Vec<T> {
    let known: BTreeSet<K> = known.iter().map(&key).collect();
    let more = own.iter().filter(|item| !known.contains(&key(item)));
    more.cloned().collect()
}

/// Whether a condition holds as soon as one of its values fits.
fn any_will_do(condition: &Condition) -> bool {
    let operator = &condition.operator;
    let base = operator.base.filter(|base| *base != BaseOperator::Null);
    base.is_some_and(|base| !base.is_negated()) && operator.quantifier != Quantifier::ForAllValues
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::changes::rank;
    use super::*;
    use crate::iam::{Context, ContextValue, Principal, decide};
    use crate::json::parse;

    fn policy(statement: &Value) -> Policy {
        let text = json!({"Version": "2012-10-17", "Statement": [statement, {
            "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"
        }]});
        Policy::read(&parse(&text.to_string()).unwrap()).unwrap()
    }

    /// A statement and changes of each of its elements: more, fewer and other items, negations, another
    /// effect.
    fn statements() -> Vec<Value> {
        let base = json!({
            "Effect": "Allow", "Principal": {"Service": ["x.amazonaws.com", "y.amazonaws.com"]},
            "Action": ["s3:PutObject"], "Resource": ["arn:aws:s3:::b/1/*", "arn:aws:s3:::b/2/*"],
            "Condition": {"StringLike": {"k": ["a*", "b"]}, "StringNotEquals": {"l": ["a", "b"]}}
        });
        let with = |pointer: &str, value: Value| {
            let mut changed = base.clone();
            *changed.pointer_mut(pointer).unwrap() = value;
            changed
        };
        let under = |operator: &str, value: Value| {
            let mut changed = base.clone();
            changed["Condition"] = json!({operator: {"k": value}});
            changed
        };
        vec![
            base.clone(),
            with("/Effect", json!("Deny")),
            with("/Principal/Service", json!(["y.amazonaws.com"])),
            with("/Action", json!(["s3:PutObject", "s3:GetBucketAcl"])),
            with(
                "/Resource",
                json!(["arn:aws:s3:::b/2/*", "arn:aws:s3:::b/3/*"]),
            ),
            with("/Condition/StringLike/k", json!(["b", "c"])),
            with("/Condition/StringNotEquals/l", json!(["b"])),
            with("/Condition/StringNotEquals/l", json!(["a", "b", "c"])),
            under("StringLike", json!(["b", "c"])),
            under("StringLikeIfExists", json!(["a*"])),
            under("StringLikeIfExists", json!(["c"])),
            under("ForAllValues:StringLike", json!(["a*"])),
            under("ForAllValues:StringLike", json!(["a*", "c"])),
            under("StringEquals", json!(["${l}"])),
            under("StringEquals", json!(["${l}", "c"])),
        ]
    }

    #[test]
    fn what_is_decided_otherwise_is_told_apart() {
        let policies: Vec<Policy> = statements().iter().map(policy).collect();
        let values = [
            ContextValue::Absent,
            ContextValue::Unknown,
            ContextValue::one("a"),
            ContextValue::one("b"),
            ContextValue::one("c"),
            ContextValue::OneOf(vec![vec!["a".to_owned()], vec!["c".to_owned()]]),
        ];
        let (mut differ, mut spared) = (0, 0);
        for (old, new) in policies
            .iter()
            .flat_map(|old| policies.iter().map(move |new| (old, new)))
        {
            let differing = Differing::between(old, new);
            for service in ["x.amazonaws.com", "y.amazonaws.com"] {
                let principal = Principal::Service {
                    name: service.to_owned(),
                    account: None,
                };
                for action in ["s3:PutObject", "s3:GetBucketAcl"] {
                    for resource in [
                        "arn:aws:s3:::b/1/x",
                        "arn:aws:s3:::b/2/x",
                        "arn:aws:s3:::b/3/x",
                    ] {
                        for (k, l) in values
                            .iter()
                            .flat_map(|k| values.iter().map(move |l| (k, l)))
                        {
                            let mut context = Context::default();
                            context.set("k", k.clone());
                            context.set("l", l.clone());
                            let request = Request {
                                principal: &principal,
                                action,
                                resource,
                                context: &context,
                            };
                            if rank(&decide(old, &request)) != rank(&decide(new, &request)) {
                                assert!(
                                    differing.tells_apart(&request),
                                    "{old:#?} {new:#?} {request:?}"
                                );
                                differ += 1;
                            } else if !differing.tells_apart(&request) {
                                spared += 1;
                            }
                        }
                    }
                }
            }
        }
        assert!(differ > 10_000 && spared > 10_000, "{differ} {spared}");
    }
}
