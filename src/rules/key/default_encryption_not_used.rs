//! The bucket encrypts with a key by default, but the trail asks for none.

use crate::delivery::Delivery;
use crate::diagnosis::Diagnosis;
use crate::document::Place;
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    let Delivery { trail, bucket, .. } = diagnosis.delivery;
    let Some(encryption) = bucket.encryption.present() else {
        return Vec::new();
    };
    if trail.kms_key.is_some() || !encryption.algorithm.starts_with("aws:kms") {
        return Vec::new();
    }
    let message = format!(
        "Trail `{}` of account {} has no KMS key, so CloudTrail asks for `AES256` by name and the bucket's default \
         encryption (`{}`) does not apply: its log files are not encrypted with the bucket's key.",
        trail.name, trail.account, encryption.algorithm
    );
    let pointer = "/ServerSideEncryptionConfiguration/Rules/0/ApplyServerSideEncryptionByDefault/SSEAlgorithm";
    let place = Place {
        document: encryption.document,
        pointer: pointer.to_owned(),
    };
    vec![Draft::of_trail(trail, place, message)]
}
