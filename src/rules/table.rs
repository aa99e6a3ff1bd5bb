//! The table of all rules: one line joins a page and a function.

use super::finding::Draft;
use super::{bucket, condition, deny, exposure, grant, key, organization, source, topic, trail};
use crate::diagnosis::{Diagnosis, PolicyUse};
use crate::exposure::Exposure;
use crate::model::Estate;

/// What a rule looks at.
#[derive(Clone, Copy)]
pub(super) enum Check {
    /// One trail's delivery.
    Delivery(fn(&Diagnosis<'_, '_>) -> Vec<Draft>),
    /// One policy that trails share.
    Policy(fn(&PolicyUse<'_>) -> Vec<Draft>),
    /// What one policy lets others do.
    Exposure(fn(&Exposure<'_, '_>) -> Vec<Draft>),
    /// The estate as a whole.
    Estate(fn(&Estate) -> Vec<Draft>),
}

/// A line of the table.
pub(super) struct Line {
    pub(super) layer: &'static str,
    pub(super) name: &'static str,
    pub(super) text: &'static str,
    pub(super) check: Check,
}

macro_rules! rule {
    ($layer:literal, $name:literal, $kind:ident($check:path)) => {
        Line {
            layer: $layer,
            name: $name,
            text: include_str!(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/rules/",
                $layer,
                "/",
                $name,
                ".md"
            )),
            check: Check::$kind($check),
        }
    };
}

/// Every rule, by layer and name.
#[rustfmt::skip]
pub(super) const TABLE: &[Line] = &[
    rule!("bucket", "bucket-missing", Delivery(bucket::bucket_missing::check)),
    rule!("bucket", "bucket-name-claimable", Delivery(bucket::bucket_name_claimable::check)),
    rule!("bucket", "bucket-owned-by-stranger", Delivery(bucket::bucket_owned_by_stranger::check)),
    rule!("bucket", "bucket-unprotected", Estate(bucket::bucket_unprotected::check)),
    rule!("bucket", "policy-near-size-limit", Policy(bucket::policy_near_size_limit::check)),
    rule!("bucket", "public-statement-cuts-readers", Policy(bucket::public_statement_cuts_readers::check)),
    rule!("bucket", "requester-pays", Delivery(bucket::requester_pays::check)),
    rule!("bucket", "unsupported-bucket-type", Delivery(bucket::unsupported_bucket_type::check)),
    rule!("condition", "acl-condition-missing", Policy(condition::acl_condition_missing::check)),
    rule!("condition", "acl-condition-on-bucket-action", Delivery(condition::acl_condition_on_bucket_action::check)),
    rule!("condition", "acl-condition-wrong", Delivery(condition::acl_condition_wrong::check)),
    rule!("condition", "condition-key-absent", Delivery(condition::condition_key_absent::check)),
    rule!("condition", "condition-not-met", Delivery(condition::condition_not_met::check)),
    rule!("condition", "condition-operator-misused", Delivery(condition::condition_operator_misused::check)),
    rule!("condition", "encryption-condition-mismatch", Delivery(condition::encryption_condition_mismatch::check)),
    rule!("condition", "transport-condition-uncertain", Policy(condition::transport_condition_uncertain::check)),
    rule!("condition", "wildcard-in-string-equals", Delivery(condition::wildcard_in_string_equals::check)),
    rule!("deny", "explicit-deny-acl", Delivery(deny::explicit_deny_acl::check)),
    rule!("deny", "explicit-deny-cloudtrail", Delivery(deny::explicit_deny_cloudtrail::check)),
    rule!("deny", "explicit-deny-encryption", Delivery(deny::explicit_deny_encryption::check)),
    rule!("deny", "explicit-deny-network", Delivery(deny::explicit_deny_network::check)),
    rule!("deny", "explicit-deny-not-principal", Delivery(deny::explicit_deny_not_principal::check)),
    rule!("deny", "explicit-deny-org", Delivery(deny::explicit_deny_org::check)),
    rule!("deny", "explicit-deny-source", Delivery(deny::explicit_deny_source::check)),
    rule!("exposure", "any-account-may-write", Exposure(exposure::any_account_may_write::check)),
    rule!("exposure", "cross-account-tampering", Exposure(exposure::cross_account_tampering::check)),
    rule!("exposure", "dead-statement", Exposure(exposure::dead_statement::check)),
    rule!("exposure", "extra-actions-granted", Policy(exposure::extra_actions_granted::check)),
    rule!("exposure", "kms-context-any-account", Exposure(exposure::kms_context_any_account::check)),
    rule!("exposure", "kms-decrypt-too-broad", Policy(exposure::kms_decrypt_too_broad::check)),
    rule!("exposure", "kms-principal-star", Policy(exposure::kms_principal_star::check)),
    rule!("exposure", "kms-source-arn-missing", Exposure(exposure::kms_source_arn_missing::check)),
    rule!("exposure", "kms-unscoped", Exposure(exposure::kms_unscoped::check)),
    rule!("exposure", "principal-star", Policy(exposure::principal_star::check)),
    rule!("exposure", "resource-too-broad", Exposure(exposure::resource_too_broad::check)),
    rule!("exposure", "source-arn-missing", Exposure(exposure::source_arn_missing::check)),
    rule!("exposure", "stale-trail-grant", Policy(exposure::stale_trail_grant::check)),
    rule!("exposure", "topic-principal-star", Policy(exposure::topic_principal_star::check)),
    rule!("exposure", "topic-source-arn-missing", Exposure(exposure::topic_source_arn_missing::check)),
    rule!("grant", "account-prefix-missing", Delivery(grant::account_prefix_missing::check)),
    rule!("grant", "awslogs-folder-misspelt", Delivery(grant::awslogs_folder_misspelt::check)),
    rule!("grant", "bucket-policy-missing", Delivery(grant::bucket_policy_missing::check)),
    rule!("grant", "creation-probe-refused", Delivery(grant::creation_probe_refused::check)),
    rule!("grant", "get-bucket-acl-missing", Delivery(grant::get_bucket_acl_missing::check)),
    rule!("grant", "grant-expires", Delivery(grant::grant_expires::check)),
    rule!("grant", "key-prefix-mismatch", Delivery(grant::key_prefix_mismatch::check)),
    rule!("grant", "legacy-account-principals", Policy(grant::legacy_account_principals::check)),
    rule!("grant", "log-kind-not-granted", Delivery(grant::log_kind_not_granted::check)),
    rule!("grant", "placeholder-left-in-policy", Delivery(grant::placeholder_left_in_policy::check)),
    rule!("grant", "policy-not-accepted", Policy(grant::policy_not_accepted::check)),
    rule!("grant", "region-not-granted", Delivery(grant::region_not_granted::check)),
    rule!("grant", "resource-missing-object-wildcard", Delivery(grant::resource_missing_object_wildcard::check)),
    rule!("grant", "resource-wrong-bucket", Delivery(grant::resource_wrong_bucket::check)),
    rule!("grant", "wrong-partition", Delivery(grant::wrong_partition::check)),
    rule!("grant", "wrong-principal", Delivery(grant::wrong_principal::check)),
    rule!("key", "default-encryption-not-used", Delivery(key::default_encryption_not_used::check)),
    rule!("key", "kms-caller-key-required", Delivery(key::kms_caller_key_required::check)),
    rule!("key", "kms-context-mismatch", Delivery(key::kms_context_mismatch::check)),
    rule!("key", "kms-explicit-deny", Delivery(key::kms_explicit_deny::check)),
    rule!("key", "kms-key-disabled", Delivery(key::kms_key_disabled::check)),
    rule!("key", "kms-key-pending-deletion", Delivery(key::kms_key_pending_deletion::check)),
    rule!("key", "kms-key-region", Delivery(key::kms_key_region::check)),
    rule!("key", "kms-key-unusable", Delivery(key::kms_key_unusable::check)),
    rule!("key", "kms-key-wrong-account", Delivery(key::kms_key_wrong_account::check)),
    rule!("key", "kms-managed-key", Delivery(key::kms_managed_key::check)),
    rule!("key", "kms-no-decrypt-for-bucket-key", Delivery(key::kms_no_decrypt_for_bucket_key::check)),
    rule!("key", "kms-no-describe-key", Delivery(key::kms_no_describe_key::check)),
    rule!("key", "kms-no-generate-data-key", Delivery(key::kms_no_generate_data_key::check)),
    rule!("key", "kms-object-context", Delivery(key::kms_object_context::check)),
    rule!("key", "kms-source-arn-mismatch", Delivery(key::kms_source_arn_mismatch::check)),
    rule!("key", "member-logs-undecryptable", Delivery(key::member_logs_undecryptable::check)),
    rule!("organization", "management-account-path-missing", Delivery(organization::management_account_path_missing::check)),
    rule!("organization", "org-path-missing", Delivery(organization::org_path_missing::check)),
    rule!("organization", "org-path-wrong-id", Delivery(organization::org_path_wrong_id::check)),
    rule!("organization", "organization-trail-home-opt-in", Delivery(organization::organization_trail_home_opt_in::check)),
    rule!("source", "principal-org-id-on-service", Delivery(source::principal_org_id_on_service::check)),
    rule!("source", "source-account-mismatch", Delivery(source::source_account_mismatch::check)),
    rule!("source", "source-arn-case-mismatch", Delivery(source::source_arn_case_mismatch::check)),
    rule!("source", "source-arn-not-a-trail", Delivery(source::source_arn_not_a_trail::check)),
    rule!("source", "source-arn-wrong-account", Delivery(source::source_arn_wrong_account::check)),
    rule!("source", "source-arn-wrong-region", Delivery(source::source_arn_wrong_region::check)),
    rule!("source", "source-arn-wrong-trail-name", Delivery(source::source_arn_wrong_trail_name::check)),
    rule!("source", "source-org-id-absent", Delivery(source::source_org_id_absent::check)),
    rule!("source", "source-org-id-wrong", Delivery(source::source_org_id_wrong::check)),
    rule!("topic", "cloudwatch-log-group-invalid", Delivery(topic::cloudwatch_log_group_invalid::check)),
    rule!("topic", "cloudwatch-role-denied", Delivery(topic::cloudwatch_role_denied::check)),
    rule!("topic", "cloudwatch-role-source-arn-missing", Delivery(topic::cloudwatch_role_source_arn_missing::check)),
    rule!("topic", "topic-kms-denied", Delivery(topic::topic_kms_denied::check)),
    rule!("topic", "topic-missing", Delivery(topic::topic_missing::check)),
    rule!("topic", "topic-policy-missing", Delivery(topic::topic_policy_missing::check)),
    rule!("topic", "topic-source-arn-mismatch", Delivery(topic::topic_source_arn_mismatch::check)),
    rule!("topic", "topic-wrong-principal", Delivery(topic::topic_wrong_principal::check)),
    rule!("trail", "backlog-lost", Delivery(trail::backlog_lost::check)),
    rule!("trail", "delivery-error-reported", Delivery(trail::delivery_error_reported::check)),
    rule!("trail", "delivery-error-unexplained", Delivery(trail::delivery_error_unexplained::check)),
    rule!("trail", "delivery-stale", Delivery(trail::delivery_stale::check)),
    rule!("trail", "global-events-missed", Delivery(trail::global_events_missed::check)),
    rule!("trail", "log-validation-off", Delivery(trail::log_validation_off::check)),
    rule!("trail", "management-events-excluded", Delivery(trail::management_events_excluded::check)),
    rule!("trail", "single-region-trail", Delivery(trail::single_region_trail::check)),
    rule!("trail", "trail-delivers-elsewhere", Estate(trail::trail_delivers_elsewhere::check)),
    rule!("trail", "trail-missing", Estate(trail::trail_missing::check)),
    rule!("trail", "trail-not-logging", Delivery(trail::trail_not_logging::check)),
];
