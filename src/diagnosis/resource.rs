//! What is wrong with a Resource that does not cover an object CloudTrail writes: the pattern is taken
//! apart into bucket, folder before `AWSLogs`, account, kind, Region and date, and compared part by part.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::Cause;
use crate::delivery::{Case, Delivery, RequestId};
use crate::iam::unknown::is_account;
use crate::iam::{ContextValue, Pattern};
use crate::model::Arn;

/// One way in which a pattern differs from what is needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Difference {
    pub(super) cause: Cause,
    pub(super) hint: Option<String>,
}

/// How far a pattern is from covering an object, and in what.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Comparison {
    /// Smaller is nearer.
    pub(super) distance: u32,
    pub(super) differences: Vec<Difference>,
}

/// The object a request writes, in its parts.
pub(super) struct Needed<'a> {
    id: RequestId,
    arn: Arn<'a>,
    bucket: &'a str,
    prefix: Vec<&'a str>,
    /// The folders between `AWSLogs` and the kind: the account, or organization and account.
    owners: Vec<&'a str>,
    /// From the kind's folder on.
    tail: Vec<&'a str>,
    /// The year of the request.
    year: &'a str,
}

impl<'a> Needed<'a> {
    pub(super) fn new(
        delivery: &Delivery<'_>,
        id: RequestId,
        case: &'a Case,
    ) -> Option<Needed<'a>> {
        let arn = Arn::parse(&case.resource)?;
        let (bucket, key) = arn.resource.split_once('/')?;
        let segments: Vec<&str> = key.split('/').collect();
        // A prefix may not hold `AWSLogs` itself, but nobody keeps a trail of the command line from it.
        let own = delivery.trail.key_prefix.as_deref().unwrap_or_default();
        let own = own
            .trim_end_matches('/')
            .split('/')
            .filter(|own| !own.is_empty());
        let after = own.count();
        let at = segments
            .iter()
            .skip(after)
            .position(|segment| *segment == "AWSLogs")?
            + after;
        let (prefix, rest) = (segments.get(..at)?, segments.get(at + 1..)?);
        let in_organization = delivery.trail.organization
            && !matches!(
                id,
                RequestId::PutManagementLogFolder | RequestId::PutManagementDigestFolder
            );
        let owners = if in_organization { 2 } else { 1 };
        Some(Needed {
            id,
            arn,
            bucket,
            prefix: prefix.to_vec(),
            owners: rest.get(..owners)?.to_vec(),
            tail: rest.get(owners..)?.to_vec(),
            year: year(case),
        })
    }

    /// The folder that a grant must cover, as a Resource.
    pub(super) fn folder(&self) -> String {
        let Arn { partition, .. } = self.arn;
        let prefix = folders(&self.prefix);
        let owner = self.owners.first().copied().unwrap_or_default();
        format!(
            "arn:{partition}:s3:::{}/{prefix}AWSLogs/{owner}/*",
            self.bucket
        )
    }

    /// Whether a text is part of what the request itself names: then it is no placeholder.
    fn names(&self, text: &str) -> bool {
        self.folder().contains(text)
    }

    /// The cause when nothing names the owner's folder at all.
    pub(super) fn missing(&self) -> Cause {
        match self.id {
            RequestId::PutManagementLogFolder | RequestId::PutManagementDigestFolder => {
                Cause::ManagementAccountPathMissing
            }
            _ if self.owners.len() > 1 => Cause::OrgPathMissing,
            _ => Cause::AccountPrefixMissing,
        }
    }

    /// Compares a Resource pattern, variables filled in, with the object.
    pub(super) fn compare(&self, pattern: &str) -> Comparison {
        let Some(found) = Arn::parse(pattern) else {
            return self.all_wrong();
        };
        let mut parts = Parts {
            needed: self,
            distance: 0,
            differences: Vec::new(),
        };
        if !glob(found.partition, self.arn.partition) {
            parts.differs(20, Cause::WrongPartition, None);
        }
        let (bucket, key) = match found.resource.split_once('/') {
            Some((bucket, key)) => (bucket, Some(key)),
            None => (found.resource, None),
        };
        if !glob(bucket, self.bucket) {
            parts.differs(20, Cause::ResourceWrongBucket, placeholder_hint(bucket));
        }
        match key {
            None => parts.differs(
                10,
                Cause::ResourceMissingObjectWildcard,
                Some(BUCKET_ONLY.to_owned()),
            ),
            Some(key) => parts.compare_key(key),
        }
        parts.finish()
    }

    /// The same comparison, but for a placeholder that explains all of it: asked of the nearest pattern
    /// only.
    pub(super) fn with_placeholder(&self, pattern: &str, comparison: Comparison) -> Comparison {
        let Some(left) = placeholder(pattern).filter(|left| !self.names(left)) else {
            return comparison;
        };
        let hint = Some(placeholder_words(left));
        let cause = Cause::PlaceholderLeftInPolicy;
        Comparison {
            differences: vec![Difference { cause, hint }],
            ..comparison
        }
    }

    fn all_wrong(&self) -> Comparison {
        let hint = Some("that Resource is not an ARN of six parts".to_owned());
        let cause = self.missing();
        Comparison {
            distance: 200,
            differences: vec![Difference { cause, hint }],
        }
    }
}

