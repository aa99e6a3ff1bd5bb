//! The table `[live]`: whose trails `--live` reads, and how.

use serde::Deserialize;
use toml::Spanned;

use super::Source;
use crate::document::InputError;
use crate::model::arn::is_account_id;

/// Each option as the flag of its name. What the command line says counts for more.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Live {
    /// The profile to start with.
    pub profile: Option<String>,
    /// The Region to start with.
    pub region: Option<String>,
    /// Accounts, each with a profile of its own.
    pub profiles: Vec<String>,
    /// Accounts, each with a role.
    pub accounts: Vec<String>,
    /// Every active account of the organization.
    pub organization: bool,
    /// The role to assume.
    pub role_name: Option<String>,
    /// What the role's trust policy asks for.
    pub external_id: Option<String>,
    /// The owner of buckets and keys, where it is not read anyway.
    pub audit_account: Option<String>,
    /// Buckets to read besides those that trails deliver to.
    pub buckets: Vec<String>,
    /// Further Regions in which to look for trails.
    pub regions: Vec<String>,
    /// Whether to look in every Region.
    pub all_regions: bool,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Entries {
    profile: Option<String>,
    region: Option<String>,
    profiles: Vec<String>,
    accounts: Vec<Spanned<String>>,
    organization: bool,
    role_name: Option<String>,
    external_id: Option<String>,
    audit_account: Option<Spanned<String>>,
    buckets: Vec<String>,
    regions: Vec<String>,
    all_regions: bool,
}

impl Entries {
    pub(super) fn live(self, source: &Source<'_>) -> Result<Live, InputError> {
        let accounts = self.accounts.into_iter().map(|id| account(source, id));
        Ok(Live {
            profile: self.profile,
            region: self.region,
            profiles: self.profiles,
            accounts: accounts.collect::<Result<_, _>>()?,
            organization: self.organization,
            role_name: self.role_name,
            external_id: self.external_id,
            audit_account: self
                .audit_account
                .map(|id| account(source, id))
                .transpose()?,
            buckets: self.buckets,
            regions: self.regions,
            all_regions: self.all_regions,
        })
    }
}

/// An account id that is one.
pub(super) fn account(source: &Source<'_>, id: Spanned<String>) -> Result<String, InputError> {
    let at = id.span().start;
    let id = id.into_inner();
    if is_account_id(&id) {
        Ok(id)
    } else {
        Err(source.error(at, format!("`{id}` is no account id, twelve digits")))
    }
}
