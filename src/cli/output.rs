//! How reports are written: formats, files, colour.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputArgs {
    /// What standard output gets [default: table]
    #[arg(short, long, value_enum, value_name = "FORMAT")]
    pub(crate) format: Option<Format>,

    /// Write a report to a file as well: `sarif=FILE`, `html=FILE`, …, or FILE in the format of
    /// --format. May be given several times; in the environment, one a line
    #[arg(short, long, value_name = "[FORMAT=]FILE", value_delimiter = '\n')]
    pub(crate) output: Vec<String>,

    /// Write what is no open finding to a SARIF file for auditors: every request that is allowed, and
    /// what was accepted. Not for code scanning
    #[arg(long, value_name = "FILE")]
    pub(crate) sarif_evidence: Option<String>,

    /// Where the repository declares what AWS has, one `ARN PATH[:LINE]` a line: SARIF then points there.
    /// Or a folder, such as `.`: what just one file of infrastructure code in it gives its name
    #[arg(long, value_name = "FILE|FOLDER")]
    pub(crate) map: Option<PathBuf>,

    /// What an upload or a comment replaces: the one before it of the same category [default:
    /// trail-lint/files/]
    #[arg(long, value_name = "NAME")]
    pub(crate) category: Option<String>,

    /// The account that imports all findings of `asff`, and its Region [default: the account and
    /// Region of each finding's resource]
    #[arg(long, value_name = "ACCOUNT/REGION")]
    pub(crate) security_hub: Option<String>,

    /// When to use colour (`NO_COLOR` is respected) [default: auto]
    #[arg(long, value_enum, value_name = "WHEN")]
    pub(crate) color: Option<ColorChoice>,

    /// Print findings and the last line only
    #[arg(short, long, conflicts_with = "verbose")]
    pub(crate) quiet: bool,

    /// Also list the requests that are allowed
    #[arg(short, long)]
    pub(crate) verbose: bool,
}

impl OutputArgs {
    /// What standard output gets.
    pub(crate) fn format(&self) -> Format {
        self.format.unwrap_or(Format::Table)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For a person at a terminal
    Table,
    /// The report of version 1, for programs
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations of a GitHub Actions job, and its summary
    Github,
    /// A comment for a pull request
    Markdown,
    /// JUnit's XML, for the test tabs of CI servers
    Junit,
    /// GitLab's Code Quality report
    Gitlab,
    /// AWS Security Finding Format, for Security Hub
    Asff,
    /// One HTML file to read and to hand on
    Html,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorChoice {
    /// On a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}
