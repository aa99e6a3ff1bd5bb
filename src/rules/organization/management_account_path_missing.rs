//! Nothing covers the management account's own folder.

use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::ManagementAccountPathMissing, |t| {
        format!("No statement lets CloudTrail write to {}: when the organization {} is created or changed, CloudTrail tries the management account's own folder as well (reported, not documented). {}{}", t.needed, t.trail, t.nearest(), t.effect())
    })
}
