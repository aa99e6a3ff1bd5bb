//! The command line as clap types, and nothing else.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use trail_lint::rules::Severity;

const EXAMPLES: &str = "\
Examples:
  trail-lint check fixtures/interstellar/sound
      audit a snapshot folder

  trail-lint check audit-account/ member-accounts/ -o sarif=trail-lint.sarif
      merge two snapshots; print a table and write SARIF

  trail-lint explain source-arn-wrong-region
      what a rule checks, why it matters and how to fix it";

const CHECK_EXAMPLES: &str = "\
Examples:
  trail-lint check SNAPSHOT
  trail-lint check SNAPSHOT --fail-on high -f json
  trail-lint check --bucket example-logs --bucket-policy bucket.json \\
      --trail arn:aws:cloudtrail:us-east-1:222222222222:trail/audit
  trail-lint check SNAPSHOT --bucket example-logs \\
      --trail arn:aws:cloudtrail:us-east-1:333333333333:trail/new
      would the logs of a trail that does not exist yet arrive?

Exit status:
  0  nothing at or above --fail-on
  1  findings
  2  wrong usage, or input that cannot be read
  3  something that a verdict needs could not be seen (see --allow-partial)";

/// Find out why CloudTrail logs do not reach the audit account's bucket.
///
/// Builds the requests that CloudTrail makes for every trail, evaluates them against the bucket, key
/// and topic policies, and says which will be refused, by which element of which statement, and what
/// to change. It only reads; it never writes to AWS.
#[derive(Debug, Parser)]
#[command(name = "trail-lint", version, after_help = EXAMPLES, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Audit documents: snapshot folders, or single policy files
    Check(Box<CheckArgs>),
    /// List the rules
    Rules(RulesArgs),
    /// Print one rule's page
    Explain(ExplainArgs),
}

#[derive(Debug, Args)]
#[command(after_help = CHECK_EXAMPLES)]
pub(crate) struct CheckArgs {
    /// Snapshot folders; several are merged
    #[arg(value_name = "SNAPSHOT", required_unless_present_any = ["bucket_policy", "trails"])]
    pub(crate) paths: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) plain: PlainArgs,

    #[command(flatten)]
    pub(crate) filter: FilterArgs,

    #[command(flatten)]
    pub(crate) output: OutputArgs,

    /// The lowest severity of a finding that makes the exit status 1
    #[arg(
        long,
        value_enum,
        value_name = "SEVERITY",
        default_value = "medium",
        env = "TRAIL_LINT_FAIL_ON"
    )]
    pub(crate) fail_on: FailOn,

    /// Exit with 0 or 1 although something that a verdict needs could not be seen
    #[arg(long, env = "TRAIL_LINT_ALLOW_PARTIAL")]
    pub(crate) allow_partial: bool,

    /// The moment that dates in object names and in conditions are compared with (RFC 3339) [default:
    /// the snapshot's `taken_at`, else now]
    #[arg(long, value_name = "TIME", env = "TRAIL_LINT_AT")]
    pub(crate) at: Option<jiff::Timestamp>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Single policy files")]
pub(crate) struct PlainArgs {
    /// The bucket's name
    #[arg(long, value_name = "NAME", env = "TRAIL_LINT_BUCKET")]
    pub(crate) bucket: Option<String>,

    /// The bucket policy
    #[arg(
        long,
        value_name = "FILE",
        requires = "bucket",
        requires = "trails",
        conflicts_with = "paths",
        env = "TRAIL_LINT_BUCKET_POLICY"
    )]
    pub(crate) bucket_policy: Option<PathBuf>,

    /// The bucket's Region
    #[arg(
        long,
        value_name = "REGION",
        requires = "bucket",
        env = "TRAIL_LINT_BUCKET_REGION"
    )]
    pub(crate) bucket_region: Option<String>,

    /// The key policy
    #[arg(
        long,
        value_name = "FILE",
        requires = "key_arn",
        requires = "trails",
        env = "TRAIL_LINT_KEY_POLICY"
    )]
    pub(crate) key_policy: Option<PathBuf>,

    /// The key's ARN
    #[arg(long, value_name = "ARN", env = "TRAIL_LINT_KEY_ARN")]
    pub(crate) key_arn: Option<String>,

    /// The topic policy
    #[arg(
        long,
        value_name = "FILE",
        requires = "topic_arn",
        requires = "trails",
        env = "TRAIL_LINT_TOPIC_POLICY"
    )]
    pub(crate) topic_policy: Option<PathBuf>,

    /// The topic's ARN
    #[arg(long, value_name = "ARN", env = "TRAIL_LINT_TOPIC_ARN")]
    pub(crate) topic_arn: Option<String>,

    /// A trail to serve; it need not exist yet. ARN[,prefix=P][,kms=ARN|none][,org=o-…]
    /// [,regions=all|home][,digests=on|off]. Uses --key-arn unless kms= says otherwise
    #[arg(long = "trail", value_name = "TRAIL", requires = "bucket")]
    pub(crate) trails: Vec<String>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Which findings")]
