//! Reading AWS: `--live`, `collect` and `iam-policy`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

const COLLECT_EXAMPLES: &str = "\
Examples:
  trail-lint collect --to snapshot/
      the account whose credentials are at hand
  trail-lint collect --to snapshot/ --accounts 222222222222,333333333333 --role-name trail-lint
  trail-lint collect --to snapshot/ --profiles dev,prod,log-archive
  trail-lint collect --to snapshot/ --organization --external-id example
  trail-lint check snapshot/

Exit status:
  0  everything was read
  2  wrong usage, no credentials, or a folder that cannot be written
  3  AWS refused some answers; the snapshot holds the refusals (see --allow-partial)
  130  interrupted: nothing was written";

const IAM_POLICY_EXAMPLES: &str = "\
Examples:
  trail-lint iam-policy source > source-account.json
  trail-lint iam-policy audit > audit-account.json
  trail-lint iam-policy caller --role-name trail-lint > caller.json

deploy/ holds the same as a CloudFormation template for StackSets and as a Terraform module.";

/// Whether to read AWS, and what is done with it there.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Live AWS")]
pub(crate) struct LiveArgs {
    /// Read AWS instead of, or besides, snapshots. Starts from AWS's own variables and files
    #[arg(long)]
    pub(crate) live: bool,

    /// Also save what is read as a snapshot, as `collect --to DIR` does
    #[arg(long, value_name = "DIR", requires = "live")]
    pub(crate) save: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) aws: AwsArgs,
}

/// Whose trails are read, and with whose credentials.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Live AWS")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch that a user sets on its own"
)]
pub(crate) struct AwsArgs {
    /// The profile to start with [default: `AWS_PROFILE`, else what the environment gives]
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Option<String>,

    /// Read the accounts of these profiles
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(crate) profiles: Vec<String>,

    /// Read these accounts, each with the role of --role-name
    #[arg(
        long,
        value_name = "ACCOUNT",
        value_delimiter = ',',
        value_parser = account_id,
    )]
    pub(crate) accounts: Vec<String>,

    /// Read every active account of the organization, with the role of --role-name
    #[arg(long)]
    pub(crate) organization: bool,

    /// The role to assume, with its path if it has one [default: trail-lint]
    #[arg(long, value_name = "NAME")]
    pub(crate) role_name: Option<String>,

    /// The external id that the role's trust policy asks for
    #[arg(long, value_name = "ID")]
    pub(crate) external_id: Option<String>,

    /// The owner of the bucket and key, if it is neither the caller's account nor one that is read
    #[arg(
        long,
        value_name = "ACCOUNT",
        value_parser = account_id,
    )]
    pub(crate) audit_account: Option<String>,

    /// Look for trails in these Regions too; every Region's trails are listed anyway
    #[arg(long, value_name = "REGION", value_delimiter = ',')]
    pub(crate) regions: Vec<String>,

    /// Look in every Region, and ask for every trail's status in all its Regions: many more calls
    #[arg(long)]
    pub(crate) all_regions: bool,

    /// Calls under way at the same time
    #[arg(
        long,
        value_name = "N",
        default_value_t = 32,
        value_parser = clap::value_parser!(u16).range(1..=256),
    )]
    pub(crate) concurrency: u16,

    /// How long one attempt of a call may take; a call is tried four times
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 10,
        value_parser = clap::value_parser!(u16).range(1..=600),
    )]
    pub(crate) timeout: u16,

    /// Replace account ids by numbers in paths and texts, and blot out e-mail addresses
    #[arg(long)]
    pub(crate) redact_accounts: bool,

    /// Draw no line of progress on a terminal
    #[arg(long)]
    pub(crate) no_progress: bool,
}

fn account_id(text: &str) -> Result<String, String> {
    let text = text.trim();
    if trail_lint::model::arn::is_account_id(text) {
        Ok(text.to_owned())
    } else {
        Err("an account id has twelve digits".to_owned())
    }
}

#[derive(Debug, Args)]
#[command(after_help = COLLECT_EXAMPLES)]
pub(crate) struct CollectArgs {
    /// The snapshot's folder. An earlier snapshot there is replaced once the new one is complete
    #[arg(long, value_name = "DIR")]
    pub(crate) to: PathBuf,

    /// Read this bucket too, whether or not a trail delivers to it
    #[arg(long = "bucket", value_name = "NAME")]
    pub(crate) buckets: Vec<String>,

    /// The configuration file, of which `[live]` counts [default: `trail-lint.toml`, if there is one]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// Exit with 0 although AWS refused some answers
    #[arg(long)]
    pub(crate) allow_partial: bool,

    /// Print nothing but what could not be read
    #[arg(short, long)]
    pub(crate) quiet: bool,

    /// The Region to start with [default: `AWS_REGION`, the profile's, us-east-1]
    #[arg(long, help_heading = "Live AWS", value_name = "REGION")]
    pub(crate) region: Option<String>,

    #[command(flatten)]
    pub(crate) aws: AwsArgs,
}

#[derive(Debug, Args)]
#[command(after_help = IAM_POLICY_EXAMPLES)]
pub(crate) struct IamPolicyArgs {
    /// Whose policy
    #[arg(value_enum, value_name = "FOR", default_value = "all")]
    pub(crate) side: PolicySide,

    /// The role that is assumed in the accounts to be read
    #[arg(long, value_name = "NAME", default_value = "trail-lint")]
    pub(crate) role_name: String,

    /// `aws`, `aws-cn`, `aws-us-gov` or `aws-eusc`
    #[arg(long, value_name = "PARTITION", default_value = "aws")]
    pub(crate) partition: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PolicySide {
    /// Everything that is ever called
    All,
    /// The credentials the run starts with: enter accounts, read the organization
    Caller,
    /// A role in an account that has trails
    Source,
    /// A role in the account that owns the bucket and the key
    Audit,
}
