//! The log group is not one that the trail can write to.

use crate::delivery::Delivery;
use crate::diagnosis::Diagnosis;
use crate::model::Arn;
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    let Delivery { trail, .. } = diagnosis.delivery;
    let Some(group) = &trail.log_group else {
        return Vec::new();
    };
    // CloudTrail User Guide, "Sending events to CloudWatch Logs" (read 2026-11): the log group lies in
    // the trail's own account and home Region, and its ARN ends in `:*`. A delegated administrator may
    // give an organization's trail a log group; AWS does not say that it cannot be his own.
    let wrong = match Arn::parse(group) {
        Some(arn) if arn.service == "logs" => match () {
            () if arn.account != trail.account && !trail.organization => {
                Some(format!("it lies in account {}", arn.account))
            }
            () if arn.region != trail.home_region => {
                Some(format!("it lies in Region {}", arn.region))
            }
            () if !arn.resource.ends_with(":*") => Some("its ARN does not end in `:*`".to_owned()),
            () => None,
        },
        _ => Some("it is not the ARN of a log group".to_owned()),
    };
    let Some(wrong) = wrong else {
        return Vec::new();
    };
    let message = format!(
        "Trail `{}` of account {} sends its events to log group `{group}`, but {wrong}: it must be one of the trail's own \
         account and home Region ({}).",
        trail.name, trail.account, trail.home_region
    );
    vec![Draft::of_setting(
        trail,
        "CloudWatchLogsLogGroupArn",
        message,
    )]
}
