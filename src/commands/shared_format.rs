//! `TRAIL_LINT_FORMAT`, which is one variable for all commands though each has formats of its own.

use std::collections::BTreeSet;
use std::env;

use clap::{Command, CommandFactory};

use crate::cli::Cli;

/// The variable that all commands read their format from.
const VARIABLE: &str = "TRAIL_LINT_FORMAT";

/// The argument it is for.
const FORMAT: &str = "format";

/// The command line. A command does not look at the variable where that names a format which only other
/// commands have: a job that sets `sarif` for `check` may list the rules as well. A word that no command
/// knows stays an error, and so does the flag.
pub(crate) fn with_shared_format() -> Command {
    let said = env::var(VARIABLE).unwrap_or_default();
    for_variable(Cli::command(), &said)
}

fn for_variable(commands: Command, said: &str) -> Command {
    let known = commands.get_subcommands().flat_map(formats);
    if !known.collect::<BTreeSet<_>>().contains(said) {
        return commands;
    }
    let strangers: Vec<String> = commands
        .get_subcommands()
        .filter(|command| {
            let formats = formats(command);
            !formats.is_empty() && !formats.contains(said)
        })
        .map(|command| command.get_name().to_owned())
        .collect();
    strangers.into_iter().fold(commands, |commands, name| {
        commands.mut_subcommand(name, |command| {
            command.mut_arg(FORMAT, |format| format.env(None::<&'static str>))
        })
    })
}

/// The formats of a command; none if it has no choice.
fn formats(command: &Command) -> BTreeSet<String> {
    let argument = command.get_arguments().find(|it| it.get_id() == FORMAT);
    let values = argument.map(clap::Arg::get_possible_values);
    values
        .into_iter()
        .flatten()
        .map(|value| value.get_name().to_owned())
        .collect()
}
