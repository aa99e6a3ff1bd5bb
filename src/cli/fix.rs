//! `fix`: what is mended, and what becomes of the change.

use std::path::PathBuf;

use clap::Args;

use super::check::FilterArgs;
use super::input::InputArgs;

const FIX_EXAMPLES: &str = "\
Examples:
  trail-lint fix SNAPSHOT
      the diff on standard output, what it does on standard error

  trail-lint fix SNAPSHOT | git apply
  trail-lint fix SNAPSHOT --no-prefix | patch -p0
  trail-lint fix SNAPSHOT --write

  trail-lint fix --bucket example-logs --bucket-policy bucket.json --write \\
      --trail arn:aws:cloudtrail:us-east-1:222222222222:trail/audit
      a single policy file

  trail-lint fix SNAPSHOT --aws-commands review/
  trail-lint fix --live --accounts 222222222222 --aws-commands review/
      the changed policies in a folder, and the `aws` commands that would put them

Every change is proven before it is shown: the policy is one that AWS takes, the requests that were
refused are allowed, no trail fares worse, and nobody else gains; where somebody does, it says who.
What would have to be guessed is not changed: it says what is missing instead. Nothing is ever
written to AWS.

Exit status:
  0  the change mends everything that was found, or nothing was found
  1  something is left that no change of a policy is known for
  2  wrong usage, or input that cannot be read, or a file that cannot be written
  3  nothing is left, but something that a verdict needs could not be seen";

#[derive(Debug, Args)]
#[command(after_help = FIX_EXAMPLES)]
pub(crate) struct FixArgs {
    /// Snapshot folders, CloudFormation templates, `cdk.out` folders, or Terraform plans and states as JSON;
    /// several are merged [default: what `trail-lint.toml` names]. Code is not changed: it says what to
    /// change by hand
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,

    /// Change the files, each in one step; prints what it does, and no diff
    #[arg(short, long)]
    pub(crate) write: bool,

    /// Leave out `a/` and `b/` in the diff, for `patch -p0`
    #[arg(long, conflicts_with = "write")]
    pub(crate) no_prefix: bool,

    /// Write the changed policies into this folder, bare, and print the `aws` commands that would put
    /// them, for a person to review and run
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["write", "no_prefix"])]
    pub(crate) aws_commands: Option<PathBuf>,

    /// Say nothing on standard error
    #[arg(short, long)]
    pub(crate) quiet: bool,

    /// The moment that dates in object names and in conditions are compared with (RFC 3339) [default:
    /// the snapshot's `taken_at`, else now]
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<jiff::Timestamp>,

    /// The configuration file, whose suppressions are left alone [default: `trail-lint.toml`, if there is
    /// one]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) filter: FilterArgs,

    // Last, as their headings would otherwise stand over what follows.
    #[command(flatten)]
    pub(crate) input: InputArgs,
}
