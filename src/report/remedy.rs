//! What to do about an answer that could not be seen: which permission, for whom; or simply again.

use super::view::STATUS;
use crate::document::{AFTER_CALLER, Document, Kind, Origin, Subject};
use crate::model::{Arn, Estate, Reason, Unknown, region};

/// What AWS said, and what to try.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Remedy {
    /// AWS's code and message.
    pub(super) said: Option<String>,
    /// What to try.
    pub(super) help: Option<String>,
}

/// What to try for what only running code can tell.
pub(super) const AFTER_APPLY: &str = "give it a name or a value in the code, or say it with `--parameter`, `--account` or `--region`; else check again once the code has run";

/// The remedy for something that is not known.
pub(super) fn remedy(estate: &Estate, unknown: &Unknown) -> Remedy {
    let document = estate
        .documents
        .iter()
        .find(|it| it.name() == unknown.document);
    let Some(document) = document else {
        return Remedy {
            said: None,
            help: missing(&unknown.document),
        };
    };
    Remedy {
        said: said(document),
        help: Some(help(document, unknown.reason)),
    }
}

fn said(document: &Document) -> Option<String> {
    if document.origin == Origin::Code {
        return None;
    }
    let code = document.refusal()?.code;
    if waits_for_caller(document) {
        return None;
    }
    // `HeadBucket` has no words for what it refuses.
    if code.parse::<u16>().is_ok() {
        return Some(format!("{STATUS}{code}"));
    }
    Some(match document.refusal_message() {
        Some(message) if !message.is_empty() => format!("{code}: {message}"),
        _ => code.to_owned(),
    })
}

/// Whether an account was not entered for want of a caller, so that there is no answer of its own.
fn waits_for_caller(document: &Document) -> bool {
    document.purpose() == Some(AFTER_CALLER)
}

fn help(document: &Document, reason: Reason) -> String {
    let request = |field: &str| document.at(&format!("/Request/{field}"))?.as_str();
    if waits_for_caller(document) {
        return "it was not entered, as it could not be told who the caller is: mend what `get-caller-identity.json` says first".to_owned();
    }
    let code = document.refusal().map_or("", |refusal| refusal.code);
    if let Some(help) = of_circumstances(code, document.refusal_message().unwrap_or_default()) {
        return help.to_owned();
    }
    let whom = request("Principal").map_or_else(|| asker(&document.subject), allowable);
    match reason {
        Reason::OtherError if document.kind == Kind::GetTrail && owner_of(document).is_some() => {
            let owner = owner_of(document).unwrap_or_default();
            format!("account {owner} owns this trail: read it as well, or with its credentials")
        }
        Reason::OtherError if is_of_no_bucket(document.kind, code) => {
            "there is no bucket of this name, and no trail delivers to it: check how it is spelt (`--bucket`, or `buckets` in trail-lint.toml)".to_owned()
        }
        Reason::AccessDenied => {
            let action = request("Action").map(str::to_owned);
            let action = action.or_else(|| permission(document.kind));
            of_permission(document, code, &whom, action.as_deref(), request("Resource"))
        }
        Reason::OtherError if NOT_IN_ORGANIZATION.contains(&code) => {
            of_permission(document, code, &whom, permission(document.kind).as_deref(), None)
        }
        Reason::Throttled => {
            "AWS asked to slow down each time: run again, with a lower `--concurrency` if it happens often".to_owned()
        }
        Reason::TimedOut => {
            "no answer came in time: run again, with a longer `--timeout` if the network is slow".to_owned()
        }
        Reason::BadCredentials if is_of_region(document, code) => {
            let region = request("Region").unwrap_or_default();
            format!(
                "Region {region} does not know credentials of {whom}: where the account has not enabled the Region, a trail there \
                 records nothing until it is enabled again; if it is enabled, renew the credentials"
            )
        }
        Reason::BadCredentials => {
            let profile = match &document.subject {
                Subject::Caller { name } if name != "default" => format!(" --profile {name}"),
                _ => String::new(),
            };
            format!("the credentials of {whom} have expired or are not valid: renew them (`aws sso login{profile}`, or a new session) and run again")
        }
        Reason::KnownAfterApply => AFTER_APPLY.to_owned(),
        Reason::Unreadable => IN_THE_PLACE_OF_AWS.to_owned(),
        Reason::OtherError | Reason::NoDocument => {
            "run again; if it stays so, the answer above is what AWS, or what stands between, has to say".to_owned()
        }
    }
}

