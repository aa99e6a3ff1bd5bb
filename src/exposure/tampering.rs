//! What a bucket policy lets IAM principals of other accounts do to log files, or to the settings that
//! protect them. Whether their own account lets them too is that account's to say.

use super::idle::excerpt;
use crate::delivery::{Target, legacy_region};
use crate::diagnosis::PolicyUse;
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
    let (Target::Bucket, Some(bucket)) = (policy.target, policy.bucket) else {
        return Vec::new();
    };
    let Some(owner) = bucket.owner.as_deref() else {
        return Vec::new();
    };
    let statements = policy.policy.policy.statements.iter();
    let allows = statements.filter(|statement| statement.effect == Effect::Allow);
    allows
        .filter_map(|statement| by_statement(policy, bucket, owner, statement))
        .collect()
}

fn by_statement(
    policy: &PolicyUse<'_>,
    bucket: &Bucket,
    owner: &str,
    statement: &Statement,
) -> Option<Tampering> {
    let named = statement
        .principal
        .as_ref()
        .filter(|named| !named.negated)?;
    let excerpt = excerpt(&policy.policy.policy, statement);
    named.entries.iter().find_map(|entry| {
        let caller = caller(policy, owner, entry.kind, &entry.value)?;
        let (actions, object) = granted(policy, bucket, &excerpt, &caller);
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
        let account = other.map_or("000000000000", String::as_str);
        return Some(format!("arn:aws:iam::{account}:role/any"));
    }
    let account = match Arn::parse(value) {
        Some(arn) => arn.account,
        None => value,
    };
    let foreign = kind == PrincipalKind::Aws
        && is_account_id(account)
        && account != owner
        && legacy_region(value).is_none()
        && !LOAD_BALANCING.contains(&account);
    foreign.then(|| value.to_owned())
}

fn granted(
    policy: &PolicyUse<'_>,
    bucket: &Bucket,
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
    for key in [
        "aws:SourceArn",
        "aws:SourceAccount",
        "aws:SourceOrgID",
        "aws:SourceOrgPaths",
    ] {
        context.set(key, ContextValue::Absent);
    }
    context.set("aws:PrincipalIsAWSService", ContextValue::one("false"));
    context.set("aws:SecureTransport", ContextValue::one("true"));
    let account = Arn::parse(caller).map_or(caller, |arn| arn.account);
    context.set("aws:PrincipalAccount", ContextValue::one(account));
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
