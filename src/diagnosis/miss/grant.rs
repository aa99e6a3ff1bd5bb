//! The fault of a request that no statement comes near to granting: what is missing, the statement that
//! was perhaps meant for it, and another bucket's name where the bucket itself is asked about.

use super::super::resource::{Difference, Needed, glob, placeholder, placeholder_words};
use super::super::{Cause, Fault, statement_name};
use super::{Search, failing_conditions, lacks};
use crate::delivery::{RequestId, Target};
use crate::iam::{Element, Miss, Statement};
use crate::model::Arn;

impl<'s> Search<'s, '_> {
    /// A statement that grants an action on the bucket, but names another bucket.
    pub(super) fn bucket_faults(&self, candidates: &[&'s Miss]) -> Option<Vec<Fault>> {
        let needed = Arn::parse(&self.case.resource)
            .filter(|arn| arn.service == "s3" && !arn.resource.contains('/'))?;
        candidates.iter().find_map(|miss| {
            let statement = self.statement(miss)?;
            let resource = statement.resource.as_ref().filter(|found| !found.negated)?;
            let (entry, difference) = resource
                .patterns
                .iter()
                .find_map(|entry| Some((entry, other_bucket(&entry.text, &needed)?)))?;
            let fault = Fault {
                statement: Some(statement.index),
                found: vec![entry.text.to_string()],
                needed: self.case.resource.clone(),
                hint: difference.hint,
                ..Fault::new(
                    difference.cause,
                    Target::Bucket,
                    self.policy.place(&entry.pointer),
                )
            };
            let mut faults = vec![fault];
            faults.extend(self.condition_faults_of(statement, miss));
            Some(faults)
        })
    }

    /// No statement grants the action to CloudTrail. A statement that nearly does is pointed at.
    pub(super) fn missing_grant(&self) -> Fault {
        let id = self.request.id;
        let cause = match id.target() {
            Target::Bucket if id == RequestId::GetBucketAcl => Cause::GetBucketAclMissing,
            Target::Bucket => Needed::new(self.delivery, id, self.case)
                .map_or(Cause::AccountPrefixMissing, |needed| needed.missing()),
            Target::Key => match id {
                RequestId::DescribeKey => Cause::KmsNoDescribeKey,
                RequestId::Decrypt => Cause::KmsNoDecryptForBucketKey,
                _ => Cause::KmsNoGenerateDataKey,
            },
            Target::Topic => Cause::TopicPolicyMissing,
            Target::TopicKey => Cause::TopicKmsDenied,
            Target::LogRole => Cause::CloudwatchRoleDenied,
        };
        let needed = Needed::new(self.delivery, id, self.case)
            .map_or_else(|| self.case.resource.clone(), |needed| needed.folder());
        let near = self.near_grant();
        let place = near
            .as_ref()
            .map_or("/Statement", |(_, pointer, _)| pointer);
        Fault {
            statement: near.as_ref().map(|(statement, _, _)| statement.index),
            needed,
            hint: near.as_ref().map(|(_, _, hint)| hint.clone()),
            ..Fault::new(cause, id.target(), self.policy.place(place))
        }
    }

    /// A statement for CloudTrail that misses by its Resource, its conditions or its Action: where, and in
    /// words.
    fn near_grant(&self) -> Option<(&'s Statement, &'s str, String)> {
        let for_cloudtrail = || {
            let misses = self.misses.iter();
            misses.filter(|miss| !lacks(miss, Element::Principal))
        };
        if let Some(miss) = for_cloudtrail().find(|miss| !lacks(miss, Element::Action)) {
            let statement = self.statement(miss)?;
            let (pointer, but) = self.what_misses(statement, miss)?;
            let name = statement_name(statement);
            return Some((
                statement,
                pointer,
                format!("{name} grants the action, but {but}"),
            ));
        }
        let nearly = |statement: &Statement| {
            let action = self.request.id.action();
            resembles(statement, action) || encrypts_otherwise(statement, action)
        };
        let mut statements = for_cloudtrail()
            .filter(|miss| !lacks(miss, Element::Resource))
            .filter_map(|miss| self.statement(miss));
        let statement = statements.find(|statement| nearly(statement))?;
        let action = statement.action.as_ref()?;
        let found = quoted(action.patterns.iter().map(|pattern| &*pattern.text));
        let hint = format!("{} grants {found} instead", statement_name(statement));
        Some((statement, &action.pointer, hint))
    }

    /// The Resource, or else the conditions, that keep a grant of the action from applying.
    fn what_misses(&self, statement: &'s Statement, miss: &Miss) -> Option<(&'s str, String)> {
        if !lacks(miss, Element::Resource) {
            let first = failing_conditions(statement, miss).next()?;
            let keys = failing_conditions(statement, miss).map(|condition| &*condition.key_text);
            let but = format!("its condition on {} is not met", quoted(keys));
            return Some((&first.pointer, but));
        }
        let Some(resource) = &statement.resource else {
            return Some((&statement.pointer, "has no Resource".to_owned()));
        };
        let not = if resource.negated { "not " } else { "" };
        let found = quoted(resource.patterns.iter().map(|pattern| &*pattern.text));
        let but = format!("{not}on {found}{}", self.what_resource());
        Some((&resource.pointer, but))
    }

    /// What the Resource has to be, where a statement has another.
    fn what_resource(&self) -> &'static str {
        match self.request.id.target() {
            Target::Key | Target::TopicKey => "; in a key policy the Resource is `*`, this key",
            Target::Bucket if self.request.id == RequestId::GetBucketAcl => {
                "; this action is on the bucket itself, not on objects"
            }
            Target::Bucket | Target::Topic | Target::LogRole => "",
        }
    }
}

