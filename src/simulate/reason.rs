//! The decision on one request in three words, and why: the statements that decide, or the nearest miss.

use serde::Serialize;

use super::disputed::disputed;
use crate::iam::{
    Effect, Effective, Element, Policy, Request, Statement, Truth, decide, examine, nearest_misses,
};

/// The decision of one resource policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Got {
    /// An Allow applies and no Deny does.
    Allow,
    /// No statement applies.
    ImplicitDeny,
    /// A Deny applies.
    ExplicitDeny,
}

impl Got {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Got::Allow => "Allow",
            Got::ImplicitDeny => "ImplicitDeny",
            Got::ExplicitDeny => "ExplicitDeny",
        }
    }
}

/// Why a request is decided as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Why {
    /// What decides.
    #[serde(flatten)]
    pub reason: Reason,
    /// All that AWS could answer where it does not document which, the chosen answer first; empty
    /// where the answer is certain.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub undecided: Vec<&'static str>,
    /// The open questions that the answer depends on; [`undecided`](Why::undecided) then names what
    /// else AWS might answer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub disputed: Vec<&'static str>,
}

/// What decides a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Reason {
    /// For Allow.
    By {
        /// The first statement that allows it.
        statement: usize,
    },
    /// For `ExplicitDeny`.
    DeniedBy {
        /// Every Deny that applies.
        statements: Vec<usize>,
    },
    /// For `ImplicitDeny`.
    Missed {
        /// The Allow statement that comes nearest; nothing if there is no Allow.
        nearest: Option<Nearest>,
    },
}

/// An Allow statement that does not apply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Nearest {
    /// Its place in the policy, from 0.
    pub statement: usize,
    /// What keeps it from applying: `Principal`, `NotAction`, `Condition StringEquals aws:SourceArn`, …
    pub failing: Vec<String>,
}

/// Decides a request about which everything is known: a key that is not set is absent.
///
/// Where AWS's pages leave a question open and the answer depends on it, [`disputed`](Why::disputed)
/// names the question and [`undecided`](Why::undecided) what else AWS might answer. Several values of
/// a key under an operator without `ForAllValues` or `ForAnyValue` are such a question too: the
/// condition is taken not to hold.
pub fn judge(policy: &Policy, request: &Request<'_>) -> (Got, Why) {
    let (got, mut why) = judge_by_our_reading(policy, request);
    for open in disputed(policy, request, got) {
        if why.undecided.is_empty() {
            why.undecided.push(got.name());
        }
        if !why.undecided.contains(&open.otherwise.name()) {
            why.undecided.push(open.otherwise.name());
        }
        why.disputed.push(open.about);
    }
    (got, why)
}

/// The decision alone.
pub(super) fn judge_plainly(policy: &Policy, request: &Request<'_>) -> Got {
    judge_by_our_reading(policy, request).0
}

fn judge_by_our_reading(policy: &Policy, request: &Request<'_>) -> (Got, Why) {
    let certain = |reason| Why {
        reason,
        undecided: Vec::new(),
        disputed: Vec::new(),
    };
    match decide(policy, request) {
        Effective::Allowed { by } => (Got::Allow, certain(Reason::By { statement: by })),
        Effective::ExplicitlyDenied { by, .. } => (
            Got::ExplicitDeny,
            certain(Reason::DeniedBy { statements: by }),
        ),
        Effective::ImplicitlyDenied => (Got::ImplicitDeny, certain(missed(policy, request))),
        Effective::Undecided { .. } => judge_undecided(policy, request),
    }
}

fn missed(policy: &Policy, request: &Request<'_>) -> Reason {
    let nearest = nearest_misses(policy, request).into_iter().next();
    let name = |statement: usize, element: &Element| {
        let statement = policy.statements.get(statement);
        statement.map_or(String::new(), |statement| element_name(statement, *element))
    };
    Reason::Missed {
        nearest: nearest.map(|miss| Nearest {
            statement: miss.statement,
            failing: miss
                .failing
                .iter()
                .map(|element| name(miss.statement, element))
                .collect(),
        }),
    }
}

/// Statements of which it is unknown whether they apply are taken not to.
fn judge_undecided(policy: &Policy, request: &Request<'_>) -> (Got, Why) {
    let with = |effect: Effect, truth: Truth| {
        examine(policy, request)
            .into_iter()
            .zip(&policy.statements)
            .find(|(found, statement)| statement.effect == effect && found.overall() == truth)
            .map(|(found, _)| found.statement)
    };
    let allowed = with(Effect::Allow, Truth::True);
    let (got, reason) = match allowed {
        Some(statement) => (Got::Allow, Reason::By { statement }),
        None => (Got::ImplicitDeny, missed(policy, request)),
    };
    let mut outcomes = vec![got.name()];
    if allowed.is_none() && with(Effect::Allow, Truth::Unknown).is_some() {
        outcomes.push(Got::Allow.name());
    }
    if with(Effect::Deny, Truth::Unknown).is_some() {
        outcomes.push(Got::ExplicitDeny.name());
    }
    let why = Why {
        reason,
        undecided: outcomes,
        disputed: Vec::new(),
    };
    (got, why)
}

/// What an element of a statement is called, as the policy writes it.
pub fn element_name(statement: &Statement, element: Element) -> String {
    let negated = |negated: Option<bool>, name: &str| {
        let not = if negated == Some(true) { "Not" } else { "" };
        format!("{not}{name}")
    };
    match element {
        Element::Principal => {
            let it = statement.principal.as_ref();
            negated(it.map(|it| it.negated), "Principal")
        }
        Element::Action => negated(statement.action.as_ref().map(|it| it.negated), "Action"),
        Element::Resource => {
            let it = statement.resource.as_ref();
            negated(it.map(|it| it.negated), "Resource")
        }
        Element::Condition(place) => match statement.conditions.get(place) {
            Some(condition) => {
                format!(
                    "Condition {} {}",
                    condition.operator.name, condition.key_text
                )
            }
            None => "Condition".to_owned(),
        },
    }
}
