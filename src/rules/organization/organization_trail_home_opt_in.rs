//! An organization trail whose home is a Region that members have to enable.

use crate::delivery::Delivery;
use crate::diagnosis::Diagnosis;
use crate::model::region::is_opt_in;
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    let Delivery { trail, .. } = diagnosis.delivery;
    if !trail.organization || !is_opt_in(&trail.home_region) {
        return Vec::new();
    }
    let message = format!(
        "The organization trail `{}` of account {} has its home in {}, a Region that every account has to enable for \
         itself. A member that has not enabled it sends no logs at all, of no Region, and no error tells of it.",
        trail.name, trail.account, trail.home_region
    );
    vec![Draft::of_setting(trail, "HomeRegion", message)]
}