/// The account that owns the trail that was asked for, where another asked.
fn owner_of(document: &Document) -> Option<&str> {
    let trail = Arn::parse(document.at("/Request/Resource")?.as_str()?)?;
    let Subject::Trail { account, .. } = &document.subject else {
        return None;
    };
    (trail.account != account).then_some(trail.account)
}

/// Whether a Region that has to be enabled says that it does not know the credentials, as it does where it
/// is not.
///
/// Source: Account Management Reference Guide, "Enable or disable AWS Regions" (read 2026-11).
fn is_of_region(document: &Document, code: &str) -> bool {
    let region = document
        .at("/Request/Region")
        .and_then(|region| region.as_str());
    let of_region = ["UnrecognizedClientException", "InvalidClientTokenId"];
    of_region.contains(&code) && region.is_some_and(|it| !region::is_always_enabled(it))
}

fn is_of_no_bucket(kind: Kind, code: &str) -> bool {
    code == "NoSuchBucket" || kind == Kind::HeadBucket && matches!(code, "404" | "NotFound")
}

/// What a list of accounts ends with where there is no organization.
const NOT_IN_ORGANIZATION: [&str; 2] = ["AWSOrganizationsNotInUseException", "EmptyAnswer"];

/// What to try where something else answers than AWS.
const IN_THE_PLACE_OF_AWS: &str = "check what answers in AWS's place: a proxy (HTTPS_PROXY), a network that asks to log in first, or AWS_ENDPOINT_URL; then run again";

/// What to try where it is not about a permission; some errors have one code for several things.
///
/// Source: AWS General Reference, "Troubleshooting Signature Version 4" (read 2026-11).
fn of_circumstances(code: &str, message: &str) -> Option<&'static str> {
    let clock = ["Signature expired", "Signature not yet current"];
    let is_of_clock = matches!(code, "RequestTimeTooSkewed" | "RequestExpired")
        || clock.iter().any(|words| message.starts_with(words));
    match code {
        _ if is_of_clock => {
            Some("this machine's clock and AWS's are minutes apart: set it right, and run again")
        }
        "UnexpectedAnswer" if message.contains("HTTP status 407") => Some(
            "the proxy wants a login: give it as HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT, then run again",
        ),
        "UnexpectedAnswer" => Some(IN_THE_PLACE_OF_AWS),
        "503" => Some(
            "the service, or a proxy in between, was not to be had in any attempt: run again later, with a lower `--concurrency` if it happens often",
        ),
        "NoCredentials" => Some("mend the profile, or leave it out"),
        "OptInRequired" => Some(
            "the account has not enabled this Region, or not this service: leave the Region out",
        ),
        "ConnectionFailed" => Some(
            "check the network, the proxy (HTTPS_PROXY), AWS_ENDPOINT_URL, and that the Region is spelt right; then run again",
        ),
        _ => None,
    }
}

