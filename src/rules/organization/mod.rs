//! Rules about organization trails.

pub(super) mod management_account_path_missing;
pub(super) mod org_path_missing;
pub(super) mod org_path_wrong_id;
pub(super) mod organization_trail_home_opt_in;
