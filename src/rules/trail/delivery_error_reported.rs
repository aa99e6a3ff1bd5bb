//! CloudTrail itself reports an error that the policies explain.

use crate::delivery::Delivery;
use crate::diagnosis::Diagnosis;
use crate::document::Place;
use crate::rules::finding::Draft;
use crate::rules::trail::{reported, where_reported};

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    let Delivery { trail, .. } = diagnosis.delivery;
    let explained = reported(diagnosis.delivery).filter(|(_, explained)| *explained);
    explained
        .map(|(error, _)| {
            let message = format!(
                "CloudTrail reports `{}` = `{}` for trail `{}` of account {}{}, which agrees with the refusal found here. \
                 Logs that cannot be delivered are kept and tried again for 30 days.",
                error.field,
                error.text,
                trail.name,
                trail.account,
                where_reported(error)
            );
            let pointer = format!("/{}", error.field);
            Draft::of_trail(trail, Place { document: error.document, pointer }, message)
        })
        .collect()
}
