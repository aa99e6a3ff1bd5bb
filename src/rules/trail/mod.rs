//! Rules about the trail itself, and what they have in common.

pub(super) mod backlog_lost;
pub(super) mod delivery_error_reported;
pub(super) mod delivery_error_unexplained;
pub(super) mod delivery_stale;
pub(super) mod global_events_missed;
pub(super) mod log_validation_off;
pub(super) mod management_events_excluded;
pub(super) mod single_region_trail;
pub(super) mod trail_delivers_elsewhere;
pub(super) mod trail_missing;
pub(super) mod trail_not_logging;

use jiff::Timestamp;

use crate::delivery::{Delivery, Request, RequestId, Target};
use crate::model::{DeliveryError, Estate, Trail};

/// The other trails that record the trail's account, those of its organization included.
fn others_of_account<'e>(estate: &'e Estate, trail: &'e Trail) -> impl Iterator<Item = &'e Trail> {
    estate.trails.iter().filter(|other| {
        let same_account = other.account == trail.account
            || other.organization && estate.is_member_of_owner(&trail.account, other);
        other.arn != trail.arn && same_account
    })
}

/// A moment as the CLI prints it: RFC 3339, or seconds since 1970.
fn moment(text: &str) -> Option<Timestamp> {
    let seconds = || text.split('.').next()?.parse().ok();
    text.parse()
        .ok()
        .or_else(|| Timestamp::from_second(seconds()?).ok())
}

/// The errors that CloudTrail reports, each with whether a refusal found here explains it.
fn reported<'d>(delivery: &'d Delivery<'_>) -> impl Iterator<Item = (&'d DeliveryError, bool)> {
    let errors = delivery
        .trail
        .status
        .present()
        .into_iter()
        .flat_map(|status| &status.errors);
    errors.map(|error| {
        let refused = |request: &Request| request.is_refused() && concerns(error.field, request.id);
        (error, delivery.requests.iter().any(refused))
    })
}

/// Whether an error of this field may come from a refusal of this request.
fn concerns(field: &str, id: RequestId) -> bool {
    match (field, id.target()) {
        ("LatestDeliveryError", Target::Bucket | Target::Key) => id != RequestId::PutDigestFiles,
        ("LatestDigestDeliveryError", Target::Bucket | Target::Key) => id != RequestId::PutLogFiles,
        ("LatestNotificationError", Target::Topic | Target::TopicKey)
        | ("LatestCloudWatchLogsDeliveryError", Target::LogRole) => true,
        _ => false,
    }
}

/// The Region an error was reported in, for a message.
fn where_reported(error: &DeliveryError) -> String {
    error
        .region
        .as_ref()
        .map_or_else(String::new, |region| format!(" in Region {region}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::audit;
    use crate::document::{Document, Kind, Origin, Subject};

    /// A trail's name, home Region, and whether it records all Regions and global services.
    type Trails<'a> = &'a [(&'a str, &'a str, bool, bool)];

    /// Which of the two rules about coverage speak of which trail.
    fn gaps(trails: Trails<'_>) -> Vec<String> {
        let documents = trails.iter().map(|(name, region, all, global)| {
            let subject = Subject::Trail {
                account: "222222222222".to_owned(),
                home_region: (*region).to_owned(),
                name: (*name).to_owned(),
                shadow_region: None,
            };
            let text = format!(
                r#"{{"Trail": {{"TrailARN": "arn:aws:cloudtrail:{region}:222222222222:trail/{name}",
                "S3BucketName": "logs", "IsMultiRegionTrail": {all}, "IncludeGlobalServiceEvents": {global}}}}}"#
            );
            Document::read(Kind::GetTrail, subject, Origin::File, name, text.as_bytes()).unwrap()
        });
        let estate = Estate::read(documents.collect()).unwrap();
        let findings = audit(&estate, Timestamp::UNIX_EPOCH).findings;
        let mut gaps: Vec<String> = findings
            .iter()
            .filter(|finding| {
                matches!(finding.rule, "single-region-trail" | "global-events-missed")
            })
            .map(|finding| {
                let trail = finding.trail.as_deref().unwrap_or_default();
                format!("{} {}", finding.rule, trail.rsplit('/').next().unwrap())
            })
            .collect();
        gaps.sort();
        gaps
    }

    #[test]
    fn what_one_trail_leaves_out_another_may_record() {
        let frankfurt = ("a", "eu-central-1", false, true);
        assert_eq!(
            gaps(&[frankfurt]),
            ["global-events-missed a", "single-region-trail a"]
        );
        assert_eq!(gaps(&[frankfurt, ("b", "eu-west-1", true, true)]), [""; 0]);
        assert_eq!(
            gaps(&[frankfurt, ("b", "us-east-1", false, true)]),
            ["single-region-trail a", "single-region-trail b"]
        );
        assert_eq!(
            gaps(&[frankfurt, ("b", "us-east-1", true, false)]),
            ["global-events-missed a", "global-events-missed b"]
        );
    }

    #[test]
    fn a_moment_is_a_date_or_seconds() {
        let expected = "2026-10-31T23:55:12Z".parse().ok();
        assert_eq!(moment("2026-10-31T23:55:12+00:00"), expected);
        assert_eq!(moment("1793490912.0"), expected);
        assert_eq!(moment("yesterday"), None);
    }
}
