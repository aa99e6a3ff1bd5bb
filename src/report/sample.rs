//! Small reports, built by hand, for the tests of the formats.

use std::collections::BTreeMap;

use super::view::{
    DecidedBy, FindingView, LocationView, NotEvaluated, RelatedView, Report, RequestView,
    StatementView, TrailView,
};
use crate::compare::{ChangedTrail, Effect};
use crate::delivery::Verdict;
use crate::document::{Document, Kind, Origin, Region, Subject};
use crate::rules::Severity;

pub(super) const PATH: &str =
    "snapshot/accounts/111111111111/s3/example-logs/get-bucket-policy.json";
pub(super) const BUCKET: &str = "arn:aws:s3:::example-logs";

const POLICY: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "AWSCloudTrailAclCheck",
      "Effect": "Allow",
      "Principal": { "Service": "cloudtrail.amazonaws.com" },
      "Action": "s3:GetBucketAcl",
      "Resource": "arn:aws:s3:::example-logs"
    },
    {
      "Sid": "AWSCloudTrailWrite",
      "Effect": "Allow",
      "Principal": { "Service": "cloudtrail.amazonaws.com" },
      "Action": "s3:PutObject",
      "Resource": "arn:aws:s3:::example-logs/AWSLogs/222222222222/*",
      "Condition": {
        "StringEquals": {
          "s3:x-amz-acl": "bucket-owner-full-control",
          "aws:SourceArn": "arn:aws:cloudtrail:eu-west-1:222222222222:trail/audit"
        }
      }
    }
  ]
}
"#;

pub(super) fn document(path: &str, text: &str) -> Document {
    let subject = Subject::Bucket {
        account: Some("111111111111".into()),
        name: "example-logs".into(),
    };
    Document::read(
        Kind::GetBucketPolicy,
        subject,
        Origin::File,
        path,
        text.as_bytes(),
    )
    .unwrap()
}

pub(super) fn bucket_policy() -> Document {
    document(PATH, POLICY)
}

pub(super) fn place(document: &Document, pointer: &str) -> LocationView {
    let region = document.region(pointer);
    let sid = format!("{pointer}/Sid");
    let telling = if region.line == region.end_line {
        Some(region)
    } else {
        document.at(&sid).map(|_| document.region(&sid))
    };
    LocationView {
        path: document.path.clone(),
        pointer: pointer.into(),
        region,
        resource: Some(BUCKET.into()),
        kind: match document.at(pointer).map(crate::json::Node::type_name) {
            Some("an object") => "object",
            Some("an array") => "array",
            _ => "value",
        },
        telling,
    }
}

pub(super) fn request(id: &'static str, decision: &'static str) -> RequestView {
    RequestView {
        id,
        phase: if id == "get-bucket-acl" {
            "setup"
        } else {
            "delivery"
        },
        advised: false,
        action: "s3:PutObject",
        resource: format!("{BUCKET}/AWSLogs/222222222222/CloudTrail/*"),
        decision,
        decided_by: Some(DecidedBy {
            path: PATH.into(),
            pointer: "/Statement/1".into(),
            sid: Some("AWSCloudTrailWrite".into()),
            location: place(&bucket_policy(), "/Statement/1"),
        }),
        because: "`aws:SourceArn` names a trail in another Region".into(),
    }
}

pub(super) fn arn(account: &str) -> String {
    format!("arn:aws:cloudtrail:us-east-1:{account}:trail/audit")
}

pub(super) fn trail(account: &str, verdict: &'static str, requests: Vec<RequestView>) -> TrailView {
    TrailView {
        arn: arn(account),
        account: account.into(),
        home_region: "us-east-1".into(),
        bucket: Some("example-logs".into()),
        key_prefix: None,
        kms_key: None,
        topic: None,
        names_bucket: None,
        names_key: None,
        logging: "on",
        verdict,
        requests,
    }
}

pub(super) fn finding(document: &Document, account: &str) -> FindingView {
    FindingView {
        rule: "source-arn-wrong-region",
        severity: Severity::Critical,
        message: format!(
            "Statement `AWSCloudTrailWrite` lets in the trail of eu-west-1, but the home Region of {} is us-east-1. \
             Write the trail's own ARN.",
            arn(account)
        ),
        trail: Some(arn(account)),
        account: Some(account.into()),
        requests: vec!["put-log-files", "put-digest-files"],
        statement: Some(StatementView {
            index: 1,
            sid: Some("AWSCloudTrailWrite".into()),
        }),
        location: place(
            document,
            "/Statement/1/Condition/StringEquals/aws:SourceArn",
        ),
        related: vec![RelatedView {
            message: "This statement names no trail.".into(),
            location: place(document, "/Statement/0/Sid"),
        }],
        fix: None,
        fix_missing: None,
        fingerprint: format!("f1-{account}"),
    }
}