pub(crate) struct FilterArgs {
    /// Show only these rules
    #[arg(
        long,
        value_name = "RULE",
        value_delimiter = ',',
        env = "TRAIL_LINT_SELECT"
    )]
    pub(crate) select: Vec<String>,

    /// Do not show these rules
    #[arg(
        long,
        value_name = "RULE",
        value_delimiter = ',',
        env = "TRAIL_LINT_IGNORE"
    )]
    pub(crate) ignore: Vec<String>,

    /// Show nothing less severe
    #[arg(
        long,
        value_enum,
        value_name = "SEVERITY",
        env = "TRAIL_LINT_MIN_SEVERITY"
    )]
    pub(crate) min_severity: Option<SeverityArg>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputArgs {
    /// What standard output gets
    #[arg(
        short,
        long,
        value_enum,
        value_name = "FORMAT",
        default_value = "table",
        env = "TRAIL_LINT_FORMAT"
    )]
    pub(crate) format: Format,

    /// Write a report to a file as well: `sarif=FILE`, `json=FILE`, or FILE in the format of --format
    #[arg(short, long, value_name = "[FORMAT=]FILE")]
    pub(crate) output: Vec<String>,

    /// When to use colour (`NO_COLOR` is respected)
    #[arg(
        long,
        value_enum,
        value_name = "WHEN",
        default_value = "auto",
        env = "TRAIL_LINT_COLOR"
    )]
    pub(crate) color: ColorChoice,

    /// Print findings and the last line only
    #[arg(short, long, env = "TRAIL_LINT_QUIET", conflicts_with = "verbose")]
    pub(crate) quiet: bool,

    /// Also list the requests that are allowed
    #[arg(short, long, env = "TRAIL_LINT_VERBOSE")]
    pub(crate) verbose: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RulesArgs {
    /// `table`, or `json` for a list of names, layers, severities and titles
    #[arg(
        short,
        long,
        value_enum,
        value_name = "FORMAT",
        default_value = "table",
        env = "TRAIL_LINT_FORMAT"
    )]
    pub(crate) format: RulesFormat,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// The rule's name, as `trail-lint rules` lists it
    #[arg(value_name = "RULE")]
    pub(crate) rule: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For a person at a terminal
    Table,
    /// The report of version 1, for programs
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RulesFormat {
    /// For a person at a terminal
    Table,
    /// For programs
    Json,
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

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SeverityArg {
    /// Logs do not arrive, or anyone can write
    Critical,
    /// A part of the logs, or creation fails
    High,
    /// A security weakness, or something that will break
    Medium,
    /// Advice
    Low,
}

impl From<SeverityArg> for Severity {
    fn from(severity: SeverityArg) -> Severity {
        match severity {
            SeverityArg::Critical => Severity::Critical,
            SeverityArg::High => Severity::High,
            SeverityArg::Medium => Severity::Medium,
            SeverityArg::Low => Severity::Low,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Logs do not arrive, or anyone can write
    Critical,
    /// A part of the logs, or creation fails
    High,
    /// A security weakness, or something that will break
    Medium,
    /// Any finding
    Low,
    /// Findings never change the exit status
    Never,
}

impl FailOn {
    pub(crate) fn threshold(self) -> Option<Severity> {
        match self {
            FailOn::Critical => Some(Severity::Critical),
            FailOn::High => Some(Severity::High),
            FailOn::Medium => Some(Severity::Medium),
            FailOn::Low => Some(Severity::Low),
            FailOn::Never => None,
        }
    }
}
