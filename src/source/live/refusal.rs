//! From the SDK's errors to AWS's code and message, as a document holds them. What a code means is
//! decided in `model::evidence`; what is no clear answer of AWS gets a code that means "not known".

use std::error::Error;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::operation::Operation;
use crate::document::UNREADABLE_ANSWER;

/// All is well, says whoever answered, and what came with it is no JSON, no XML, or not of the form that AWS
/// documents: a proxy's page, say.
pub(super) const UNREADABLE: &str = UNREADABLE_ANSWER;
/// A failure that is none of AWS's.
const UNEXPECTED: &str = "UnexpectedAnswer";
/// A list without entries where there is one at least.
pub(super) const EMPTY: &str = "EmptyAnswer";
/// No connection, or one that broke.
const NO_CONNECTION: &str = "ConnectionFailed";
/// No answer in time, after all attempts.
const TIMED_OUT: &str = "NoAnswer";
/// The request never left.
const NOT_SENT: &str = "RequestNotSent";

/// Why a call has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    /// AWS's error code, or one of those above.
    pub(super) code: String,
    /// What AWS said, or what happened.
    pub(super) message: String,
    /// The bucket's Region, where S3 tells it along with the refusal.
    pub(super) bucket_region: Option<String>,
}

impl Refusal {
    pub(super) fn new(code: impl Into<String>, message: impl Into<String>) -> Refusal {
        Refusal {
            code: code.into(),
            message: message.into(),
            bucket_region: None,
        }
    }

    /// The same, where there was no connection or no answer with whom there was none.
    pub(super) fn of_place(self, service: &str, region: &str, endpoint: Option<String>) -> Refusal {
        if ![NO_CONNECTION, TIMED_OUT].contains(&self.code.as_str()) {
            return self;
        }
        let at = endpoint.map_or(String::new(), |endpoint| format!(" at {endpoint}"));
        Refusal {
            message: format!("{service} in {region}{at}: {}", self.message),
            ..self
        }
    }

    /// A status that needs AWS's word to mean anything, and had none.
    pub(super) fn unconfirmed(status: u16) -> Refusal {
        not_of_aws(None, status)
    }

    /// Whether AWS said that the caller lacks a permission.
    pub(super) fn is_denied(&self) -> bool {
        matches!(
            self.code.as_str(),
            "AccessDenied" | "AccessDeniedException" | "UnauthorizedOperation" | "403"
        )
    }

    /// Whether the credentials were not accepted; a Region that the account has not enabled answers so.
    pub(super) fn is_of_credentials(&self) -> bool {
        matches!(
            self.code.as_str(),
            "UnrecognizedClientException"
                | "InvalidClientTokenId"
                | "AuthFailure"
                | "OptInRequired"
                | "InvalidSignatureException"
                | "SignatureDoesNotMatch"
        )
    }

    /// What the SDK says of a request that failed.
    pub(super) fn of<E>(operation: Operation, error: &SdkError<E, HttpResponse>) -> Refusal
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let raw = error.raw_response();
        let status = raw.map_or(0, |raw| raw.status().as_u16());
        let mut refusal = match error {
            SdkError::TimeoutError(_) => {
                Refusal::new(TIMED_OUT, "no answer in time, in any attempt")
            }
            SdkError::DispatchFailure(failure) if failure.is_timeout() => {
                Refusal::new(TIMED_OUT, innermost(error))
            }
            SdkError::DispatchFailure(_) => Refusal::new(NO_CONNECTION, innermost(error)),
            SdkError::ConstructionFailure(_) => Refusal::new(NOT_SENT, innermost(error)),
            SdkError::ServiceError(service) => of_service(operation, raw, service.err()),
            _ => not_of_aws(raw, status),
        };
        refusal.bucket_region = raw
            .and_then(|raw| raw.headers().get("x-amz-bucket-region"))
            .map(str::to_owned);
        refusal
    }
}

fn of_service(
    operation: Operation,
    raw: Option<&HttpResponse>,
    error: &impl ProvideErrorMetadata,
) -> Refusal {
    let status = raw.map_or(0, |raw| raw.status().as_u16());
    let message = error.message().unwrap_or_default();
    match error.code() {
        // What the SDK makes of a 404 without a body, where S3 sends a code.
        Some("NotFound")
            if operation.service() == "S3"
                && operation != Operation::HeadBucket
                && message.is_empty() =>
        {
            not_of_aws(raw, status)
        }
        // moto's IAM answers JSON services in XML; the SDK then finds no code.
        Some(code) if !code.is_empty() && code != "Unknown" => Refusal::new(code, message),
        // HEAD has no body: the AWS CLI prints the status then. A status of 500 and above, of throttling or
        // of a missing permission says enough alone; any other may come from anybody, and is no word of
        // AWS's: a proxy's 404 does not say that a trail does not exist.
        _ if operation == Operation::HeadBucket && status >= 300 => {
            Refusal::new(status.to_string(), "")
        }
        _ if status >= 500 || matches!(status, 401 | 403 | 429) => {
            let code = if status == 401 { 403 } else { status };
            Refusal::new(code.to_string(), format!("HTTP status {status}"))
        }
        _ => not_of_aws(raw, status),
    }
}

fn not_of_aws(raw: Option<&HttpResponse>, status: u16) -> Refusal {
    let header = |name: &str| raw.and_then(|raw| raw.headers().get(name));
    let is_page = header("content-type").is_some_and(|kind| kind.starts_with("text/html"));
    let what = match header("location") {
        Some(location) => format!(", a redirection to {location}"),
        None if status == 407 => ": a proxy asks for a login".to_owned(),
        None if is_page => " and a page of HTML, which is no answer of AWS's".to_owned(),
        None => ", and what came with it is no answer of AWS's".to_owned(),
    };
    let code = if status < 300 { UNREADABLE } else { UNEXPECTED };
    Refusal::new(code, format!("HTTP status {status}{what}"))
}

/// The last error of a chain, which says what really happened.
pub(super) fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    last.to_string()
}
