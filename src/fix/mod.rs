//! The smallest change of a policy's text that mends a finding, and its proof: the changed policy is read
//! and evaluated as any other, the trail delivers, no other fares worse, and nobody else gains.
//!
//! Nothing is written here, and nothing is guessed: where a change would have to be, what is missing is
//! said instead.

mod budget;
mod candidates;
pub mod diff;
pub mod edit;
mod fixer;
mod layout;
mod likewise;
mod mended;
mod merged;
mod plan;
mod proof;
mod steps;
mod world;

pub use budget::TOO_MUCH;
pub use fixer::{Fixer, Together};
pub use plan::{Fixed, Plan, Unfixed, Wanted, plan};

use crate::document::DocumentId;
use crate::model::Estate;
use candidates::{Grants, Takes};

/// A change that was proven.
#[derive(Debug, Clone)]
pub struct Fix {
    /// What it does, in sentences.
    pub description: String,
    /// The document that it changes.
    pub document: DocumentId,
    /// Whether all was proven: that what the finding names is allowed, and that AWS would take the policy.
    /// That no trail fares worse and who gains is proven in any case.
    pub verified: bool,
    /// The estate with the change.
    pub estate: Estate,
    /// How it was found, step by step, if others may be mended in the same way.
    ways: Option<Vec<Way>>,
}

/// Which of the candidates for a fault a change is, and what it may grant and take.
#[derive(Debug, Clone, Copy)]
struct Way {
    candidate: usize,
    /// How many candidates there were: where there are others, the place among them says nothing.
    of: usize,
    grants: Grants,
    takes: Takes,
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(chars).collect()
}
