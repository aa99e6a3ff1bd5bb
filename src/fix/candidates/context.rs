//! Candidates where a key policy asks for another encryption context than the one that is sent.

use super::condition::Failing;
use super::{Candidate, quoted, text};
use crate::fix::edit::Op;
use crate::grants::{self, TRAIL_CONTEXT};
use crate::model::Arn;

impl Failing<'_, '_, '_> {
    /// The trail's ARN as the others stand there: with the same parts left open, if that grants nothing
    /// more; else as narrow as it can be.
    pub(super) fn trail_context(&self) -> Vec<Candidate> {
        let trail = self.at.trail();
        let like = self.condition.operator.name.contains("Like")
            || self.condition.operator.name.contains("Arn");
        let siblings = self.condition.values.iter().filter_map(|value| {
            let arn = Arn::parse(&value.text)?;
            let shaped = Arn {
                partition: &trail.partition,
                account: &trail.account,
                region: if arn.region == "*" {
                    "*"
                } else {
                    &trail.home_region
                },
                resource: if arn.resource == "trail/*" {
                    "trail/*"
                } else {
                    return None;
                },
                ..arn
            };
            (arn.service == "cloudtrail").then(|| shaped.to_string())
        });
        let narrow = grants::context_of(trail);
        let values: Vec<String> = if like {
            siblings.take(1).chain([narrow]).collect()
        } else {
            vec![trail.arn.clone()]
        };
        let nearest = match self.condition.values.as_slice() {
            [only] if self.is_nobodys_context(&only.text) => Some(&only.pointer),
            _ => None,
        };
        let mut candidates = Vec::new();
        for value in &values {
            candidates.extend(nearest.map(|place| self.set(place, value).taking_slips()));
            candidates.push(self.add(value));
        }
        candidates.extend(self.misspelt_context());
        candidates
    }

    /// Whether a context value is for no known trail of the key.
    fn is_nobodys_context(&self, value: &str) -> bool {
        let glob = crate::iam::Pattern::glob(value);
        let account = Arn::parse(value).map(|arn| arn.account);
        !self.at.users.iter().any(|trail| {
            glob.matches(&trail.arn)
                || (Some(&*trail.account) == account && trail.arn != self.at.trail().arn)
        })
    }

    /// A key that is nearly the one that holds the trail.
    pub(super) fn misspelt_context(&self) -> Option<Candidate> {
        let wrong = &*self.condition.key;
        let near = wrong.starts_with("kms:encryptioncontext")
            && wrong.contains("trail")
            && !wrong.eq_ignore_ascii_case(TRAIL_CONTEXT);
        near.then(|| {
            let words = format!(
                "put `{TRAIL_CONTEXT}` for {} in {}",
                quoted(&self.condition.key_text),
                self.name
            );
            Candidate::edit(
                words,
                vec![Op::Rename {
                    pointer: self.condition.pointer.clone(),
                    key: TRAIL_CONTEXT.to_owned(),
                }],
            )
            .taking_slips()
        })
    }

    /// The object that is encrypted: everything the trail writes, and the bucket for a Bucket Key.
    pub(super) fn object_context(&self) -> Vec<Candidate> {
        let estate = self.at.scene.estate;
        let trail = self.at.trail();
        let mut values = grants::folders(estate, trail).unwrap_or_default();
        values.push(grants::bucket_arn(trail));
        let has = |value: &String| self.condition.values.iter().any(|it| *it.text == **value);
        values.retain(|value| !has(value));
        let ops = || {
            values.iter().map(|value| Op::Add {
                pointer: self.condition.pointer.clone(),
                value: text(value),
            })
        };
        let words = format!(
            "add the trail's folder and bucket to what {} asks for",
            self.name
        );
        let plain = Candidate::edit(&words, ops().collect());
        let mut candidates = vec![plain];
        let mut ops: Vec<Op> = Vec::new();
        let all = self
            .condition
            .values
            .iter()
            .map(|value| value.text.to_string());
        let all = grants::one_or_many(all.chain(values.iter().cloned()));
        ops.push(Op::Remove {
            pointer: self.condition.pointer.clone(),
        });
        let blocks = |name: &str| {
            self.statement
                .conditions
                .iter()
                .any(|it| &*it.operator.name == name)
        };
        let conditions = format!("{}/Condition", self.statement.pointer);
        let key = self.condition.key_text.to_string();
        // Inserted before the old one goes, so that the block does not fall away.
        ops.insert(
            0,
            if blocks("StringLike") {
                Op::Insert {
                    pointer: format!("{conditions}/StringLike"),
                    key,
                    value: all,
                }
            } else {
                Op::Insert {
                    pointer: conditions,
                    key: "StringLike".to_owned(),
                    value: grants::object(&key, all),
                }
            },
        );
        candidates.push(Candidate::edit(format!("{words}, with `StringLike`"), ops));
        candidates.extend(self.instead());
        candidates
    }
}
