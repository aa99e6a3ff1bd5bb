//! A trail does not deliver to the bucket that waits for it.

use std::collections::{BTreeMap, BTreeSet};

use crate::document::Origin;
use crate::exposure::named_accounts;
use crate::iam::unknown::has_unknown;
use crate::model::{Estate, Evidence, Trail};
use crate::rules::Severity;
use crate::rules::finding::{Draft, list};

pub(in crate::rules) fn check(estate: &Estate) -> Vec<Draft> {
    if estate.expected_buckets.is_empty() {
        return waited_for(estate);
    }
    let expected: Vec<String> = estate
        .expected_buckets
        .iter()
        .map(|name| format!("`{name}`"))
        .collect();
    let elsewhere = estate
        .trails
        .iter()
        .filter(|trail| !estate.expected_buckets.contains(&trail.bucket));
    elsewhere
        .map(|trail| {
            let message = format!(
                "Trail `{}` of account {} delivers to bucket `{}`, but trails are expected to deliver to {}.",
                trail.name,
                trail.account,
                trail.bucket,
                list(expected.iter().map(String::as_str), 4)
            );
            Draft::of_setting(trail, "S3BucketName", message)
        })
        .collect()
}

/// Nobody said which buckets are meant, but a policy tells: it names an account none of whose trails
/// delivers there.
fn waited_for(estate: &Estate) -> Vec<Draft> {
    let mut by_account: BTreeMap<&str, Vec<&Trail>> = BTreeMap::new();
    for trail in &estate.trails {
        by_account.entry(&trail.account).or_default().push(trail);
    }
    let mut drafts = Vec::new();
    for (bucket, policy) in estate
        .buckets
        .values()
        .filter_map(|bucket| Some((bucket, bucket.policy.present()?)))
    {
        let named: BTreeSet<String> = named_accounts(&policy.policy);
        let waiting = named
            .iter()
            .filter_map(|account| by_account.get(&**account));
        // The owner's id stands in many policies that have nothing to do with its own trails.
        let waiting = waiting.filter(|trails| {
            trails.iter().all(|trail| {
                trail.bucket != bucket.name
                    && !has_unknown(&trail.bucket)
                    && Some(&trail.account) != bucket.owner.as_ref()
                    && was_read(estate, trail)
            })
        });
        for trail in waiting.flatten().filter(|trail| !is_told_of(estate, trail)) {
            let seen = estate
                .buckets
                .get(&trail.bucket)
                .is_some_and(|own| own.policy.present().is_some());
            let message = format!(
                "Trail `{}` of account {} delivers to bucket `{}`, but the policy of bucket `{}` grants that account its \
                 folder, and no trail of the account delivers there: either the trail names the wrong bucket, or the grant \
                 is no longer needed.",
                trail.name, trail.account, trail.bucket, bucket.name
            );
            let mut draft = Draft::of_setting(trail, "S3BucketName", message).at_most(if seen {
                Severity::Low
            } else {
                Severity::Medium
            });
            draft.related.push((
                policy.place("/Statement"),
                format!("the policy of bucket `{}`", bucket.name),
            ));
            drafts.push(draft);
        }
    }
    drafts
}

/// Whether the bucket that a trail names is itself a finding of another rule, which says what is wrong
/// with the name.
fn is_told_of(estate: &Estate, trail: &Trail) -> bool {
    let own = estate.buckets.get(&trail.bucket);
    own.is_some_and(|own| {
        !own.is_general_purpose()
            || !own.foreign.is_empty()
            || matches!(own.exists, Evidence::Absent(_))
    })
}

/// Trails that need not exist yet are tried out, and may be tried against several buckets.
fn was_read(estate: &Estate, trail: &Trail) -> bool {
    estate.document(trail.document).origin != Origin::CommandLine
}
