//! AWS says that a trail does not exist.

use crate::document::{Place, Subject};
use crate::model::Estate;
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(estate: &Estate) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for &id in &estate.missing_trails {
        let Subject::Trail {
            account,
            home_region,
            name,
            ..
        } = &estate.document(id).subject
        else {
            continue;
        };
        let others = |trail: &crate::model::Trail| {
            trail.account == *account
                || trail.organization && estate.is_member_of_owner(account, trail)
        };
        if estate.trails.iter().any(others) {
            continue;
        }
        let message = format!(
            "Account {account} has no trail `{name}` in {home_region}, and no other trail that records it was seen: nothing \
             of what happens in it is logged."
        );
        drafts.push(Draft::of_account(
            account,
            Place {
                document: id,
                pointer: String::new(),
            },
            message,
        ));
    }
    drafts
}
