//! What a run says about itself beside its findings: formats for machines pass it on.

use jiff::Timestamp;

use super::asff::SecurityHub;
use super::declared::Declarations;
use crate::rules::Severity;

/// One run of the tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// The category; it ends in a slash. In code scanning an upload closes only alerts of its own
    /// category, and a comment on a pull request replaces only one of its own.
    pub category: String,
    /// Whether the run counts as done. GitHub closes no alert for one that does not.
    pub success: bool,
    /// The exit status.
    pub exit_code: u8,
    /// The lowest severity that makes the run fail; nothing if none does.
    pub fail_on: Option<Severity>,
    /// The moment that dates were compared with.
    pub as_of: Timestamp,
    /// Which Security Hub imports all findings; nothing if each goes to its resource's account.
    pub security_hub: Option<SecurityHub>,
    /// Where the repository declares what AWS has.
    pub declared: Declarations,
}

impl Run {
    /// Whether a finding of this severity makes the run fail.
    pub fn fails(&self, severity: Severity) -> bool {
        self.fail_on.is_some_and(|least| severity >= least)
    }

    /// The category without its slash.
    pub(super) fn category(&self) -> &str {
        self.category.trim_end_matches('/')
    }
}

impl Default for Run {
    fn default() -> Run {
        Run {
            category: "trail-lint/files/".to_owned(),
            success: true,
            exit_code: 0,
            fail_on: Some(Severity::Medium),
            as_of: Timestamp::UNIX_EPOCH,
            security_hub: None,
            declared: Declarations::default(),
        }
    }
}
