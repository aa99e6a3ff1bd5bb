//! What is wrong with a policy document: JSON of the wrong type, and values that AWS would not accept.
//!
//! Whether a problem matters for a request is not decided here.

use crate::json::Span;

/// JSON of the wrong type: the file is no policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TypeError {
    /// JSON Pointer of the value, relative to the policy.
    pub pointer: String,
    /// Where the value stands in the text of its document.
    pub span: Span,
    /// What was expected and what was found: one lower-case clause.
    pub message: String,
}

/// A value of the right JSON type that AWS would refuse, or that does not do what it seems to do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// JSON Pointer of the value, relative to the policy.
    pub pointer: String,
    /// What kind of problem it is.
    pub kind: ProblemKind,
    /// One lower-case clause.
    pub message: String,
}

/// The kinds of problems.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProblemKind {
    /// `Version` is neither `2012-10-17` nor `2008-10-17`.
    BadVersion,
    /// An element that the grammar does not have; evaluation goes on without it.
    UnknownElement,
    /// One object has the same key twice; the last one counts.
    DuplicateKey,
    /// No `Statement`.
    MissingStatement,
    /// No `Effect`; the statement never applies.
    MissingEffect,
    /// An `Effect` that is neither `Allow` nor `Deny`; the statement never applies.
    BadEffect,
    /// Neither `Principal` nor `NotPrincipal`; the statement names nobody.
    MissingPrincipal,
    /// Neither `Action` nor `NotAction`.
    MissingAction,
    /// Neither `Resource` nor `NotResource`. KMS accepts this, and the statement has no effect.
    MissingResource,
    /// An element beside its own complement; neither counts.
    ConflictingElements,
    /// A list without entries.
    EmptyList,
    /// A principal that no service accepts; it names nobody.
    BadPrincipal,
    /// The id that is left of a deleted user or role; it names nobody.
    DeletedPrincipal,
    /// `NotPrincipal` with `Allow`, evaluated as the complement.
    AllowNotPrincipal,
    /// An action without service, with spaces or commas, or without a name; it never matches.
    BadAction,
    /// A wildcard in the service prefix of an action: other services are granted too.
    WildcardInActionPrefix,
    /// A resource that is no ARN.
    BadResource,
    /// A resource ARN of fewer than six parts.
    ShortArn,
    /// A wildcard in the service part of a resource ARN.
    WildcardInService,
    /// A variable where none is replaced.
    MisplacedVariable,
    /// `${…}` in a policy whose version leaves it literal.
    LiteralVariable,
    /// An operator that AWS does not know; its conditions never match.
    UnknownOperator,
    /// One condition key twice in one block, in different case.
    DuplicateConditionKey,
    /// A condition value that is not of its operator's type; it never matches.
    BadValue,
    /// A condition value that can be read in two ways.
    AmbiguousValue,
    /// Two statements with one `Sid`.
    DuplicateSid,
}

impl ProblemKind {
    /// Whether the call that stores a policy refuses it because of this. Of the others AWS accepts
    /// some and does not document the rest.
    pub fn is_refused(self) -> bool {
        !matches!(
            self,
            ProblemKind::DeletedPrincipal
                | ProblemKind::WildcardInActionPrefix
                | ProblemKind::WildcardInService
                | ProblemKind::EmptyList
                | ProblemKind::MissingResource
                | ProblemKind::LiteralVariable
                | ProblemKind::AmbiguousValue
                | ProblemKind::BadValue
                | ProblemKind::MisplacedVariable
                | ProblemKind::DuplicateSid
        )
    }
}