/// What to look at in a Resource without a key.
const BUCKET_ONLY: &str = "it is the bucket itself, and objects are named `BUCKET/…`";

struct Parts<'n, 'a> {
    needed: &'n Needed<'a>,
    distance: u32,
    differences: Vec<Difference>,
}

impl Parts<'_, '_> {
    fn differs(&mut self, weight: u32, cause: Cause, hint: Option<String>) {
        self.distance += weight;
        self.differences.push(Difference { cause, hint });
    }

    fn compare_key(&mut self, key: &str) {
        let segments: Vec<&str> = key.split('/').collect();
        // The right spelling first: a prefix may well be called `logs`.
        let exact = |segment: &&str| segment.trim_start_matches('*') == "AWSLogs";
        let unfolded = |segment: &&str| {
            segment
                .trim_start_matches('*')
                .eq_ignore_ascii_case("AWSLogs")
        };
        let position = (segments.iter().position(exact))
            .or_else(|| segments.iter().position(unfolded))
            .or_else(|| segments.iter().position(|segment| is_awslogs_like(segment)));
        let Some(at) = position else {
            return self.without_awslogs(key, &segments);
        };
        let (prefix, rest) = segments.split_at(at);
        self.compare_prefix(prefix);
        let (word, rest) = rest.split_first().unwrap_or((&"", &[]));
        let word = word.trim_start_matches('*');
        if word != "AWSLogs" {
            let hint = format!(
                "`{word}` stands where `AWSLogs` must; object names are compared letter by letter"
            );
            self.differs(10, Cause::AwslogsFolderMisspelt, Some(hint));
        }
        self.compare_owners(rest);
    }

    /// A pattern without an `AWSLogs` folder: a prefix alone, an account's folder, or a suffix.
    fn without_awslogs(&mut self, key: &str, segments: &[&str]) {
        if segments.iter().any(|segment| is_account(segment)) {
            let hint = "there is no `AWSLogs` folder in it".to_owned();
            return self.differs(15, Cause::AwslogsFolderMisspelt, Some(hint));
        }
        if key.starts_with('*') {
            return self.differs(5, self.narrower(), None);
        }
        if !key.contains('*') {
            self.differs(5, Cause::ResourceMissingObjectWildcard, None);
        }
        let prefix: Vec<&str> = segments
            .iter()
            .map(|segment| segment.trim_end_matches('*'))
            .filter(|s| !s.is_empty())
            .collect();
        self.compare_prefix(&prefix);
        if self.differences.is_empty() {
            self.differs(30, self.needed.missing(), None);
        }
    }

    fn compare_prefix(&mut self, found: &[&str]) {
        let (found, wanted) = (folders(found), folders(&self.needed.prefix));
        if glob(&found, &wanted) {
            return;
        }
        let (found, wanted) = (
            found.trim_end_matches('/').to_owned(),
            wanted.trim_end_matches('/').to_owned(),
        );
        let hint = match (found.is_empty(), wanted.is_empty()) {
            // CloudTrail User Guide, "Set bucket policy for multiple accounts" (read 2026-11).
            _ if self.needed.prefix.contains(&"AWSLogs") => format!(
                "the trail's prefix is `{wanted}`, and CloudTrail adds `AWSLogs` behind it: a prefix may not hold that folder"
            ),
            _ if collapse(&found) == collapse(&wanted) => {
                "the two differ in a doubled or missing slash, which makes another folder".to_owned()
            }
            _ if found.eq_ignore_ascii_case(&wanted) => {
                "the two differ only in upper and lower case, and object names are compared letter by letter".to_owned()
            }
            (true, false) => format!("the policy has no folder before `AWSLogs`, the trail has `{wanted}`"),
            (false, true) => format!("the policy has the folder `{found}` before `AWSLogs`, the trail has no prefix"),
            _ => format!("the policy has the folder `{found}` before `AWSLogs`, the trail has `{wanted}`"),
        };
        self.differs(
            10,
            Cause::KeyPrefixMismatch,
            placeholder_hint(&found).or(Some(hint)),
        );
    }

