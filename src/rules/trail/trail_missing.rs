//! AWS says that a trail does not exist, or that an account has none.

use std::collections::BTreeMap;

use crate::document::{DocumentId, Place, Subject};
use crate::model::{Estate, Trail};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(estate: &Estate) -> Vec<Draft> {
    // One finding an account: the answer about a trail says more than the empty list.
    let mut missing: BTreeMap<&str, (DocumentId, String)> = BTreeMap::new();
    for (account, &id) in &estate.coverage.without_trails {
        missing.insert(account, (id, format!("Account {account} has no trail")));
    }
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
        let clause = format!("Account {account} has no trail `{name}` in {home_region}");
        missing.insert(account, (id, clause));
    }
    missing
        .into_iter()
        .filter(|(account, _)| !may_be_recorded(estate, account))
        .map(|(account, (document, clause))| {
            let message = format!(
                "{clause}, and no other trail that records it was seen: nothing of what happens in it is logged."
            );
            let place = Place {
                document,
                pointer: String::new(),
            };
            Draft::of_account(account, place, message)
        })
        .collect()
}

/// Whether a trail that was seen records the account, or one may that could not be seen.
fn may_be_recorded(estate: &Estate, account: &str) -> bool {
    let records = |trail: &Trail| {
        trail.account == account || trail.organization && estate.is_member_of_owner(account, trail)
    };
    let unseen = |account: &str| estate.unseen_trails.iter().any(|it| it.account == account);
    !estate.coverage.is_sure_of(account) || unseen(account) || estate.trails.iter().any(records)
}
