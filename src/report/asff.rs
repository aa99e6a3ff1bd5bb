//! Findings in the AWS Security Finding Format, for Security Hub: a list of what
//! `aws securityhub batch-import-findings` takes, up to a hundred at a time.
//!
//! A finding of one's own product is imported by the account that it names
//! (Security Hub API Reference, `BatchImportFindings`, read 2026-11): that of the resource it is about,
//! unless one account is to import all.

use std::collections::BTreeMap;
use std::io;

use serde_json::{Value, json};

use super::json::print;
use super::text::{first_sentence, plain, shortened};
use super::view::{FindingView, LocationView, Report};
use super::{Run, page_title, page_url};
use crate::model::arn::Arn;
use crate::rules::Severity;

/// The lengths that Security Hub accepts.
///
/// Source: Security Hub User Guide, "Required top-level ASFF attributes" (read 2026-11).
const TITLE: usize = 256;
const DESCRIPTION: usize = 1024;
const RECOMMENDATION: usize = 512;
const FIELD: usize = 1024;

/// Writes the findings that some account can import. What merging a change does is none: nothing that Security Hub looks
/// after is so yet.
///
/// # Errors
/// Those of the writer.
pub fn write(report: &Report, run: &Run, out: &mut dyn io::Write) -> io::Result<()> {
    let findings: Vec<Value> = report
        .findings
        .iter()
        .filter_map(|finding| Some(security_finding(finding, &home(finding, report, run)?, run)))
        .collect();
    print(&findings, out)
}

/// How many findings are left out, as neither an account nor a Region is known that could import
/// them.
pub fn left_out(report: &Report, run: &Run) -> usize {
    let findings = report.findings.iter();
    findings
        .filter(|finding| home(finding, report, run).is_none())
        .count()
}

/// Which Security Hub takes the findings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecurityHub {
    /// The account.
    pub account: String,
    /// The Region.
    pub region: String,
}

/// Where a finding is imported.
struct Home {
    partition: String,
    account: String,
    region: String,
}

fn home(finding: &FindingView, report: &Report, run: &Run) -> Option<Home> {
    let location = &finding.location;
    let trail = trail_of(finding, report);
    let trail = trail.as_deref().and_then(Arn::parse);
    let resource = location.resource.as_deref().and_then(Arn::parse);
    let partition = trail.map_or("aws", |trail| trail.partition).to_owned();
    if let Some(chosen) = &run.security_hub {
        return Some(Home {
            partition,
            account: chosen.account.clone(),
            region: chosen.region.clone(),
        });
    }
    let known = |text: &&str| !text.is_empty() && *text != "*";
    let account = account_of_path(&location.path)
        .or(resource.map(|it| it.account).filter(known))
        .or(finding.account.as_deref())?;
    let region = resource.map(|it| it.region).filter(known);
    let region = region.or(trail.map(|it| it.region).filter(known))?;
    Some(Home {
        partition,
        account: account.to_owned(),
        region: region.to_owned(),
    })
}

/// The finding's trail, else the first that uses the resource.
fn trail_of(finding: &FindingView, report: &Report) -> Option<String> {
    if finding.trail.is_some() {
        return finding.trail.clone();
    }
    let name = finding.location.resource.as_deref()?;
    let uses = |trail: &&super::view::TrailView| {
        let bucket = trail.bucket.as_deref();
        bucket.is_some_and(|bucket| name.ends_with(&format!(":::{bucket}")))
            || [&trail.kms_key, &trail.topic]
                .into_iter()
                .flatten()
                .any(|it| it == name)
    };
    Some(report.trails.iter().find(uses)?.arn.clone())
}

/// The account whose folder of a snapshot a document lies in.
fn account_of_path(path: &str) -> Option<&str> {
    let mut names = path.split('/');
    names.find(|name| *name == "accounts")?;
    let account = names.next()?;
    let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    is_account.then_some(account)
}

