//! What a bucket policy or a key policy lets IAM principals of other accounts do to log files, or to what
//! protects them. Whether their own account lets them too is that account's to say.

use super::idle::excerpt;
use crate::delivery::{Target, legacy_region};
use crate::diagnosis::PolicyUse;
use crate::iam::unknown::has_unknown;
use crate::iam::{
    CharSet, Classes, Context, ContextValue, Effect, Effective, Piece, Policy, Principal,
    PrincipalKind, Request, Statement, Template, decide, resource_patterns,
};
use crate::model::arn::is_account_id;
use crate::model::{Arn, Bucket, Trail};

/// Actions on objects that write, replace or remove log files.
const ON_OBJECTS: [&str; 4] = [
    "s3:DeleteObject",
    "s3:DeleteObjectVersion",
    "s3:PutObject",
    "s3:PutObjectAcl",
];

/// Actions on the bucket that open it, or let log files expire.
const ON_BUCKET: [&str; 6] = [
    "s3:DeleteBucket",
    "s3:DeleteBucketPolicy",
    "s3:PutBucketAcl",
    "s3:PutBucketPolicy",
    "s3:PutBucketVersioning",
    "s3:PutLifecycleConfiguration",
];

/// Actions on the key that let others use it, or make what it encrypted unreadable.
const ON_KEY: [&str; 4] = [
    "kms:CreateGrant",
    "kms:DisableKey",
    "kms:PutKeyPolicy",
    "kms:ScheduleKeyDeletion",
];

/// The most classes of one trail's objects that are looked at.
const MOST_CLASSES: usize = 256;

/// What one statement lets one principal of another account do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tampering {
    /// The statement.
    pub statement: usize,
    /// JSON Pointer of the principal.
    pub pointer: String,
    /// Who, as written.
    pub principal: String,
    /// What for, sorted.
    pub actions: Vec<&'static str>,
    /// An object it can be done to; nothing if it is only done to the bucket.
    pub object: Option<String>,
}

pub(super) fn tampering(policy: &PolicyUse<'_>) -> Vec<Tampering> {
    let Some(kept) = Kept::of(policy) else {
        return Vec::new();
    };
    let statements = policy.policy.policy.statements.iter();
    let allows = statements.filter(|statement| statement.effect == Effect::Allow);
    allows
        .filter_map(|statement| by_statement(policy, &kept, statement))
        .collect()
}

/// What a policy protects, and whose it is.
enum Kept<'p> {
    Bucket { bucket: &'p Bucket, owner: &'p str },
    Key { arn: &'p str, owner: &'p str },
}

impl<'p> Kept<'p> {
    fn of(policy: &'p PolicyUse<'_>) -> Option<Kept<'p>> {
        match policy.target {
            Target::Bucket => {
                let bucket = policy.bucket?;
                let owner = bucket.owner.as_deref()?;
                Some(Kept::Bucket { bucket, owner })
            }
            Target::Key => {
                let arn = policy.asked.values().next()?.resource.as_str();
                let owner = Arn::parse(arn)?.account;
                Some(Kept::Key { arn, owner })
            }
            Target::Topic | Target::TopicKey | Target::LogRole => None,
        }
    }

    fn owner(&self) -> &'p str {
        match self {
            Kept::Bucket { owner, .. } | Kept::Key { owner, .. } => owner,
        }
    }
}

fn by_statement(
    policy: &PolicyUse<'_>,
    kept: &Kept<'_>,
    statement: &Statement,
) -> Option<Tampering> {
    let named = statement
        .principal
        .as_ref()
        .filter(|named| !named.negated)?;
    let excerpt = excerpt(&policy.policy.policy, statement);
    named.entries.iter().find_map(|entry| {
        let caller = caller(policy, kept.owner(), entry.kind, &entry.value)?;
        let (actions, object) = granted(policy, kept, &excerpt, &caller);
        (!actions.is_empty()).then(|| Tampering {
            statement: statement.index,
            pointer: entry.pointer.clone(),
            principal: entry.value.to_string(),
            actions,
            object,
        })
    })
}

/// Somebody of another account whom an entry lets in. AWS's own accounts are nobody's principals.
fn caller(policy: &PolicyUse<'_>, owner: &str, kind: PrincipalKind, value: &str) -> Option<String> {
    let everybody = kind == PrincipalKind::Everyone || kind == PrincipalKind::Aws && value == "*";
    if everybody {
        let accounts = policy.estate.trails.iter().map(|trail| &trail.account);
        let other = accounts.min().filter(|account| *account != owner);
        let account = match other {
            // Digits might be those of an owner that is not known.
            _ if has_unknown(owner) => "another",
            other => other.map_or("000000000000", String::as_str),
        };
        return Some(format!("arn:aws:iam::{account}:role/any"));
    }
    let account = match Arn::parse(value) {
        Some(arn) => arn.account,
        None => value,
    };
    let foreign = kind == PrincipalKind::Aws
        && is_account_id(account)
        && account != owner
        && !has_unknown(owner)
        && legacy_region(value).is_none()
        && !LOAD_BALANCING.contains(&account);
    foreign.then(|| value.to_owned())
}

