//! The policy is nearly as large as AWS allows.

use crate::delivery::Target;
use crate::diagnosis::PolicyUse;
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(policy: &PolicyUse<'_>) -> Vec<Draft> {
    // Amazon S3 User Guide, "Adding a bucket policy": 20 KB; AWS KMS Developer Guide, "Resource
    // quotas": 32 KB; Amazon SNS: 30 KB (read 2026-11). White space is not counted here.
    let limit = match policy.target {
        Target::Bucket => 20_480,
        Target::Key | Target::TopicKey => 32_768,
        Target::Topic => 30_720,
    };
    let Some(root) = policy.estate.document(policy.policy.document).policy() else {
        return Vec::new();
    };
    let size = root.compact_len();
    if size * 10 < limit * 9 {
        return Vec::new();
    }
    let consequence = if size > limit {
        "AWS does not accept it"
    } else {
        "the next account may not fit any more"
    };
    let message = format!(
        "The {} has {size} bytes without white space, and AWS takes {limit}: {consequence}. Put accounts into lists of one \
         statement, or name each account's trails with one pattern under `ArnLike`.",
        policy.target.noun()
    );
    vec![Draft::of_policy(policy.policy.place("/Statement"), message)]
}
