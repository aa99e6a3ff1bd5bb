//! What a run has to say, as one view that every format prints; each format has a file of its own.

mod build;
pub mod json;
#[cfg(test)]
mod sample;
pub mod sarif;
pub mod table;
pub mod text;
pub mod view;
pub mod why;

pub use build::{Filter, build};
pub use view::Report;
