//! A resource policy as a document: every node keeps its JSON Pointer, so that findings can name it.
//!
//! Source: IAM User Guide, `reference_policies_grammar` and `reference_policies_elements`. Reading is
//! in `read`, deciding in `decide`.

use super::operator::Operator;
use super::pattern::Pattern;
use super::problem::{Problem, TypeError};
use super::unknown::has_unknown;
use super::value::{Decimal, Instant, Network};
use crate::json::Node;

/// A resource policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// The language version, which decides whether `${…}` is a variable.
    pub version: Version,
    /// The statements, in the order of the text.
    pub statements: Vec<Statement>,
    /// What AWS would refuse, and what does not do what it seems to do; in the order of the text.
    pub problems: Vec<Problem>,
}

/// The language version of a policy (IAM User Guide, `reference_policies_elements_version`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// `2012-10-17`: with variables.
    V2012,
    /// `2008-10-17`: without.
    V2008,
    /// Not given: as `2008-10-17`.
    Absent,
    /// Some other text, which AWS refuses: without variables.
    Unknown,
}

impl Version {
    /// Whether `${…}` is a policy variable.
    pub fn has_variables(self) -> bool {
        self == Version::V2012
    }
}

/// What a statement does when it applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// `Allow`
    Allow,
    /// `Deny`
    Deny,
    /// Missing or spelt otherwise: the statement never applies.
    Invalid,
}

/// One statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Its place in the policy, from 0.
    pub index: usize,
    /// Its name; evaluation ignores it.
    pub sid: Option<Box<str>>,
    /// What it does.
    pub effect: Effect,
    /// `Principal` or `NotPrincipal`; without one it names nobody.
    pub principal: Option<PrincipalElement>,
    /// `Action` or `NotAction`; without one it never applies.
    pub action: Option<ActionElement>,
    /// `Resource` or `NotResource`; without one it never applies.
    pub resource: Option<ResourceElement>,
    /// One for each operator and key, in the order of the text. All of them must hold.
    pub conditions: Vec<Condition>,
    /// JSON Pointer of the statement.
    pub pointer: String,
}

/// `Principal` or `NotPrincipal`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrincipalElement {
    /// Whether it is `NotPrincipal`.
    pub negated: bool,
    /// Whom it names.
    pub entries: Vec<PrincipalEntry>,
    /// JSON Pointer of the element.
    pub pointer: String,
}

/// One principal that a statement names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrincipalEntry {
    /// Under which word it stands.
    pub kind: PrincipalKind,
    /// As written.
    pub value: Box<str>,
    /// JSON Pointer of the value.
    pub pointer: String,
}

/// The words under which principals stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PrincipalKind {
    /// The bare `"*"`.
    Everyone,
    /// `AWS`
    Aws,
    /// `Service`
    Service,
    /// `Federated`
    Federated,
    /// `CanonicalUser`
    CanonicalUser,
}

/// `Action` or `NotAction`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionElement {
    /// Whether it is `NotAction`.
    pub negated: bool,
    /// Its patterns.
    pub patterns: Vec<PatternEntry>,
    /// JSON Pointer of the element.
    pub pointer: String,
}

/// `Resource` or `NotResource`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceElement {
    /// Whether it is `NotResource`.
    pub negated: bool,
    /// Its patterns.
    pub patterns: Vec<PatternEntry>,
    /// JSON Pointer of the element.
    pub pointer: String,
}

/// One pattern of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatternEntry {
    /// As written.
    pub text: Box<str>,
    /// Compiled; one that matches nothing if AWS refuses the text.
    pub pattern: Pattern,
    /// JSON Pointer of the text.
    pub pointer: String,
}

/// The values of one condition key under one operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// The operator.
    pub operator: Operator,
    /// The key in lower case: key names fold case.
    pub key: Box<str>,
    /// The key as written.
    pub key_text: Box<str>,
    /// The values, in the order of the text.
    pub values: Vec<ConditionValue>,
    /// JSON Pointer of the key's value: `…/Condition/OPERATOR/KEY`.
    pub pointer: String,
}

/// One value that a condition compares with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConditionValue {
    /// As written; numbers and Booleans as their text.
    pub text: Box<str>,
    /// JSON Pointer of the value.
    pub pointer: String,
    pub(super) comparand: Comparand,
}

impl ConditionValue {
    /// The compiled pattern of a String or ARN operator's value.
    pub fn pattern(&self) -> Option<&Pattern> {
        match &self.comparand {
            Comparand::Text(pattern) => Some(pattern),
            _ => None,
        }
    }
}

/// A condition value in its operator's type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Comparand {
    Text(Pattern),
    Number(Decimal),
    Instant(Instant),
    Bool(bool),
    Bytes(Vec<u8>),
    Network(Network),
    /// Not known yet, for an operator that compares no texts.
    Unknown,
    /// Not of the operator's type: nothing equals it.
    Unusable,
}

impl Policy {
    /// Reads a policy document.
    ///
    /// # Errors
    /// The first value of the wrong JSON type, such as a `Statement` that is a number. What has the
    /// right type but would be refused becomes one of the [`problems`](Self::problems) instead.
    pub fn read(root: &Node) -> Result<Policy, TypeError> {
        super::read::policy(root)
    }

    /// The policy as it is for a caller who is none of those that are not known yet: an unknown part
    /// stands for itself alone, and nothing of the caller's equals it.
    #[must_use]
    pub fn for_strangers(&self) -> Policy {
        let mut policy = self.clone();
        for statement in &mut policy.statements {
            if let Some(principal) = &mut statement.principal {
                principal.entries.retain(|entry| !has_unknown(&entry.value));
            }
            let patterns = statement
                .resource
                .iter_mut()
                .flat_map(|it| &mut it.patterns);
            for entry in patterns {
                entry.pattern = entry.pattern.closed();
            }
            for value in statement
                .conditions
                .iter_mut()
                .flat_map(|it| &mut it.values)
            {
                if let Comparand::Text(pattern) = &mut value.comparand {
                    *pattern = pattern.closed();
                }
            }
        }
        policy
    }
}
