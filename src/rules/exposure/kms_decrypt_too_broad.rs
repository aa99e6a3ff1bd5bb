//! Readers may decrypt whatever was encrypted with the key, not log files alone.

use crate::delivery::Target;
use crate::diagnosis::PolicyUse;
use crate::iam::unknown::has_unknown;
use crate::iam::{Effect, PrincipalEntry, PrincipalKind, Statement};
use crate::model::Arn;
use crate::model::arn::is_account_id;
use crate::rules::Severity;
use crate::rules::exposure::open_to_everybody;
use crate::rules::finding::{Draft, statement_words};

pub(in crate::rules) fn check(policy: &PolicyUse<'_>) -> Vec<Draft> {
    if policy.target != Target::Key {
        return Vec::new();
    }
    let mut drafts = Vec::new();
    for statement in &policy.policy.policy.statements {
        if !decrypts(statement) || says_what(statement) {
            continue;
        }
        let mut everybody = open_to_everybody(policy.target, &policy.policy.policy);
        // Where everybody may use the key, that is the finding.
        if everybody.any(|(open, _)| open.index == statement.index) {
            continue;
        }
        let mut entries = statement
            .principal
            .iter()
            .filter(|principal| !principal.negated)
            .flat_map(|principal| &principal.entries);
        let found = entries.find_map(|entry| Some((entry, who(policy, entry)?)));
        let Some((entry, who)) = found else {
            continue;
        };
        let message = format!(
            "{} lets {who} decrypt everything that was encrypted with the key: no condition on \
             `kms:EncryptionContext:aws:cloudtrail:arn` limits it to log files.",
            statement_words(policy.target, statement)
        );
        let draft = Draft::of_policy(policy.policy.place(&entry.pointer), message);
        // Whoever is named was meant to read; only what was not said.
        drafts.push(if is_everyone(entry) {
            draft
        } else {
            draft.at_most(Severity::Low)
        });
    }
    drafts
}

fn decrypts(statement: &Statement) -> bool {
    let named = statement.action.as_ref().is_some_and(|action| {
        let mut patterns = action.patterns.iter();
        patterns.any(|entry| entry.pattern.matches("kms:Decrypt")) != action.negated
    });
    statement.effect == Effect::Allow && named
}

fn says_what(statement: &Statement) -> bool {
    let mut keys = statement.conditions.iter().map(|condition| &*condition.key);
    // What a service decrypts on a caller's behalf is limited by what that service holds for him.
    keys.any(|key| key.starts_with("kms:encryptioncontext") || key == "kms:viaservice")
}

/// Principals beyond the key's own account; the account itself, and its own users and roles, are trusted
/// with their key.
fn who(policy: &PolicyUse<'_>, entry: &PrincipalEntry) -> Option<String> {
    if is_everyone(entry) {
        return Some("all callers that its conditions admit".to_owned());
    }
    let key = &policy.asked.values().next()?.resource;
    let own = Arn::parse(key)?.account;
    let account = Arn::parse(&entry.value).map_or(&*entry.value, |arn| arn.account);
    let foreign = entry.kind == PrincipalKind::Aws
        && is_account_id(account)
        && account != own
        && !has_unknown(own);
    foreign.then(|| format!("`{}`, which is of another account,", entry.value))
}

fn is_everyone(entry: &PrincipalEntry) -> bool {
    entry.kind == PrincipalKind::Everyone
        || entry.kind == PrincipalKind::Aws && &*entry.value == "*"
}
