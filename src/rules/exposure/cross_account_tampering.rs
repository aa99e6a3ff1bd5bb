//! Principals of other accounts may change or remove log files.

use crate::delivery::Target;
use crate::exposure::{Exposure, Tampering};
use crate::rules::Severity;
use crate::rules::exposure::open_to_everybody;
use crate::rules::finding::{Draft, list, statement_words};

pub(in crate::rules) fn check(exposure: &Exposure<'_, '_>) -> Vec<Draft> {
    let policy = exposure.policy;
    let mut drafts = Vec::new();
    for found in exposure.tampering() {
        let mut everybody = open_to_everybody(policy.target, &policy.policy.policy);
        // Where everybody may, that is the finding.
        if everybody.any(|(statement, _)| statement.index == found.statement) {
            continue;
        }
        let Some(statement) = policy.policy.policy.statements.get(found.statement) else {
            continue;
        };
        let message = format!(
            "{} lets {} call {}: {}.",
            statement_words(policy.target, statement),
            who(&found),
            on_what(&found),
            consequence(policy.target)
        );
        let draft = Draft::of_policy(policy.policy.place(&found.pointer), message);
        drafts.push(match policy.target {
            Target::Key => draft.at_most(Severity::Medium),
            _ => draft,
        });
    }
    drafts
}

fn consequence(target: Target) -> &'static str {
    match target {
        Target::Key => {
            "another account could let others use the key, or make log files unreadable and stop new ones"
        }
        _ => "log files could be forged, replaced or removed from another account",
    }
}

fn who(found: &Tampering) -> String {
    match found.principal.as_str() {
        "*" => "principals of other accounts".to_owned(),
        principal => format!("`{principal}`, which is of another account,"),
    }
}

fn on_what(found: &Tampering) -> String {
    let actions: Vec<String> = found
        .actions
        .iter()
        .map(|action| format!("`{action}`"))
        .collect();
    let actions = list(actions.iter().map(String::as_str), 4);
    let key = |object: &String| {
        let (_, key) = object.split_once(":s3:::")?;
        let folder = key.split("/CloudTrail/").next()?;
        Some(format!(
            ", on log files too, such as those below `{folder}/`"
        ))
    };
    format!(
        "{actions}{}",
        found.object.as_ref().and_then(key).unwrap_or_default()
    )
}
