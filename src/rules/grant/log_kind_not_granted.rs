//! Log files are covered, another kind of file is not.

use crate::delivery::RequestId;
use crate::diagnosis::{Cause, Diagnosis, Fault};
use crate::rules::finding::{Draft, list};

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::LogKindNotGranted, |t| {
        format!(
            "{} covers {}, which leaves out files that {} writes{}: the whole folder {} is needed. {}",
            t.statement,
            t.found,
            t.trail,
            kinds(t.fault),
            t.needed,
            t.effect()
        )
    })
}

/// The folders of the files that are left out.
fn kinds(fault: &Fault) -> String {
    let folders: Vec<&str> = fault.requests.iter().filter_map(|id| folder(*id)).collect();
    if folders.is_empty() {
        return String::new();
    }
    format!(", those below {}", list(folders.into_iter(), 5))
}

fn folder(id: RequestId) -> Option<&'static str> {
    match id {
        RequestId::PutLogFiles => Some("`CloudTrail`"),
        RequestId::PutDigestFiles => Some("`CloudTrail-Digest`"),
        RequestId::PutInsightFiles => Some("`CloudTrail-Insight`"),
        RequestId::PutNetworkActivityFiles => Some("`CloudTrail-NetworkActivity`"),
        RequestId::PutAggregatedFiles => Some("`CloudTrail-Aggregated`"),
        _ => None,
    }
}
