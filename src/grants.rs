//! The statements that CloudTrail needs for some trails, and nothing more: what is added to a policy that
//! lacks them, and what policies are made of that are written from scratch.
//!
//! Sources: CloudTrail User Guide, "Amazon S3 bucket policy for CloudTrail", "Configure AWS KMS key
//! policies for CloudTrail" and "Amazon SNS topic policy for CloudTrail" (read 2026-11).

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::delivery::{Target, context::SERVICE, root};
use crate::iam::Policy;
use crate::json;
use crate::model::{Arn, Estate, Trail};

/// The condition key that holds the trail in calls for a key.
pub const TRAIL_CONTEXT: &str = "kms:EncryptionContext:aws:cloudtrail:arn";

/// The name of an object, which every policy statement of a bucket for CloudTrail asks for.
pub const ACL: &str = "bucket-owner-full-control";

/// A text where there is one, else a list.
pub fn one_or_many<S: AsRef<str>>(values: impl IntoIterator<Item = S>) -> Value {
    let values: Vec<Value> = values
        .into_iter()
        .map(|value| Value::String(value.as_ref().to_owned()))
        .collect();
    match <[Value; 1]>::try_from(values) {
        Ok([only]) => only,
        Err(values) => Value::Array(values),
    }
}

/// The ARNs of trails, sorted.
pub fn arns(trails: &[&Trail]) -> BTreeSet<String> {
    trails.iter().map(|trail| trail.arn.clone()).collect()
}

/// What a trail's encryption context looks like in whatever Region its files are from. Whether the ARN
/// in it carries the home Region there too is not documented; AWS's own policies leave the Region open.
pub fn context_of(trail: &Trail) -> String {
    let Trail {
        partition,
        account,
        name,
        ..
    } = trail;
    format!("arn:{partition}:cloudtrail:*:{account}:trail/{name}")
}

/// The folders that a trail writes to, as Resources; nothing if its organization is not known.
pub fn folders(estate: &Estate, trail: &Trail) -> Option<Vec<String>> {
    let root = literally(&root(trail));
    let own = format!("{root}{}/*", trail.account);
    if !trail.organization {
        return Some(vec![own]);
    }
    let organization = estate.organization.present()?;
    Some(vec![format!("{root}{}/*", organization.id), own])
}

/// A text as a pattern that it alone matches: what would be a wildcard or begin a variable is the variable
/// that stands for it.
///
/// Source: IAM User Guide, "IAM policy elements: Variables and tags" (read 2026-11).
pub fn literally(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '*' | '?' | '$' => pattern.extend(["${", character.encode_utf8(&mut [0; 4]), "}"]),
            ordinary => pattern.push(ordinary),
        }
    }
    pattern
}

/// The ARN of a trail's bucket.
pub fn bucket_arn(trail: &Trail) -> String {
    format!("arn:{}:s3:::{}", trail.partition, trail.bucket)
}

/// A statement for CloudTrail.
pub fn statement(sid: &str, action: &Value, resource: &Value, condition: &Value) -> Value {
    json!({
        "Sid": sid,
        "Effect": "Allow",
        "Principal": { "Service": SERVICE },
        "Action": action,
        "Resource": resource,
        "Condition": condition,
    })
}

fn for_trails(trails: &[&Trail]) -> Value {
    json!({ "StringEquals": { "aws:SourceArn": one_or_many(arns(trails)) } })
}

/// Lets CloudTrail ask for the bucket's ACL.
pub fn ask_acl(bucket: &str, trails: &[&Trail]) -> Value {
    let action = json!("s3:GetBucketAcl");
    let condition = for_trails(trails);
    statement("AWSCloudTrailAclCheck", &action, &json!(bucket), &condition)
}

/// Lets CloudTrail write one trail's files.
pub fn write(trail: &Trail, folders: &[String]) -> Value {
    let condition = json!({ "StringEquals": {
        "s3:x-amz-acl": ACL,
        "aws:SourceArn": trail.arn,
    }});
    let sid = format!("AWSCloudTrailWrite{}", trail.account);
    statement(
        &sid,
        &json!("s3:PutObject"),
        &one_or_many(folders),
        &condition,
    )
}

