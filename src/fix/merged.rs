//! What a change says of statements that name several accounts' trails and several accounts' folders: by
//! the text of the policy any of the trails may then write into any of the folders.

use std::collections::BTreeSet;

use crate::diagnosis::statement_name;
use crate::document::{Document, DocumentId};
use crate::grants;
use crate::iam::{Effect, Policy, Statement};
use crate::model::{Estate, Trail};

/// A sentence on every statement that names more accounts' trails together than before.
///
/// Source: CloudTrail User Guide, "Amazon S3 bucket policy for CloudTrail": an account's files go into
/// that account's folder (read 2026-11).
pub(super) fn told(before: &Estate, after: &Estate, document: DocumentId) -> Vec<String> {
    let users: Vec<&Trail> = after
        .trails
        .iter()
        .filter(|trail| {
            let bucket = after.buckets.get(&trail.bucket);
            let policy = bucket.and_then(|bucket| bucket.policy.present());
            policy.is_some_and(|policy| policy.document == document)
        })
        .collect();
    let [old, new] = [before, after].map(|estate| policy_of(estate.document(document)));
    let known: Vec<BTreeSet<&str>> = statements(old.as_ref())
        .map(|statement| accounts(after, statement, &users))
        .collect();
    let sentence = |statement: &Statement| {
        let accounts = accounts(after, statement, &users);
        let is_new = accounts.len() > 1 && !known.iter().any(|known| known.is_superset(&accounts));
        is_new.then(|| {
            format!(
                "By its text {} lets any of the trails that it names write into the folders of all {} accounts; CloudTrail \
                 writes the files of an account into that account's folder only.",
                statement_name(statement),
                accounts.len()
            )
        })
    };
    statements(new.as_ref()).filter_map(sentence).collect()
}

fn policy_of(document: &Document) -> Option<Policy> {
    Policy::read(document.policy()?).ok()
}

fn statements(policy: Option<&Policy>) -> impl Iterator<Item = &Statement> {
    policy.into_iter().flat_map(|policy| &policy.statements)
}

/// The accounts whose trails a statement names and whose folders it covers. A folder that follows the
/// source by a policy variable is nobody else's.
fn accounts<'e>(estate: &Estate, statement: &Statement, users: &[&'e Trail]) -> BTreeSet<&'e str> {
    let writes = statement.action.as_ref().is_some_and(|action| {
        let mut patterns = action.patterns.iter();
        !action.negated && patterns.any(|it| it.pattern.matches("s3:PutObject"))
    });
    let resource = statement.resource.as_ref().filter(|it| !it.negated);
    let condition = statement.conditions.iter().find(|condition| {
        &*condition.key == "aws:sourcearn" && !condition.operator.name.contains("Not")
    });
    let (Some(resource), Some(condition), true, Effect::Allow) =
        (resource, condition, writes, statement.effect)
    else {
        return BTreeSet::new();
    };
    let is_named = |trail: &Trail| {
        let mut values = condition.values.iter();
        values.any(|value| value.pattern().is_some_and(|it| it.matches(&trail.arn)))
    };
    let is_covered = |trail: &Trail| {
        let folders = grants::folders(estate, trail).unwrap_or_default();
        folders.iter().any(|folder| {
            let mut entries = resource.patterns.iter();
            entries.any(|entry| !entry.text.contains("${") && entry.pattern.matches(folder))
        })
    };
    let served = users.iter().filter(|it| is_named(it) && is_covered(it));
    served.map(|trail| &*trail.account).collect()
}
