//! IAM resource policies: reading one, deciding one request, and deciding a whole family of requests.
//!
//! The order of reading is [`pattern`] (texts), [`policy`] (the document), [`condition`], [`request`],
//! [`mod@decide`], [`classes`] (all requests at once). Nothing here knows about `CloudTrail`, nor about
//! identity policies: the answer is the resource policy's own.

pub mod classes;
pub mod condition;
pub mod decide;
mod miss;
mod operator;
pub mod pattern;
pub mod policy;
mod principal;
mod problem;
mod progress;
mod read;
mod read_condition;
mod read_node;
mod read_text;
mod relevant;
pub mod request;
mod search;
mod token;
pub mod unknown;
mod value;
mod variable;
mod words;

#[cfg(test)]
mod tests;

pub use classes::{
    CharSet, Classes, JointClass, JointClasses, Piece, Template, TextClass, joint_classes,
};
pub use condition::Truth;
pub use decide::{Effective, StatementMatch, applies, decide, examine};
pub use miss::{Element, Miss, nearest_misses};
pub use operator::{BaseOperator, Operator, Quantifier};
pub use pattern::{Pattern, States, Syntax};
pub use policy::{
    ActionElement, Condition, ConditionValue, Effect, PatternEntry, Policy, PrincipalElement,
    PrincipalEntry, PrincipalKind, ResourceElement, Statement, Version,
};
pub use problem::{Problem, ProblemKind, TypeError};
pub use relevant::{condition_patterns, resource_patterns};
pub use request::{Context, ContextValue, Principal, Request};
pub use variable::Variable;
pub use words::{WordClass, possible, word_classes};
