//! Single policy files and the trails they should serve, as flags name them. Trails, Regions and
//! organizations that only the command line knows become documents too, so that nothing after this
//! point has to ask where a thing came from.

use std::path::PathBuf;

use serde_json::json;

use super::read_file;
use crate::document::{Document, InputError, Kind, Origin, Subject};
use crate::model::arn::{Arn, is_account_id};

/// Policy files, and the resources they belong to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlainFiles {
    /// The bucket's name.
    pub bucket: Option<String>,
    /// The bucket policy's file.
    pub bucket_policy: Option<PathBuf>,
    /// The bucket's Region.
    pub bucket_region: Option<String>,
    /// The key policy's file.
    pub key_policy: Option<PathBuf>,
    /// The key's ARN.
    pub key_arn: Option<String>,
    /// The topic policy's file.
    pub topic_policy: Option<PathBuf>,
    /// The topic's ARN.
    pub topic_arn: Option<String>,
    /// The trails, each `ARN[,prefix=P][,kms=ARN][,org=o-…][,regions=all|home]`.
    pub trails: Vec<String>,
}

const TRAIL_FORM: &str = "write `--trail ARN[,prefix=P][,kms=ARN|none][,org=o-…][,regions=all|home][,digests=on|off]`, with ARN = arn:aws:cloudtrail:HOME-REGION:ACCOUNT:trail/NAME";

/// Reads the files and turns the flags into documents.
///
/// # Errors
/// A file that cannot be read or is no policy; a `--trail` that is not of its form.
pub fn read(plain: &PlainFiles) -> Result<Vec<Document>, InputError> {
    let mut documents = Vec::new();
    let bucket = plain.bucket.as_deref();
    if let (Some(path), Some(name)) = (&plain.bucket_policy, bucket) {
        let subject = Subject::Bucket {
            account: None,
            name: name.to_owned(),
        };
        documents.push(read_file(path, Kind::GetBucketPolicy, subject)?);
    }
    if let (Some(region), Some(name)) = (&plain.bucket_region, bucket) {
        let subject = Subject::Bucket {
            account: None,
            name: name.to_owned(),
        };
        documents.push(from_flag(
            Kind::HeadBucket,
            subject,
            "--bucket-region",
            &json!({ "BucketRegion": region }),
        )?);
    }
    if let (Some(path), Some(arn)) = (&plain.key_policy, &plain.key_arn) {
        let subject = Subject::Key {
            account: None,
            id: arn.clone(),
        };
        documents.push(read_file(path, Kind::GetKeyPolicy, subject)?);
    }
    if let (Some(path), Some(arn)) = (&plain.topic_policy, &plain.topic_arn) {
        documents.push(read_topic(path, arn)?);
    }
    for spec in &plain.trails {
        let trail = TrailFlag::parse(spec)?;
        documents.extend(trail.documents(plain)?);
    }
    Ok(documents)
}

/// A topic policy's file holds the bare policy; GetTopicAttributes prints it as a string.
fn read_topic(path: &std::path::Path, arn_text: &str) -> Result<Document, InputError> {
    let arn = Arn::parse(arn_text)
        .filter(|arn| arn.service == "sns")
        .ok_or_else(|| {
            InputError::whole("--topic-arn", format!("`{arn_text}` is no topic's ARN"))
                .with_help("write arn:aws:sns:REGION:ACCOUNT:NAME")
        })?;
    let subject = Subject::Topic {
        account: arn.account.to_owned(),
        region: arn.region.to_owned(),
        name: arn.resource.to_owned(),
    };
    read_file(path, Kind::TopicPolicy, subject)
}

fn from_flag(
    kind: Kind,
    subject: Subject,
    flag: &str,
    answer: &serde_json::Value,
) -> Result<Document, InputError> {
    Document::read(
        kind,
        subject,
        Origin::CommandLine,
        flag,
        answer.to_string().as_bytes(),
    )
}

/// One `--trail`.
#[derive(Debug, PartialEq, Eq)]
struct TrailFlag<'a> {
    arn_text: &'a str,
    arn: Arn<'a>,
    name: &'a str,
    prefix: Option<&'a str>,
    key: Option<&'a str>,
    organization: Option<&'a str>,
    multi_region: bool,
    digests: bool,
}

