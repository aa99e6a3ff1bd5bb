//! What is wrong with what was asked for, before anything is asked of AWS: names that AWS would refuse in
//! every account, one refusal each.

use super::{LiveError, Options};
use crate::model::arn::is_account_id;
use crate::model::region;

/// Holds all options to what AWS takes.
pub(super) fn check(options: &Options) -> Result<(), LiveError> {
    for account in options.accounts.iter().chain(&options.audit_account) {
        check_account(account)?;
    }
    check_role(&options.role_name)?;
    if let Some(id) = &options.external_id {
        check_external_id(id)?;
    }
    for region in options.region.iter().chain(&options.regions) {
        check_region(region)?;
    }
    for name in &options.buckets {
        check_bucket(name)?;
    }
    check_endpoints()
}

fn wrong(message: String, help: impl Into<String>) -> LiveError {
    LiveError::Unusable {
        message,
        help: help.into(),
    }
}

fn check_account(account: &str) -> Result<(), LiveError> {
    if is_account_id(account) {
        return Ok(());
    }
    let message = format!("`{account}` is no account: an account id has twelve digits");
    Err(wrong(
        message,
        "write it without hyphens, and with its leading zeros",
    ))
}

/// Source: IAM API Reference, `CreateRole`, `RoleName` and `Path` (read 2026-11).
fn check_role(role: &str) -> Result<(), LiveError> {
    if let Some((_, name)) = role.split_once(":role/") {
        let message = format!(
            "`{role}` is an ARN, and --role-name takes the name of a role, which is the same in every account"
        );
        return Err(wrong(message, format!("write `--role-name {name}`")));
    }
    let path = role.strip_prefix('/').unwrap_or(role);
    let name = path.rsplit('/').next().unwrap_or_default();
    let of_name = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    let name_fits = (1..=64).contains(&name.len()) && name.chars().all(of_name);
    let path_fits = path.len() <= 512 && path.chars().all(|c| c.is_ascii_graphic());
    if name_fits && path_fits && !path.contains("//") && !path.contains(['*', '?']) {
        return Ok(());
    }
    let message = format!("`{role}` cannot be the name of a role");
    let help = "a role's name has 1 to 64 letters, digits and `_+=,.@-`; its path may stand before it: `audit/trail-lint`";
    Err(wrong(message, help))
}

/// Source: STS API Reference, `AssumeRole`, `ExternalId` (read 2026-11).
fn check_external_id(id: &str) -> Result<(), LiveError> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "_+=,.@:/-".contains(c);
    if (2..=1224).contains(&id.len()) && id.chars().all(fits) {
        return Ok(());
    }
    // It may be meant to be a secret: it is not repeated.
    let message = "the external id is none that AWS takes".to_owned();
    Err(wrong(
        message,
        "it has 2 to 1224 letters, digits and `_+=,.@:/-`",
    ))
}

/// The directions in Regions' names. A new Region has a new number or place, and no new direction.
const DIRECTIONS: [&str; 9] = [
    "central",
    "east",
    "north",
    "northeast",
    "northwest",
    "south",
    "southeast",
    "southwest",
    "west",
];

/// A Region that is spelt like one. Those that are not known here are let pass: AWS makes new ones.
pub(super) fn check_region(name: &str) -> Result<(), LiveError> {
    let parts: Vec<&str> = name.split('-').collect();
    let fits = match parts.as_slice() {
        [place @ .., direction, number] => {
            let letters = |part: &&str| {
                !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase())
            };
            (1..=2).contains(&place.len())
                && place.iter().all(letters)
                && DIRECTIONS.contains(direction)
                && (1..=2).contains(&number.len())
                && number.bytes().all(|byte| byte.is_ascii_digit())
        }
        _ => false,
    };
    if fits {
        return Ok(());
    }
    let partitions = ["aws", "aws-cn", "aws-us-gov", "aws-eusc"];
    let known = partitions.iter().flat_map(|it| region::regions(it).iter());
    // A name is not a text: what is longer than any Region's cannot be near one, and is not compared.
    let short: String = name.to_ascii_lowercase().chars().take(40).collect();
    let nearest = known.min_by_key(|known| strsim::osa_distance(known, &short));
    let help = match nearest.filter(|known| strsim::osa_distance(known, &short) <= 3) {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => "a Region is spelt like `us-east-1` or `eu-central-2`".to_owned(),
    };
    Err(wrong(format!("there is no Region `{name}`"), help))
}

