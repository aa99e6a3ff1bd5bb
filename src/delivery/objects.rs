//! The names of the objects CloudTrail writes, as sets: Region, account and the random part vary.
//!
//! Source: CloudTrail User Guide, "Finding your CloudTrail log files" and "Digest file structure"
//! (read 2026-11).

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::iam::unknown::has_unknown;
use crate::iam::{CharSet, Piece, Template};
use crate::model::arn::is_organization_id;
use crate::model::{Estate, Evidence, Trail, region};

/// The piece of a template that stands for the Region of the logged activity.
pub const REGION: &str = "region";
/// The piece that stands for the account whose activity is logged, in an organization trail whose
/// members nobody listed: any account.
pub const ANY_ACCOUNT: &str = "any account";
/// The same for an organization whose members are known.
pub const MEMBER: &str = "member";
/// The piece that stands for an organization id that nobody told.
pub const ORGANIZATION: &str = "organization";

/// A kind of file, each in a folder of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileKind {
    Log,
    Digest,
    Insight,
    NetworkActivity,
    Aggregated,
}

impl FileKind {
    pub(super) fn folder(self) -> &'static str {
        match self {
            FileKind::Log => "CloudTrail",
            FileKind::Digest => "CloudTrail-Digest",
            FileKind::Insight => "CloudTrail-Insight",
            FileKind::NetworkActivity => "CloudTrail-NetworkActivity",
            FileKind::Aggregated => "CloudTrail-Aggregated",
        }
    }
}

/// Everything that names of one trail's objects are made from.
pub(super) struct ObjectNames<'e> {
    estate: &'e Estate,
    trail: &'e Trail,
    date: String,
}

