//! Parse, run, write once, exit status.

mod cli;
mod commands;

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use cli::{Cli, Command};
use commands::{Failure, Status, UNUSABLE};
use trail_lint::report::text::for_log;

fn main() -> ExitCode {
    let cli = match Cli::from_process() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let mut out = BufWriter::new(io::stdout().lock());
    let done = match &cli.command {
        Command::Check(args) => commands::check(args, &mut out),
        Command::Compare(args) => commands::compare(args, &mut out),
        Command::Fix(args) => commands::fix(args, &mut out),
        Command::Policy(args) => commands::policy(args, &mut out),
        #[cfg(feature = "live")]
        Command::Collect(args) => commands::collect(args),
        #[cfg(feature = "live")]
        Command::IamPolicy(args) => commands::iam_policy(args, &mut out),
        Command::Rules(args) => commands::list(args, &mut out),
        Command::Simulate(args) => commands::simulate(args, &mut out),
        Command::Why(args) => commands::why(args, &mut out),
        Command::Explain(args) => commands::explain(args, &mut out),
        Command::Completions(args) => commands::completions(args, &mut out),
        Command::Man => commands::man(&mut out),
    };
    match done.and_then(|status| Ok((status, out.flush()?).0)) {
        Ok(status) => ExitCode::from(status as u8),
        // Whoever reads has seen enough, as `head` has.
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            ExitCode::from(Status::Clean as u8)
        }
        Err(failure) => {
            complain(&failure);
            ExitCode::from(failure.status())
        }
    }
}

/// Help and version, which clap prints to standard output; or wrong usage, which quotes what was given, line
/// breaks and all.
fn usage(error: &clap::Error) -> ExitCode {
    if error.use_stderr() {
        say(error.render().to_string().lines());
    } else if error.print().is_err() {
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(UNUSABLE))
}

/// Says what went wrong and what to try, which may quote a document in the log of a CI job.
fn complain(failure: &Failure) {
    let message = format!("error: {failure}");
    let help = failure.help().map(|help| format!("  help: {help}"));
    say([message].iter().chain(&help).map(String::as_str));
}

/// Writes lines to standard error. Nothing can be done if that fails.
fn say<'t>(lines: impl Iterator<Item = &'t str>) {
    let text: String = lines.map(|line| for_log(line) + "\n").collect();
    if io::stderr().lock().write_all(text.as_bytes()).is_err() {}
}
