//! The integration tests, as one binary: the fixtures under all commands and formats, bad input, and
//! the laws that every report keeps. What a single rule says is tested by the examples of its page.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails where it stands, and the message says why"
)]

mod accept;
mod bad_input;
mod catalogue;
mod cli;
mod compare;
mod exposure;
mod faults;
mod fix;
mod fix_law;
mod formats;
mod fuzz_smoke;
mod help;
mod hostile;
mod iac;
#[cfg(feature = "live")]
mod iam_policy;
mod incidents;
mod integration;
mod interstellar;
mod law;
mod layering;
mod log_role;
mod mutation;
mod oracle;
mod policy;
mod published;
#[cfg(unix)]
mod pull_request;
mod readme;
mod refused;
mod rules;
mod schema;
mod semantics;
mod support;
mod why;
