//! Log files arrive, but the key policy's readers cannot decrypt those of this trail.

use crate::delivery::{Delivery, Target};
use crate::diagnosis::Diagnosis;
use crate::document::Place;
use crate::iam::{
    self, Context, ContextValue, Effect, Policy, Principal, PrincipalKind, Statement, Truth,
    examine,
};
use crate::model::{Arn, Trail, arn::is_account_id};
use crate::rules::Severity;
use crate::rules::finding::{Draft, statement_words};

const TRAIL_CONTEXT: &str = "kms:EncryptionContext:aws:cloudtrail:arn";

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    let Delivery {
        trail, bucket, key, ..
    } = diagnosis.delivery;
    let (Some(key), Some(policy)) = (key, diagnosis.delivery.policy(Target::Key)) else {
        return Vec::new();
    };
    let key_account = Arn::parse(&key.arn).map(|arn| arn.account);
    let Some(readers) = bucket
        .owner
        .as_deref()
        .or(key_account)
        .filter(|id| is_account_id(id))
    else {
        return Vec::new();
    };
    let admitted = |trail: &Trail| admitting(&policy.policy, &key.arn, readers, trail);
    let Some(ways) = admitted(trail) else {
        return Vec::new();
    };
    // A statement that lets readers in for their own account's trails, as the console writes it, but
    // not for this one.
    let others = diagnosis.delivery.estate.trails.iter();
    let others = others.filter(|other| other.account == readers && other.arn != trail.arn);
    let limited = others.filter_map(admitted).flatten().find(|statement| {
        !is_delegation(statement, readers) && !ways.iter().any(|way| way.index == statement.index)
    });
    let by_delegation = ways.iter().any(|way| is_delegation(way, readers));
    let directly = ways.iter().any(|way| !is_delegation(way, readers));
    let place = |pointer: &str| Place {
        document: policy.document,
        pointer: pointer.to_owned(),
    };
    match limited {
        _ if directly => Vec::new(),
        None if by_delegation => Vec::new(),
        None => {
            let message = format!(
                "Nothing in the key policy lets anybody in account {readers} decrypt the log files of trail `{}` of account \
                 {}: they arrive, and cannot be read there.",
                trail.name, trail.account
            );
            vec![Draft::of_trail(trail, place("/Statement"), message)]
        }
        Some(statement) => {
            let context = statement
                .conditions
                .iter()
                .find(|c| c.key.starts_with("kms:encryptioncontext"));
            let pointer = context.map_or(&statement.pointer, |condition| &condition.pointer);
            let (rest, at_most) = if by_delegation {
                (
                    "only users and roles whose own IAM policies allow it can read them",
                    Severity::Low,
                )
            } else {
                ("nobody there can read them", Severity::Medium)
            };
            let message = format!(
                "{} lets readers in account {readers} decrypt log files of other trails, but not those of trail `{}` of \
                 account {}: {rest}.",
                statement_words(Target::Key, statement),
                trail.name,
                trail.account
            );
            vec![Draft::of_trail(trail, place(pointer), message).at_most(at_most)]
        }
    }
}

/// The Allow statements that let a role of an account decrypt a trail's log files; nothing if that
/// depends on something unknown.
fn admitting<'p>(
    policy: &'p Policy,
    key: &str,
    account: &str,
    trail: &Trail,
) -> Option<Vec<&'p Statement>> {
    let role = format!("arn:{}:iam::{account}:role/log-reader", trail.partition);
    let mut context = Context::new();
    context.unknown_by_default(|key| {
        key.starts_with("aws:principalorg")
            || key.starts_with("aws:principaltag/")
            || key == "kms:viaservice"
    });
    for (name, value) in [
        ("aws:PrincipalAccount", account),
        ("aws:PrincipalArn", &role),
        ("aws:PrincipalIsAWSService", "false"),
        ("kms:CallerAccount", account),
        (TRAIL_CONTEXT, &trail.arn),
        ("aws:SecureTransport", "true"),
    ] {
        context.set(name, ContextValue::one(value));
    }
    let principal = Principal::Aws(role.clone());
    let request = iam::Request {
        principal: &principal,
        action: "kms:Decrypt",
        resource: key,
        context: &context,
    };
    let mut statements = Vec::new();
    for found in examine(policy, &request) {
        let statement = policy
            .statements
            .get(found.statement)
            .filter(|s| s.effect == Effect::Allow);
        match (statement, found.overall()) {
            (Some(statement), Truth::True) => statements.push(statement),
            (Some(_), Truth::Unknown) => return None,
            _ => {}
        }
    }
    Some(statements)
}

/// Whether a statement names the account as a whole, which leaves the choice to its IAM policies.
fn is_delegation(statement: &Statement, account: &str) -> bool {
    statement
        .principal
        .iter()
        .flat_map(|principal| &principal.entries)
        .any(|entry| {
            let named = entry
                .value
                .strip_suffix(":root")
                .map_or(&*entry.value, |arn| arn.rsplit(':').next().unwrap_or(arn));
            entry.kind == PrincipalKind::Aws && named == account
        })
}
