//! Whether a `Principal` element names the caller of a request.
//!
//! Source: IAM User Guide, `reference_policies_elements_principal` and `…_notprincipal`.

use super::condition::Truth;
use super::policy::{PrincipalElement, PrincipalEntry, PrincipalKind};
use super::request::Principal;
use super::unknown::{has_unknown, is_unknown};

/// Whether the element, negated or not, applies to the caller.
pub(super) fn applies(element: &PrincipalElement, caller: &Principal) -> Truth {
    let mut named = Truth::False;
    for entry in &element.entries {
        named = named.or(names(entry, caller));
        if named == Truth::True {
            break;
        }
    }
    if element.negated { !named } else { named }
}

/// Whether an entry names the caller. One of which a part is not known may be any of its kind; only the
/// whole of it may turn out to be `*`.
fn names(entry: &PrincipalEntry, caller: &Principal) -> Truth {
    if !has_unknown(&entry.value) {
        return names_known(entry, caller).into();
    }
    let may = match (entry.kind, caller) {
        (PrincipalKind::Aws, _) if is_unknown(&entry.value) => true,
        (PrincipalKind::Aws, Principal::Aws(_))
        | (PrincipalKind::Service, Principal::Service { .. })
        | (PrincipalKind::Federated, Principal::Federated(_))
        | (PrincipalKind::CanonicalUser, Principal::CanonicalUser(_)) => true,
        _ => false,
    };
    if may { Truth::Unknown } else { Truth::False }
}

/// `{"AWS": "*"}` is taken to name service principals too, in Allow and in Deny. That is reported by
/// users, not documented.
fn names_known(entry: &PrincipalEntry, caller: &Principal) -> bool {
    match (entry.kind, caller) {
        (PrincipalKind::Everyone, _) => true,
        (PrincipalKind::Aws, _) if &*entry.value == "*" => true,
        (PrincipalKind::Aws, Principal::Aws(caller)) => names_aws(&entry.value, caller),
        (
            PrincipalKind::Aws,
            Principal::Service {
                account: Some(account),
                ..
            },
        ) => account_of(&entry.value).is_some_and(|named| named.id == account),
        (PrincipalKind::Service, Principal::Service { name, .. }) => *entry.value == **name,
        (PrincipalKind::Federated, Principal::Federated(id))
        | (PrincipalKind::CanonicalUser, Principal::CanonicalUser(id)) => *entry.value == **id,
        _ => false,
    }
}

/// An account, with its partition where that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Account<'a> {
    partition: Option<&'a str>,
    id: &'a str,
}

/// The parts of an IAM or STS ARN.
#[derive(Debug, Clone, Copy)]
struct Identity<'a> {
    partition: &'a str,
    service: &'a str,
    account: &'a str,
    resource: &'a str,
}

fn identity(text: &str) -> Option<Identity<'_>> {
    let mut parts = text.splitn(6, ':');
    let arn = parts.next()?;
    let partition = parts.next()?;
    let service = parts.next()?;
    let region = parts.next()?;
    let account = parts.next()?;
    let resource = parts.next()?;
    // CloudFront's origin access identities are users of an account that is called `cloudfront`.
    let owned = is_account_id(account) || account == "cloudfront";
    (arn == "arn" && region.is_empty() && owned).then_some(Identity {
        partition,
        service,
        account,
        resource,
    })
}

/// Whether a text is an account id: twelve digits.
pub(super) fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The account that `111122223333` or `arn:aws:iam::111122223333:root` names; both are one.
fn account_of(text: &str) -> Option<Account<'_>> {
    if is_account_id(text) {
        return Some(Account {
            partition: None,
            id: text,
        });
    }
    let root = identity(text).filter(|id| id.service == "iam" && id.resource == "root")?;
    Some(Account {
        partition: Some(root.partition),
        id: root.account,
    })
}

fn names_aws(entry: &str, caller: &str) -> bool {
    if let Some(named) = account_of(entry) {
        let own = account_of(caller).or_else(|| {
            identity(caller).map(|id| Account {
                partition: Some(id.partition),
                id: id.account,
            })
        });
        return own.is_some_and(|own| {
            let partitions = named.partition.zip(own.partition);
            own.id == named.id && partitions.is_none_or(|(one, other)| one == other)
        });
    }
    // What is left of a deleted identity, and an ARN with a wildcard, name nobody.
    let same = entry == caller && aws_form(entry) == AwsForm::Accepted;
    same || names_session(entry, caller).unwrap_or(false)
}

/// A role names its sessions and a user its federated sessions. A session's ARN leaves the path out.
/// Role names differ in more than case within one account, so case is folded there.
fn names_session(entry: &str, caller: &str) -> Option<bool> {
    let entry = identity(entry).filter(|id| id.service == "iam")?;
    let caller = identity(caller).filter(|id| id.service == "sts")?;
    if (entry.partition, entry.account) != (caller.partition, caller.account) {
        return None;
    }
    if let Some(role) = entry.resource.strip_prefix("role/") {
        let (name, _session) = caller
            .resource
            .strip_prefix("assumed-role/")?
            .split_once('/')?;
        return Some(last_segment(role).eq_ignore_ascii_case(name));
    }
    let user = entry.resource.strip_prefix("user/")?;
    Some(last_segment(user) == caller.resource.strip_prefix("federated-user/")?)
}

fn last_segment(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// What a text under `AWS` is, as far as its form says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AwsForm {
    /// An account, `*`, or the ARN of an identity.
    Accepted,
    /// The unique id that is left of a deleted user or role.
    Deleted,
    /// An ARN with a wildcard inside.
    Wildcard,
    /// None of these.
    Other,
}

/// Judges a text under `AWS` by its form.
pub(super) fn aws_form(text: &str) -> AwsForm {
    if text == "*" || account_of(text).is_some() {
        AwsForm::Accepted
    } else if text.contains(['*', '?']) {
        AwsForm::Wildcard
    } else if text.starts_with("AROA") || text.starts_with("AIDA") {
        AwsForm::Deleted
    } else if identity(text).is_some_and(|id| names_identity(&id)) {
        AwsForm::Accepted
    } else {
        AwsForm::Other
    }
}

fn names_identity(identity: &Identity<'_>) -> bool {
    let kinds: &[&str] = match identity.service {
        "iam" => &["user/", "role/"],
        "sts" => &["assumed-role/", "federated-user/"],
        _ => &[],
    };
    kinds
        .iter()
        .any(|kind| identity.resource.len() > kind.len() && identity.resource.starts_with(kind))
}
