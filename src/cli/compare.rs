//! `compare`: two versions, and what they are versions of.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::code::{CodeRegion, CodeTold};

const COMPARE_EXAMPLES: &str = "\
Examples:
  trail-lint compare old.json new.json --bucket example-logs
      two versions of a bucket policy

  trail-lint compare main/key.json branch/key.json \\
      --key-arn arn:aws:kms:us-east-1:111111111111:key/11111111-2222-3333-4444-555555555555

  trail-lint compare old.json new.json --bucket example-logs \\
      --trail arn:aws:cloudtrail:us-east-1:222222222222:trail/audit
      and whether that trail's logs still arrive

  trail-lint compare fixtures/interstellar/sound fixtures/interstellar/source-arn-wrong-region
      two snapshots: all policies that their trails use, and every trail's verdict

  trail-lint compare base/template.yaml head/template.yaml --account 111111111111
      what a pull request changes

  trail-lint compare base/audit.yaml head/audit.yaml --old base/member.yaml --new head/member.yaml \\
      --account audit=111111111111 --stack-accounts member=222222222222,333333333333
      the same of several templates

Only CloudTrail's requests are compared, for any trail of any account. What users, roles and
anonymous callers may do is not looked at.

Exit status:
  0  NEW lets CloudTrail do nothing that OLD did not, and no trail fares worse
  1  NEW lets CloudTrail do more, a trail's verdict gets worse, or code takes a trail away
  2  wrong usage, or input that cannot be read
  3  neither, but something could not be seen or followed to the end";

#[derive(Debug, Args)]
#[command(after_help = COMPARE_EXAMPLES)]
pub(crate) struct CompareArgs {
    /// The old version: a policy file, a snapshot folder, a template, or a plan
    #[arg(value_name = "OLD")]
    pub(crate) old: PathBuf,

    /// The new version
    #[arg(value_name = "NEW")]
    pub(crate) new: PathBuf,

    /// Further code of the old version: it is one estate with OLD
    #[arg(long = "old", value_name = "PATH")]
    pub(crate) more_old: Vec<PathBuf>,

    /// Further code of the new version, likewise
    #[arg(long = "new", value_name = "PATH")]
    pub(crate) more_new: Vec<PathBuf>,

    /// The bucket whose policies the files are
    #[arg(long, value_name = "NAME")]
    pub(crate) bucket: Option<String>,

    /// The key whose policies the files are
    #[arg(long, value_name = "ARN", conflicts_with = "topic_arn")]
    pub(crate) key_arn: Option<String>,

    /// The topic whose policies the files are
    #[arg(long, value_name = "ARN")]
    pub(crate) topic_arn: Option<String>,

    /// With files: a trail whose verdict is to be compared, as for `check`
    #[arg(long = "trail", value_name = "TRAIL")]
    pub(crate) trails: Vec<String>,

    /// `table`, or `json` for programs [default: table]
    #[arg(short, long, value_enum, value_name = "FORMAT")]
    pub(crate) format: Option<CompareFormat>,

    /// The moment that dates in conditions are compared with (RFC 3339) [default: the new snapshot's
    /// `taken_at`, else now]
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<jiff::Timestamp>,

    #[command(flatten)]
    pub(crate) told: CodeTold,

    #[command(flatten)]
    pub(crate) region: CodeRegion,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CompareFormat {
    /// For a person at a terminal
    Table,
    /// For programs
    Json,
}
