//! A trail: what it is called, where it writes, and whether it is logging.

use std::collections::BTreeMap;

use super::arn::Arn;
use super::evidence::{Evidence, answer};
use super::read::Fields;
use crate::document::{Document, DocumentId, InputError, Kind};

/// One trail, in its home Region and its owner's account.
///
/// Source: CloudTrail API Reference, `Trail` (read 2026-11).
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "AWS's own settings, each independent of the others"
)]
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
    /// Whether Insights files are written.
    pub insights: bool,
    /// Whether network activity files are written.
    pub network_activity: bool,
    /// Whether aggregated data event files are written.
    pub aggregated: bool,
    /// Whether it is logging.
    pub logging: Evidence<Logging>,
    /// The document that describes it.
    pub document: DocumentId,
}

/// Whether a trail is logging.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Logging {
    /// `IsLogging` is true.
    On,
    /// `IsLogging` is false; the document that says so.
    Off(DocumentId),
    /// The trail does not exist yet: it was named on the command line.
    Planned,
}

/// A trail that is known to exist, or to be looked for, but that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnseenTrail {
    /// The ARN that its place in the snapshot gives it.
    pub arn: String,
    /// The account whose folder it lies in.
    pub account: String,
    /// The Region whose folder it lies in.
    pub home_region: String,
    /// Why it could not be read.
    pub why: super::evidence::Unknown,
}

/// Reads GetTrail's answer; whether the trail is logging is read from another.
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
        insights: flag("HasInsightSelectors")?,
        network_activity: false,
        aggregated: false,
        logging: Evidence::no_document(""),
        document: id,
    })
}

/// Reads GetTrailStatus' answer.
pub(super) fn read_logging(
    id: DocumentId,
    document: &Document,
) -> Result<Evidence<Logging>, InputError> {
    answer(id, document, || {
        let on = Fields::of(document).bool("IsLogging")?;
        Ok(Some(if on { Logging::On } else { Logging::Off(id) }))
    })
}

/// The further kinds of files that a trail's selectors ask for.
#[derive(Default)]
pub(super) struct Extras {
    insights: bool,
    network_activity: bool,
    aggregated: bool,
}

impl Extras {
    /// Adds what one answer about selectors says.
    pub(super) fn read(&mut self, document: &Document) -> Result<(), InputError> {
        if document.refusal().is_some() {
            return Ok(());
        }
        let fields = Fields::of(document);
        match document.kind {
            Kind::GetInsightSelectors => self.insights |= fields.has_items("InsightSelectors"),
            Kind::GetEventSelectors => {
                self.aggregated |= fields.has_items("AggregationConfigurations");
                for selector in fields.objects("AdvancedEventSelectors")? {
                    self.network_activity |= selects_network_activity(selector)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Tells the trail.
    pub(super) fn apply(&self, trail: &mut Trail) {
        trail.insights |= self.insights;
        trail.network_activity |= self.network_activity;
        trail.aggregated |= self.aggregated;
    }
}

fn selects_network_activity(selector: Fields<'_>) -> Result<bool, InputError> {
    for field in selector.objects("FieldSelectors")? {
        if field.text("Field")? == "eventCategory" && field.has_text("Equals", "NetworkActivity") {
            return Ok(true);
        }
    }
    Ok(false)
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
            base.logging = base.logging.or(other.logging);
            base.insights |= other.insights;
            base.network_activity |= other.network_activity;
            base.aggregated |= other.aggregated;
            base
        }
    };
    trails.insert(merged.arn.clone(), merged);
}
