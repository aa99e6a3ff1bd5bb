//! `trail-lint simulate`: a stream of lines answered one by one, or one request explained.

mod explain;
mod lines;

use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::Path;

use trail_lint::document::InputError;
use trail_lint::simulate::{Answer, Columns, answer, too_long};

use self::lines::{Lines, Next};
use super::{Failure, Status};
use crate::cli::SimulateArgs;

/// Answers every line, or explains the one request that the flags describe.
pub(crate) fn simulate(args: &SimulateArgs, out: &mut dyn Write) -> Result<Status, Failure> {
    match &args.policy {
        Some(policy) => explain::explain(policy, args, out),
        None if args.file == Path::new("-") => batch(args, io::stdin().lock(), out),
        None => {
            let file = File::open(&args.file).map_err(|error| unreadable(&args.file, &error))?;
            batch(args, file, out)
        }
    }
}

fn unreadable(path: &Path, error: &io::Error) -> InputError {
    let shown = match path.to_str() {
        Some("-") => "standard input".to_owned(),
        _ => path.display().to_string(),
    };
    InputError::whole(&shown, format!("cannot be read: {error}"))
}

/// How many lines were judged against an expectation.
#[derive(Default)]
struct Tally {
    passed: usize,
    judged: usize,
}

/// Lines are read and answered one at a time, so that memory does not grow with the input.
fn batch(args: &SimulateArgs, input: impl Read, out: &mut dyn Write) -> Result<Status, Failure> {
    let columns = Columns {
        why: !args.no_why,
        pass: args.check,
    };
    let mut tally = Tally::default();
    let mut lines = Lines::new(BufReader::with_capacity(1 << 16, input));
    loop {
        let next = lines.next(|| out.flush()).map_err(|error| match error {
            lines::Stopped::Input(error) => unreadable(&args.file, &error).into(),
            lines::Stopped::Output(error) => Failure::Output(error),
        })?;
        let answer: Answer = match next {
            Next::End => break,
            Next::Line(line) if line.iter().all(u8::is_ascii_whitespace) => continue,
            Next::Line(line) => answer(line),
            Next::TooLong(beginning) => too_long(beginning),
        };
        if let Some(passes) = answer.passes() {
            tally.judged += 1;
            tally.passed += usize::from(passes);
        }
        writeln!(out, "{}", answer.to_json(columns))?;
    }
    out.flush()?;
    if !args.check {
        return Ok(Status::Clean);
    }
    let Tally { passed, judged } = tally;
    writeln!(io::stderr().lock(), "{passed} of {judged} match")?;
    Ok(if passed == judged {
        Status::Clean
    } else {
        Status::Findings
    })
}
