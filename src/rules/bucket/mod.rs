//! Rules about the bucket itself.

pub(super) mod bucket_missing;
pub(super) mod requester_pays;
pub(super) mod unsupported_bucket_type;
