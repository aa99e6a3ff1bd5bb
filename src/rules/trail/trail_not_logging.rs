//! The trail was never started, or was stopped.

use crate::delivery::Delivery;
use crate::diagnosis::Diagnosis;
use crate::document::Place;
use crate::model::Logging;
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    let Delivery { trail, .. } = diagnosis.delivery;
    let status = trail
        .status
        .present()
        .filter(|status| status.logging == Logging::Off);
    let Some(document) = status.and_then(|status| status.document) else {
        return Vec::new();
    };
    let message = format!(
        "Trail `{}` of account {} is not logging: it was stopped, or never started. Nothing is recorded until somebody \
         starts it with `aws cloudtrail start-logging --name {} --region {}`.",
        trail.name, trail.account, trail.arn, trail.home_region
    );
    let place = Place {
        document,
        pointer: "/IsLogging".to_owned(),
    };
    vec![Draft::of_trail(trail, place, message)]
}
