//! What is to be looked at, where the command line names nothing: snapshots, or policy files and the
//! trails they should serve.

use std::path::PathBuf;

use serde::Deserialize;
use toml::Spanned;

use super::Source;
use crate::document::InputError;
use crate::source::plain::PlainFiles;

/// The documents that a configuration file names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Input {
    /// Snapshot folders.
    pub snapshots: Vec<PathBuf>,
    /// Policy files and trails.
    pub plain: PlainFiles,
}

impl Input {
    /// Whether it names anything to look at.
    pub fn is_empty(&self) -> bool {
        self.snapshots.is_empty() && self.plain.trails.is_empty()
    }
}

/// The table `[input]`. Names are those of the flags.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Entries {
    snapshots: Vec<PathBuf>,
    bucket: Option<String>,
    bucket_policy: Option<Spanned<PathBuf>>,
    bucket_region: Option<Spanned<String>>,
    key_policy: Option<Spanned<PathBuf>>,
    key_arn: Option<String>,
    topic_policy: Option<Spanned<PathBuf>>,
    topic_arn: Option<String>,
    trails: Vec<Spanned<String>>,
}

impl Entries {
    /// The input; an entry that cannot be without another is an error at its place.
    pub(super) fn input(self, source: &Source<'_>) -> Result<Input, InputError> {
        let start = |at: Option<usize>| at.unwrap_or(0);
        let of_path = |entry: &Option<Spanned<PathBuf>>| entry.as_ref().map(|it| it.span().start);
        let of_text = |entry: &Option<Spanned<String>>| entry.as_ref().map(|it| it.span().start);
        let trail = self.trails.first().map(|it| it.span().start);
        let (bucket, key, topic) = (
            self.bucket.is_some(),
            self.key_arn.is_some(),
            self.topic_arn.is_some(),
        );
        let policies = [
            of_path(&self.bucket_policy),
            of_path(&self.key_policy),
            of_path(&self.topic_policy),
        ];
        let policy = policies.into_iter().flatten().min();
        for (at, there, needed) in [
            (of_path(&self.bucket_policy), bucket, "bucket"),
            (of_text(&self.bucket_region), bucket, "bucket"),
            (of_path(&self.key_policy), key, "key-arn"),
            (of_path(&self.topic_policy), topic, "topic-arn"),
            (trail, bucket, "bucket"),
            (policy, trail.is_some(), "trails"),
        ] {
            if at.is_some() && !there {
                let message = format!("this needs `{needed}` beside it");
                return Err(source.error(start(at), message));
            }
        }
        Ok(Input {
            snapshots: self.snapshots,
            plain: PlainFiles {
                bucket: self.bucket,
                bucket_policy: self.bucket_policy.map(Spanned::into_inner),
                bucket_region: self.bucket_region.map(Spanned::into_inner),
                key_policy: self.key_policy.map(Spanned::into_inner),
                key_arn: self.key_arn,
                topic_policy: self.topic_policy.map(Spanned::into_inner),
                topic_arn: self.topic_arn,
                trails: self.trails.into_iter().map(Spanned::into_inner).collect(),
            },
        })
    }
}