/// Lets CloudTrail write the files of several trails. That one of them could write into another's folder
/// is said by the policy alone: CloudTrail writes each account's files into that account's folder.
fn write_all(estate: &Estate, trails: &[&Trail]) -> Value {
    let folders = trails
        .iter()
        .filter_map(|trail| folders(estate, trail))
        .flatten();
    let folders: BTreeSet<String> = folders.collect();
    let condition = for_trails(trails);
    statement(
        "AWSCloudTrailWrite",
        &json!("s3:PutObject"),
        &one_or_many(folders),
        &condition,
    )
}

/// Lets CloudTrail encrypt trails' files with a key.
pub fn encrypt(trails: &[&Trail]) -> Value {
    let contexts: BTreeSet<String> = trails.iter().map(|trail| context_of(trail)).collect();
    let condition = json!({
        "StringEquals": { "aws:SourceArn": one_or_many(arns(trails)) },
        "StringLike": { TRAIL_CONTEXT: one_or_many(contexts) },
    });
    let action = json!("kms:GenerateDataKey*");
    statement("AWSCloudTrailEncrypt", &action, &json!("*"), &condition)
}

/// Lets CloudTrail look a key up.
pub fn describe(trails: &[&Trail]) -> Value {
    let condition = for_trails(trails);
    let action = json!("kms:DescribeKey");
    statement("AWSCloudTrailDescribeKey", &action, &json!("*"), &condition)
}

/// Lets CloudTrail decrypt, which it needs where the bucket has an S3 Bucket Key.
pub fn decrypt(trails: &[&Trail]) -> Value {
    let condition = for_trails(trails);
    let action = json!("kms:Decrypt");
    statement("AWSCloudTrailDecrypt", &action, &json!("*"), &condition)
}

/// Lets CloudTrail publish to a topic.
pub fn publish(topic: &str, trails: &[&Trail]) -> Value {
    let condition = for_trails(trails);
    let action = json!("SNS:Publish");
    statement("AWSCloudTrailPublish", &action, &json!(topic), &condition)
}

/// Lets CloudTrail use the key of an encrypted topic for messages to that topic. Whose trail it is cannot
/// be asked here: what source such calls carry is not documented.
pub fn encrypt_messages(topic: &str) -> Value {
    let condition = json!({ "StringEquals": { "kms:EncryptionContext:aws:sns:topicArn": topic } });
    let actions = json!(["kms:GenerateDataKey*", "kms:Decrypt"]);
    statement("AWSCloudTrailNotify", &actions, &json!("*"), &condition)
}

/// Denies everything that is not sent over TLS.
pub fn deny_insecure_transport(bucket: &str) -> Value {
    json!({
        "Sid": "DenyInsecureTransport",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [bucket, format!("{bucket}/*")],
        "Condition": { "Bool": { "aws:SecureTransport": "false" } },
    })
}

/// Leaves the management of a key to the IAM policies of its account.
pub fn administer(key: &str) -> Option<Value> {
    let arn = Arn::parse(key)?;
    Some(json!({
        "Sid": "KeyAdministration",
        "Effect": "Allow",
        "Principal": { "AWS": format!("arn:{}:iam::{}:root", arn.partition, arn.account) },
        "Action": "kms:*",
        "Resource": "*",
    }))
}

/// A whole policy; a Sid that stands twice gets a number.
pub fn policy(statements: impl IntoIterator<Item = Value>) -> Value {
    let mut taken = BTreeSet::new();
    let numbered = statements
        .into_iter()
        .map(|statement| with_free_sid(statement, &mut taken));
    json!({ "Version": "2012-10-17", "Statement": numbered.collect::<Vec<_>>() })
}

