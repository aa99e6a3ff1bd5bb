//! trail-lint finds out why AWS CloudTrail logs do not reach the audit account's bucket.
//!
//! ```text
//! AWS (live) ─────┐
//! snapshot, files ─▶ Document ─▶ Estate ─▶ Delivery ─▶ Decision per request ─▶ Fault ─▶ Finding ─▶ Report ─▶ table | json | sarif
//!     source          document    model     delivery      iam::decide        diagnosis   rules     report
//! ```
//!
//! What AWS answers live becomes the documents of a snapshot, so that nothing after `source` knows the
//! difference; all that is asynchronous stays there, behind the feature `live`.
//! From a finding, [`fix`] goes back to the text: a change, evaluated along the same line, is its fix.
//!
//! Data goes one way, and a module uses only modules to its left; [`json`] and [`iam`] know nothing of
//! CloudTrail. Templates and plans become documents too ([`source::code`]), whose values point back to where a person
//! wrote them ([`written`]). [`audit`] runs the whole line:
//!
//! ```
//! use trail_lint::{audit, model::Estate, report, source};
//!
//! let documents = source::snapshot::read("fixtures/baseline".as_ref())?;
//! let estate = Estate::read(documents)?;
//! let audit = audit::audit(&estate, "2026-01-01T00:00:00Z".parse().expect("a time"));
//! let report = report::build(&audit, &report::Filter::default());
//! assert_eq!(report.trails[0].verdict, "delivers");
//! # Ok::<(), trail_lint::document::InputError>(())
//! ```

pub mod audit;
pub mod compare;
pub mod config;
pub mod delivery;
pub mod diagnosis;
pub mod document;
pub mod exposure;
pub mod fix;
pub mod grants;
pub mod iam;
pub mod json;
pub mod model;
pub mod report;
pub mod rules;
pub mod simulate;
pub mod source;
pub mod tight;
pub mod why;
pub mod written;
