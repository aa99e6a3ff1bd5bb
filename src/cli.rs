//! The command line as clap types, and nothing else: the commands here, what each takes in a file of its own.

mod check;
mod code;
mod compare;
mod fix;
mod input;
#[cfg(feature = "live")]
mod live;
mod output;
mod plain;
mod policy;
mod rules;
mod simulate;
mod why;

use clap::{Arg, Args, CommandFactory, FromArgMatches, Parser, Subcommand};

pub(crate) use check::{AcceptArgs, CheckArgs, FailOn, FilterArgs, SeverityArg};
pub(crate) use code::CodeTold;
pub(crate) use compare::{CompareArgs, CompareFormat};
pub(crate) use fix::FixArgs;
pub(crate) use input::InputArgs;
#[cfg(feature = "live")]
pub(crate) use live::{AwsArgs, CollectArgs, IamPolicyArgs, LiveArgs, PolicySide};
pub(crate) use output::{ColorChoice, Format, OutputArgs};
pub(crate) use plain::PlainArgs;
pub(crate) use policy::{PolicyArgs, PolicyFormat, PolicyKind};
pub(crate) use rules::{ExplainArgs, RulesArgs, RulesFormat};
pub(crate) use simulate::SimulateArgs;
pub(crate) use why::WhyArgs;

const EXAMPLES: &str = "\
Examples:
  trail-lint check fixtures/interstellar/sound
      audit a snapshot folder

  trail-lint check audit-account/ member-accounts/ -o sarif=trail-lint.sarif
      merge two snapshots; print a table and write SARIF

  trail-lint explain source-arn-wrong-region
      what a rule checks, why it matters and how to fix it";

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  trail-lint completions bash > ~/.local/share/bash-completion/completions/trail-lint
  trail-lint completions zsh > ~/.zfunc/_trail-lint
  trail-lint completions fish > ~/.config/fish/completions/trail-lint.fish";

const MAN_EXAMPLES: &str = "\
Examples:
  trail-lint man | man -l -
  trail-lint man > /usr/local/share/man/man1/trail-lint.1";

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
    /// Tell one trail's story: every request, what is sent along, and what each statement answers
    Why(Box<WhyArgs>),
    /// Print the change of the policies that mends what is found, as a diff; or make it
    Fix(Box<FixArgs>),
    /// Print tight bucket, key and topic policies for a set of trails, from scratch
    Policy(Box<PolicyArgs>),
    /// Decide single requests: one policy and request a line in, one decision a line out
    Simulate(Box<SimulateArgs>),
    /// Compare two versions of the policies: what CloudTrail gains, loses, and whose logs stop
    Compare(Box<CompareArgs>),
    /// Read AWS, read-only, and save every answer as a snapshot
    #[cfg(feature = "live")]
    Collect(Box<CollectArgs>),
    /// Print the IAM policy that `check --live` and `collect` need
    #[cfg(feature = "live")]
    IamPolicy(IamPolicyArgs),
    /// List the rules
    Rules(RulesArgs),
    /// Print one rule's page
    Explain(ExplainArgs),
    /// Print a completion script for a shell
    #[command(after_help = COMPLETIONS_EXAMPLES)]
    Completions(CompletionsArgs),
    /// Print the manual page, for `man -l -`
    #[command(after_help = MAN_EXAMPLES)]
    Man,
}

#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    pub(crate) shell: clap_complete::Shell,
}

impl Cli {
    /// The command line as its user sees it: every setting of [`Cli`] can come from the environment as
    /// well, `--fail-on` as `TRAIL_LINT_FAIL_ON`.
    pub(crate) fn command_line() -> clap::Command {
        Cli::command().mut_subcommands(|command| {
            let name = command.get_name().to_owned();
            command.mut_args(|argument| or_from_environment(&name, argument))
        })
    }

    /// Parses this process's arguments and environment.
    ///
    /// # Errors
    /// Wrong usage; also help and version, which clap prints likewise.
    pub(crate) fn from_process() -> Result<Cli, clap::Error> {
        Cli::from_arg_matches(&Cli::command_line().try_get_matches()?)
    }
}

/// Flags that are no settings: they say what one run is to do.
const OF_ONE_RUN: [&str; 3] = ["write-baseline", "write", "aws-commands"];

/// Flags that say what the files of `compare` are: input, as the files are.
const OF_COMPARED_FILES: [&str; 4] = ["bucket", "key-arn", "topic-arn", "trail"];

fn or_from_environment(command: &str, argument: Arg) -> Arg {
    match argument.get_long() {
        // One variable for all formats: a command without the one it names goes on with its own.
        Some("format") => argument,
        // What `simulate` is asked is input as well.
        Some(_) if command == "simulate" => argument,
        Some(flag) if command == "compare" && OF_COMPARED_FILES.contains(&flag) => argument,
        Some(flag) if !OF_ONE_RUN.contains(&flag) => {
            let variable = format!("TRAIL_LINT_{}", flag.to_uppercase().replace('-', "_"));
            argument.env(variable).hide_env(true)
        }
        _ => argument,
    }
}