/// Who has to be allowed what.
fn of_permission(
    document: &Document,
    code: &str,
    whom: &str,
    action: Option<&str>,
    resource: Option<&str>,
) -> String {
    match (document.kind, action) {
        (Kind::AssumeRole, _) => {
            let role = resource.map_or("the role".to_owned(), |role| format!("`{role}`"));
            format!(
                "check that {role} exists, that its trust policy admits {whom} (and names the external id that is sent), and \
                 that {whom} may call `sts:AssumeRole` on it; deploy/ makes such a role"
            )
        }
        (Kind::GetBucketPolicy, _) if matches!(code, "MethodNotAllowed" | "405") => {
            format!(
                "only the bucket's owner may read its policy, and {whom} is of another account: read it with the owner's credentials (`--audit-account`, or a profile)"
            )
        }
        (Kind::GetBucketPolicy, Some(action)) if code != "403" => {
            format!(
                "allow `{action}` for {whom}, if the bucket is of that account; if not, read it with its owner's credentials (`--audit-account`, or a profile)"
            )
        }
        (Kind::ListAccounts, _) if NOT_IN_ORGANIZATION.contains(&code) => {
            format!(
                "{whom} belongs to no organization, as far as AWS says: name the accounts, `--accounts 222222222222,333333333333`"
            )
        }
        (Kind::ListAccounts, Some(action)) => {
            format!(
                "list them with credentials of the management account or of a delegated administrator that may call `{action}`, or name the accounts: `--accounts 222222222222,333333333333`"
            )
        }
        (_, Some(action)) if code == "403" && document.kind != Kind::HeadBucket => {
            format!(
                "AWS, or a proxy in between, refused without a word: if it was AWS, allow `{action}` for {whom}"
            )
        }
        (_, Some(action)) => {
            format!(
                "allow `{action}` for {whom}; `trail-lint iam-policy` prints all that is needed"
            )
        }
        (_, None) => {
            "read it with credentials that may; `trail-lint iam-policy` prints what is needed"
                .to_owned()
        }
    }
}

/// A principal by what permissions are given to: a role, where a session of it asked. The ARN of a session
/// does not tell the role's path, so that the role's own ARN cannot be written.
///
/// Source: IAM User Guide, "IAM identifiers" (read 2026-11).
fn allowable(principal: &str) -> String {
    let role = || {
        let arn = Arn::parse(principal).filter(|arn| arn.service == "sts")?;
        let (name, _) = arn
            .resource
            .strip_prefix("assumed-role/")?
            .split_once('/')?;
        Some(format!("role `{name}` of account {}", arn.account))
    };
    role().unwrap_or_else(|| format!("`{principal}`"))
}

/// Whose credentials asked, as far as the place of the answer says.
fn asker(subject: &Subject) -> String {
    let account = match subject {
        Subject::Snapshot | Subject::Organization | Subject::Caller { .. } => None,
        Subject::Bucket { account, .. } | Subject::Key { account, .. } => account.as_deref(),
        Subject::Account { account, .. }
        | Subject::Topic { account, .. }
        | Subject::Role { account, .. }
        | Subject::LogGroups { account, .. }
        | Subject::Trail { account, .. } => Some(account.as_str()),
    };
    match account {
        Some(account) => format!("whoever asks in account {account}"),
        None => "whoever asks".to_owned(),
    }
}

/// The action that IAM has to allow for an answer.
///
/// Source: Service Authorization Reference (read 2026-11). `HeadBucket` would want `s3:ListBucket`, which
/// also lists the names of log files; `GetBucketLocation` says as much.
pub(super) fn permission(kind: Kind) -> Option<String> {
    let (service, action) = match kind {
        Kind::Snapshot | Kind::TopicPolicy | Kind::GetCallerIdentity => return None,
        Kind::DescribeOrganization | Kind::ListAccounts => ("organizations", None),
        Kind::HeadBucket => ("s3", Some("GetBucketLocation")),
        Kind::GetBucketEncryption => ("s3", Some("GetEncryptionConfiguration")),
        Kind::GetPublicAccessBlock => ("s3", Some("GetBucketPublicAccessBlock")),
        Kind::GetObjectLockConfiguration => ("s3", Some("GetBucketObjectLockConfiguration")),
        Kind::GetBucketLifecycleConfiguration => ("s3", Some("GetLifecycleConfiguration")),
        Kind::GetBucketPolicy
        | Kind::GetBucketLocation
        | Kind::GetBucketOwnershipControls
        | Kind::GetBucketRequestPayment
        | Kind::GetBucketPolicyStatus
        | Kind::GetBucketVersioning => ("s3", None),
        Kind::DescribeKey | Kind::GetKeyPolicy => ("kms", None),
        Kind::GetTopicAttributes => ("sns", None),
        Kind::GetRole
        | Kind::ListRolePolicies
        | Kind::GetRolePolicy
        | Kind::ListAttachedRolePolicies
        | Kind::GetPolicyVersion => ("iam", None),
        Kind::DescribeLogGroups => ("logs", None),
        Kind::AssumeRole => ("sts", None),
        Kind::ListTrails
        | Kind::DescribeTrails
        | Kind::GetTrail
        | Kind::GetTrailStatus
        | Kind::GetEventSelectors
        | Kind::GetInsightSelectors => ("cloudtrail", None),
    };
    let action = action.map_or_else(|| capitalised(kind.name()), str::to_owned);
    Some(format!("{service}:{action}"))
}