    fn compare_owners(&mut self, rest: &[&str]) {
        let owners = self.needed.owners.clone();
        for (at, owner) in owners.iter().enumerate() {
            let Some(segment) = rest.get(at) else {
                return self.differs(10, Cause::ResourceMissingObjectWildcard, None);
            };
            // A wildcard at the end stands for all that follows.
            let last = rest.len() == at + 1;
            if last && segment.ends_with('*') && glob(segment, &format!("{owner}/")) {
                return;
            }
            if !glob(segment, owner) {
                return self.other_owner(at, segment, owner);
            }
        }
        self.compare_tail(rest.get(owners.len()..).unwrap_or_default());
    }

    fn other_owner(&mut self, at: usize, found: &str, needed: &str) {
        let unfilled = (!is_account(found))
            .then(|| placeholder_hint(found))
            .flatten();
        let hint = unfilled.or_else(|| look_alike(found, needed));
        let meant_organization =
            at == 0 && self.needed.owners.len() > 1 && !is_account(found) && !found.contains('*');
        let (distance, cause) = match (meant_organization, &hint) {
            (true, _) => (90, Cause::OrgPathWrongId),
            (false, Some(_)) => (90, self.needed.missing()),
            (false, None) => (100, self.needed.missing()),
        };
        // The right organization and the wrong account is nearer than neither.
        let distance = if at == 0 { distance } else { distance - 1 };
        self.differs(distance, cause, hint);
    }

    fn compare_tail(&mut self, tail: &[&str]) {
        let needed = &self.needed.tail;
        match tail {
            [] | [""] => return self.differs(10, Cause::ResourceMissingObjectWildcard, None),
            _ => {}
        }
        let kind_differs = differs_at(tail, needed, 0);
        let region_differs = differs_at(tail, needed, 1) || self.names_other_region(tail);
        let date_differs = (2..5).any(|at| differs_at(tail, needed, at));
        // The further a pattern follows the object's name, the nearer it is.
        if kind_differs {
            self.differs(5, Cause::LogKindNotGranted, None);
        } else if region_differs {
            self.differs(4, Cause::RegionNotGranted, None);
        } else if date_differs && !self.needed.id.is_folder_probe() || self.names_past_year(tail) {
            self.differs(3, Cause::GrantExpires, None);
        } else if !glob(&tail.join("/"), &needed.join("/")) {
            self.differs(5, self.narrower(), None);
        }
    }

    /// Whether a folder of the pattern is a Region, and not the one that is needed. A folder object lies
    /// in none.
    fn names_other_region(&self, tail: &[&str]) -> bool {
        let fits = match (tail.get(1), self.needed.tail.get(1)) {
            (Some(found), Some(needed)) => glob(found, needed),
            _ => false,
        };
        names_region(tail) && (self.needed.id.is_folder_probe() || !fits)
    }

    /// Whether a folder of the pattern is a year that is over, wherever it stands.
    fn names_past_year(&self, tail: &[&str]) -> bool {
        tail.iter().any(|segment| {
            let is_year =
                segment.len() == 4 && segment.starts_with("20") && segment.parse::<u16>().is_ok();
            is_year && *segment < self.needed.year
        })
    }

    /// The cause when the pattern is narrower than the folder in a way of its own.
    fn narrower(&self) -> Cause {
        if self.needed.id.is_folder_probe() {
            Cause::CreationProbeRefused
        } else {
            Cause::LogKindNotGranted
        }
    }

    fn finish(mut self) -> Comparison {
        // An owner's folder that is not named at all is the one fault, whatever else differs.
        let missing = self.needed.missing();
        if let Some(only) = self
            .differences
            .iter()
            .find(|difference| difference.cause == missing)
            .cloned()
        {
            self.differences = vec![only];
        }
        Comparison {
            distance: self.distance,
            differences: self.differences,
        }
    }
}

/// The year in which a request is made.
fn year(case: &Case) -> &str {
    match case.context.get("aws:CurrentTime") {
        ContextValue::Present(times) => times
            .first()
            .and_then(|time| time.get(..4))
            .unwrap_or_default(),
        _ => "",
    }
}

/// Folders as a path, each with its slash.
fn folders(segments: &[&str]) -> String {
    segments
        .iter()
        .fold(String::new(), |path, segment| path + segment + "/")
}

