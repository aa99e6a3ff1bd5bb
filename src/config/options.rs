//! The options of the command line that a configuration file may say as well, by the same names. Those
//! with a few values to choose from are words here, each with its place: the command line knows the
//! values.

use serde::Deserialize;
use toml::Spanned;

use super::Source;
use crate::document::InputError;

/// What a configuration file says of the options of `check`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// The file; empty if there is none.
    pub path: String,
    /// `--format`.
    pub format: Option<Word>,
    /// `--output`, each `FORMAT=FILE` or `FILE`.
    pub output: Vec<Word>,
    /// `--sarif-evidence`.
    pub sarif_evidence: Option<String>,
    /// `--map`.
    pub map: Option<String>,
    /// `--category`.
    pub category: Option<Word>,
    /// `--security-hub`.
    pub security_hub: Option<Word>,
    /// `--color`.
    pub color: Option<Word>,
    /// `--quiet`.
    pub quiet: bool,
    /// `--verbose`.
    pub verbose: bool,
    /// `--fail-on`.
    pub fail_on: Option<Word>,
    /// `--min-severity`.
    pub min_severity: Option<Word>,
    /// `--select`.
    pub select: Vec<Word>,
    /// `--ignore`.
    pub ignore: Vec<Word>,
    /// `--allow-partial`.
    pub allow_partial: bool,
    /// `--baseline`.
    pub baseline: Option<String>,
}

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// The value.
    pub text: String,
    /// Line and column.
    pub at: (usize, usize),
}

impl Options {
    /// An error about one of the values.
    pub fn error(&self, word: &Word, message: String, help: String) -> InputError {
        InputError {
            path: self.path.clone(),
            at: Some(word.at),
            message,
            help: Some(help),
        }
    }
}

/// The options as they stand in the file. Names are those of the flags.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Entries {
    format: Option<Spanned<String>>,
    output: Vec<Spanned<String>>,
    sarif_evidence: Option<String>,
    map: Option<String>,
    category: Option<Spanned<String>>,
    security_hub: Option<Spanned<String>>,
    color: Option<Spanned<String>>,
    quiet: bool,
    verbose: bool,
    fail_on: Option<Spanned<String>>,
    min_severity: Option<Spanned<String>>,
    select: Vec<Spanned<String>>,
    ignore: Vec<Spanned<String>>,
    allow_partial: bool,
    baseline: Option<String>,
}

impl Entries {
    /// The options, each with its place in the file.
    pub(super) fn options(self, source: &Source<'_>) -> Options {
        let word = |entry: Spanned<String>| Word {
            at: source.position(entry.span().start),
            text: entry.into_inner(),
        };
        let words = |entries: Vec<Spanned<String>>| entries.into_iter().map(word).collect();
        Options {
            path: source.path.to_owned(),
            format: self.format.map(word),
            output: words(self.output),
            sarif_evidence: self.sarif_evidence,
            map: self.map,
            category: self.category.map(word),
            security_hub: self.security_hub.map(word),
            color: self.color.map(word),
            quiet: self.quiet,
            verbose: self.verbose,
            fail_on: self.fail_on.map(word),
            min_severity: self.min_severity.map(word),
            select: words(self.select),
            ignore: words(self.ignore),
            allow_partial: self.allow_partial,
            baseline: self.baseline,
        }
    }
}
