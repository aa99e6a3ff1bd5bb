//! What policies spell out: accounts, organizations, key prefixes and trail names. A stranger who wants
//! to be let in tries these, and who is spelled out is no stranger.

use std::collections::BTreeSet;

use crate::delivery::legacy_region;
use crate::iam::{Policy, PrincipalKind};
use crate::model::arn::is_organization_id;

/// API Reference, `CreateTrail`: the most characters of an S3 key prefix.
const LONGEST_PREFIX: usize = 200;

/// The most prefixes that are tried.
const MOST_PREFIXES: usize = 64;

/// The keys whose values name trails or their accounts.
pub(super) const TRAIL_KEYS: [&str; 3] = [
    "aws:sourcearn",
    "aws:sourceaccount",
    "kms:encryptioncontext:aws:cloudtrail:arn",
];

/// What some policies spell out.
#[derive(Debug, Default)]
pub(super) struct Named {
    /// Account ids.
    pub(super) accounts: BTreeSet<String>,
    /// Organization ids.
    pub(super) organizations: BTreeSet<String>,
    /// The accounts of the time before service principals that are named as principals.
    pub(super) legacy: BTreeSet<String>,
    /// Folders before `AWSLogs/` that fit some pattern; each ends in a slash.
    pub(super) prefixes: BTreeSet<String>,
    /// Trail names that fit some pattern.
    pub(super) trail_names: BTreeSet<String>,
    /// Whether some Resource holds a variable, which a request fills in.
    pub(super) variables: bool,
}

/// Reads what some policies spell out.
pub(super) fn named(policies: &[&Policy]) -> Named {
    let mut named = Named::default();
    for statement in policies.iter().flat_map(|policy| &policy.statements) {
        for entry in statement
            .principal
            .iter()
            .flat_map(|principal| &principal.entries)
        {
            if entry.kind == PrincipalKind::Aws && legacy_region(&entry.value).is_some() {
                let account = entry.value.strip_suffix(":root").unwrap_or(&entry.value);
                let account = account.rsplit(':').next().unwrap_or(account);
                named.legacy.insert(account.to_owned());
            }
        }
        for entry in statement
            .resource
            .iter()
            .flat_map(|resource| &resource.patterns)
        {
            named.variables |= entry.pattern.has_variables();
            if let Some((_, key)) = entry
                .text
                .split_once(":s3:::")
                .and_then(|(_, rest)| rest.split_once('/'))
            {
                named.note_ids(&entry.text);
                named.note_prefixes(key);
            }
        }
        for condition in &statement.conditions {
            let texts = condition.values.iter().map(|value| &*value.text);
            match &*condition.key {
                key if TRAIL_KEYS.contains(&key) => texts.for_each(|text| {
                    named.note_ids(text);
                    named.note_trail_name(text);
                }),
                key if key.starts_with("aws:sourceorg") => {
                    texts.for_each(|text| named.note_ids(text));
                }
                _ => {}
            }
        }
    }
    named
}

impl Named {
    fn note_ids(&mut self, text: &str) {
        let digits = text.split(|character: char| !character.is_ascii_digit());
        self.accounts
            .extend(digits.filter(|run| run.len() == 12).map(str::to_owned));
        let words =
            text.split(|character: char| !character.is_ascii_alphanumeric() && character != '-');
        self.organizations.extend(
            words
                .filter(|word| is_organization_id(word))
                .map(str::to_owned),
        );
    }

    /// Every place at which `AWSLogs/` could begin in a text that matches: after a slash, or inside of a
    /// wildcard. Wildcards are tried as nothing and as a letter.
    fn note_prefixes(&mut self, pattern: &str) {
        for (star, question) in [("", "x"), ("x", "x")] {
            let mut text = String::new();
            for character in pattern.chars() {
                match character {
                    '*' => {
                        self.note_prefix(&text);
                        text.push_str(star);
                        self.note_prefix(&text);
                    }
                    '?' => {
                        self.note_prefix(&text);
                        text.push_str(question);
                    }
                    '/' => {
                        self.note_prefix(&text);
                        text.push('/');
                    }
                    other => text.push(other),
                }
            }
        }
    }

    fn note_prefix(&mut self, text: &str) {
        let ordinary = !text.is_empty() && !text.ends_with('/') && !text.starts_with('/');
        // CloudTrail User Guide, "Receiving CloudTrail log files from multiple accounts": a prefix must
        // not contain `AWSLogs/`, else anybody could take another account's folder.
        if ordinary
            && text.len() <= LONGEST_PREFIX
            && !format!("{text}/").contains("AWSLogs/")
            && self.prefixes.len() < MOST_PREFIXES
        {
            self.prefixes.insert(format!("{text}/"));
        }
    }

    fn note_trail_name(&mut self, arn: &str) {
        let Some((_, pattern)) = arn.rsplit_once("trail/") else {
            return;
        };
        for star in ["", "x", "xxx"] {
            let name = pattern.replace('*', star).replace('?', "x");
            if is_trail_name(&name) {
                self.trail_names.insert(name);
            }
        }
    }
}

/// CloudTrail User Guide, "Naming requirements": 3 to 128 letters, digits, `.`, `_` and `-`, with a
/// letter or digit at both ends.
fn is_trail_name(text: &str) -> bool {
    let inside = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let ends = [text.bytes().next(), text.bytes().next_back()];
    (3..=128).contains(&text.len())
        && text.bytes().all(inside)
        && ends.iter().flatten().all(u8::is_ascii_alphanumeric)
}
