//! What a rule has to say, before any place is turned into line and column.

use std::collections::BTreeSet;

use super::Severity;
use crate::delivery::{Decision, Delivery, Phase, RequestId, Target};
use crate::diagnosis::{Cause, Diagnosis, Fault, statement_name};
use crate::document::Place;
use crate::iam::Statement;
use crate::model::Trail;

/// One finding of one rule.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The rule's name.
    pub rule: &'static str,
    /// How bad it is here; never worse than the rule's page says.
    pub severity: Severity,
    /// What is wrong and what would be right.
    pub message: String,
    /// The trail it is about, by ARN; nothing for a resource that trails share.
    pub trail: Option<String>,
    /// The account it is about.
    pub account: Option<String>,
    /// The requests it refuses.
    pub requests: BTreeSet<RequestId>,
    /// The narrowest place to look at.
    pub place: Place,
    /// Further places, each with what is to be seen there.
    pub related: Vec<(Place, String)>,
    /// The fault that it tells of, where it is about a refusal.
    pub fault: Option<Box<Fault>>,
}

/// A finding before its rule has put its name to it.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(super) message: String,
    /// The most severe this one can be; the page's severity is the other bound.
    pub(super) at_most: Severity,
    pub(super) trail: Option<String>,
    pub(super) account: Option<String>,
    pub(super) requests: BTreeSet<RequestId>,
    pub(super) place: Place,
    pub(super) related: Vec<(Place, String)>,
    pub(super) fault: Option<Box<Fault>>,
}

impl Draft {
    /// A draft about a trail.
    pub(super) fn of_trail(trail: &Trail, place: Place, message: String) -> Draft {
        Draft {
            message,
            at_most: Severity::Critical,
            trail: Some(trail.arn.clone()),
            account: Some(trail.account.clone()),
            requests: BTreeSet::new(),
            place,
            related: Vec::new(),
            fault: None,
        }
    }

    /// A draft about one field of what GetTrail says of a trail.
    pub(super) fn of_setting(trail: &Trail, field: &str, message: String) -> Draft {
        let place = Place {
            document: trail.document,
            pointer: format!("/Trail/{field}"),
        };
        Draft::of_trail(trail, place, message)
    }

    /// A draft about an account.
    pub(super) fn of_account(account: &str, place: Place, message: String) -> Draft {
        Draft {
            account: Some(account.to_owned()),
            ..Draft::of_policy(place, message)
        }
    }

    /// A draft about a policy that trails share.
    pub(super) fn of_policy(place: Place, message: String) -> Draft {
        Draft {
            message,
            at_most: Severity::Critical,
            trail: None,
            account: None,
            requests: BTreeSet::new(),
            place,
            related: Vec::new(),
            fault: None,
        }
    }

    /// The same, with one more sentence.
    pub(super) fn and(self, sentence: &str) -> Draft {
        Draft {
            message: format!("{} {sentence}", self.message),
            ..self
        }
    }

    /// The same, but less severe than the rule's page says.
    pub(super) fn at_most(self, severity: Severity) -> Draft {
        Draft {
            at_most: severity,
            ..self
        }
    }

    pub(super) fn sign(self, rule: &'static str, severity: Severity) -> Finding {
        Finding {
            rule,
            severity: severity.min(self.at_most),
            message: self.message,
            trail: self.trail,
            account: self.account,
            requests: self.requests,
            place: self.place,
            related: self.related,
            fault: self.fault,
        }
    }
}

/// A fault and the words for its parts.
pub(super) struct Told<'t> {
    pub(super) fault: &'t Fault,
    /// "Statement `Sid` (index 1) of the bucket policy", or "The bucket policy".
    pub(super) statement: String,
    /// "trail `audit` of account 222222222222"
    pub(super) trail: String,
    /// The trail's ARN, in backquotes.
    pub(super) arn: String,
    /// What was found, each in backquotes.
    pub(super) found: String,
    /// What would have been right, in backquotes.
    pub(super) needed: String,
    /// `StringEquals` `aws:SourceArn`, in backquotes.
    pub(super) condition: String,
    pub(super) delivery: &'t Delivery<'t>,
}

