//! What a run has to say, as one view that every format prints; each format has a file of its own.

pub mod accept;
pub mod asff;
pub mod baseline;
mod build;
pub mod declared;
mod fingerprint;
pub mod github;
pub mod gitlab;
pub mod html;
pub mod json;
pub mod junit;
pub mod markdown;
mod matrix;
pub mod page;
mod paths;
mod places;
mod remedy;
mod run;
#[cfg(test)]
mod sample;
pub mod sarif;
mod summary;
pub mod table;
pub mod text;
pub mod view;
pub mod why;

pub use accept::Accept;
pub use baseline::Baseline;
pub use build::{Filter, build, open};
pub use run::Run;
pub use view::Report;

/// Where the rules' pages can be read.
const PAGES: &str = "https://github.com/trail-lint/trail-lint/blob/main/rules";

/// A rule's title; its name where it has no page.
fn page_title(rule: &str) -> &str {
    crate::rules::page(rule).map_or(rule, |page| page.title)
}

/// Where a rule's page can be read.
fn page_url(rule: &str) -> Option<String> {
    let page = crate::rules::page(rule)?;
    Some(format!("{PAGES}/{}/{}.md", page.layer, page.name))
}
