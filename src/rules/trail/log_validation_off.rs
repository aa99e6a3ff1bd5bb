//! The trail writes no digest files.

use crate::delivery::Delivery;
use crate::diagnosis::Diagnosis;
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    let Delivery { trail, .. } = diagnosis.delivery;
    if trail.validation {
        return Vec::new();
    }
    let message = format!(
        "Trail `{}` of account {} writes no digest files, so nobody can tell later whether a log file was changed or \
         removed. Turn log file validation on: `aws cloudtrail update-trail --name {} --enable-log-file-validation`.",
        trail.name, trail.account, trail.arn
    );
    vec![Draft::of_setting(
        trail,
        "LogFileValidationEnabled",
        message,
    )]
}