impl Diagnosis<'_, '_> {
    /// A draft for every fault of one cause, with the message that a rule words for it.
    pub(super) fn drafts(&self, cause: Cause, word: impl Fn(&Told<'_>) -> String) -> Vec<Draft> {
        let faults = self.faults.iter().filter(|fault| fault.cause == cause);
        faults.map(|fault| self.draft(fault, &word)).collect()
    }

    fn draft(&self, fault: &Fault, word: &impl Fn(&Told<'_>) -> String) -> Draft {
        let told = self.tell(fault);
        let mut message = word(&told);
        if let Some(hint) = &fault.hint {
            message = format!("{message} Look closely: {hint}.");
        }
        if !fault.only.is_empty() {
            let only = list(fault.only.iter().map(String::as_str), 8);
            message = format!("{message} Refused only for {only}.");
        }
        let trail = self.delivery.trail;
        Draft {
            message,
            at_most: self.consequence(fault),
            trail: Some(trail.arn.clone()),
            account: Some(trail.account.clone()),
            requests: fault.requests.clone(),
            place: fault.place.clone(),
            related: fault
                .also
                .iter()
                .map(|place| (place.clone(), "the same fault stands here".to_owned()))
                .collect(),
            fault: Some(Box::new(fault.clone())),
        }
    }

    fn tell<'t>(&'t self, fault: &'t Fault) -> Told<'t> {
        let delivery = self.delivery;
        let noun = fault.target.noun();
        let statement = fault
            .statement
            .and_then(|index| delivery.policy(fault.target)?.policy.statements.get(index))
            .map_or_else(
                || format!("The {noun}"),
                |found| statement_words(fault.target, found),
            );
        let quoted = fault
            .found
            .iter()
            .map(|text| format!("`{text}`"))
            .collect::<Vec<_>>();
        Told {
            fault,
            statement,
            trail: format!(
                "trail `{}` of account {}",
                delivery.trail.name, delivery.trail.account
            ),
            arn: format!("`{}`", delivery.trail.arn),
            found: list(quoted.iter().map(String::as_str), 4),
            needed: format!("`{}`", fault.needed),
            condition: fault
                .condition
                .as_ref()
                .map_or_else(String::new, |(op, key)| format!("`{op}` on `{key}`")),
            delivery,
        }
    }

    /// Critical where log files stop altogether, high where a part of them or the creation fails.
    fn consequence(&self, fault: &Fault) -> Severity {
        let carries = |id: RequestId| {
            id.phase() == Phase::Delivery
                && matches!(id, RequestId::PutLogFiles | RequestId::GenerateDataKey)
        };
        let stops = fault.requests.iter().any(|&id| {
            carries(id)
                && self
                    .delivery
                    .request(id)
                    .is_some_and(|request| request.decision == Decision::Denied)
        });
        if stops {
            Severity::Critical
        } else {
            Severity::High
        }
    }
}

impl Told<'_> {
    /// The condition that keeps a request out of a statement that would have granted it, as a sentence
    /// with a space before it; nothing where no statement would have.
    pub(super) fn but(&self) -> String {
        if self.condition.is_empty() {
            return String::new();
        }
        format!(
            " {} grants it, but the request does not meet {} with {}.",
            self.statement, self.condition, self.found
        )
    }

    /// The statement that comes nearest to granting what none does, as a sentence with a space behind it.
    pub(super) fn nearest(&self) -> String {
        if self.fault.statement.is_none() || self.found.is_empty() {
            return String::new();
        }
        format!("{} comes nearest, with {}. ", self.statement, self.found)
    }

    /// Whose trail an organization trail is, as a sentence with a space before it.
    pub(super) fn whose_organization_trail(&self) -> &'static str {
        if self.delivery.trail.organization {
            " An organization trail belongs to the management account for all its members, also where a delegated \
             administrator made it."
        } else {
            ""
        }
    }

    /// What the refusal means for the trail, as a sentence.
    pub(super) fn effect(&self) -> &'static str {
        let requests = &self.fault.requests;
        let of = |phase: Phase| requests.iter().any(|id| id.phase() == phase);
        let delivery = requests.iter().any(|&id| {
            id.phase() == Phase::Delivery
                && self
                    .delivery
                    .request(id)
                    .is_some_and(|request| request.decision == Decision::Denied)
                && matches!(id, RequestId::PutLogFiles | RequestId::GenerateDataKey)
        });
        match self.fault.target {
            _ if delivery => "Its log files do not arrive.",
            _ if of(Phase::Delivery) => "Some of its files do not arrive.",
            Target::LogRole => {
                "Log files still arrive, but events do not reach CloudWatch Logs, and the trail cannot be created or changed."
            }
            Target::Topic | Target::TopicKey => {
                "Log files still arrive, but notifications do not, and the trail cannot be created or changed."
            }
            _ => {
                "The trail cannot be created or changed; that a running trail goes on is not documented."
            }
        }
    }
}

/// A statement at the beginning of a sentence.
pub(super) fn statement_words(target: Target, statement: &Statement) -> String {
    let name = statement_name(statement);
    format!(
        "S{} of the {}",
        name.strip_prefix('s').unwrap_or(&name),
        target.noun()
    )
}

/// A list in words: at most so many items, then how many more.
pub(crate) fn list<'a>(items: impl Iterator<Item = &'a str>, most: usize) -> String {
    let items: Vec<&str> = items.collect();
    let shown: Vec<&str> = items.iter().copied().take(most).collect();
    match items.len().saturating_sub(most) {
        0 => match shown.as_slice() {
            [] => String::new(),
            [only] => (*only).to_owned(),
            [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
        },
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
