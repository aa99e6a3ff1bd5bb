//! Rules about what a bucket policy grants.

pub(super) mod account_prefix_missing;
pub(super) mod awslogs_folder_misspelt;
pub(super) mod bucket_policy_missing;
pub(super) mod creation_probe_refused;
pub(super) mod get_bucket_acl_missing;
pub(super) mod grant_expires;
pub(super) mod key_prefix_mismatch;
pub(super) mod legacy_account_principals;
pub(super) mod log_kind_not_granted;
pub(super) mod placeholder_left_in_policy;
pub(super) mod policy_not_accepted;
pub(super) mod region_not_granted;
pub(super) mod resource_missing_object_wildcard;
pub(super) mod resource_wrong_bucket;
pub(super) mod wrong_partition;
pub(super) mod wrong_principal;
