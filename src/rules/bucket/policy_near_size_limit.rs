//! The policy is nearly as large as AWS allows.

use crate::diagnosis::PolicyUse;
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(policy: &PolicyUse<'_>) -> Vec<Draft> {
    let Some((size, limit)) = size_and_limit(policy) else {
        return Vec::new();
    };
    // What is over the limit is not accepted, which another rule says.
    if size * 10 < limit * 9 || size > limit {
        return Vec::new();
    }
    let message = format!(
        "The {} has {size} bytes without white space, and AWS takes {limit}: the next account may not fit any more. Put \
         accounts into lists of one statement, or name each account's trails with one pattern under `ArnLike`.",
        policy.target.noun()
    );
    vec![Draft::of_policy(policy.policy.place("/Statement"), message)]
}

/// The bytes of a policy without white space, and the most that AWS takes.
pub(in crate::rules) fn size_and_limit(policy: &PolicyUse<'_>) -> Option<(usize, usize)> {
    let root = policy.estate.document(policy.policy.document).policy()?;
    Some((root.compact_len(), policy.target.size_limit()?))
}
