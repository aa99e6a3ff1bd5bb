//! Rules about the conditions of a grant.

pub(super) mod acl_condition_missing;
pub(super) mod acl_condition_on_bucket_action;
pub(super) mod acl_condition_wrong;
pub(super) mod condition_key_absent;
pub(super) mod condition_not_met;
pub(super) mod condition_operator_misused;
pub(super) mod encryption_condition_mismatch;
pub(super) mod transport_condition_uncertain;
pub(super) mod wildcard_in_string_equals;