impl<'e> ObjectNames<'e> {
    pub(super) fn new(estate: &'e Estate, trail: &'e Trail, now: Timestamp) -> ObjectNames<'e> {
        let date = now.strftime("%Y/%m/%d").to_string();
        ObjectNames {
            estate,
            trail,
            date,
        }
    }

    /// The folder of a kind, as reports show all its files.
    pub(super) fn shown(&self, kind: FileKind) -> String {
        let owner = match (&self.estate.organization, self.trail.organization) {
            (Evidence::Present(organization), true) => format!("{}/*", organization.id),
            (_, true) => "o-*/*".to_owned(),
            (_, false) => self.trail.account.clone(),
        };
        format!("{}{owner}/{}/*", root(self.trail), kind.folder())
    }

    /// Every file of a kind: all Regions, and all accounts of an organization.
    pub(super) fn files(&self, kind: FileKind, regions: &[String]) -> Template {
        let mut pieces = vec![Piece::Text(root(self.trail))];
        let account = if self.trail.organization {
            self.organization_folder(&mut pieces);
            let members = self.members();
            let again = match &members {
                Piece::Choice { name, .. } => Piece::Again(name),
                _ => Piece::Again(ANY_ACCOUNT),
            };
            pieces.push(members);
            again
        } else {
            pieces.push(Piece::Text(self.trail.account.clone()));
            Piece::Text(self.trail.account.clone())
        };
        let choice = match regions {
            [only] => Piece::Text(only.clone()),
            _ => Piece::Choice {
                name: REGION,
                words: regions.to_vec(),
            },
        };
        let again = match regions {
            [only] => Piece::Text(only.clone()),
            _ => Piece::Again(REGION),
        };
        let day = self.date.replace('/', "");
        pieces.push(Piece::Text(format!("/{}/", kind.folder())));
        pieces.push(choice);
        pieces.push(Piece::Text(format!("/{}/", self.date)));
        pieces.push(account);
        pieces.push(Piece::Text(format!("_{}_", kind.folder())));
        pieces.push(again);
        if kind == FileKind::Digest {
            let Trail {
                name, home_region, ..
            } = self.trail;
            pieces.push(Piece::Text(format!("_{name}_{home_region}_{day}T")));
            pieces.push(Piece::Chars {
                name: None,
                set: CharSet::Digits,
                len: 6,
            });
        } else {
            pieces.push(Piece::Text(format!("_{day}T")));
            pieces.push(Piece::Chars {
                name: None,
                set: CharSet::Digits,
                len: 4,
            });
            pieces.push(Piece::Text("Z_".to_owned()));
            pieces.push(Piece::Chars {
                name: None,
                set: CharSet::Alnum,
                len: 16,
            });
        }
        let suffix = if kind == FileKind::Digest {
            "Z.json.gz"
        } else {
            ".json.gz"
        };
        pieces.push(Piece::Text(suffix.to_owned()));
        Template { pieces }
    }

    /// The empty folder object that is written when a trail is created or updated. Under the
    /// organization's folder its exact name is not documented; the management account's is taken.
    pub(super) fn folder(&self, kind: FileKind) -> Template {
        let mut pieces = vec![Piece::Text(root(self.trail))];
        if self.trail.organization {
            self.organization_folder(&mut pieces);
        }
        pieces.push(Piece::Text(format!(
            "{}/{}/",
            self.trail.account,
            kind.folder()
        )));
        Template { pieces }
    }

    /// The folder object in the management account's own folder, which an organization trail's
    /// creation needs as well (reported: aws/aws-cdk issues 22267 and 29242).
    pub(super) fn management_folder(&self, kind: FileKind) -> Template {
        let text = format!(
            "{}{}/{}/",
            root(self.trail),
            self.trail.account,
            kind.folder()
        );
        Template {
            pieces: vec![Piece::Text(text)],
        }
    }

    fn organization_folder(&self, pieces: &mut Vec<Piece>) {
        match self.estate.organization.present() {
            Some(organization) => pieces.push(Piece::Text(format!("{}/", organization.id))),
            None => {
                pieces.push(Piece::Text("o-".to_owned()));
                pieces.push(Piece::Chars {
                    name: Some(ORGANIZATION),
                    set: CharSet::LowerAlnum,
                    len: self.organization_id_length(),
                });
                pieces.push(Piece::Text("/".to_owned()));
            }
        }
    }

    /// How many characters follow `o-` in an organization id that nobody told: as many as in the one that
    /// the bucket policy spells out, so that the two may be the same; else ten, as AWS gives them out.
    fn organization_id_length(&self) -> usize {
        let bucket = self.estate.buckets.get(&self.trail.bucket);
        let policy = bucket.and_then(|bucket| bucket.policy.present());
        let statements = policy.iter().flat_map(|it| &it.policy.statements);
        statements
            .filter_map(|statement| statement.resource.as_ref())
            .flat_map(|resource| &resource.patterns)
            .flat_map(|entry| entry.text.split('/'))
            .find(|folder| is_organization_id(folder))
            .map_or(10, |id| id.len() - "o-".len())
    }

    fn members(&self) -> Piece {
        match &self.estate.organization {
            Evidence::Present(organization) if organization.accounts.is_some() => {
                let mut words: BTreeSet<String> = organization.accounts.clone().unwrap_or_default();
                words.insert(self.trail.account.clone());
                Piece::Choice {
                    name: MEMBER,
                    words: words.into_iter().collect(),
                }
            }
            _ => Piece::Chars {
                name: Some(ANY_ACCOUNT),
                set: CharSet::Digits,
                len: 12,
            },
        }
    }
}

/// `arn:aws:s3:::BUCKET/[PREFIX/]AWSLogs/`
pub fn root(trail: &Trail) -> String {
    let Trail {
        partition, bucket, ..
    } = trail;
    let prefix = match &trail.key_prefix {
        // How slashes around a prefix are treated is not documented; one between is certain.
        Some(prefix) if !prefix.trim_end_matches('/').is_empty() => {
            format!("{}/", prefix.trim_end_matches('/'))
        }
        _ => String::new(),
    };
    format!("arn:{partition}:s3:::{bucket}/{prefix}AWSLogs/")
}

/// The Regions a trail writes files of: its home Region, or every Region of its partition. Which of
/// them the account has enabled is not known from the trail.
pub(super) fn regions(trail: &Trail) -> Vec<String> {
    let all = region::regions(&trail.partition);
    if !trail.multi_region || all.is_empty() {
        return vec![trail.home_region.clone()];
    }
    let mut regions: BTreeSet<&str> = all.iter().copied().collect();
    // A home Region that nobody told is one of them.
    if !has_unknown(&trail.home_region) {
        regions.insert(&trail.home_region);
    }
    regions.into_iter().map(str::to_owned).collect()
}
