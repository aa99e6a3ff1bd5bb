//! What infrastructure code does not say itself: accounts, Regions, parameters.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Infrastructure code")]
pub(crate) struct CodeArgs {
    /// Put what the code says in the place of what the snapshots say, and say what that does to the
    /// snapshots' trails
    #[arg(long, requires = "paths")]
    pub(crate) replace: bool,

    #[command(flatten)]
    pub(crate) told: CodeTold,

    /// The Region that the code runs in, likewise
    #[cfg_attr(
        feature = "live",
        doc = "(for --live: the one to start with [default: `AWS_REGION`, the profile's, us-east-1])"
    )]
    #[arg(long = "region", value_name = "[NAME=]REGION", value_delimiter = ',')]
    pub(crate) code_regions: Vec<String>,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Infrastructure code")]
pub(crate) struct CodeTold {
    /// The value of a template's parameter; or, by its logical id, what a resource is called
    #[arg(long = "parameter", value_name = "NAME=VALUE", value_delimiter = '\n')]
    pub(crate) parameters: Vec<String>,

    /// The accounts of a stack set: one stack of the template in each
    #[arg(
        long = "stack-accounts",
        value_name = "[NAME=]ACCOUNT,…",
        value_delimiter = ','
    )]
    pub(crate) stack_accounts: Vec<String>,

    /// The organization that the accounts belong to
    #[arg(long, value_name = "ID[=MANAGEMENT-ACCOUNT]")]
    pub(crate) organization_id: Option<String>,

    /// Where the plan's `.tf` files lie [default: the plan's folder]
    #[arg(long, value_name = "DIR")]
    pub(crate) terraform_dir: Option<PathBuf>,

    /// The account that the code runs in; with a name, that of one template, stack or provider alias
    #[arg(long = "account", value_name = "[NAME=]ACCOUNT", value_delimiter = ',')]
    pub(crate) code_accounts: Vec<String>,
}

/// The Region of code, for commands that do not read AWS.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Infrastructure code")]
pub(crate) struct CodeRegion {
    /// The Region that the code runs in, likewise
    #[arg(long = "region", value_name = "[NAME=]REGION", value_delimiter = ',')]
    pub(crate) code_regions: Vec<String>,
}
