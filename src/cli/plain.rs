//! Single policy files, and trails given by hand.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Single policy files")]
pub(crate) struct PlainArgs {
    /// The bucket's name
    #[arg(long, value_name = "NAME")]
    pub(crate) bucket: Option<String>,

    /// The bucket policy
    #[arg(
        long,
        value_name = "FILE",
        requires = "bucket",
        requires = "trails",
        conflicts_with = "paths"
    )]
    pub(crate) bucket_policy: Option<PathBuf>,

    /// The bucket's Region
    #[arg(long, value_name = "REGION", requires = "bucket")]
    pub(crate) bucket_region: Option<String>,

    /// The key policy
    #[arg(long, value_name = "FILE", requires = "key_arn", requires = "trails")]
    pub(crate) key_policy: Option<PathBuf>,

    /// The key's ARN
    #[arg(long, value_name = "ARN")]
    pub(crate) key_arn: Option<String>,

    /// The topic policy
    #[arg(long, value_name = "FILE", requires = "topic_arn", requires = "trails")]
    pub(crate) topic_policy: Option<PathBuf>,

    /// The topic's ARN
    #[arg(long, value_name = "ARN")]
    pub(crate) topic_arn: Option<String>,

    /// A trail to serve; it need not exist yet. ARN[,prefix=P][,kms=ARN|none][,org=o-…]
    /// [,regions=all|home][,digests=on|off]. Uses --key-arn unless kms= says otherwise
    #[arg(
        long = "trail",
        value_name = "TRAIL",
        requires = "bucket",
        value_delimiter = '\n'
    )]
    pub(crate) trails: Vec<String>,
}