fn security_finding(finding: &FindingView, home: &Home, run: &Run) -> Value {
    let Home {
        partition,
        account,
        region,
    } = home;
    let label = finding.severity.name().to_uppercase();
    let types = [format!(
        "Software and Configuration Checks/AWS Security Best Practices/{}",
        finding.rule
    )];
    let severity = json!({"Label": label, "Original": finding.severity.name()});
    let recommendation = match &finding.fix {
        Some(fix) => fix.description.clone(),
        None => format!(
            "See how to fix `{}`, or run `trail-lint explain {}`.",
            finding.rule, finding.rule
        ),
    };
    let mut recommended = json!({"Text": cut(&recommendation, RECOMMENDATION)});
    if let (Some(url), Some(members)) = (page_url(finding.rule), recommended.as_object_mut()) {
        members.insert("Url".to_owned(), json!(url));
    }
    json!({
        "SchemaVersion": "2018-10-08",
        "Id": format!("trail-lint/{}", cut(&finding.fingerprint, 128)),
        "ProductArn": format!("arn:{partition}:securityhub:{region}:{account}:product/{account}/default"),
        "ProductName": "trail-lint",
        "CompanyName": "trail-lint",
        "GeneratorId": format!("trail-lint/{}", finding.rule),
        "AwsAccountId": account,
        "Region": region,
        "Types": types,
        "CreatedAt": run.as_of.to_string(),
        "UpdatedAt": run.as_of.to_string(),
        "Severity": severity,
        "FindingProviderFields": {"Severity": severity, "Types": types},
        "Title": cut(page_title(finding.rule), TITLE),
        "Description": description(finding),
        "Remediation": {"Recommendation": recommended},
        "ProductFields": fields(finding),
        "Resources": [resource(&finding.location, home)],
        "Compliance": {"Status": if finding.severity == Severity::Low { "WARNING" } else { "FAILED" }},
        "RecordState": "ACTIVE",
    })
}

/// The whole message where it fits, else its first sentence.
fn description(finding: &FindingView) -> String {
    let message = finding.message.trim();
    if message.is_empty() {
        return page_title(finding.rule).to_owned();
    }
    let text = if plain(message).chars().count() <= DESCRIPTION {
        message
    } else {
        first_sentence(message)
    };
    cut(text, DESCRIPTION)
}

fn fields(finding: &FindingView) -> BTreeMap<&'static str, String> {
    let location = &finding.location;
    let place = format!(
        "{}:{}:{}",
        location.path, location.region.line, location.region.column
    );
    let mut fields = BTreeMap::from([
        ("trail-lint/Rule", finding.rule.to_owned()),
        ("trail-lint/Place", cut(&place, FIELD)),
    ]);
    let optional = [
        ("trail-lint/Pointer", Some(&location.pointer)),
        ("trail-lint/Trail", finding.trail.as_ref()),
        ("trail-lint/TrailAccount", finding.account.as_ref()),
    ];
    for (name, text) in optional {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            fields.insert(name, cut(text, FIELD));
        }
    }
    if !finding.requests.is_empty() {
        fields.insert("trail-lint/Requests", finding.requests.join(","));
    }
    fields
}

fn resource(location: &LocationView, home: &Home) -> Value {
    let arn = location.resource.as_deref();
    let service = arn.and_then(Arn::parse).map(|arn| arn.service);
    let kind = match service {
        Some("s3") => "AwsS3Bucket",
        Some("kms") => "AwsKmsKey",
        Some("sns") => "AwsSnsTopic",
        Some("cloudtrail") => "AwsCloudTrailTrail",
        _ => "Other",
    };
    json!({
        "Type": kind,
        "Id": cut(arn.unwrap_or(&location.path), FIELD),
        "Partition": home.partition,
        "Region": home.region,
    })
}

