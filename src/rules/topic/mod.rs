//! Rules about the topic and its policy.

pub(super) mod cloudwatch_log_group_invalid;
pub(super) mod cloudwatch_role_denied;
pub(super) mod cloudwatch_role_source_arn_missing;
pub(super) mod topic_kms_denied;
pub(super) mod topic_missing;
pub(super) mod topic_policy_missing;
pub(super) mod topic_source_arn_mismatch;
pub(super) mod topic_wrong_principal;
