//! The organization that the accounts belong to.

use std::collections::BTreeSet;

use super::evidence::Evidence;

/// An organization, from DescribeOrganization and, where it was read, ListAccounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    /// `o-…`
    pub id: String,
    /// The management account.
    pub management_account: Option<String>,
    /// Its member accounts, if ListAccounts was read.
    pub accounts: Option<BTreeSet<String>>,
}

/// The organization one account belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Membership {
    /// It belongs to the organization with this id.
    Member(String),
    /// It belongs to none.
    None,
    /// Nobody said.
    Unknown,
}

/// Which organization an account belongs to. Where only DescribeOrganization was read, the accounts
/// of the snapshot are taken for members: any member may make that call, and it says no more.
pub(super) fn membership(organization: &Evidence<Organization>, account: &str) -> Membership {
    match organization {
        Evidence::Present(organization) => match &organization.accounts {
            Some(accounts) if !accounts.contains(account) => Membership::None,
            _ => Membership::Member(organization.id.clone()),
        },
        Evidence::Absent(_) => Membership::None,
        Evidence::Unknown(_) => Membership::Unknown,
    }
}
