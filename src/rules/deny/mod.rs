//! Rules about Deny statements that hit CloudTrail.

pub(super) mod explicit_deny_acl;
pub(super) mod explicit_deny_cloudtrail;
pub(super) mod explicit_deny_encryption;
pub(super) mod explicit_deny_network;
pub(super) mod explicit_deny_not_principal;
pub(super) mod explicit_deny_org;
pub(super) mod explicit_deny_source;
