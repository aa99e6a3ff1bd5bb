//! What the answers to a trail's requests add up to.

use super::Request;
use super::evaluate::Decision;
use super::request::{Phase, RequestId};
use crate::model::{Evidence, Logging, TrailStatus};

/// Whether a trail's logs arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Log files cannot arrive.
    Blocked,
    /// Some deliveries are refused.
    Partial,
    /// Delivery goes on, but the trail cannot be created or changed, or notifications fail.
    SetupRefused,
    /// It cannot be said for sure.
    Undecided,
    /// Everything is allowed, and the trail is logging.
    Delivers,
}

impl Verdict {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Blocked => "blocked",
            Verdict::Partial => "partial",
            Verdict::SetupRefused => "setup-refused",
            Verdict::Undecided => "undecided",
            Verdict::Delivers => "delivers",
        }
    }
}

/// The requests without which no log file arrives at all.
fn carries_log_files(id: RequestId) -> bool {
    matches!(id, RequestId::PutLogFiles | RequestId::GenerateDataKey)
}

/// The verdict, from what is certain first.
pub(super) fn verdict(requests: &[Request], status: &Evidence<TrailStatus>) -> Verdict {
    let relevant = || requests.iter().filter(|request| !request.id.is_advised());
    let delivery = || relevant().filter(|request| request.id.phase() == Phase::Delivery);
    if status
        .present()
        .is_some_and(|status| status.logging == Logging::Off)
        || delivery()
            .any(|request| carries_log_files(request.id) && request.decision == Decision::Denied)
    {
        return Verdict::Blocked;
    }
    // An undecided request for log files may yet turn out to block everything.
    let log_files_undecided = delivery()
        .any(|request| carries_log_files(request.id) && request.decision == Decision::Undecided);
    let logging_unknown = status.present().is_none();
    if log_files_undecided || logging_unknown {
        return Verdict::Undecided;
    }
    if delivery().any(Request::is_refused) {
        return Verdict::Partial;
    }
    if delivery().any(|request| request.decision == Decision::Undecided) {
        return Verdict::Undecided;
    }
    if relevant().any(Request::is_refused) {
        return Verdict::SetupRefused;
    }
    if relevant().any(|request| request.decision == Decision::Undecided) {
        return Verdict::Undecided;
    }
    Verdict::Delivers
}
