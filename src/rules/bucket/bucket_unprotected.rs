//! Log files that arrived can be removed for good, or are removed too early.

use std::collections::BTreeSet;

use crate::document::{DocumentId, Place};
use crate::iam::{self, Context, Effective, Principal};
use crate::model::protection::{Expiration, Versioning};
use crate::model::{Bucket, Estate, Evidence, Trail};
use crate::rules::Severity;
use crate::rules::finding::Draft;

/// How long CloudTrail itself keeps management events, for everybody and without a trail.
///
/// Source: CloudTrail User Guide, "Working with CloudTrail event history" (read 2026-11): 90 days.
const EVENT_HISTORY: u64 = 90;

pub(in crate::rules) fn check(estate: &Estate) -> Vec<Draft> {
    let used: BTreeSet<&str> = estate.trails.iter().map(|trail| &*trail.bucket).collect();
    let buckets = used.iter().filter_map(|name| estate.buckets.get(*name));
    buckets
        .flat_map(|bucket| {
            let trails = estate
                .trails
                .iter()
                .filter(|trail| trail.bucket == bucket.name);
            removable(bucket)
                .into_iter()
                .chain(early(bucket, &trails.collect::<Vec<_>>()))
        })
        .collect()
}

/// A bucket without versions, whose policy does not forbid to delete either.
fn removable(bucket: &Bucket) -> Option<Draft> {
    let (versioning, document) = *bucket.protection.versioning.present()?;
    let locked = matches!(bucket.protection.object_lock, Evidence::Present(()));
    let state = match versioning {
        Versioning::Enabled => return None,
        Versioning::Suspended => "suspended",
        Versioning::Never => "not turned on",
    };
    if locked || forbids_deletion(bucket) {
        return None;
    }
    let message = format!(
        "Bucket `{}` keeps no versions (versioning is {state}), and its policy does not forbid to delete: whoever may \
         delete or overwrite a log file there removes it for good, and its traces with it.",
        bucket.name
    );
    Some(draft(bucket, document, "", message))
}

/// Whether the bucket policy denies an ordinary user of the owner's account to delete a log file.
fn forbids_deletion(bucket: &Bucket) -> bool {
    let (Some(policy), Some(owner)) = (bucket.policy.present(), &bucket.owner) else {
        return false;
    };
    let somebody = Principal::Aws(format!("arn:aws:iam::{owner}:user/somebody"));
    let resource = format!(
        "arn:aws:s3:::{}/AWSLogs/{owner}/CloudTrail/file",
        bucket.name
    );
    let context = Context::new();
    let request = iam::Request {
        principal: &somebody,
        action: "s3:DeleteObject",
        resource: &resource,
        context: &context,
    };
    let answer = iam::decide(&policy.policy, &request);
    matches!(answer, Effective::ExplicitlyDenied { .. })
}

/// The lifecycle rule that removes files of some trail first, if that is too early.
fn early(bucket: &Bucket, trails: &[&Trail]) -> Option<Draft> {
    let expirations = bucket.protection.expirations.present()?;
    let first = |kind: &str| {
        let folders = trails.iter().map(|trail| folder(trail));
        let folders: Vec<String> = folders.map(|folder| format!("{folder}*/{kind}/")).collect();
        let hits = expirations
            .iter()
            .filter(|rule| folders.iter().any(|folder| covers(&rule.prefix, folder)));
        hits.min_by_key(|rule| rule.days)
    };
    let (logs, digests) = (first("CloudTrail"), first("CloudTrail-Digest"));
    let told =
        |rule: &Expiration, message: String| draft(bucket, rule.document, &rule.pointer, message);
    match (logs, digests) {
        (Some(rule), _) if rule.days < EVENT_HISTORY => Some(told(rule, format!(
            "A lifecycle rule of bucket `{}` removes log files after {} days: CloudTrail keeps its event history, which \
             needs no trail, for {EVENT_HISTORY}.",
            bucket.name, rule.days
        ))),
        (logs, Some(rule)) if logs.is_none_or(|logs| rule.days < logs.days) => Some(
            told(rule, format!(
                "A lifecycle rule of bucket `{}` removes digest files after {} days, before the log files that they vouch \
                 for: the older log files can then no longer be validated.",
                bucket.name, rule.days
            ))
            .at_most(if rule.days < EVENT_HISTORY { Severity::Medium } else { Severity::Low }),
        ),
        _ => None,
    }
}

/// Where a trail's keys begin.
fn folder(trail: &Trail) -> String {
    match trail.key_prefix.as_deref() {
        Some(prefix) => format!("{}/AWSLogs/", prefix.trim_end_matches('/')),
        None => "AWSLogs/".to_owned(),
    }
}

/// Whether a rule's prefix holds some key in a folder, whose `*` stands for an account or an
/// organization and an account.
fn covers(prefix: &str, folder: &str) -> bool {
    let Some((start, kind)) = folder.split_once('*') else {
        return false;
    };
    match prefix.strip_prefix(start) {
        None => start.starts_with(prefix),
        Some(rest) => match rest
            .match_indices('/')
            .map(|(at, _)| rest.get(at..).unwrap_or(""))
            .find(|rest| rest.starts_with("/CloudTrail"))
        {
            // `/CloudTrail` alone is the beginning of every kind.
            Some(rest) => rest.starts_with(kind) || kind.starts_with(rest),
            None => true,
        },
    }
}

fn draft(bucket: &Bucket, document: DocumentId, pointer: &str, message: String) -> Draft {
    let place = Place {
        document,
        pointer: pointer.to_owned(),
    };
    match &bucket.owner {
        Some(owner) => Draft::of_account(owner, place, message),
        None => Draft::of_policy(place, message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_covers_a_kind_of_file_above_and_inside_its_folder() {
        for (prefix, logs, digests) in [
            ("", true, true),
            ("AWS", true, true),
            ("AWSLogs/222222222222/", true, true),
            ("AWSLogs/222222222222/CloudTrail/", true, false),
            ("AWSLogs/222222222222/CloudTrail/us-east-1/", true, false),
            ("AWSLogs/222222222222/CloudTrail", true, true),
            (
                "AWSLogs/o-exampleorgid/222222222222/CloudTrail-Digest/",
                false,
                true,
            ),
            ("AWSLogs/222222222222/CloudTrail-Insight/", false, false),
            ("config/", false, false),
        ] {
            let found = ["CloudTrail", "CloudTrail-Digest"]
                .map(|kind| covers(prefix, &format!("AWSLogs/*/{kind}/")));
            assert_eq!(found, [logs, digests], "{prefix}");
        }
    }
}
