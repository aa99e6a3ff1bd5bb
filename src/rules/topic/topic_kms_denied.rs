//! CloudTrail may not use the key that the topic is encrypted with.

use std::collections::BTreeSet;

use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::finding::{Draft, list};

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::TopicKmsDenied, |t| {
        let actions: BTreeSet<String> = t.fault.requests.iter().map(|id| format!("`{}`", id.action())).collect();
        format!(
            "The topic of {} is encrypted, and its key does not let CloudTrail call {}. It needs `kms:GenerateDataKey` and \
             `kms:Decrypt` for every message. {}",
            t.trail,
            list(actions.iter().map(String::as_str), 2),
            t.effect()
        )
    })
}