/// Whether a part of a pattern matches a part of a text. Most parts hold no wildcard.
pub(super) fn glob(pattern: &str, text: &str) -> bool {
    if pattern.contains(['*', '?']) {
        Pattern::glob(pattern).matches(text)
    } else {
        pattern == text
    }
}

/// Whether a pattern's folder at a position cannot be the needed one. A wildcard in the last folder
/// may stand for all that follows, so only what is before it counts.
fn differs_at(tail: &[&str], needed: &[&str], at: usize) -> bool {
    let before = tail.get(..at).unwrap_or_default();
    if before.iter().any(|segment| segment.contains('*')) {
        return false;
    }
    let (Some(found), Some(needed)) = (tail.get(at), needed.get(at)) else {
        return false;
    };
    match found.split_once('*') {
        Some((literal, _)) if tail.len() == at + 1 => !format!("{needed}/").starts_with(literal),
        _ => !glob(found, needed),
    }
}

/// Whether the folder after the kind is a Region's.
fn names_region(tail: &[&str]) -> bool {
    tail.get(1).is_some_and(|segment| {
        let literal = segment.trim_end_matches('*');
        let dashes = literal.matches('-').count();
        literal.len() > 2
            && dashes >= 1
            && literal
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '-')
    })
}

fn is_awslogs_like(segment: &str) -> bool {
    let folded: String = segment
        .trim_start_matches('*')
        .to_ascii_lowercase()
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    matches!(
        &*folded,
        "awslogs"
            | "awslog"
            | "logs"
            | "log"
            | "awslogss"
            | "awlogs"
            | "awsloga"
            | "aswlogs"
            | "amazonlogs"
    )
}

fn collapse(text: &str) -> String {
    text.split('/')
        .filter(|segment| !segment.is_empty())
        .collect::<Vec<_>>()
        .join("/")
}

/// Two owners that somebody may have taken for one another: an account id with a digit missing,
/// added or changed.
fn look_alike(found: &str, needed: &str) -> Option<String> {
    let digits = found.bytes().all(|byte| byte.is_ascii_digit());
    if digits
        && !found.is_empty()
        && needed.trim_start_matches('0') == found.trim_start_matches('0')
    {
        return Some(format!(
            "`{found}` has lost its leading zeros: an account id has twelve digits"
        ));
    }
    if digits && (10..=14).contains(&found.len()) && found.len() != 12 {
        return Some(format!(
            "`{found}` has {} digits: an account id has twelve",
            found.len()
        ));
    }
    let changed = found
        .bytes()
        .zip(needed.bytes())
        .filter(|(a, b)| a != b)
        .count();
    (found.len() == needed.len() && changed <= 2).then(|| {
        format!(
            "`{found}` differs from `{needed}` in {changed} character{}",
            if changed == 1 { "" } else { "s" }
        )
    })
}

/// What documentation and templates write where something is to be filled in.
const WORDS: [&str; 12] = [
    "amzn-s3-demo-bucket",
    "myaccountid",
    "mybucketname",
    "account-id",
    "accountid",
    "account_id",
    "optionalprefix",
    "mytrailname",
    "your-bucket",
    "yourbucket",
    "youraccount",
    "primary-trail-name",
];

/// Asked of every value of a list for every trail that the list refuses: one pass for all words.
static FINDER: LazyLock<AhoCorasick> = LazyLock::new(|| {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .build(WORDS)
        .expect("a few short words always make an automaton")
});

/// A text that documentation uses for something to be filled in.
pub(super) fn placeholder(text: &str) -> Option<&str> {
    for (open, close) in [('[', ']'), ('<', '>')] {
        if let (Some(start), Some(end)) = (text.find(open), text.find(close))
            && start < end
        {
            return text.get(start..=end);
        }
    }
    if let Some(start) = text.find("${") {
        let variable = text.get(start..)?;
        let end = variable.find('}')?;
        // IAM's own variables were filled in before; what is left belongs to a template.
        return variable.get(..=end);
    }
    text.get(FINDER.find(text)?.range())
}

/// What to say of something that looks like a placeholder.
pub(super) fn placeholder_words(left: &str) -> String {
    if left.starts_with("${aws:") {
        return format!("`{left}` is filled in only by policies whose `Version` is `2012-10-17`");
    }
    format!("`{left}` looks like a placeholder that was never filled in")
}

fn placeholder_hint(text: &str) -> Option<String> {
    placeholder(text).map(placeholder_words)
}