impl<'a> TrailFlag<'a> {
    fn parse(spec: &'a str) -> Result<TrailFlag<'a>, InputError> {
        let wrong = |message: String| InputError::whole("--trail", message).with_help(TRAIL_FORM);
        let mut parts = spec.split(',');
        let arn_text = parts.next().unwrap_or_default().trim();
        let parsed = Arn::parse(arn_text).and_then(|arn| Some((arn, arn.trail_name()?)));
        let (arn, name) = parsed
            .filter(|(arn, name)| {
                !arn.region.is_empty() && is_account_id(arn.account) && !name.is_empty()
            })
            .ok_or_else(|| wrong(format!("`{arn_text}` is no trail's ARN")))?;
        let mut flag = TrailFlag {
            arn_text,
            arn,
            name,
            prefix: None,
            key: None,
            organization: None,
            multi_region: true,
            digests: true,
        };
        for part in parts {
            match part.trim().split_once('=') {
                Some(("prefix", value)) => flag.prefix = Some(key_prefix(value).map_err(wrong)?),
                Some(("kms", value)) => flag.key = Some(value),
                Some(("org", value)) if value.starts_with("o-") => flag.organization = Some(value),
                Some(("regions", "all")) => flag.multi_region = true,
                Some(("regions", "home")) => flag.multi_region = false,
                Some(("digests", "on")) => flag.digests = true,
                Some(("digests", "off")) => flag.digests = false,
                _ => return Err(wrong(format!("`{part}` is not understood"))),
            }
        }
        Ok(flag)
    }

    fn documents(&self, plain: &PlainFiles) -> Result<Vec<Document>, InputError> {
        let bucket = plain.bucket.as_deref().ok_or_else(|| {
            InputError::whole("--trail", "no bucket is named")
                .with_help("say which bucket the trail writes to: `--bucket NAME`")
        })?;
        let key = self
            .key
            .or(plain.key_arn.as_deref())
            .filter(|&key| key != "none");
        let answer = json!({ "Trail": {
            "TrailARN": self.arn_text,
            "S3BucketName": bucket,
            "S3KeyPrefix": self.prefix,
            "KmsKeyId": key,
            "SnsTopicARN": plain.topic_arn,
            "IsMultiRegionTrail": self.multi_region,
            "IsOrganizationTrail": self.organization.is_some(),
            "LogFileValidationEnabled": self.digests,
        }});
        let subject = Subject::Trail {
            account: self.arn.account.to_owned(),
            home_region: self.arn.region.to_owned(),
            name: self.name.to_owned(),
            shadow_region: None,
        };
        let mut documents = vec![from_flag(Kind::GetTrail, subject, "--trail", &answer)?];
        if let Some(id) = self.organization {
            let answer =
                json!({ "Organization": { "Id": id, "MasterAccountId": self.arn.account } });
            documents.push(from_flag(
                Kind::DescribeOrganization,
                Subject::Organization,
                "--trail",
                &answer,
            )?);
        }
        Ok(documents)
    }
}

/// A key prefix as CreateTrail takes it.
///
/// Source: CloudTrail API Reference, `CreateTrail`; CloudTrail User Guide, "Setting bucket policy for
/// multiple accounts" (read 2026-11).
fn key_prefix(prefix: &str) -> Result<&str, String> {
    if prefix.split('/').any(|folder| folder == "AWSLogs") {
        let why = "CloudTrail adds the folder `AWSLogs` itself, and a prefix may not hold it";
        return Err(format!("`{prefix}` is no key prefix: {why}"));
    }
    match prefix.chars().count() {
        0..=200 => Ok(prefix),
        long => Err(format!(
            "a key prefix has at most 200 characters, this one has {long}"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:cloudtrail:us-east-1:222222222222:trail/audit";

    #[test]
    fn a_trail_flag_is_an_arn_and_its_settings() {
        let spec = format!("{ARN},prefix=a/b,kms=none,org=o-abc,regions=home,digests=off");
        let flag = TrailFlag::parse(&spec).unwrap();
        assert_eq!(
            (flag.name, flag.prefix, flag.key),
            ("audit", Some("a/b"), Some("none"))
        );
        assert_eq!(
            (flag.organization, flag.multi_region, flag.digests),
            (Some("o-abc"), false, false)
        );
    }

    #[test]
    fn what_is_no_trail_is_refused_with_the_form() {
        for spec in [
            "",
            "audit",
            "arn:aws:s3:::b",
            "arn:aws:cloudtrail:us-east-1:2222:trail/x",
            &format!("{ARN},regions=eu"),
            &format!("{ARN},prefix=central/AWSLogs/"),
            &format!("{ARN},prefix={}", "x".repeat(201)),
        ] {
            assert_eq!(
                TrailFlag::parse(spec).unwrap_err().help.as_deref(),
                Some(TRAIL_FORM),
                "{spec}"
            );
        }
    }

    #[test]
    fn a_trail_needs_a_bucket() {
        let plain = PlainFiles {
            trails: vec![ARN.to_owned()],
            ..PlainFiles::default()
        };
        assert_eq!(read(&plain).unwrap_err().message, "no bucket is named");
    }
}
