//! Rules about the bucket itself.

pub(super) mod bucket_missing;
pub(super) mod bucket_name_claimable;
pub(super) mod bucket_owned_by_stranger;
pub(super) mod bucket_unprotected;
pub(super) mod policy_near_size_limit;
pub(super) mod public_statement_cuts_readers;
pub(super) mod requester_pays;
pub(super) mod unsupported_bucket_type;
