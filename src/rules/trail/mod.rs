//! Rules about the trail itself.

pub(super) mod trail_not_logging;
