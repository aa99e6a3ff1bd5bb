//! What a run has to say, as one view that every format prints; each format has a file of its own.

pub mod accept;
pub mod baseline;
mod build;
mod fingerprint;
pub mod json;
pub mod page;
mod remedy;
#[cfg(test)]
mod sample;
pub mod sarif;
pub mod table;
pub mod text;
pub mod view;
pub mod why;

pub use accept::Accept;
pub use baseline::Baseline;
pub use build::{Filter, build};
pub use view::Report;
