//! `check`: what is audited, which findings count, and what is accepted.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use trail_lint::rules::Severity;

use super::input::InputArgs;
use super::output::OutputArgs;

const CHECK_EXAMPLES: &str = "\
Examples:
  trail-lint check SNAPSHOT
  trail-lint check SNAPSHOT --fail-on high -f json
  trail-lint check SNAPSHOT --baseline baseline.json --write-baseline
      from now on, only what is new fails
  trail-lint check SNAPSHOT -f github -o sarif=trail-lint.sarif -o html=trail-lint.html
      in a CI job: annotations, and two files to upload
  trail-lint check --bucket example-logs --bucket-policy bucket.json \\
      --trail arn:aws:cloudtrail:us-east-1:222222222222:trail/audit
  trail-lint check audit.yaml member.yaml --account audit=111111111111 \\
      --stack-accounts member=222222222222,333333333333 --region us-east-1
      two CloudFormation templates, one of them a stack set's
  trail-lint check plan.json SNAPSHOT --replace
      would merging this stop anybody's logs? (terraform show -json tfplan > plan.json)
  trail-lint check SNAPSHOT --bucket example-logs \\
      --trail arn:aws:cloudtrail:us-east-1:333333333333:trail/new
      would the logs of a trail that does not exist yet arrive?
  trail-lint check --live
      the trails of the account whose credentials are at hand
  trail-lint check --live --accounts 222222222222,333333333333 --role-name trail-lint
      the trails of other accounts; the bucket and key are the caller's, or theirs
  trail-lint check --live --organization
      the trails of every account of the organization

Exit status:
  0  nothing at or above --fail-on
  1  findings
  2  wrong usage, or input that cannot be read
  3  something that a verdict needs could not be seen (see --allow-partial)
  130  interrupted while AWS was read

Every option can come from the environment as well: --fail-on as TRAIL_LINT_FAIL_ON, and so on.";

#[derive(Debug, Clone, Args)]
#[command(after_help = CHECK_EXAMPLES)]
pub(crate) struct CheckArgs {
    /// Snapshot folders, CloudFormation templates, `cdk.out` folders, or Terraform plans and states as JSON;
    /// several are merged [default: what `trail-lint.toml` names]
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) input: InputArgs,

    #[command(flatten)]
    pub(crate) filter: FilterArgs,

    #[command(flatten)]
    pub(crate) accept: AcceptArgs,

    #[command(flatten)]
    pub(crate) output: OutputArgs,

    /// The lowest severity of a finding that makes the exit status 1 [default: medium]
    #[arg(long, value_enum, value_name = "SEVERITY")]
    pub(crate) fail_on: Option<FailOn>,

    /// Exit with 0 or 1 although something that a verdict needs could not be seen
    #[arg(long)]
    pub(crate) allow_partial: bool,

    /// The moment that dates in object names and in conditions are compared with (RFC 3339) [default:
    /// the snapshot's `taken_at`, else now]
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<jiff::Timestamp>,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Which findings")]
pub(crate) struct FilterArgs {
    /// Show only these rules
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub(crate) select: Vec<String>,

    /// Do not show these rules
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub(crate) ignore: Vec<String>,

    /// Show nothing less severe
    #[arg(long, value_enum, value_name = "SEVERITY")]
    pub(crate) min_severity: Option<SeverityArg>,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "What is accepted")]
pub(crate) struct AcceptArgs {
    /// The configuration file [default: `trail-lint.toml`, if there is one]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// Accept the findings that this file knows: only what is new, or has become worse, counts
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,

    /// Write the findings of this run to the file of --baseline, and accept them
    #[arg(long)]
    pub(crate) write_baseline: bool,

    /// A bucket that trails are meant to deliver to; a trail that delivers elsewhere is a finding
    #[arg(long = "expect-bucket", value_name = "NAME", value_delimiter = ',')]
    pub(crate) expected_buckets: Vec<String>,
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