/// A statement whose Sid is none of those that are taken; it is one of them then.
pub fn with_free_sid(mut statement: Value, taken: &mut BTreeSet<String>) -> Value {
    let Some(sid) = statement.get_mut("Sid") else {
        return statement;
    };
    let base = sid.as_str().unwrap_or_default().to_owned();
    // Behind an account's id a number would read as a part of it.
    let between = if base.ends_with(|c: char| c.is_ascii_digit()) {
        "No"
    } else {
        ""
    };
    let numbered = (2..).map(|number| format!("{base}{between}{number}"));
    let mut candidates = std::iter::once(base.clone()).chain(numbered);
    if let Some(free) = candidates.find(|candidate| !taken.contains(candidate)) {
        taken.insert(free.clone());
        *sid = Value::String(free);
    }
    statement
}

/// The trails that share what a policy belongs to.
pub fn users<'e>(estate: &'e Estate, target: Target, resource: &str) -> Vec<&'e Trail> {
    let is_user = |trail: &&Trail| match target {
        Target::Bucket => trail.bucket == resource,
        Target::Key => trail.kms_key.as_deref() == Some(resource),
        Target::Topic => trail.topic.as_deref() == Some(resource),
        Target::TopicKey => trail
            .topic
            .as_ref()
            .and_then(|topic| {
                estate
                    .topics
                    .get(topic)?
                    .attributes
                    .present()?
                    .kms_key
                    .as_deref()
            })
            .is_some_and(|key| {
                key == resource || Arn::parse(resource).and_then(|arn| arn.key_id()) == Some(key)
            }),
        Target::LogRole => false,
    };
    estate.trails.iter().filter(is_user).collect()
}

/// Everything that the known trails need of one resource, and nothing else: what a change may grant.
pub fn needed(estate: &Estate, target: Target, resource: &str) -> Policy {
    let trails = users(estate, target, resource);
    let mut statements = Vec::new();
    if !trails.is_empty() {
        match target {
            Target::Bucket => {
                if let Some(bucket) = trails.first().map(|trail| bucket_arn(trail)) {
                    statements.push(ask_acl(&bucket, &trails));
                }
                statements.push(write_all(estate, &trails));
            }
            Target::Key => {
                statements.extend([encrypt(&trails), describe(&trails), decrypt(&trails)]);
            }
            Target::Topic => statements.push(publish(resource, &trails)),
            Target::TopicKey => {
                let topics: BTreeSet<&String> = trails
                    .iter()
                    .filter_map(|trail| trail.topic.as_ref())
                    .collect();
                statements.extend(topics.into_iter().map(|topic| encrypt_messages(topic)));
            }
            Target::LogRole => {}
        }
    }
    read(&policy(statements))
}

/// Everything that CloudTrail could ask for the known trails, whatever they are: what a change may take
/// away from nobody else.
pub fn anything_for(trails: &[&Trail]) -> Policy {
    read(&policy([statement(
        "Any",
        &json!("*"),
        &json!("*"),
        &for_trails(trails),
    )]))
}

/// Everything that CloudTrail could ask for any trail of some accounts.
pub fn anything_of(accounts: &BTreeSet<String>) -> Policy {
    let condition = json!({ "StringEquals": { "aws:SourceAccount": one_or_many(accounts) } });
    read(&policy([statement(
        "Any",
        &json!("*"),
        &json!("*"),
        &condition,
    )]))
}

/// What either of two policies allows, neither of which denies.
pub fn union(one: &Policy, other: &Policy) -> Policy {
    let mut both = one.clone();
    both.statements.extend(other.statements.iter().cloned());
    for (index, statement) in both.statements.iter_mut().enumerate() {
        statement.index = index;
    }
    both
}

/// The policy as the evaluator has it; one that grants nothing for JSON that is no policy.
pub fn read(policy: &Value) -> Policy {
    let root = json::parse(&policy.to_string()).ok();
    let read = root.and_then(|root| Policy::read(&root).ok());
    read.unwrap_or_else(nothing)
}

/// A policy that grants nothing.
pub fn nothing() -> Policy {
    Policy {
        version: crate::iam::Version::V2012,
        statements: Vec::new(),
        problems: Vec::new(),
    }
}

/// An object of one member.
pub fn object(key: &str, value: Value) -> Value {
    Value::Object(Map::from_iter([(key.to_owned(), value)]))
}