/// Texts, each in backquotes.
fn quoted<'t>(texts: impl Iterator<Item = &'t str>) -> String {
    let quoted: Vec<String> = texts.map(|text| format!("`{text}`")).collect();
    quoted.join(", ")
}

/// What is wrong with the Resource of a grant on the bucket, if it names a bucket.
fn other_bucket(text: &str, needed: &Arn<'_>) -> Option<Difference> {
    let found =
        Arn::parse(text).filter(|arn| arn.service == "s3" && !arn.resource.contains('/'))?;
    let left = placeholder(found.resource).filter(|left| !needed.resource.contains(left));
    let (cause, hint) = match left {
        Some(left) => (
            Cause::PlaceholderLeftInPolicy,
            Some(placeholder_words(left)),
        ),
        None if !glob(found.resource, needed.resource) => (Cause::ResourceWrongBucket, None),
        None if !glob(found.partition, needed.partition) => (Cause::WrongPartition, None),
        None => return None,
    };
    Some(Difference { cause, hint })
}

/// Whether a statement's actions are a misspelling of the one that is needed.
fn resembles(statement: &Statement, action: &str) -> bool {
    let letters = |text: &str| {
        text.to_ascii_lowercase()
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .collect::<String>()
    };
    let needed = letters(action);
    statement.action.as_ref().is_some_and(|element| {
        element.patterns.iter().any(|pattern| {
            let found = letters(&pattern.text);
            found.starts_with(&needed)
                || needed.starts_with(&found) && found.len() + 3 > needed.len()
        })
    })
}

/// Whether a statement grants other ways to encrypt where a data key is needed.
fn encrypts_otherwise(statement: &Statement, action: &str) -> bool {
    let ways = ["kms:Encrypt", "kms:ReEncryptTo"];
    action == RequestId::GenerateDataKey.action()
        && statement.action.as_ref().is_some_and(|element| {
            let mut patterns = element.patterns.iter();
            !element.negated
                && patterns.any(|entry| ways.iter().any(|way| entry.pattern.matches(way)))
        })
}
