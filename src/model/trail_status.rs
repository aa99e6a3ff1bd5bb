//! What CloudTrail itself says of a trail: whether it is logging, and what its last attempts ended with.

use super::evidence::{Evidence, answer};
use super::read::Fields;
use crate::document::{Document, DocumentId, InputError, Subject};

/// GetTrailStatus' answer in the home Region, and the errors of shadow Regions.
///
/// Source: CloudTrail API Reference, `GetTrailStatus` (read 2026-11): an error field is absent when
/// there is no error, and is set for problems of the destination, not for time-outs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrailStatus {
    /// Whether it is logging.
    pub logging: Logging,
    /// The errors that it reports, those of shadow Regions included.
    pub errors: Vec<DeliveryError>,
    /// When a log file was last delivered (RFC 3339 or UNIX seconds, as the CLI prints it).
    pub latest_delivery: Option<String>,
    /// When a digest file was last delivered.
    pub latest_digest_delivery: Option<String>,
    /// The document that says so; nothing for a trail that does not exist yet.
    pub document: Option<DocumentId>,
}

/// Whether a trail is logging.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Logging {
    /// `IsLogging` is true.
    On,
    /// `IsLogging` is false.
    Off,
    /// The trail does not exist yet: it was named on the command line.
    Planned,
}

/// One error that CloudTrail reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryError {
    /// The field, such as `LatestDeliveryError`.
    pub field: &'static str,
    /// What it says, such as `AccessDenied`.
    pub text: String,
    /// The document that says so.
    pub document: DocumentId,
    /// The shadow Region it is about; nothing for the home Region.
    pub region: Option<String>,
}

const ERRORS: [&str; 4] = [
    "LatestDeliveryError",
    "LatestDigestDeliveryError",
    "LatestNotificationError",
    "LatestCloudWatchLogsDeliveryError",
];

impl TrailStatus {
    /// The status of a trail that does not exist yet.
    pub(super) fn planned() -> TrailStatus {
        TrailStatus {
            logging: Logging::Planned,
            errors: Vec::new(),
            latest_delivery: None,
            latest_digest_delivery: None,
            document: None,
        }
    }
}

/// Reads the answer for the home Region.
pub(super) fn read(
    id: DocumentId,
    document: &Document,
) -> Result<Evidence<TrailStatus>, InputError> {
    answer(id, document, || {
        let fields = Fields::of(document);
        let logging = if fields.bool("IsLogging")? {
            Logging::On
        } else {
            Logging::Off
        };
        Ok(Some(TrailStatus {
            logging,
            errors: errors(id, document)?,
            latest_delivery: fields.optional_scalar("LatestDeliveryTime")?,
            latest_digest_delivery: fields.optional_scalar("LatestDigestDeliveryTime")?,
            document: Some(id),
        }))
    })
}

/// Reads the errors of an answer, for whichever Region it is about.
pub(super) fn errors(
    id: DocumentId,
    document: &Document,
) -> Result<Vec<DeliveryError>, InputError> {
    if document.refusal().is_some() {
        return Ok(Vec::new());
    }
    let region = match &document.subject {
        Subject::Trail { shadow_region, .. } => shadow_region.clone(),
        _ => None,
    };
    let mut errors = Vec::new();
    for field in ERRORS {
        if let Some(text) = Fields::of(document).optional_text(field)? {
            errors.push(DeliveryError {
                field,
                text: text.to_owned(),
                document: id,
                region: region.clone(),
            });
        }
    }
    Ok(errors)
}