/// An endpoint has to say how it is spoken with.
fn check_endpoints() -> Result<(), LiveError> {
    for (name, value) in std::env::vars_os() {
        let (name, value) = (name.to_string_lossy(), value.to_string_lossy());
        let is_url = ["http://", "https://"]
            .iter()
            .any(|it| value.starts_with(it));
        if name.starts_with("AWS_ENDPOINT_URL") && !value.is_empty() && !is_url {
            let message = format!("{name} is `{value}`, which is no URL");
            return Err(wrong(message, "write `https://` or `http://` before it"));
        }
    }
    Ok(())
}

fn check_bucket(name: &str) -> Result<(), LiveError> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if !name.is_empty() && name.chars().all(fits) {
        return Ok(());
    }
    let message = format!("`{name}` cannot be the name of a bucket");
    Err(wrong(
        message,
        "write the name alone, without `s3://`, `arn:` or a key",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(result: Result<(), LiveError>) -> String {
        match result {
            Ok(()) => "fine".to_owned(),
            Err(error) => format!("{error}; {}", error.help().unwrap_or_default()),
        }
    }

    #[test]
    fn regions_are_known_by_their_spelling() {
        for region in [
            "us-east-1",
            "us-gov-west-1",
            "eusc-de-east-1",
            "me-central-12",
            "xx-northwest-9",
        ] {
            assert_eq!(said(check_region(region)), "fine", "{region}");
        }
        for (region, help) in [
            ("us-esat-1", "did you mean `us-east-1`?"),
            ("us-east", "did you mean `us-east-1`?"),
            ("us-east-1a", "did you mean `us-east-1`?"),
            ("US-EAST-1", "did you mean `us-east-1`?"),
            ("useast1", "did you mean `us-east-1`?"),
            (
                "virginia",
                "a Region is spelt like `us-east-1` or `eu-central-2`",
            ),
            ("", "a Region is spelt like `us-east-1` or `eu-central-2`"),
        ] {
            let expected = format!("there is no Region `{region}`; {help}");
            assert_eq!(said(check_region(region)), expected);
        }
    }

    #[test]
    fn roles_have_names_that_iam_takes_and_maybe_a_path() {
        for role in [
            "trail-lint",
            "audit/trail-lint",
            "/a/b/Reader_+=,.@-",
            &"a".repeat(64),
        ] {
            assert_eq!(said(check_role(role)), "fine", "{role}");
        }
        for role in [
            "",
            "a b",
            "audit/",
            "a//b",
            "röle",
            "role*",
            "a\nb",
            &"a".repeat(65),
        ] {
            assert!(
                said(check_role(role)).contains("cannot be the name of a role"),
                "{role}"
            );
        }
        let arn = said(check_role("arn:aws:iam::222222222222:role/audit/reader"));
        assert!(arn.ends_with("write `--role-name audit/reader`"), "{arn}");
    }

    #[test]
    fn external_ids_accounts_and_buckets_are_held_to_what_aws_takes() {
        assert_eq!(said(check_external_id("Us:er/1@x")), "fine");
        for id in ["", "a", "two words", &"a".repeat(1225)] {
            let said = said(check_external_id(id));
            assert!(
                said.starts_with("the external id is none that AWS takes"),
                "{said}"
            );
            assert!(id.len() < 2 || !said.contains(id), "{said}");
        }
        assert_eq!(said(check_account("022222222222")), "fine");
        assert!(said(check_account("2222-2222-2222")).contains("without hyphens"));
        assert_eq!(said(check_bucket("Old_Bucket.name-1")), "fine");
        for name in ["", "s3://logs", "arn:aws:s3:::logs", "logs/AWSLogs"] {
            assert!(
                said(check_bucket(name)).contains("without `s3://`"),
                "{name}"
            );
        }
    }
}
