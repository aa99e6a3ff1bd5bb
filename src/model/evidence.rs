//! What is known of a thing: present, absent, or unknown and why. The only place where an error code
//! of AWS becomes one or the other.

use crate::document::{
    DELETED_BY_CODE, Document, DocumentId, InputError, KNOWN_AFTER_APPLY, UNREADABLE_ANSWER,
};

/// A three-valued answer. Unknown never becomes "absent", and never "fine".
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Evidence<T> {
    /// AWS answered.
    Present(T),
    /// AWS said that it does not exist; the document that says so.
    Absent(DocumentId),
    /// Nobody could say.
    Unknown(Unknown),
}

/// Why something is not known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unknown {
    /// Why.
    pub reason: Reason,
    /// The document that would have said it: its path, or where it was looked for.
    pub document: String,
}

/// Why AWS's answer is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// No such file in the input.
    NoDocument,
    /// The caller may not read it.
    AccessDenied,
    /// AWS asked to slow down, and no answer came in the end.
    Throttled,
    /// No answer in time.
    TimedOut,
    /// The credentials had expired or are not valid.
    BadCredentials,
    /// Infrastructure code leaves it open until it has run.
    KnownAfterApply,
    /// Whoever answered said that all was well, and what came with it is not what AWS sends.
    Unreadable,
    /// Any other error.
    OtherError,
}

impl Reason {
    /// The reason as reports name it.
    pub fn name(self) -> &'static str {
        match self {
            Reason::NoDocument => "no-document",
            Reason::AccessDenied => "access-denied",
            Reason::Throttled => "throttled",
            Reason::TimedOut => "timed-out",
            Reason::BadCredentials => "bad-credentials",
            Reason::KnownAfterApply => "known-after-apply",
            Reason::Unreadable => "unreadable-answer",
            Reason::OtherError => "other-error",
        }
    }

    /// Whether somebody asked and got no answer. What nobody asked for may be assumed to be as AWS makes
    /// it; what was refused may not.
    pub fn is_refusal(self) -> bool {
        !matches!(self, Reason::NoDocument | Reason::KnownAfterApply)
    }
}

impl<T> Evidence<T> {
    /// Unknown, because no document says it; `path` is where it would be.
    pub fn no_document(path: impl Into<String>) -> Evidence<T> {
        Evidence::Unknown(Unknown {
            reason: Reason::NoDocument,
            document: path.into(),
        })
    }

    /// The value, if AWS gave one.
    pub fn present(&self) -> Option<&T> {
        match self {
            Evidence::Present(value) => Some(value),
            Evidence::Absent(_) | Evidence::Unknown(_) => None,
        }
    }

    /// Why it is unknown, if it is.
    pub fn unknown(&self) -> Option<&Unknown> {
        match self {
            Evidence::Unknown(unknown) => Some(unknown),
            Evidence::Present(_) | Evidence::Absent(_) => None,
        }
    }

    /// The better of two answers to one question: a value, else "does not exist", else unknown. A
    /// refusal says more than a missing file.
    #[must_use]
    pub fn or(self, other: Evidence<T>) -> Evidence<T> {
        let rank = |evidence: &Evidence<T>| match evidence {
            Evidence::Present(_) => 0,
            Evidence::Absent(_) => 1,
            Evidence::Unknown(unknown) if unknown.reason != Reason::NoDocument => 2,
            Evidence::Unknown(_) => 3,
        };
        if rank(&self) <= rank(&other) {
            self
        } else {
            other
        }
    }
}

impl<T> Evidence<T> {
    /// Takes a further answer to the same question into account.
    pub(super) fn merge(&mut self, other: Evidence<T>) {
        let known = std::mem::replace(self, Evidence::no_document(""));
        *self = known.or(other);
    }
}

