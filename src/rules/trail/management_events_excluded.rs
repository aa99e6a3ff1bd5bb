//! The event selectors leave management events out.

use crate::delivery::Delivery;
use crate::diagnosis::Diagnosis;
use crate::document::Place;
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    let Delivery { trail, .. } = diagnosis.delivery;
    let Some(left_out) = &trail.selectors.left_out else {
        return Vec::new();
    };
    let message = format!(
        "Trail `{}` of account {} does not record all management events: its event selectors leave out {}.",
        trail.name, trail.account, left_out.what
    );
    let place = Place {
        document: left_out.document,
        pointer: left_out.pointer.clone(),
    };
    vec![Draft::of_trail(trail, place, message)]
}
