//! The Allow asks for an organization id that the request does not carry.

use crate::diagnosis::{Cause, Diagnosis};
use crate::model::Membership;
use crate::rules::finding::{Draft, Told};

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::SourceOrgIdAbsent, |t| {
        format!(
            "{} asks for {} = {}, but for {} there is no such key in the request: {}. {}",
            t.statement,
            t.condition,
            t.found,
            t.trail,
            why(t),
            t.effect()
        )
    })
}

fn why(t: &Told<'_>) -> &'static str {
    match t.delivery.estate.membership(&t.delivery.trail.account) {
        Membership::None => "the account belongs to no organization",
        Membership::Member(_) | Membership::Unknown => {
            "`s3:GetBucketAcl` does not carry it even for accounts of an organization (reported, not documented)"
        }
    }
}
