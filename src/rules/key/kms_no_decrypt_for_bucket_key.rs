//! CloudTrail may not decrypt with the key, and the bucket uses an S3 Bucket Key.

use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::KmsNoDecryptForBucketKey, |t| {
        format!("The bucket uses an S3 Bucket Key, and the key policy does not let CloudTrail call `kms:Decrypt` for {}.{} AWS asks for it to create or change a trail; set-ups without it are known to work (reported, not documented).", t.trail, t.but())
    })
}
