//! What is looked at besides snapshots and code by their paths; the same for all commands that look at trails.

use clap::Args;

use super::code::CodeArgs;
#[cfg(feature = "live")]
use super::live::LiveArgs;
use super::plain::PlainArgs;

#[derive(Debug, Clone, Args)]
pub(crate) struct InputArgs {
    #[command(flatten)]
    pub(crate) code: CodeArgs,

    #[cfg(feature = "live")]
    #[command(flatten)]
    pub(crate) live: LiveArgs,

    #[command(flatten)]
    pub(crate) plain: PlainArgs,
}
