//! One incident, or one published policy, as the files of a snapshot: the answers that AWS would have given.

use serde_json::{Value, json};

use crate::support::{items, text};

/// The snapshot of one incident.
pub(crate) fn of(incident: &Value) -> Vec<(String, String)> {
    let mut documents = bucket(&incident["bucket"]);
    documents.extend(items(incident, "keys").iter().flat_map(key));
    documents.extend(items(incident, "topics").iter().map(topic));
    documents.extend(items(incident, "trails").iter().flat_map(trail));
    documents.extend(organization(incident));
    let others = incident["documents"].as_object();
    documents.extend(
        others
            .into_iter()
            .flatten()
            .map(|(path, answer)| (path.clone(), answer.clone())),
    );
    documents
        .into_iter()
        .map(|(path, answer)| (path, format!("{answer:#}\n")))
        .collect()
}

fn bucket(bucket: &Value) -> Vec<(String, Value)> {
    let folder = format!(
        "accounts/{}/s3/{}",
        text(bucket, "OwnerAccount"),
        text(bucket, "Name")
    );
    let file = |name: &str, answer: Value| (format!("{folder}/{name}.json"), answer);
    if bucket["Exists"] == false {
        return vec![
            file("get-bucket-policy", refused("NoSuchBucket")),
            file("head-bucket", refused("404")),
        ];
    }
    let or_refused = |value: &Value, code: &str, answer: Value| {
        if value.is_null() {
            refused(code)
        } else {
            answer
        }
    };
    let (policy, encryption, ownership) = (
        &bucket["Policy"],
        &bucket["Encryption"],
        &bucket["OwnershipControls"],
    );
    vec![
        file(
            "get-bucket-policy",
            or_refused(policy, "NoSuchBucketPolicy", policy.clone()),
        ),
        file("head-bucket", json!({ "BucketRegion": bucket["Region"] })),
        file(
            "get-bucket-encryption",
            or_refused(
                encryption,
                "ServerSideEncryptionConfigurationNotFoundError",
                json!({ "ServerSideEncryptionConfiguration": encryption }),
            ),
        ),
        file(
            "get-bucket-ownership-controls",
            or_refused(
                ownership,
                "OwnershipControlsNotFoundError",
                json!({ "OwnershipControls": { "Rules": [{ "ObjectOwnership": ownership }] } }),
            ),
        ),
        file(
            "get-bucket-request-payment",
            json!({ "Payer": bucket["RequestPayer"] }),
        ),
    ]
}

fn key(key: &Value) -> Vec<(String, Value)> {
    let arn = text(key, "Arn");
    let (account, id) = (part(arn, 4), arn.rsplit('/').next().unwrap());
    let folder = format!("accounts/{account}/kms/{id}");
    let metadata = json!({ "KeyMetadata": {
        "AWSAccountId": account,
        "KeyId": id,
        "Arn": arn,
        "Enabled": key["Enabled"],
        "KeyUsage": "ENCRYPT_DECRYPT",
        "KeyState": key["KeyState"],
        "KeyManager": key["KeyManager"],
        "KeySpec": "SYMMETRIC_DEFAULT",
    }});
    vec![
        (format!("{folder}/describe-key.json"), metadata),
        (
            format!("{folder}/get-key-policy.json"),
            key["Policy"].clone(),
        ),
    ]
}

fn topic(topic: &Value) -> (String, Value) {
    let arn = text(topic, "Arn");
    let (region, account, name) = (part(arn, 3), part(arn, 4), part(arn, 5));
    let mut attributes =
        json!({ "TopicArn": arn, "Owner": account, "Policy": topic["Policy"].to_string() });
    if let Some(key) = topic["KmsMasterKeyId"].as_str() {
        attributes["KmsMasterKeyId"] = key.into();
    }
    (
        format!("accounts/{account}/sns/{region}/{name}/get-topic-attributes.json"),
        json!({ "Attributes": attributes }),
    )
}

fn trail(trail: &Value) -> Vec<(String, Value)> {
    let (account, answer) = (text(trail, "AccountId"), &trail["Trail"]);
    let folder = format!(
        "accounts/{account}/cloudtrail/{}/{}",
        text(answer, "HomeRegion"),
        text(answer, "Name")
    );
    vec![
        (
            format!("{folder}/get-trail.json"),
            json!({ "Trail": answer }),
        ),
        (
            format!("{folder}/get-trail-status.json"),
            trail["Status"].clone(),
        ),
    ]
}

/// The organization, if a trail belongs to one. Its management account is the one that owns the
/// organization's trail.
fn organization(incident: &Value) -> Option<(String, Value)> {
    let members = || {
        items(incident, "trails")
            .iter()
            .filter(|trail| trail["OrganizationId"].is_string())
    };
    let id = &members().next()?["OrganizationId"];
    let management = members()
        .find(|trail| trail["Trail"]["IsOrganizationTrail"] == true)
        .map_or(
            &incident["bucket"]["OwnerAccount"],
            |trail| &trail["AccountId"],
        );
    let answer = json!({ "Organization": { "Id": id, "MasterAccountId": management } });
    Some((
        "organizations/describe-organization.json".to_owned(),
        answer,
    ))
}

fn refused(code: &str) -> Value {
    json!({ "Error": { "Code": code, "Message": "" } })
}

/// One part of an ARN, counted from 0.
fn part(arn: &str, index: usize) -> &str {
    arn.splitn(6, ':')
        .nth(index)
        .unwrap_or_else(|| panic!("`{arn}` is no ARN"))
}
