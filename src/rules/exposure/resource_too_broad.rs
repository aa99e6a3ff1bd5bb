//! A statement for CloudTrail covers the folders of accounts that have no trail here.

use crate::delivery::{RequestId, Target};
use crate::diagnosis::PolicyUse;
use crate::rules::exposure::live;
use crate::rules::finding::{Draft, statement_words};

pub(in crate::rules) fn check(policy: &PolicyUse<'_>) -> Vec<Draft> {
    let (Target::Bucket, Some(bucket)) = (policy.target, policy.bucket) else {
        return Vec::new();
    };
    let stranger = policy.stranger();
    let id = RequestId::PutLogFiles;
    let mut drafts = Vec::new();
    for (statement, example) in live(policy, id) {
        let folder = policy.trails.iter().find_map(|trail| {
            let prefixes = [trail.key_prefix.as_deref(), None];
            prefixes
                .into_iter()
                .map(|prefix| {
                    let prefix = prefix
                        .map(|p| format!("{}/", p.trim_end_matches('/')))
                        .unwrap_or_default();
                    format!("{prefix}AWSLogs/{stranger}/")
                })
                .find(|folder| {
                    let object = format!(
                        "arn:{}:s3:::{}/{folder}CloudTrail/us-east-1/x",
                        trail.partition, bucket.name
                    );
                    policy.would_apply(statement.index, id.action(), example, Some(&object))
                })
        });
        let (Some(folder), Some(resource)) = (folder, &statement.resource) else {
            continue;
        };
        let message = format!(
            "{} covers folders of accounts that have no trail here, such as `{folder}`: name the folder of each account, \
             or of the organization.",
            statement_words(policy.target, statement)
        );
        drafts.push(Draft::of_policy(
            policy.policy.place(&resource.pointer),
            message,
        ));
    }
    drafts
}
