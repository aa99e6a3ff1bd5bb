//! `check --live` and `collect` against moto over HTTP: one process, which starts moto once, shares it
//! among all tests, and takes it down again. Tests keep apart by their accounts and bucket names.
//!
//! moto is installed below `target/` the first time. Without Python the tests fail and say so;
//! `TRAIL_LINT_SKIP_MOTO=1` leaves them out.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "all of it is tests, which clippy does not see without the usual attribute"
)]

mod accounts;
mod aws;
mod collect;
mod credentials;
mod double;
mod estate;
mod faults;
mod run;
mod thrift;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};

/// A test: its name and what it does.
type Test = (&'static str, fn());

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let skip = std::env::var_os("TRAIL_LINT_SKIP_MOTO").is_some_and(|value| value == "1");
    let with_moto = [
        accounts::TESTS,
        credentials::TESTS,
        faults::TESTS,
        collect::TESTS,
    ]
    .concat();
    if skip {
        eprintln!(
            "*** TRAIL_LINT_SKIP_MOTO=1: {} TESTS AGAINST moto ARE SKIPPED ***",
            with_moto.len()
        );
    }
    let trial = |(name, test): Test| {
        Trial::test(name, move || {
            test();
            Ok::<(), Failed>(())
        })
    };
    let mut trials: Vec<Trial> = with_moto
        .into_iter()
        .map(|test| trial(test).with_ignored_flag(skip))
        .collect();
    trials.extend(thrift::TESTS.iter().copied().map(trial));
    let conclusion = libtest_mimic::run(&arguments, trials);
    aws::stop();
    conclusion.exit_code()
}
