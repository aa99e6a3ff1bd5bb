//! What each subcommand does with its arguments. Output goes to writers that `main` hands in.

mod check;
mod compare;
mod fix;
mod format;
mod inputs;
mod install;
#[cfg(feature = "live")]
mod live;
mod outputs;
mod policy;
mod rules;
mod screen;
mod settings;
mod simulate;
mod why;

pub(crate) use check::check;
pub(crate) use compare::compare;
pub(crate) use fix::fix;
pub(crate) use install::{completions, man};
#[cfg(feature = "live")]
pub(crate) use live::{collect, iam_policy};
pub(crate) use policy::policy;
pub(crate) use rules::{explain, list};
pub(crate) use simulate::simulate;
pub(crate) use why::why;

use std::io;

use trail_lint::document::InputError;
#[cfg(feature = "live")]
use trail_lint::source::live::{LiveError, SaveError};

/// The exit status for usage errors and unreadable input.
pub(crate) const UNUSABLE: u8 = 2;

/// The exit status of a run that Ctrl-C ended, as shells have it.
#[cfg(feature = "live")]
const INTERRUPTED: u8 = 130;

/// The exit statuses of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    /// Nothing at or above the threshold.
    Clean = 0,
    /// Findings.
    Findings = 1,
    /// Something that a verdict needs could not be seen.
    Incomplete = 3,
}

/// Why a command could not do its work.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// Input that cannot be used.
    #[error("{0}")]
    Input(#[from] InputError),
    /// An argument that makes no sense.
    #[error("{message}")]
    Usage { message: String, help: String },
    /// A file that cannot be written.
    #[error("{path}: cannot be written: {error}")]
    Write { path: String, error: io::Error },
    /// AWS could not be read at all.
    #[cfg(feature = "live")]
    #[error("{0}")]
    Live(#[from] LiveError),
    /// A snapshot that could not be saved.
    #[cfg(feature = "live")]
    #[error("{0}")]
    Save(#[from] SaveError),
    /// Standard output is gone.
    #[error(transparent)]
    Output(#[from] io::Error),
}

impl Failure {
    /// What to try.
    pub(crate) fn help(&self) -> Option<&str> {
        match self {
            Failure::Input(error) => error.help.as_deref(),
            Failure::Usage { help, .. } => Some(help),
            Failure::Write { .. } => {
                Some("check that the folder exists and that you may write there")
            }
            #[cfg(feature = "live")]
            Failure::Live(error) => error.help(),
            #[cfg(feature = "live")]
            Failure::Save(error) => Some(error.help()),
            Failure::Output(_) => None,
        }
    }

    /// The exit status.
    pub(crate) fn status(&self) -> u8 {
        match self {
            #[cfg(feature = "live")]
            Failure::Live(LiveError::Interrupted) => INTERRUPTED,
            _ => UNUSABLE,
        }
    }
}

/// The rule of this name, or an error that names the nearest one.
fn known_rule(name: &str) -> Result<&'static trail_lint::rules::Page, Failure> {
    trail_lint::rules::page(name).ok_or_else(|| Failure::Usage {
        message: format!("there is no rule `{name}`"),
        help: trail_lint::rules::nearest(name).map_or_else(
            || "`trail-lint rules` lists all names".to_owned(),
            |nearest| format!("did you mean `{nearest}`?"),
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_rule_is_answered_with_the_nearest() {
        let failure = known_rule("source-arn-wrong-regoin").unwrap_err();
        assert_eq!(
            failure.help(),
            Some("did you mean `source-arn-wrong-region`?")
        );
        assert!(
            known_rule("xyzzy")
                .unwrap_err()
                .help()
                .unwrap()
                .contains("lists all names")
        );
    }
}
