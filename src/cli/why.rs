//! `why`: one trail and how its story is told.

use std::path::PathBuf;

use clap::Args;

use super::input::InputArgs;
use super::output::ColorChoice;
use super::rules::RulesFormat;

const WHY_EXAMPLES: &str = "\
Examples:
  trail-lint why audit SNAPSHOT
  trail-lint why 222222222222/audit SNAPSHOT -v
  trail-lint why arn:aws:cloudtrail:us-east-1:222222222222:trail/audit \\
      --bucket example-logs --bucket-policy bucket.json \\
      --trail arn:aws:cloudtrail:us-east-1:222222222222:trail/audit

Exit status:
  0  the trail delivers
  1  something of it is refused, or it is not logging
  2  wrong usage, or input that cannot be read
  3  it cannot be said for sure";

#[derive(Debug, Args)]
#[command(after_help = WHY_EXAMPLES)]
pub(crate) struct WhyArgs {
    /// The trail: its ARN, its name, or ACCOUNT/NAME
    #[arg(value_name = "TRAIL")]
    pub(crate) trail: String,

    /// Snapshot folders, CloudFormation templates, `cdk.out` folders, or Terraform plans and states as JSON;
    /// several are merged [default: what `trail-lint.toml` names]
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,

    /// `table`, or `json` for programs [default: table]
    #[arg(short, long, value_enum, value_name = "FORMAT")]
    pub(crate) format: Option<RulesFormat>,

    /// When to use colour (`NO_COLOR` is respected) [default: auto]
    #[arg(long, value_enum, value_name = "WHEN")]
    pub(crate) color: Option<ColorChoice>,

    /// The configuration file [default: `trail-lint.toml`, if there is one]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// Also show the evidence for requests that are allowed, and every statement
    #[arg(short, long)]
    pub(crate) verbose: bool,

    /// The moment that dates in object names and in conditions are compared with (RFC 3339) [default:
    /// the snapshot's `taken_at`, else now]
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<jiff::Timestamp>,

    // Last, as their headings would otherwise stand over what follows.
    #[command(flatten)]
    pub(crate) input: InputArgs,
}