/// What a document that AWS refused to fill says; nothing if AWS answered.
pub(super) fn refused<T>(id: DocumentId, document: &Document) -> Option<Evidence<T>> {
    let code = document.refusal()?.code;
    Some(match reason(code) {
        None => Evidence::Absent(id),
        Some(reason) => Evidence::Unknown(Unknown {
            reason,
            document: document.name(),
        }),
    })
}

/// What a document says: AWS's refusal, or what is read from its answer. An answer that holds
/// nothing to read says that the thing does not exist.
pub(super) fn answer<T>(
    id: DocumentId,
    document: &Document,
    read: impl FnOnce() -> Result<Option<T>, InputError>,
) -> Result<Evidence<T>, InputError> {
    match refused(id, document) {
        Some(refused) => Ok(refused),
        None => Ok(read()?.map_or(Evidence::Absent(id), Evidence::Present)),
    }
}

/// Whether an error code means "does not exist" (nothing) or "could not see", and why.
///
/// Sources: the error lists of the Amazon S3, KMS, SNS, CloudTrail and Organizations API references
/// (read 2026-11). HEAD answers carry no code; the AWS CLI then prints the HTTP status.
fn reason(code: &str) -> Option<Reason> {
    match code {
        "NoSuchBucket"
        | DELETED_BY_CODE
        | "NoSuchBucketPolicy"
        | "NoSuchPublicAccessBlockConfiguration"
        | "NotFound"
        | "NotFoundException"
        | "404"
        | "TrailNotFoundException"
        | "InsightNotEnabledException"
        | "ServerSideEncryptionConfigurationNotFoundError"
        | "OwnershipControlsNotFoundError"
        | "ObjectLockConfigurationNotFoundError"
        | "NoSuchLifecycleConfiguration"
        | "NoSuchEntity"
        | "NoSuchEntityException"
        | "AWSOrganizationsNotInUseException" => None,
        "AccessDenied"
        | "AccessDeniedException"
        | "AuthorizationError"
        | "UnauthorizedOperation"
        | "403"
        | "MethodNotAllowed"
        | "405"
        | "AllAccessDisabled" => Some(Reason::AccessDenied),
        "Throttling"
        | "ThrottlingException"
        | "TooManyRequestsException"
        | "SlowDown"
        | "RequestLimitExceeded"
        | "429"
        | "503" => Some(Reason::Throttled),
        "RequestTimeout" | "RequestTimeoutException" | "TimeoutError" | "Timeout" | "NoAnswer" => {
            Some(Reason::TimedOut)
        }
        "ExpiredToken"
        | "ExpiredTokenException"
        | "RequestExpired"
        | "InvalidClientTokenId"
        | "UnrecognizedClientException"
        | "InvalidAccessKeyId"
        | "InvalidSignatureException"
        | "AuthFailure"
        | "RequestTimeTooSkewed"
        | "SignatureDoesNotMatch" => Some(Reason::BadCredentials),
        KNOWN_AFTER_APPLY => Some(Reason::KnownAfterApply),
        UNREADABLE_ANSWER => Some(Reason::Unreadable),
        _ => Some(Reason::OtherError),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_does_not_exist_is_absent() {
        assert_eq!(reason("NoSuchBucketPolicy"), None);
        assert_eq!(reason("404"), None);
        assert_eq!(reason("AccessDenied"), Some(Reason::AccessDenied));
        assert_eq!(reason("MethodNotAllowed"), Some(Reason::AccessDenied));
        assert_eq!(reason("SomethingNew"), Some(Reason::OtherError));
    }

    #[test]
    fn a_value_beats_absence_beats_refusal_beats_no_file() {
        let present: Evidence<u8> = Evidence::Present(1);
        let absent = || Evidence::<u8>::Absent(DocumentId(0));
        let denied = || {
            Evidence::Unknown(Unknown {
                reason: Reason::AccessDenied,
                document: "d".into(),
            })
        };
        assert_eq!(denied().or(present.clone()), present);
        assert_eq!(denied().or(absent()), absent());
        assert_eq!(Evidence::no_document("x").or(denied()), denied());
    }
}