fn granted(
    policy: &PolicyUse<'_>,
    kept: &Kept<'_>,
    excerpt: &Policy,
    caller: &str,
) -> (Vec<&'static str>, Option<String>) {
    let principal = Principal::Aws(caller.to_owned());
    let context = context(caller);
    let allowed = |action: &str, resource: &str| {
        let request = Request {
            principal: &principal,
            action,
            resource,
            context: &context,
        };
        matches!(
            decide(excerpt, &request),
            Effective::Allowed { .. } | Effective::Undecided { .. }
        )
    };
    let bucket = match kept {
        Kept::Bucket { bucket, .. } => bucket,
        Kept::Key { arn, .. } => {
            let on_key = ON_KEY.into_iter().filter(|action| allowed(action, arn));
            return (on_key.collect(), None);
        }
    };
    let mut actions = Vec::new();
    let mut object = None;
    for action in ON_OBJECTS {
        let mut trails = policy.trails.iter();
        let found = trails.find_map(|trail| {
            let patterns = resource_patterns(excerpt, Some(&principal), action, &context);
            let patterns: Vec<_> = patterns.iter().map(AsRef::as_ref).collect();
            let Classes::All(classes) = objects(policy, trail).classes(&patterns, MOST_CLASSES)
            else {
                return None;
            };
            let mut examples = classes.into_iter().map(|class| class.example);
            examples.find(|example| allowed(action, example))
        });
        if let Some(found) = found {
            actions.push(action);
            object = object.or(Some(found));
        }
    }
    let partition = policy
        .trails
        .first()
        .map_or("aws", |trail| &trail.partition);
    let arn = format!("arn:{partition}:s3:::{}", bucket.name);
    actions.extend(ON_BUCKET.iter().filter(|action| allowed(action, &arn)));
    actions.sort_unstable();
    (actions, object)
}

/// What is known of the caller's request: whose it is, and that no service makes it.
fn context(caller: &str) -> Context {
    let mut context = Context::new();
    context.unknown_by_default(|_| true);
    // The service's name is in requests of services only (IAM User Guide, "AWS global condition context
    // keys", read 2026-11).
    for key in [
        "aws:PrincipalServiceName",
        "aws:PrincipalServiceNamesList",
        "aws:SourceArn",
        "aws:SourceAccount",
        "aws:SourceOrgID",
        "aws:SourceOrgPaths",
    ] {
        context.set(key, ContextValue::Absent);
    }
    context.set("aws:PrincipalIsAWSService", ContextValue::one("false"));
    // Grants for AWS services on a user's behalf are what the console writes for other accounts.
    context.set("kms:GrantIsForAWSResource", ContextValue::one("false"));
    context.set("aws:SecureTransport", ContextValue::one("true"));
    let account = Arn::parse(caller).map_or(caller, |arn| arn.account);
    context.set("aws:PrincipalAccount", ContextValue::one(account));
    // AWS KMS Developer Guide, "AWS KMS condition keys" (read 2026-11).
    context.set("kms:CallerAccount", ContextValue::one(account));
    context
}

/// The log files of one trail.
fn objects(policy: &PolicyUse<'_>, trail: &Trail) -> Template {
    let prefix = trail
        .key_prefix
        .as_deref()
        .map(|prefix| prefix.trim_end_matches('/'));
    let prefix = prefix
        .filter(|prefix| !prefix.is_empty())
        .map(|prefix| format!("{prefix}/"));
    let root = format!(
        "arn:{}:s3:::{}/{}AWSLogs/",
        trail.partition,
        trail.bucket,
        prefix.unwrap_or_default()
    );
    let rest = Piece::Text(format!(
        "/CloudTrail/{}/2026/01/01/x_20260101T0000Z_0000000000000000.json.gz",
        trail.home_region
    ));
    let organization = policy.estate.organization.present();
    let pieces = match (trail.organization, organization) {
        (true, Some(organization)) => vec![
            Piece::Text(format!("{root}{}/", organization.id)),
            Piece::Chars {
                name: None,
                set: CharSet::Digits,
                len: 12,
            },
            rest,
        ],
        _ => vec![Piece::Text(format!("{root}{}", trail.account)), rest],
    };
    Template { pieces }
}

/// The accounts under which load balancers write their access logs, also below `AWSLogs/`.
///
/// Source: Elastic Load Balancing, "Enable access logs for your Application Load Balancer".
const LOAD_BALANCING: [&str; 26] = [
    "009996457667",
    "027434742980",
    "033677994240",
    "037604701340",
    "048591011584",
    "054676820928",
    "076674570225",
    "098369216593",
    "114774131450",
    "127311923021",
    "156460612806",
    "190560391635",
    "383597477331",
    "507241528517",
    "582318560864",
    "589379963580",
    "600734575887",
    "635631232127",
    "638102146993",
    "652711504416",
    "718504428378",
    "754344448648",
    "783225319266",
    "797873946194",
    "897822967062",
    "985666609251",
];
