//! A trail: what it is called, where it writes, and what it records.

use std::collections::BTreeMap;

use super::arn::Arn;
use super::evidence::Evidence;
use super::read::Fields;
use super::selectors::Selectors;
use super::trail_status::TrailStatus;
use crate::document::{Document, DocumentId, InputError};

/// One trail, in its home Region and its owner's account.
///
/// Source: CloudTrail API Reference, `Trail` (read 2026-11).
#[derive(Debug, Clone)]
pub struct Trail {
    /// The ARN; the same in shadow Regions and in member accounts.
    pub arn: String,
    /// The partition in the ARN.
    pub partition: String,
    /// The account that owns the trail: the management account for an organization trail.
    pub account: String,
    /// The Region the trail was created in.
    pub home_region: String,
    /// The trail's name.
    pub name: String,
    /// The bucket it delivers to.
    pub bucket: String,
    /// The folder before `AWSLogs/`; nothing if there is none.
    pub key_prefix: Option<String>,
    /// The KMS key that log files are encrypted with, as the API gives it (a key ARN).
    pub kms_key: Option<String>,
    /// The SNS topic's ARN.
    pub topic: Option<String>,
    /// Whether it records every enabled Region.
    pub multi_region: bool,
    /// Whether it records every account of the organization.
    pub organization: bool,
    /// Whether digest files are written.
    pub validation: bool,
    /// Whether events of global services are recorded, if the answer says so.
    pub global_events: Option<bool>,
    /// The CloudWatch Logs log group it sends events to.
    pub log_group: Option<String>,
    /// The IAM role that it assumes for that.
    pub log_role: Option<String>,
    /// What its selectors say.
    pub selectors: Selectors,
    /// What CloudTrail says of it.
    pub status: Evidence<TrailStatus>,
    /// The document that describes it.
    pub document: DocumentId,
}

/// A trail that is known to exist, or to be looked for, but that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnseenTrail {
    /// The ARN that was asked for, else the one that its place in the snapshot gives it.
    pub arn: String,
    /// The account of that ARN.
    pub account: String,
    /// The Region whose folder it lies in.
    pub home_region: String,
    /// Why it could not be read.
    pub why: super::evidence::Unknown,
}

/// Reads GetTrail's answer; what it records and how it fares is read from others.
pub(super) fn read(id: DocumentId, document: &Document) -> Result<Trail, InputError> {
    let outer = Fields::of(document);
    let fields = if document.root().get("TrailARN").is_some() {
        outer
    } else {
        outer.object("Trail")?
    };
    let arn_text = fields.text("TrailARN")?;
    let parsed = Arn::parse(arn_text).and_then(|arn| Some((arn, arn.trail_name()?)));
    let Some((arn, name)) = parsed else {
        let expected = "expected a trail's ARN, `arn:aws:cloudtrail:REGION:ACCOUNT:trail/NAME`";
        return Err(fields.error("TrailARN", expected.to_owned()));
    };
    let text = |name: &str| {
        fields
            .optional_text(name)
            .map(|text| text.map(str::to_owned))
    };
    let flag = |name: &str| fields.optional_bool(name).map(|flag| flag.unwrap_or(false));
    Ok(Trail {
        arn: arn_text.to_owned(),
        partition: arn.partition.to_owned(),
        account: arn.account.to_owned(),
        home_region: arn.region.to_owned(),
        name: name.to_owned(),
        bucket: fields.text("S3BucketName")?.to_owned(),
        key_prefix: text("S3KeyPrefix")?,
        kms_key: text("KmsKeyId")?,
        topic: text("SnsTopicARN")?,
        multi_region: flag("IsMultiRegionTrail")?,
        organization: flag("IsOrganizationTrail")?,
        validation: flag("LogFileValidationEnabled")?,
        global_events: fields.optional_bool("IncludeGlobalServiceEvents")?,
        log_group: text("CloudWatchLogsLogGroupArn")?,
        log_role: text("CloudWatchLogsRoleArn")?,
        selectors: Selectors {
            insights: fields.optional_bool("HasInsightSelectors")?,
            ..Selectors::default()
        },
        status: Evidence::no_document(""),
        document: id,
    })
}

/// Shadow trails and an organization trail's copies are one trail; its owner's view of it counts.
pub(super) fn merge(trails: &mut BTreeMap<String, Trail>, new: Trail, read_by: &str) {
    let merged = match trails.remove(&new.arn) {
        None => new,
        Some(old) => {
            let (mut base, other) = if read_by == new.account {
                (new, old)
            } else {
                (old, new)
            };
            base.status = base.status.or(other.status);
            base.selectors.merge(other.selectors);
            base
        }
    };
    trails.insert(merged.arn.clone(), merged);
}