/// A text that is safe to show, of at most `limit` characters and at least one.
fn cut(text: &str, limit: usize) -> String {
    let safe = plain(text);
    match safe.trim() {
        "" => "unknown".to_owned(),
        safe => shortened(safe, limit).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    fn written(report: &Report, run: &Run) -> Vec<Value> {
        let mut out = Vec::new();
        write(report, run, &mut out).unwrap();
        serde_json::from_slice(&out).unwrap()
    }

    #[test]
    fn a_finding_names_the_account_and_region_that_import_it() {
        let document = sample::bucket_policy();
        let mut report = sample::report(&document);
        report.findings.truncate(1);
        let finding = written(&report, &Run::default()).remove(0);
        insta::assert_snapshot!(serde_json::to_string_pretty(&finding).unwrap(), @r#"
        {
          "SchemaVersion": "2018-10-08",
          "Id": "trail-lint/f1-222222222222",
          "ProductArn": "arn:aws:securityhub:us-east-1:111111111111:product/111111111111/default",
          "ProductName": "trail-lint",
          "CompanyName": "trail-lint",
          "GeneratorId": "trail-lint/source-arn-wrong-region",
          "AwsAccountId": "111111111111",
          "Region": "us-east-1",
          "Types": [
            "Software and Configuration Checks/AWS Security Best Practices/source-arn-wrong-region"
          ],
          "CreatedAt": "1970-01-01T00:00:00Z",
          "UpdatedAt": "1970-01-01T00:00:00Z",
          "Severity": {
            "Label": "CRITICAL",
            "Original": "critical"
          },
          "FindingProviderFields": {
            "Severity": {
              "Label": "CRITICAL",
              "Original": "critical"
            },
            "Types": [
              "Software and Configuration Checks/AWS Security Best Practices/source-arn-wrong-region"
            ]
          },
          "Title": "The condition names the trail in a Region that is not its home",
          "Description": "Statement `AWSCloudTrailWrite` lets in the trail of eu-west-1, but the home Region of arn:aws:cloudtrail:us-east-1:222222222222:trail/audit is us-east-1. Write the trail's own ARN.",
          "Remediation": {
            "Recommendation": {
              "Text": "See how to fix `source-arn-wrong-region`, or run `trail-lint explain source-arn-wrong-region`.",
              "Url": "https://github.com/trail-lint/trail-lint/blob/main/rules/source/source-arn-wrong-region.md"
            }
          },
          "ProductFields": {
            "trail-lint/Place": "snapshot/accounts/111111111111/s3/example-logs/get-bucket-policy.json:20:28",
            "trail-lint/Pointer": "/Statement/1/Condition/StringEquals/aws:SourceArn",
            "trail-lint/Requests": "put-log-files,put-digest-files",
            "trail-lint/Rule": "source-arn-wrong-region",
            "trail-lint/Trail": "arn:aws:cloudtrail:us-east-1:222222222222:trail/audit",
            "trail-lint/TrailAccount": "222222222222"
          },
          "Resources": [
            {
              "Type": "AwsS3Bucket",
              "Id": "arn:aws:s3:::example-logs",
              "Partition": "aws",
              "Region": "us-east-1"
            }
          ],
          "Compliance": {
            "Status": "FAILED"
          },
          "RecordState": "ACTIVE"
        }
        "#);
    }

    #[test]
    fn one_account_may_import_all() {
        let document = sample::bucket_policy();
        let run = Run {
            security_hub: Some(SecurityHub {
                account: "999999999999".into(),
                region: "eu-west-1".into(),
            }),
            ..Run::default()
        };
        for finding in written(&sample::report(&document), &run) {
            assert_eq!(finding["AwsAccountId"], "999999999999");
            let product = "arn:aws:securityhub:eu-west-1:999999999999:product/999999999999/default";
            assert_eq!(finding["ProductArn"], product);
        }
    }

    #[test]
    fn a_shared_resource_lies_in_the_region_of_a_trail_that_uses_it() {
        let document = sample::bucket_policy();
        let mut report = sample::report(&document);
        report.findings.retain(|finding| finding.trail.is_none());
        let finding = written(&report, &Run::default()).remove(0);
        assert_eq!(finding["Region"], "us-east-1");
        assert_eq!(finding["AwsAccountId"], "111111111111");
    }

    #[test]
    fn hostile_text_keeps_to_the_lengths() {
        let document = sample::bucket_policy();
        let run = Run {
            security_hub: Some(SecurityHub {
                account: "999999999999".into(),
                region: "eu-west-1".into(),
            }),
            ..Run::default()
        };
        let findings = written(&sample::hostile(&document), &run);
        assert_eq!(findings.len(), 3);
        for finding in findings {
            let length = |text: &Value| text.as_str().unwrap().chars().count();
            assert!(length(&finding["Description"]) <= DESCRIPTION);
            assert!(length(&finding["Resources"][0]["Id"]) <= FIELD);
            for (_, text) in finding["ProductFields"].as_object().unwrap() {
                assert!(length(text) <= FIELD);
            }
        }
    }
}
