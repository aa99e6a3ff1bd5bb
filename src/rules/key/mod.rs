//! Rules about the key and its policy.

pub(super) mod default_encryption_not_used;
pub(super) mod kms_caller_key_required;
pub(super) mod kms_context_mismatch;
pub(super) mod kms_explicit_deny;
pub(super) mod kms_key_disabled;
pub(super) mod kms_key_pending_deletion;
pub(super) mod kms_key_region;
pub(super) mod kms_key_unusable;
pub(super) mod kms_key_wrong_account;
pub(super) mod kms_managed_key;
pub(super) mod kms_no_decrypt_for_bucket_key;
pub(super) mod kms_no_describe_key;
pub(super) mod kms_no_generate_data_key;
pub(super) mod kms_object_context;
pub(super) mod kms_source_arn_mismatch;
pub(super) mod member_logs_undecryptable;
