//! Rules about whose trail a grant is for.

pub(super) mod principal_org_id_on_service;
pub(super) mod source_account_mismatch;
pub(super) mod source_arn_case_mismatch;
pub(super) mod source_arn_not_a_trail;
pub(super) mod source_arn_wrong_account;
pub(super) mod source_arn_wrong_region;
pub(super) mod source_arn_wrong_trail_name;
pub(super) mod source_org_id_absent;
pub(super) mod source_org_id_wrong;
