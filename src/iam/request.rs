//! One request: who, what, on which resource, and the context keys it carries.
//!
//! Which keys a service sends is not known here; a key can be present, absent or unknown.

use std::collections::BTreeMap;

use super::unknown;

/// The caller.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Principal {
    /// An AWS service that acts for itself.
    Service {
        /// The service principal, such as `cloudtrail.amazonaws.com`.
        name: String,
        /// An account of twelve digits under whose root the same service also acts: a regional service
        /// account of the time before service principals.
        account: Option<String>,
    },
    /// An account id, or the ARN of an account's root, a user, a role, a session or a federated user.
    Aws(String),
    /// A web identity or SAML provider.
    Federated(String),
    /// An S3 canonical user id.
    CanonicalUser(String),
    /// Nobody in particular: an unsigned request.
    Anonymous,
}

/// What is known about one context key of a request.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ContextValue {
    /// The request carries the key with these values; an empty list is present and empty.
    Present(Vec<String>),
    /// The request does not carry the key.
    Absent,
    /// Nothing is known.
    Unknown,
    /// The request carries one of these lists of values. An empty list here stands for a request that
    /// does not carry the key.
    OneOf(Vec<Vec<String>>),
}

impl ContextValue {
    /// A key with one value.
    pub fn one(text: impl Into<String>) -> ContextValue {
        ContextValue::Present(vec![text.into()])
    }
}

static ABSENT: ContextValue = ContextValue::Absent;
static UNKNOWN: ContextValue = ContextValue::Unknown;

/// The context keys of a request. Names fold case (IAM User Guide,
/// `reference_policies_elements_condition`).
#[derive(Debug, Clone, Default)]
pub struct Context {
    values: BTreeMap<String, ContextValue>,
    unknown: Option<fn(&str) -> bool>,
}

impl Context {
    /// A request that carries no key.
    pub fn new() -> Context {
        Context::default()
    }

    /// Says what is known about a key, replacing what was said before.
    pub fn set(&mut self, key: &str, value: ContextValue) -> &mut Context {
        self.values.insert(key.to_ascii_lowercase(), value);
        self
    }

    /// For keys that are not set: whether they are unknown rather than absent. The rule is given the
    /// key in lower case.
    pub fn unknown_by_default(&mut self, rule: fn(&str) -> bool) -> &mut Context {
        self.unknown = Some(rule);
        self
    }

    /// What is known about a key.
    pub fn get(&self, key: &str) -> &ContextValue {
        let folded;
        let key = if key.bytes().any(|byte| byte.is_ascii_uppercase()) {
            folded = key.to_ascii_lowercase();
            &folded
        } else {
            key
        };
        match self.values.get(key) {
            Some(value) => value,
            None if unknown::is_unknown(key) => &UNKNOWN,
            None if self.unknown.is_some_and(|rule| rule(key)) => &UNKNOWN,
            None => &ABSENT,
        }
    }

    /// The keys that were set, in lower case and in order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }
}

/// One request to be decided.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// Who asks.
    pub principal: &'a Principal,
    /// What for: `service:Action`.
    pub action: &'a str,
    /// The ARN it acts on.
    pub resource: &'a str,
    /// The keys it carries.
    pub context: &'a Context,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_fold_case_and_the_default_is_asked_in_lower_case() {
        let mut context = Context::new();
        context.set("AWS:SourceArn", ContextValue::one("a"));
        assert_eq!(context.get("aws:sourcearn"), &ContextValue::one("a"));
        assert_eq!(context.get("aws:SourceIp"), &ContextValue::Absent);
        context.unknown_by_default(|key| key == "aws:sourceip");
        assert_eq!(context.get("AWS:SourceIp"), &ContextValue::Unknown);
        assert_eq!(context.get("aws:other"), &ContextValue::Absent);
        context.set("aws:sourceip", ContextValue::Absent);
        assert_eq!(context.get("aws:SourceIp"), &ContextValue::Absent);
    }
}
