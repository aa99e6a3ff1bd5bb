//! Amazon Resource Names in their six parts.

use std::fmt;

/// An ARN: `arn:partition:service:region:account:resource`.
///
/// Source: AWS General Reference, "Amazon Resource Names (ARNs)" (read 2026-11).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arn<'a> {
    /// `aws`, `aws-cn`, `aws-us-gov`, …
    pub partition: &'a str,
    /// `cloudtrail`, `s3`, `kms`, `sns`, …
    pub service: &'a str,
    /// The Region; empty for S3 and IAM.
    pub region: &'a str,
    /// The account id; empty for S3.
    pub account: &'a str,
    /// Everything after the fifth colon.
    pub resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Takes a text apart; nothing if it has fewer than six parts or does not start with `arn:`.
    pub fn parse(text: &'a str) -> Option<Arn<'a>> {
        let mut parts = text.splitn(6, ':');
        if parts.next()? != "arn" {
            return None;
        }
        Some(Arn {
            partition: parts.next()?,
            service: parts.next()?,
            region: parts.next()?,
            account: parts.next()?,
            resource: parts.next()?,
        })
    }

    /// The trail's name, if this is a trail's ARN.
    pub fn trail_name(&self) -> Option<&'a str> {
        (self.service == "cloudtrail")
            .then(|| self.resource.strip_prefix("trail/"))
            .flatten()
    }

    /// The key id, if this is a KMS key's ARN.
    pub fn key_id(&self) -> Option<&'a str> {
        (self.service == "kms")
            .then(|| self.resource.strip_prefix("key/"))
            .flatten()
    }
}

impl fmt::Display for Arn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Arn {
            partition,
            service,
            region,
            account,
            resource,
        } = self;
        write!(f, "arn:{partition}:{service}:{region}:{account}:{resource}")
    }
}

/// Whether a text is an account id: twelve digits, leading zeros included.
pub fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a text is an organization's id: `o-` and 10 to 32 small letters and digits (Organizations API
/// Reference, `Organization`, read 2026-11).
pub fn is_organization_id(text: &str) -> bool {
    let small = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    text.strip_prefix("o-")
        .is_some_and(|id| (10..=32).contains(&id.len()) && id.bytes().all(small))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_resource_keeps_its_colons() {
        let arn = Arn::parse("arn:aws:sns:us-east-1:111111111111:a:b").unwrap();
        assert_eq!((arn.service, arn.resource), ("sns", "a:b"));
        assert_eq!(arn.to_string(), "arn:aws:sns:us-east-1:111111111111:a:b");
    }

    #[test]
    fn fewer_than_six_parts_are_no_arn() {
        assert_eq!(Arn::parse("arn:aws:cloudtrail:*:trail/x"), None);
        assert_eq!(Arn::parse("b/AWSLogs/1:2:3:4:5:6"), None);
    }

    #[test]
    fn names_are_read_from_the_resource() {
        assert_eq!(
            Arn::parse("arn:aws:cloudtrail:us-east-1:111111111111:trail/t")
                .unwrap()
                .trail_name(),
            Some("t")
        );
        assert_eq!(
            Arn::parse("arn:aws:kms:us-east-1:111111111111:key/k")
                .unwrap()
                .key_id(),
            Some("k")
        );
        assert_eq!(
            Arn::parse("arn:aws:kms:us-east-1:111111111111:alias/k")
                .unwrap()
                .key_id(),
            None
        );
    }
}
