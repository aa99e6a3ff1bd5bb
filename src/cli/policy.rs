//! `policy`: for which trails, and in which language.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::input::InputArgs;

const POLICY_EXAMPLES: &str = "\
Examples:
  trail-lint policy SNAPSHOT
  trail-lint policy --bucket example-logs --only bucket \\
      --trail arn:aws:cloudtrail:us-east-1:222222222222:trail/audit \\
      --trail arn:aws:cloudtrail:us-east-1:333333333333:trail/audit > bucket.json
  trail-lint policy SNAPSHOT -f terraform > policies.tf
  trail-lint policy SNAPSHOT -f cloudformation > policies.json
  trail-lint policy --live --organization --only bucket

One policy alone is printed as it is; several as one object, by kind and resource. The tightest that
fits under AWS's size limits is taken; what had to be given up, the least grave first, is said on
standard error, in comments of Terraform and in the metadata of CloudFormation. Each is the whole
policy of its resource: what others than CloudTrail and the readers need has to be added.

Exit status:
  0  every policy was written
  1  a policy could not be written: no form fits under AWS's size limit, or AWS has no such names
  2  wrong usage, or input that cannot be read";

#[derive(Debug, Args)]
#[command(after_help = POLICY_EXAMPLES)]
pub(crate) struct PolicyArgs {
    /// Snapshot folders or infrastructure code, as for `check`, whose trails are to be served; several are
    /// merged [default: what `trail-lint.toml` names]
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,

    /// How the policies are written [default: json]
    #[arg(short, long, value_enum, value_name = "FORMAT")]
    pub(crate) format: Option<PolicyFormat>,

    /// Print the policy of this alone
    #[arg(long, value_enum, value_name = "KIND")]
    pub(crate) only: Option<PolicyKind>,

    /// Who may decrypt the log files: ARNs of roles or users, or account ids [default: the account of the
    /// key, whose IAM policies then decide]
    #[arg(long = "reader", value_name = "PRINCIPAL")]
    pub(crate) readers: Vec<String>,

    /// The configuration file [default: `trail-lint.toml`, if there is one]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    // Last, as their headings would otherwise stand over what follows.
    #[command(flatten)]
    pub(crate) input: InputArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PolicyFormat {
    /// The bare policy, or an object of several
    Json,
    /// `aws_iam_policy_document` data sources
    Terraform,
    /// A template fragment
    Cloudformation,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PolicyKind {
    /// Bucket policies
    Bucket,
    /// Key policies
    Key,
    /// Topic policies
    Topic,
}
