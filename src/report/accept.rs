//! Findings that a team has accepted: by an entry of its configuration file, or because its baseline
//! knows them. They are not open, and an entry that accepts nothing is told of.

use jiff::civil::Date;

use super::baseline::Baseline;
use super::view::{Acceptance, AcceptedBy, AcceptedView, FindingView, IdleSuppression};
use crate::config::{StatementName, Suppression};
use crate::model::arn::Arn;

/// What is accepted.
#[derive(Debug, Clone, Default)]
pub struct Accept {
    /// The entries of the configuration file.
    pub suppressions: Vec<Suppression>,
    /// The day that their dates are compared with; nothing expires without one.
    pub today: Option<Date>,
    /// The baseline.
    pub baseline: Option<Baseline>,
}

/// Findings, parted.
#[derive(Debug, Default)]
pub(super) struct Parted {
    pub(super) open: Vec<FindingView>,
    pub(super) accepted: Vec<AcceptedView>,
    pub(super) idle: Vec<IdleSuppression>,
    /// How many findings of the baseline there are no longer.
    pub(super) gone: usize,
}

impl Accept {
    /// Parts findings into those that are open and those that are accepted.
    pub(super) fn part(&self, findings: Vec<FindingView>) -> Parted {
        let all: Vec<&FindingView> = findings.iter().collect();
        let mut parted = Parted {
            gone: self
                .baseline
                .as_ref()
                .map_or(0, |baseline| baseline.gone(&all)),
            ..Parted::default()
        };
        let mut used = vec![false; self.suppressions.len()];
        for finding in findings {
            let fits =
                |(_, entry): &(usize, &Suppression)| self.holds(entry) && covers(entry, &finding);
            let entry = self.suppressions.iter().enumerate().find(fits);
            let by = match (entry, &self.baseline) {
                (Some((at, entry)), _) => {
                    if let Some(used) = used.get_mut(at) {
                        *used = true;
                    }
                    Some(by_entry(entry))
                }
                (None, Some(baseline)) if baseline.knows(&finding) => Some(by_baseline(baseline)),
                (None, _) => None,
            };
            match by {
                Some(suppression) => parted.accepted.push(AcceptedView {
                    finding,
                    suppression,
                }),
                None => parted.open.push(finding),
            }
        }
        let unused = self.suppressions.iter().zip(used).filter(|(_, used)| !used);
        parted.idle = unused.map(|(entry, _)| self.idle(entry)).collect();
        parted
    }

    fn holds(&self, entry: &Suppression) -> bool {
        !matches!((self.today, entry.expires), (Some(today), Some(last)) if today > last)
    }

    fn idle(&self, entry: &Suppression) -> IdleSuppression {
        let expired = entry.expires.filter(|_| !self.holds(entry));
        let (line, column) = entry.at;
        IdleSuppression {
            path: entry.path.clone(),
            line,
            column,
            rule: entry.rule.clone(),
            message: match expired {
                Some(last) => format!(
                    "the suppression of `{}` held until {last} and has expired",
                    entry.rule
                ),
                None => format!(
                    "the suppression of `{}` matches no finding, so it can go",
                    entry.rule
                ),
            },
        }
    }
}

/// Whether a finding fits every field of an entry.
fn covers(entry: &Suppression, finding: &FindingView) -> bool {
    let is = |wanted: &Option<String>, found: &Option<String>| wanted.is_none() || wanted == found;
    entry.rule == finding.rule
        && is(&entry.account, &finding.account)
        && is(&entry.resource, &finding.location.resource)
        && entry
            .trail
            .as_deref()
            .is_none_or(|wanted| is_trail(wanted, finding))
        && entry
            .statement
            .as_ref()
            .is_none_or(|wanted| is_statement(wanted, finding))
}

/// Whether a finding is about the trail of an ARN, of a name, or of `ACCOUNT/NAME`.
fn is_trail(wanted: &str, finding: &FindingView) -> bool {
    let Some(arn) = finding.trail.as_deref() else {
        return false;
    };
    let parsed = Arn::parse(arn);
    let name = parsed.as_ref().and_then(Arn::trail_name);
    let in_account = wanted.split_once('/');
    arn == wanted
        || name == Some(wanted)
        || parsed
            .as_ref()
            .zip(name)
            .is_some_and(|(arn, name)| in_account == Some((arn.account, name)))
}

fn is_statement(wanted: &StatementName, finding: &FindingView) -> bool {
    finding
        .statement
        .as_ref()
        .is_some_and(|found| match wanted {
            StatementName::Index(index) => found.index == *index,
            StatementName::Sid(sid) => found.sid.as_ref() == Some(sid),
        })
}

fn by_entry(entry: &Suppression) -> Acceptance {
    Acceptance {
        kind: AcceptedBy::Config,
        justification: entry.reason.clone(),
        path: entry.path.clone(),
        line: Some(entry.at.0),
        expires: entry.expires.map(|date| date.to_string()),
    }
}

fn by_baseline(baseline: &Baseline) -> Acceptance {
    Acceptance {
        kind: AcceptedBy::Baseline,
        justification: "it was there when the baseline was written".to_owned(),
        path: baseline.path.clone(),
        line: None,
        expires: None,
    }
}
