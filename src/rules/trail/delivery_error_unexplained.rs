//! CloudTrail itself reports an error, and every policy that was seen allows.

use crate::delivery::Delivery;
use crate::diagnosis::Diagnosis;
use crate::document::Place;
use crate::rules::finding::Draft;
use crate::rules::trail::{reported, where_reported};

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    let Delivery { trail, .. } = diagnosis.delivery;
    let unexplained = reported(diagnosis.delivery).filter(|(_, explained)| !*explained);
    unexplained
        .map(|(error, _)| {
            let message = format!(
                "CloudTrail reports `{}` = `{}` for trail `{}` of account {}{}, but nothing that was seen here refuses it. {}",
                error.field,
                error.text,
                trail.name,
                trail.account,
                where_reported(error),
                not_seen(error.field)
            );
            let pointer = format!("/{}", error.field);
            Draft::of_trail(trail, Place { document: error.document, pointer }, message)
        })
        .collect()
}

/// Where else to look.
fn not_seen(field: &str) -> &'static str {
    match field {
        "LatestCloudWatchLogsDeliveryError" => {
            "The role that CloudTrail assumes, its trust policy and its permissions, and the log group are not looked at."
        }
        _ => {
            "What cannot be seen from documents: a resource control policy of the bucket's or the key's organization, a \
             policy changed since the last attempt, or a suspended account."
        }
    }
}
