//! Trails × requests: every request of a trail falls into one of five groups, and each group has one
//! answer.

use std::cmp::Reverse;

use super::summary;
use super::view::{RequestView, TrailView};

/// A group of requests, in the order in which CloudTrail makes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Group {
    /// What creating or changing the trail asks of the bucket.
    Create,
    /// Log files of every kind.
    LogFiles,
    /// Digest files.
    Digests,
    /// Every use of the trail's key.
    Key,
    /// Telling a topic.
    Notifications,
}

/// A group's answer: the worst of its requests, those that AWS only advises left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cell {
    /// The trail asks for nothing of the kind.
    None,
    /// All are allowed.
    Allowed,
    /// Some depend on what could not be seen.
    Undecided,
    /// Some are refused for a part of what they cover.
    Partly,
    /// Some are refused.
    Refused,
    /// The trail is not logging, so that nothing is written.
    Stopped,
}

impl Group {
    /// Every group.
    pub(super) const ALL: [Group; 5] = [
        Group::Create,
        Group::LogFiles,
        Group::Digests,
        Group::Key,
        Group::Notifications,
    ];

    /// What heads its column.
    pub(super) fn title(self) -> &'static str {
        match self {
            Group::Create => "create",
            Group::LogFiles => "log files",
            Group::Digests => "digests",
            Group::Key => "key",
            Group::Notifications => "notify",
        }
    }

    fn of(request: &RequestView) -> Group {
        match (request.phase, request.id) {
            ("notification", _) => Group::Notifications,
            _ if request.action.starts_with("kms:") => Group::Key,
            ("setup", _) => Group::Create,
            (_, "put-digest-files") => Group::Digests,
            _ => Group::LogFiles,
        }
    }
}

impl Cell {
    /// The answer in a word.
    pub(super) fn word(self) -> &'static str {
        match self {
            Cell::None => "-",
            Cell::Allowed => "ok",
            Cell::Undecided => "unsure",
            Cell::Partly => "partly",
            Cell::Refused => "refused",
            Cell::Stopped => "stopped",
        }
    }

    fn of(request: &RequestView) -> Cell {
        match request.decision {
            "allowed" => Cell::Allowed,
            "denied" => Cell::Refused,
            "partly" => Cell::Partly,
            _ => Cell::Undecided,
        }
    }
}

/// A trail's answers, in the order of the groups. Where it is not logging, no file is written whatever the
/// policies allow; where nobody could see that, no file is sure to be.
pub(super) fn cells(trail: &TrailView) -> [Cell; 5] {
    Group::ALL.map(|group| {
        let requests = trail.requests.iter();
        let of_group = requests.filter(|request| !request.advised && Group::of(request) == group);
        let cell = of_group.map(Cell::of).max().unwrap_or(Cell::None);
        let is_of_files = matches!(group, Group::LogFiles | Group::Digests) && cell != Cell::None;
        match trail.logging {
            "off" if is_of_files => Cell::Stopped,
            "unseen" if is_of_files => cell.max(Cell::Undecided),
            _ => cell,
        }
    })
}

/// Trails, those first that need somebody, and those with the same answers together.
pub(super) fn worst_first<'t>(trails: impl Iterator<Item = &'t TrailView>) -> Vec<&'t TrailView> {
    let mut trails: Vec<&TrailView> = trails.collect();
    trails.sort_by_cached_key(|trail| (summary::rank(trail.verdict), Reverse(cells(trail))));
    trails
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn a_group_is_as_bad_as_its_worst_request() {
        let mut requests = vec![
            sample::request("put-log-files", "denied"),
            sample::request("put-digest-files", "partly"),
            sample::request("get-bucket-acl", "allowed"),
            sample::request("put-log-folder", "undecided"),
            sample::request("describe-key", "denied"),
        ];
        for request in &mut requests[2..] {
            request.phase = "setup";
        }
        requests[4].action = "kms:DescribeKey";
        requests[4].advised = true;
        let trail = sample::trail("222222222222", "blocked", requests);
        let words = cells(&trail).map(Cell::word);
        assert_eq!(words, ["unsure", "refused", "partly", "-", "-"]);
    }

    #[test]
    fn what_is_not_logging_writes_no_files_whatever_is_allowed() {
        let requests = vec![
            sample::request("put-log-files", "allowed"),
            sample::request("get-bucket-acl", "denied"),
        ];
        let mut trail = sample::trail("222222222222", "blocked", requests);
        let words = |trail: &TrailView| cells(trail).map(Cell::word);
        let [_, on, ..] = words(&trail);
        trail.logging = "unseen";
        let [_, unseen, ..] = words(&trail);
        trail.logging = "off";
        let [_, off, digests, ..] = words(&trail);
        assert_eq!([on, unseen, off, digests], ["ok", "unsure", "stopped", "-"]);
    }
}
