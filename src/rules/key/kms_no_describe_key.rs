//! CloudTrail may not describe the key.

use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::KmsNoDescribeKey, |t| {
        format!("The key policy does not let CloudTrail call `kms:DescribeKey` for {}.{} AWS lists it as required to create or change a trail; set-ups without it are known to work (reported, not documented).", t.trail, t.but())
    })
}
