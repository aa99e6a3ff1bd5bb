//! Policies as a fragment of a template of AWS `CloudFormation`.

use serde_json::{Map, Value, json};

use super::Tight;
use crate::delivery::Target;

/// A template with one resource per policy; what was given up stands in its `Metadata`.
pub fn write(policies: &[Tight]) -> Value {
    let mut resources = Map::new();
    for policy in policies {
        let base = logical_id(policy);
        let numbered = (2..).map(|number| format!("{base}{number}"));
        let mut ids = std::iter::once(base.clone()).chain(numbered);
        let id = ids.find(|id| !resources.contains_key(id)).unwrap_or(base);
        resources.insert(id, resource(policy));
    }
    json!({ "AWSTemplateFormatVersion": "2010-09-09", "Resources": resources })
}

fn resource(policy: &Tight) -> Value {
    let document = &policy.policy;
    let mut resource = match policy.target {
        Target::Bucket => json!({
            "Type": "AWS::S3::BucketPolicy",
            "Properties": { "Bucket": policy.resource, "PolicyDocument": document },
        }),
        Target::Topic => json!({
            "Type": "AWS::SNS::TopicPolicy",
            "Properties": { "Topics": [policy.resource], "PolicyDocument": document },
        }),
        // A key's policy is a property of the key itself.
        Target::Key | Target::TopicKey | Target::LogRole => json!({
            "Type": "AWS::KMS::Key",
            "DeletionPolicy": "Retain",
            "UpdateReplacePolicy": "Retain",
            "Properties": { "KeyPolicy": document },
        }),
    };
    let is_key = !matches!(policy.target, Target::Bucket | Target::Topic);
    let said: Vec<String> = is_key
        .then(|| {
            format!(
                "the key policy of {}: copy `KeyPolicy` to where that key is defined, or import the key as this resource. \
                 Deployed as it is, it makes a new key",
                policy.resource
            )
        })
        .into_iter()
        .chain(policy.given_up.iter().map(|it| format!("given up to fit: {it}")))
        .chain(policy.notes.iter().cloned())
        .collect();
    if let Some(resource) = resource.as_object_mut().filter(|_| !said.is_empty()) {
        resource.insert("Metadata".to_owned(), json!({ "TrailLint": said }));
    }
    resource
}

fn logical_id(policy: &Tight) -> String {
    let name = policy
        .resource
        .rsplit([':', '/'])
        .next()
        .unwrap_or_default();
    let words = name.split(|c: char| !c.is_ascii_alphanumeric());
    let camel = words.map(|word| {
        let mut chars = word.chars();
        let first = chars.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(chars).collect::<String>()
    });
    let kind = match policy.target {
        Target::Bucket => "BucketPolicy",
        Target::Topic => "TopicPolicy",
        Target::Key | Target::TopicKey | Target::LogRole => "Key",
    };
    camel.chain([kind.to_owned()]).collect()
}
