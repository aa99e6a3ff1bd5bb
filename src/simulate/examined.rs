//! Every element of a statement held against a request: whether it matches, what it asks for and
//! what the request has.

use crate::iam::{
    Context, ContextValue, Element, PatternEntry, Policy, Principal, Request, Statement, Truth,
    examine,
};

/// How many of a condition's values are shown in words.
const VALUES_SHOWN: usize = 4;

/// One element of a statement and whether it matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Examined {
    /// Which element.
    pub element: Element,
    /// Whether it matches the request.
    pub truth: Truth,
}

/// What an element asks for and what the request has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared<'a> {
    /// The texts of the policy, as written.
    pub policy: Vec<&'a str>,
    /// What the request has.
    pub request: Has<'a>,
}

/// What a request has where an element looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Has<'a> {
    /// These texts; an empty list is present and empty.
    Values(Vec<&'a str>),
    /// It does not carry the key.
    Nothing,
    /// Nobody knows.
    Unknown,
    /// One of these lists of texts; an empty one stands for a request without the key.
    OneOf(&'a [Vec<String>]),
}

/// Every element of every statement, in the order in which statements are read: principal, action,
/// resource, conditions.
pub fn examined(policy: &Policy, request: &Request<'_>) -> Vec<Vec<Examined>> {
    let one = |element, truth| Examined { element, truth };
    examine(policy, request)
        .into_iter()
        .map(|found| {
            let mut all = vec![
                one(Element::Principal, found.principal),
                one(Element::Action, found.action),
                one(Element::Resource, found.resource),
            ];
            let conditions = found.conditions.iter().enumerate();
            all.extend(conditions.map(|(place, truth)| one(Element::Condition(place), *truth)));
            all
        })
        .collect()
}

/// Whether a statement applies as a whole.
pub fn overall(elements: &[Examined]) -> Truth {
    elements
        .iter()
        .fold(Truth::True, |sum, it| sum.and(it.truth))
}

/// Where an element stands, as a JSON Pointer; the statement itself where it is missing.
pub fn pointer(statement: &Statement, element: Element) -> &str {
    let found = match element {
        Element::Principal => statement.principal.as_ref().map(|it| &it.pointer),
        Element::Action => statement.action.as_ref().map(|it| &it.pointer),
        Element::Resource => statement.resource.as_ref().map(|it| &it.pointer),
        Element::Condition(place) => statement.conditions.get(place).map(|it| &it.pointer),
    };
    found.unwrap_or(&statement.pointer)
}

/// Puts an element and the request beside each other.
pub fn compared<'a>(
    statement: &'a Statement,
    element: Element,
    request: &'a Request<'a>,
) -> Compared<'a> {
    let patterns = |entries: &'a [PatternEntry]| entries.iter().map(|entry| &*entry.text).collect();
    match element {
        Element::Principal => {
            let entries = statement.principal.iter().flat_map(|it| &it.entries);
            Compared {
                policy: entries.map(|entry| &*entry.value).collect(),
                request: Has::Values(vec![caller(request.principal)]),
            }
        }
        Element::Action => Compared {
            policy: patterns(statement.action.as_ref().map_or(&[], |it| &it.patterns)),
            request: Has::Values(vec![request.action]),
        },
        Element::Resource => Compared {
            policy: patterns(statement.resource.as_ref().map_or(&[], |it| &it.patterns)),
            request: Has::Values(vec![request.resource]),
        },
        Element::Condition(place) => {
            let condition = statement.conditions.get(place);
            let values = condition.iter().flat_map(|it| &it.values);
            Compared {
                policy: values.map(|value| &*value.text).collect(),
                request: condition.map_or(Has::Nothing, |it| has(request.context, &it.key)),
            }
        }
    }
}

/// What a request says of a condition key.
pub fn has<'a>(context: &'a Context, key: &str) -> Has<'a> {
    match context.get(key) {
        ContextValue::Present(values) => Has::Values(values.iter().map(String::as_str).collect()),
        ContextValue::Absent => Has::Nothing,
        ContextValue::Unknown => Has::Unknown,
        ContextValue::OneOf(lists) => Has::OneOf(lists),
    }
}

/// The caller as the command line names it.
pub fn caller(principal: &Principal) -> &str {
    match principal {
        Principal::Service { name, .. } => name,
        Principal::Aws(text) | Principal::Federated(text) | Principal::CanonicalUser(text) => text,
        Principal::Anonymous => "anonymous",
    }
}

impl Compared<'_> {
    /// The policy's side in words.
    pub fn policy_words(&self) -> String {
        if self.policy.is_empty() {
            "nothing".to_owned()
        } else {
            quoted(&self.policy)
        }
    }
}

impl Has<'_> {
    /// The request's side in words.
    pub fn words(&self) -> String {
        match self {
            Has::Values(values) if values.is_empty() => "no value".to_owned(),
            Has::Values(values) => quoted(values),
            Has::Nothing => "does not carry the key".to_owned(),
            Has::Unknown => "not known".to_owned(),
            Has::OneOf(lists) => {
                let each = lists.iter().map(|list| {
                    let list: Vec<&str> = list.iter().map(String::as_str).collect();
                    if list.is_empty() {
                        "nothing".to_owned()
                    } else {
                        quoted(&list)
                    }
                });
                format!("either {}", each.collect::<Vec<_>>().join(" or "))
            }
        }
    }
}

fn quoted(texts: &[&str]) -> String {
    let more = texts.len().saturating_sub(VALUES_SHOWN);
    let shown: Vec<String> = texts
        .iter()
        .take(VALUES_SHOWN)
        .map(|text| format!("\"{text}\""))
        .collect();
    match more {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
