//! One public statement makes S3 keep the readers of other accounts out.

use crate::delivery::Target;
use crate::diagnosis::PolicyUse;
use crate::document::Place;
use crate::iam::{Effect, PrincipalKind, Statement};
use crate::model::Arn;
use crate::rules::exposure::open_to_everybody;
use crate::rules::finding::{Draft, list, statement_words};

pub(in crate::rules) fn check(policy: &PolicyUse<'_>) -> Vec<Draft> {
    let Some(bucket) = policy.bucket else {
        return Vec::new();
    };
    let Some(&(true, block)) = bucket.protection.restricted.present() else {
        return Vec::new();
    };
    let mut open = open_to_everybody(Target::Bucket, &policy.policy.policy);
    // What S3 itself says of the policy counts; only without it is that judged here.
    let (Some((statement, entry)), true) = (
        open.next(),
        bucket.protection.public.present() != Some(&false),
    ) else {
        return Vec::new();
    };
    let statements = policy.policy.policy.statements.iter();
    let cut: Vec<String> = statements
        .filter(|other| other.index != statement.index)
        .flat_map(|other| readers(other, bucket.owner.as_deref()))
        .map(|reader| format!("`{reader}`"))
        .collect();
    if cut.is_empty() {
        return Vec::new();
    }
    let message = format!(
        "{} is public, and the bucket restricts public policies (`RestrictPublicBuckets`): as long as it stands, S3 lets in \
         only AWS services and the owner's own account, so {} cannot read. CloudTrail is not affected.",
        statement_words(policy.target, statement),
        list(cut.iter().map(String::as_str), 4)
    );
    let mut draft = Draft::of_policy(policy.policy.place(&entry.pointer), message);
    let block = Place {
        document: block,
        pointer: "/PublicAccessBlockConfiguration/RestrictPublicBuckets".to_owned(),
    };
    draft
        .related
        .push((block, "public policies are restricted here".to_owned()));
    vec![draft]
}

/// The principals of other accounts that a statement allows something.
fn readers<'s>(statement: &'s Statement, owner: Option<&'s str>) -> impl Iterator<Item = &'s str> {
    let principal = statement
        .principal
        .as_ref()
        .filter(|_| statement.effect == Effect::Allow);
    let entries = principal
        .into_iter()
        .flat_map(|principal| &principal.entries);
    entries
        .filter(|entry| entry.kind == PrincipalKind::Aws && &*entry.value != "*")
        .map(|entry| &*entry.value)
        .filter(move |value| {
            let account = Arn::parse(value).map_or(*value, |arn| arn.account);
            owner.is_some_and(|owner| owner != account)
        })
}
