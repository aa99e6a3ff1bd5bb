//! A value with `*` stands under an operator that compares letter by letter.

use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::WildcardInStringEquals, |t| {
        format!("{} compares {} with {} letter by letter: there `*` is an ordinary character and never matches {}. Use `ArnLike` for ARNs, or `StringLike`. {}", t.statement, t.condition, t.found, t.needed, t.effect())
    })
}
