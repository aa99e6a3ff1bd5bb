//! Live AWS: every answer and every refusal becomes the document that a snapshot would hold. All that is
//! asynchronous, and all of the AWS SDK, stays below this folder; nothing here judges what it reads.

mod account;
mod answers;
mod blot;
mod bucket;
mod caller;
mod collect;
mod guard;
pub mod iam_policy;
mod limits;
mod numbers;
pub mod operation;
mod organization;
mod pages;
mod profiles;
mod progress;
mod reader;
mod redact;
mod refusal;
mod settings;
mod shared;
mod valid;
mod walk;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::Semaphore;

pub use self::collect::{SaveError, is_snapshot, may_save, save};
pub use self::operation::Operation;
use self::progress::Progress;
use self::reader::Run;
use crate::document::{Document, InputError, Kind, Subject};

/// Where questions go that are about no Region in particular, if none is configured.
const FALLBACK_REGION: &str = "us-east-1";

/// The folder that a report names for answers that were saved nowhere. `collect --to` the same folder
/// puts them there, and nothing in the report changes.
pub const FOLDER: &str = ".trail-lint/live";

/// Whose trails are read, with whose credentials, and how.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch that a user sets on its own"
)]
pub struct Options {
    /// The profile to start with; else what the environment gives.
    pub profile: Option<String>,
    /// The Region to start with; else the profile's or the environment's.
    pub region: Option<String>,
    /// Accounts to read, each with a profile of its own.
    pub profiles: Vec<String>,
    /// Accounts to read, each with a role.
    pub accounts: Vec<String>,
    /// Whether to read every active account of the organization.
    pub organization: bool,
    /// The role to assume.
    pub role_name: String,
    /// What the role's trust policy may ask for.
    pub external_id: Option<String>,
    /// The account that owns buckets and keys, where it is neither the caller's nor one of those read.
    pub audit_account: Option<String>,
    /// Buckets to read besides those that trails deliver to.
    pub buckets: Vec<String>,
    /// Further Regions in which to look for trails.
    pub regions: Vec<String>,
    /// Whether to look for trails in every Region, and to ask for their status there.
    pub all_regions: bool,
    /// Calls in flight at most.
    pub concurrency: usize,
    /// How long one attempt of one call may take.
    pub timeout: Duration,
    /// Whether to hide the accounts' ids.
    pub redact_accounts: bool,
    /// Whether to draw a line of progress on standard error.
    pub progress: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            profile: None,
            region: None,
            profiles: Vec::new(),
            accounts: Vec::new(),
            organization: false,
            role_name: "trail-lint".to_owned(),
            external_id: None,
            audit_account: None,
            buckets: Vec::new(),
            regions: Vec::new(),
            all_regions: false,
            concurrency: 32,
            timeout: Duration::from_secs(10),
            redact_accounts: false,
            progress: false,
        }
    }
}

/// What was read.
#[derive(Debug)]
pub struct Reading {
    /// Every answer and refusal.
    answers: Vec<answers::Found>,
    /// Whose estate it is: the organization's id, else the caller's account.
    pub scope: String,
    /// How many accounts were to be read.
    pub accounts: usize,
    /// How many calls were made.
    pub calls: usize,
}

impl Reading {
    /// Whether no account answered anything: all that is known then is that nothing could be read.
    pub fn is_blind(&self) -> bool {
        let beside = [
            Kind::Snapshot,
            Kind::GetCallerIdentity,
            Kind::DescribeOrganization,
            Kind::ListAccounts,
        ];
        let of_accounts = self
            .answers
            .iter()
            .filter(|found| !beside.contains(&found.kind));
        let is_refusal = |found: &answers::Found| {
            answers::from_text(&found.text).is_some_and(|answer| answer.get("Error").is_some())
        };
        of_accounts.into_iter().all(is_refusal)
    }

    /// The documents, as if they had been saved in a folder.
    ///
    /// # Errors
    /// None that is known: whatever AWS sent has become a document before.
    pub fn documents(&self, folder: &str) -> Result<Vec<Document>, InputError> {
        let folder = format!("{}/", folder.trim_end_matches('/'));
        self.answers
            .iter()
            .map(|found| found.document(&folder))
            .collect()
    }
}

/// Why nothing could be read at all.
#[derive(Debug, thiserror::Error)]
pub enum LiveError {
    /// No credentials to start with, or nothing that could be asked for with them.
    #[error("{message}")]
    Unusable {
        /// What is wrong.
        message: String,
        /// What to try.
        help: String,
    },
    /// Ctrl-C.
    #[error("interrupted, and nothing was written")]
    Interrupted,
    /// The machine has no threads left.
    #[error("no thread could be started: {0}")]
    Runtime(#[from] std::io::Error),
}

impl LiveError {
    /// What to try.
    pub fn help(&self) -> Option<&str> {
        match self {
            LiveError::Unusable { help, .. } => Some(help),
            LiveError::Interrupted | LiveError::Runtime(_) => None,
        }
    }
}

/// Reads AWS. Ctrl-C ends it.
///
/// # Errors
/// Names that AWS would take in no account, credentials that cannot be used, and Ctrl-C. What an account or the organization refuses is no error: it
/// is an answer.
pub fn read(options: &Options) -> Result<Reading, LiveError> {
    valid::check(options)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let run = Arc::new(Run {
        overall: Arc::new(Semaphore::new(options.concurrency.max(1))),
        progress: Progress::default(),
    });
    let taken_at = jiff::Timestamp::now().round(jiff::Unit::Second);
    let taken_at = taken_at.unwrap_or_default().to_string();
    let result = runtime.block_on(async {
        let draw = async {
            if options.progress {
                run.progress.draw().await;
            }
            std::future::pending::<()>().await;
        };
        tokio::select! {
            read = walk::read(options, &run) => read,
            () = draw => Err(LiveError::Interrupted),
            interrupted = tokio::signal::ctrl_c() => match interrupted {
                Ok(()) | Err(_) => Err(LiveError::Interrupted),
            },
        }
    });
    // What still waits for an answer is not worth waiting for.
    runtime.shutdown_background();
    let (mut answers, scope) = result?;
    answers.push(answers::Found {
        kind: Kind::Snapshot,
        subject: Subject::Snapshot,
        text: answers::pretty(&serde_json::json!({
            "version": 1,
            "taken_at": taken_at,
            "tool": concat!("trail-lint ", env!("CARGO_PKG_VERSION")),
        })),
    });
    let answers = if options.redact_accounts {
        redact::accounts(answers)
    } else {
        answers
    };
    Ok(Reading {
        scope: if options.redact_accounts {
            "redacted".to_owned()
        } else {
            scope
        },
        accounts: run.progress.accounts.load(Ordering::Relaxed),
        calls: run.progress.calls(),
        answers,
    })
}
