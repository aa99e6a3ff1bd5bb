//! The IAM role that a trail uses to write to CloudWatch Logs, and the log groups of an account.

use std::collections::{BTreeMap, BTreeSet};

use super::evidence::{Evidence, Unknown, answer, refused};
use super::policy_document::PolicyDocument;
use super::read::Fields;
use crate::document::{Document, DocumentId, InputError, Kind};

/// One role, as its account's answers describe it.
///
/// Source: IAM API Reference, `GetRole`, `GetRolePolicy`, `GetPolicyVersion`, `ListRolePolicies` and
/// `ListAttachedRolePolicies` (read 2026-11).
#[derive(Debug, Clone)]
pub struct Role {
    /// The account it belongs to.
    pub account: String,
    /// The name, without its path.
    pub name: String,
    /// Who may assume it; absent if AWS says that there is no such role.
    pub trust: Evidence<PolicyDocument>,
    /// Whether a permissions boundary limits what its policies allow.
    pub bounded: bool,
    /// The policies that say what it may do, inline and attached.
    pub policies: Vec<PolicyDocument>,
    /// Answers about its policies that say nothing.
    pub unseen_policies: Vec<Unknown>,
    /// One of the answers about it.
    pub document: DocumentId,
    /// How many policies its lists name.
    listed: BTreeMap<Kind, usize>,
}

/// The log groups that an account's answers about one Region name.
#[derive(Debug, Clone, Default)]
pub struct LogGroups {
    /// Their names, without `:*`.
    pub names: BTreeSet<String>,
    /// A document whose list is complete.
    pub complete: Option<DocumentId>,
}

impl Role {
    /// A role of which nothing but a document is known.
    pub(super) fn unseen(account: &str, name: &str, document: DocumentId) -> Role {
        Role {
            account: account.to_owned(),
            name: name.to_owned(),
            trust: Evidence::no_document(format!("accounts/{account}/iam/{name}/get-role.json")),
            bounded: false,
            policies: Vec::new(),
            unseen_policies: Vec::new(),
            document,
            listed: BTreeMap::new(),
        }
    }

    /// Whether any answer speaks of what the role may do.
    pub fn says_what_it_may_do(&self) -> bool {
        !self.policies.is_empty() || !self.unseen_policies.is_empty() || !self.listed.is_empty()
    }

    /// Why what it may do is not known to the end; nothing if every policy that its lists name is
    /// there. Where nobody collected the lists, the policies that are there count as all.
    pub fn doubt(&self) -> Option<Unknown> {
        let listed: usize = self.listed.values().sum();
        let file = |kind: Kind| {
            format!(
                "accounts/{}/iam/{}/{}.json",
                self.account,
                self.name,
                kind.name()
            )
        };
        let missing = |kind| Evidence::<()>::no_document(file(kind)).unknown().cloned();
        match self.unseen_policies.first() {
            Some(unknown) => Some(unknown.clone()),
            None if self.bounded => missing(Kind::GetPolicyVersion),
            None if listed > self.policies.len() => missing(Kind::GetRolePolicy),
            None => None,
        }
    }
}

/// Adds what one document says of a role.
pub(super) fn read(role: &mut Role, id: DocumentId, document: &Document) -> Result<(), InputError> {
    match document.kind {
        Kind::GetRole => {
            let trust = answer(id, document, || PolicyDocument::read(id, document))?;
            if matches!(trust, Evidence::Present(_)) {
                let fields = Fields::of(document).object("Role")?;
                role.bounded |= fields.has("PermissionsBoundary");
            }
            role.trust.merge(trust);
        }
        Kind::GetRolePolicy | Kind::GetPolicyVersion => match refused(id, document) {
            Some::<Evidence<()>>(refusal) => {
                role.unseen_policies.extend(refusal.unknown().cloned());
            }
            None => role.policies.extend(PolicyDocument::read(id, document)?),
        },
        Kind::ListRolePolicies | Kind::ListAttachedRolePolicies => match refused(id, document) {
            Some::<Evidence<()>>(refusal) => {
                role.unseen_policies.extend(refusal.unknown().cloned());
            }
            None => {
                let fields = Fields::of(document);
                let count = match document.kind {
                    Kind::ListRolePolicies => fields.texts("PolicyNames").len(),
                    _ => fields.objects("AttachedPolicies")?.len(),
                };
                *role.listed.entry(document.kind).or_default() = count;
            }
        },
        _ => {}
    }
    Ok(())
}

/// Adds the log groups that one answer names.
///
/// Source: CloudWatch Logs API Reference, `DescribeLogGroups` (read 2026-11).
pub(super) fn read_log_groups(
    groups: &mut LogGroups,
    id: DocumentId,
    document: &Document,
) -> Result<(), InputError> {
    if document.refusal().is_some() {
        return Ok(());
    }
    let fields = Fields::of(document);
    for group in fields.objects("logGroups")? {
        groups.names.insert(group.text("logGroupName")?.to_owned());
    }
    if fields.optional_text("nextToken")?.is_none() {
        groups.complete = Some(id);
    }
    Ok(())
}
