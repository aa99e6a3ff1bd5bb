//! The Allow asks for the caller's organization, and a service has none.

use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::PrincipalOrgIdOnService, |t| {
        format!("{} asks for {} = {}, but CloudTrail calls as a service, and a service belongs to no organization: the key is absent and the statement never matches. `aws:SourceArn` or `aws:SourceOrgID` say whose trail it is. {}", t.statement, t.condition, t.found, t.effect())
    })
}