/// `get-key-policy` as `GetKeyPolicy`.
fn capitalised(command: &str) -> String {
    let words = command.split('-').map(|word| {
        let mut letters = word.chars();
        let first = letters.next().map(|letter| letter.to_ascii_uppercase());
        first.into_iter().chain(letters)
    });
    words.flatten().collect()
}

/// What to try for an answer that was not asked for: nobody of the account that owns it was at hand.
fn missing(path: &str) -> Option<String> {
    let account = path.split("accounts/").nth(1)?.split('/').next()?;
    let kind = path.rsplit('/').next()?.strip_suffix(".json")?;
    let is_of_source =
        path.contains("/cloudtrail/") || path.contains("/iam/") || path.contains("/logs/");
    let (whose, live) = match account {
        account if is_of_source => (
            format!("of account {account}"),
            format!("where that account is among those read: `--accounts {account}`"),
        ),
        "*" => (
            "of the account that owns it".to_owned(),
            "where that account is among those read, or named as `--audit-account`".to_owned(),
        ),
        account => (
            format!("of account {account}"),
            format!("with `--audit-account {account}`, or where that account is among those read"),
        ),
    };
    Some(format!(
        "it is what `aws … {kind}` prints with credentials {whose}; `--live` reads it {live}"
    ))
}

#[cfg(all(test, feature = "live"))]
mod tests {
    use super::*;
    use crate::source::live::Operation;

    #[test]
    fn permissions_are_given_to_roles_and_not_to_their_sessions() {
        for (principal, whom) in [
            (
                "arn:aws:sts::111122223333:assumed-role/Auditor/alice",
                "role `Auditor` of account 111122223333",
            ),
            (
                "arn:aws-us-gov:sts::111122223333:assumed-role/AWSReservedSSO_ReadOnly_0123456789abcdef/alice@example.com",
                "role `AWSReservedSSO_ReadOnly_0123456789abcdef` of account 111122223333",
            ),
            (
                "arn:aws:iam::111122223333:user/alice",
                "`arn:aws:iam::111122223333:user/alice`",
            ),
            (
                "arn:aws:iam::111122223333:root",
                "`arn:aws:iam::111122223333:root`",
            ),
            ("alice", "`alice`"),
        ] {
            assert_eq!(allowable(principal), whom);
        }
    }

    #[test]
    fn what_is_asked_of_a_user_is_what_the_operation_needs() {
        for operation in Operation::ALL {
            let name = operation.name();
            let starts = |c: char| c.is_ascii_uppercase();
            let words: Vec<String> = name
                .char_indices()
                .filter(|(_, c)| starts(*c))
                .map(|(at, c)| {
                    let rest = name.get(at + 1..).unwrap_or_default();
                    let end = rest.find(starts).unwrap_or(rest.len());
                    format!(
                        "{}{}",
                        c.to_ascii_lowercase(),
                        rest.get(..end).unwrap_or_default()
                    )
                })
                .collect();
            let kind = Kind::from_name(&words.join("-")).expect("each operation has a document");
            // For the Region of a bucket another permission is asked: see `permission`.
            if kind != Kind::HeadBucket {
                assert_eq!(
                    permission(kind).as_deref(),
                    operation.permission(),
                    "{name}"
                );
            }
        }
    }
}
