//! What people write: conditions of Deny statements as they are published, and slips of the pen.

use serde_json::{Value, json};

use super::{BUCKET, KEY, Random};

/// Conditions of Deny statements that people publish, harmless and not.
pub(super) fn deny_conditions(policy: &str) -> Vec<Value> {
    let mut conditions = vec![
        json!({}),
        json!({ "StringNotEquals": { "aws:PrincipalOrgID": "o-exampleorgid" } }),
        json!({ "StringNotEquals": { "aws:PrincipalOrgID": "o-exampleorgid" }, "BoolIfExists": { "aws:PrincipalIsAWSService": "false" } }),
        json!({ "StringNotEqualsIfExists": { "aws:PrincipalAccount": "111111111111" }, "Bool": { "aws:ViaAWSService": "false" } }),
        json!({ "ArnNotLike": { "aws:PrincipalArn": "arn:aws:iam::111111111111:role/*" } }),
        json!({ "StringNotEquals": { "aws:SourceVpce": "vpce-1a2b3c4d" } }),
        json!({ "NotIpAddress": { "aws:SourceIp": "203.0.113.0/24" } }),
        json!({ "Bool": { "aws:SecureTransport": "false" } }),
        json!({ "BoolIfExists": { "aws:SecureTransport": "false" } }),
        json!({ "BoolIfExists": { "aws:MultiFactorAuthPresent": "false" } }),
        json!({ "StringNotEquals": { "aws:SourceAccount": "111111111111" } }),
        json!({ "ArnNotLike": { "aws:SourceArn": "arn:aws:cloudtrail:*:222222222222:trail/*" } }),
        json!({ "ArnNotLike": { "aws:SourceArn": "arn:aws:cloudtrail:*:333333333333:trail/*" } }),
        json!({ "StringNotEquals": { "aws:SourceOrgID": "o-exampleorgid" } }),
        json!({ "DateGreaterThan": { "aws:CurrentTime": "2024-01-01T00:00:00Z" } }),
        json!({ "ForAllValues:StringNotEquals": { "aws:TagKeys": ["cost-center"] } }),
        json!({ "StringNotEquals": { "aws:RequestedRegion": ["us-east-1", "eu-west-1"] } }),
    ];
    conditions.extend(match policy {
        BUCKET => vec![
            json!({ "NumericLessThan": { "s3:TlsVersion": "1.2" } }),
            json!({ "StringNotEquals": { "s3:x-amz-server-side-encryption": "aws:kms" } }),
            json!({ "StringNotEquals": { "s3:x-amz-server-side-encryption": "AES256" } }),
            json!({ "StringNotEquals": { "s3:x-amz-server-side-encryption": ["AES256", "aws:kms"] } }),
            json!({ "Null": { "s3:x-amz-server-side-encryption": "true" } }),
            json!({ "StringNotEqualsIfExists": { "s3:x-amz-server-side-encryption-aws-kms-key-id": "arn:aws:kms:us-east-1:111111111111:key/11111111-2222-3333-4444-555555555555" } }),
            json!({ "StringNotEquals": { "s3:x-amz-server-side-encryption-aws-kms-key-id": "alias/logs" } }),
            json!({ "StringNotEquals": { "s3:x-amz-acl": "bucket-owner-full-control" } }),
        ],
        KEY => vec![
            json!({ "StringNotEquals": { "kms:CallerAccount": "111111111111" } }),
            json!({ "StringNotEquals": { "kms:ViaService": "s3.us-east-1.amazonaws.com" } }),
            json!({ "StringNotLike": { "kms:EncryptionContext:aws:cloudtrail:arn": "arn:aws:cloudtrail:*:111111111111:trail/*" } }),
            json!({ "Null": { "kms:EncryptionContext:aws:s3:arn": "false" } }),
        ],
        _ => Vec::new(),
    });
    conditions
}

/// A text with one slip of the pen.
pub(super) fn altered(text: &str, random: &mut Random) -> String {
    let characters: Vec<char> = text.chars().collect();
    let at = random.below(characters.len().max(1));
    let with = |replace: &dyn Fn(char) -> String| -> String {
        characters
            .iter()
            .enumerate()
            .map(|(i, &c)| if i == at { replace(c) } else { c.to_string() })
            .collect()
    };
    match random.below(14) {
        0 => with(&|_| "x".to_owned()),
        1 => with(&|c| {
            if c.is_lowercase() {
                c.to_uppercase().to_string()
            } else {
                c.to_lowercase().to_string()
            }
        }),
        2 => with(&|_| String::new()),
        3 => with(&|_| "?".to_owned()),
        4 => with(&|_| "*".to_owned()),
        5 => format!("{text}*"),
        6 => text.replace("222222222222", "333333333333"),
        7 => text.replace("222222222222", "*"),
        8 => text.trim_end_matches("/*").to_owned(),
        9 => text.replace("us-east-1", "eu-west-1"),
        10 => text.replace(
            "AWSLogs/222222222222/*",
            "AWSLogs/222222222222/CloudTrail/*",
        ),
        11 => text.replace(
            "AWSLogs/222222222222/*",
            "AWSLogs/222222222222/*/us-east-1/*",
        ),
        12 => text.replace("222222222222", "${aws:SourceAccount}"),
        _ => text.to_lowercase(),
    }
}