pub(super) fn report(document: &Document) -> Report<'_> {
    let refused = || {
        vec![
            request("put-log-files", "denied"),
            request("put-digest-files", "denied"),
            request("get-bucket-acl", "allowed"),
        ]
    };
    let low = FindingView {
        rule: "resource-too-broad",
        severity: Severity::Low,
        message: "The statement grants more than the trail needs".into(),
        trail: None,
        account: None,
        requests: Vec::new(),
        statement: Some(StatementView {
            index: 1,
            sid: Some("AWSCloudTrailWrite".into()),
        }),
        location: place(document, "/Statement/1"),
        related: Vec::new(),
        fix: None,
        fix_missing: None,
        fingerprint: "f2".into(),
    };
    Report {
        trails: vec![
            trail(
                "111111111111",
                "delivers",
                vec![request("put-log-files", "allowed")],
            ),
            trail("222222222222", "blocked", refused()),
            trail("333333333333", "blocked", refused()),
        ],
        hidden: 0,
        findings: vec![
            finding(document, "222222222222"),
            finding(document, "333333333333"),
            low,
        ],
        accepted: Vec::new(),
        idle_suppressions: Vec::new(),
        baseline_gone: 0,
        effect: None,
        assumptions: Vec::new(),
        not_evaluated: vec![
            NotEvaluated {
                document: "head-bucket of example-logs".into(),
                reason: "no-document",
                affects: vec!["kms-key-region"],
                decisive: false,
                said: None,
                help: None,
            },
            NotEvaluated {
                document: "get-key-policy of arn:aws:kms:us-east-1:111111111111:key/k".into(),
                reason: "access-denied",
                affects: vec!["kms-no-generate-data-key", "kms-context-mismatch"],
                decisive: true,
                said: Some("AccessDeniedException: not authorized".into()),
                help: Some(
                    "allow `kms:GetKeyPolicy` for `arn:aws:iam::111111111111:role/audit`".into(),
                ),
            },
        ],
        documents: BTreeMap::from([(document.path.as_str(), document)]),
    }
}

pub(super) fn empty() -> Report<'static> {
    Report {
        trails: Vec::new(),
        hidden: 0,
        findings: Vec::new(),
        accepted: Vec::new(),
        idle_suppressions: Vec::new(),
        baseline_gone: 0,
        effect: None,
        assumptions: Vec::new(),
        not_evaluated: Vec::new(),
        documents: BTreeMap::new(),
    }
}

/// A change that deletes an account's trail.
pub(super) fn stops(account: &str) -> Effect {
    Effect {
        trails: 1,
        stops: vec![ChangedTrail {
            arn: format!("arn:aws:cloudtrail:us-east-1:{account}:trail/audit"),
            account: account.to_owned(),
            organization: false,
            old: Verdict::Delivers,
            new: None,
            served_by: None,
        }],
        ..Effect::default()
    }
}

/// What somebody who may write a policy might put into it.
pub(super) fn hostile_text() -> String {
    let start = "\u{1b}[2J\u{1b}]8;;http://evil\u{7}x\u{9b}31m\r\n::error::x ::error::y ##[error]z\u{202e}\u{2066}\u{200b}\u{2028} \
                 [link](http://evil) {0} ${aws:x} `|<b>@you \u{e0041} 日本 ";
    format!("{start}{}", "S".repeat(10_000))
}

/// A report with that text in every field that is no constant.
pub(super) fn hostile(document: &Document) -> Report<'_> {
    let text = hostile_text();
    let location = LocationView {
        path: format!("../{text}//./x"),
        pointer: format!("/{text}"),
        region: Region {
            line: 2,
            column: 3,
            end_line: 9,
            end_column: 1,
        },
        resource: Some(text.clone()),
        kind: "value",
        telling: None,
    };
    let mut report = report(document);
    for trail in &mut report.trails {
        for field in [&mut trail.arn, &mut trail.account, &mut trail.home_region] {
            field.clone_from(&text);
        }
        for field in [
            &mut trail.bucket,
            &mut trail.key_prefix,
            &mut trail.kms_key,
            &mut trail.topic,
        ] {
            *field = Some(text.clone());
        }
        for request in &mut trail.requests {
            request.resource.clone_from(&text);
            request.because.clone_from(&text);
            request.decided_by = Some(DecidedBy {
                path: text.clone(),
                pointer: text.clone(),
                sid: Some(text.clone()),
                location: location.clone(),
            });
        }
    }
    for finding in &mut report.findings {
        finding.message.clone_from(&text);
        finding.trail = Some(text.clone());
        finding.account = Some(text.clone());
        finding.location = location.clone();
        finding.related = vec![RelatedView {
            message: text.clone(),
            location: location.clone(),
        }];
    }
    report.effect = Some(stops(&text));
    report.assumptions = vec![text.clone()];
    for unseen in &mut report.not_evaluated {
        unseen.document.clone_from(&text);
        unseen.said = Some(text.clone());
        unseen.help = Some(text.clone());
    }
    report
}
