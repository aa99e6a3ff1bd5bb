//! Parse, run, write once, exit status.

mod cli;
mod commands;

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use cli::{Cli, Command};
use commands::{Failure, Status, UNUSABLE};
use trail_lint::report::text::{no_command, plain};

fn main() -> ExitCode {
    let cli = match Cli::from_process() {
        Ok(cli) => cli,
        // clap prints help to standard output and errors to standard error, with 0 or 2.
        Err(error) => {
            let status = u8::try_from(error.exit_code()).unwrap_or(UNUSABLE);
            return match error.print() {
                Ok(()) | Err(_) => ExitCode::from(status),
            };
        }
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

/// Says what went wrong and what to try, which may quote a document in the log of a CI job. Nothing can be
/// done if that cannot be written either.
fn complain(failure: &Failure) {
    let mut err = io::stderr().lock();
    let line = |text: String| format!("{}\n", no_command(&plain(&text)));
    let mut message = line(format!("error: {failure}"));
    if let Some(help) = failure.help() {
        message += &line(format!("  help: {help}"));
    }
    if err.write_all(message.as_bytes()).is_err() {}
}
