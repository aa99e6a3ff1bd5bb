//! The IAM policies that let trail-lint read, made from the list of operations and nothing else.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::answers::pretty;
use super::operation::{Operation, Side};

/// The policy that the given sides need together, for a role of this name in the accounts to be entered.
pub fn policy(sides: &[Side], partition: &str, role_name: &str) -> String {
    pretty(&json!({
        "Version": "2012-10-17",
        "Statement": statements(sides, partition, role_name),
    }))
}

/// One statement for each resource that permissions can be narrowed to.
fn statements(sides: &[Side], partition: &str, role_name: &str) -> Vec<Value> {
    let mut by_resource: BTreeMap<String, Vec<(&str, &str)>> = BTreeMap::new();
    for &operation in Operation::ALL {
        let is_needed = operation.sides().iter().any(|side| sides.contains(side));
        let Some(permission) = operation.permission().filter(|_| is_needed) else {
            continue;
        };
        let resource = match operation.resource() {
            "*" => "*".to_owned(),
            role if operation == Operation::AssumeRole => {
                format!("arn:{partition}:{role}{role_name}")
            }
            narrowed => format!("arn:{partition}:{narrowed}"),
        };
        by_resource
            .entry(resource)
            .or_default()
            .push((operation.service(), permission));
    }
    by_resource
        .into_iter()
        .map(|(resource, mut permissions)| {
            permissions.sort_unstable();
            let services: Vec<&str> = permissions.iter().map(|(service, _)| *service).collect();
            let actions: Vec<&str> = permissions.iter().map(|(_, it)| *it).collect();
            json!({
                "Sid": sid(&services, &resource),
                "Effect": "Allow",
                "Action": actions,
                "Resource": resource,
            })
        })
        .collect()
}

/// What a statement is for; letters and digits only, as IAM wants it.
fn sid(services: &[&str], resource: &str) -> String {
    let mut services = services.to_vec();
    services.dedup();
    match (services.as_slice(), resource) {
        (["STS"], _) => "EnterAccounts".to_owned(),
        (["CloudTrail"], "*") => "FindTrails".to_owned(),
        (["CloudTrail"], _) => "ReadTrails".to_owned(),
        (["Organizations"], _) => "ReadOrganization".to_owned(),
        (["S3"], _) => "ReadBuckets".to_owned(),
        (["KMS"], _) => "ReadKeys".to_owned(),
        (["SNS"], _) => "ReadTopics".to_owned(),
        _ => "FindTrailsAndAccounts".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::Policy;
    use crate::json::parse;

    #[test]
    fn a_policy_is_one_that_iam_takes_and_allows_reading_only() {
        let text = policy(
            &[Side::Caller, Side::Source, Side::Audit],
            "aws",
            "trail-lint",
        );
        let root = parse(&text).unwrap();
        assert!(Policy::read(&root).is_ok());
        let mut actions: Vec<String> = Vec::new();
        let policy: Value = serde_json::from_str(&text).unwrap();
        for statement in policy["Statement"].as_array().unwrap() {
            let sid = statement["Sid"].as_str().unwrap();
            assert!(sid.chars().all(|c| c.is_ascii_alphanumeric()));
            let these = statement["Action"].as_array().unwrap();
            actions.extend(
                these
                    .iter()
                    .map(|action| action.as_str().unwrap().to_owned()),
            );
        }
        for action in &actions {
            let (_, name) = action.split_once(':').unwrap();
            let reads = ["Get", "List", "Describe"]
                .iter()
                .any(|verb| name.starts_with(verb));
            assert!(reads || action == "sts:AssumeRole", "{action}");
        }
        let wanted = Operation::ALL
            .iter()
            .filter(|it| it.permission().is_some())
            .count();
        assert_eq!(actions.len(), wanted);
    }
}
