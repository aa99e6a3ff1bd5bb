//! The statements of a policy that gives up so much and no more.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::scope::{AskedBy, Context, Prefixes, Readers, Scope, Who, is_member};
use super::whose::{self, Names, Spelling};
use crate::delivery::{Target, root};
use crate::grants::{self, ACL, TRAIL_CONTEXT, one_or_many};
use crate::model::{Arn, Estate, Evidence, Trail};

/// The account that owns the trail, in whose name CloudTrail asks.
const OWNER: &str = "${aws:SourceAccount}";

/// The statements, and what had to be taken for granted.
pub(super) fn statements(
    estate: &Estate,
    scope: Scope,
    (target, resource): (Target, &str),
    trails: &[&Trail],
    readers: &[String],
) -> (Vec<Value>, Vec<String>) {
    match target {
        Target::Bucket => (bucket(estate, scope, trails), Vec::new()),
        Target::Topic => {
            let whose = whose::conditions(trails, scope.names, scope.spelling).into_iter();
            let action = json!("SNS:Publish");
            let publish = whose.map(|condition| {
                grants::statement(
                    "AWSCloudTrailPublish",
                    &action,
                    &json!(resource),
                    &condition,
                )
            });
            (publish.collect(), Vec::new())
        }
        Target::Key | Target::TopicKey => key(estate, scope, resource, trails, readers),
        Target::LogRole => (Vec::new(), Vec::new()),
    }
}

/// Adds to a condition what a key must be, before the others of that operator.
fn with(mut condition: Value, operator: &str, key: &str, value: Value) -> Value {
    if let Some(blocks) = condition.as_object_mut() {
        let block = blocks
            .entry(operator)
            .or_insert_with(|| Value::Object(Map::new()));
        if let Some(block) = block.as_object_mut() {
            block.shift_insert(0, key.to_owned(), value);
        }
    }
    condition
}

fn bucket(estate: &Estate, scope: Scope, trails: &[&Trail]) -> Vec<Value> {
    let Some(first) = trails.first() else {
        return Vec::new();
    };
    let arn = grants::bucket_arn(first);
    let ask = json!("s3:GetBucketAcl");
    let mut statements = Vec::new();
    if scope.context == Context::Always {
        let asking = match scope.asked_by {
            AskedBy::Accounts => whose::conditions(trails, scope.asking, scope.spelling),
            AskedBy::Anybody => vec![whose::of_anybody(trails, scope.asking)],
        };
        statements.extend(
            asking
                .iter()
                .map(|whose| grants::statement("AWSCloudTrailAclCheck", &ask, &json!(arn), whose)),
        );
    }
    for (mut resources, trails) in by_folder(estate, scope, trails) {
        let sid = match (scope.spelling, trails.first()) {
            (Spelling::Each, Some(trail)) => format!("AWSCloudTrailWrite{}", trail.account),
            _ => "AWSCloudTrailWrite".to_owned(),
        };
        let (actions, operator) = match scope.context {
            Context::Always => (json!("s3:PutObject"), "StringEquals"),
            Context::WherePresent => {
                resources.insert(0, arn.clone());
                (json!([ask, "s3:PutObject"]), "StringEqualsIfExists")
            }
        };
        let resources = one_or_many(&resources);
        for whose in writers(estate, scope, &trails) {
            let condition = with(whose, operator, "s3:x-amz-acl", json!(ACL));
            let statement = grants::statement(&sid, &actions, &resources, &condition);
            statements.push(statement);
        }
    }
    statements.push(grants::deny_insecure_transport(&arn));
    statements
}

/// Whose files a statement lets in.
fn writers(estate: &Estate, scope: Scope, trails: &[&Trail]) -> Vec<Value> {
    // Those of an organization's trail are few, and its folders are not told by who owns it.
    if trails.iter().any(|trail| trail.organization) {
        return whose::conditions(trails, Names::Own, Spelling::Lists);
    }
    let organization = estate.organization.present();
    let (members, others): (Vec<&Trail>, Vec<&Trail>) = trails
        .iter()
        .partition(|trail| scope.who == Who::Organization && is_member(estate, &trail.account));
    let mut whose = Vec::new();
    if let Some(organization) = organization.filter(|_| !members.is_empty()) {
        let condition = whose::of_organization(&organization.id, &members, scope.names);
        whose.push(condition);
    }
    if !others.is_empty() {
        whose.extend(whose::conditions(&others, scope.names, scope.spelling));
    }
    whose
}

/// The trails that may write to the same folders, with these as Resources.
fn by_folder<'e>(
    estate: &Estate,
    scope: Scope,
    trails: &[&'e Trail],
) -> Vec<(Vec<String>, Vec<&'e Trail>)> {
    let mut groups: BTreeMap<_, Vec<&Trail>> = BTreeMap::new();
    for &trail in trails {
        let prefix = (scope.prefixes == Prefixes::Own).then(|| root(trail));
        let spelled_out = trail.organization || scope.spelling == Spelling::Each;
        let account = spelled_out.then_some(&trail.account);
        let group = (prefix, account, trail.organization);
        groups.entry(group).or_default().push(trail);
    }
    let groups = groups.into_iter();
    let groups = groups.map(|((_, account, of_organization), trails)| {
        let organization = estate.organization.present().filter(|_| of_organization);
        let account = account.map_or(OWNER, String::as_str);
        let owners = organization.map(|organization| organization.id.as_str());
        let owners: Vec<&str> = owners.into_iter().chain([account]).collect();
        let roots: BTreeSet<String> = match scope.prefixes {
            // A prefix cannot hold `AWSLogs/` (CloudTrail User Guide, "Receiving CloudTrail log files from
            // multiple accounts"), so that what stands after it is always whose files they are.
            Prefixes::Any => {
                let buckets = trails.iter().map(|trail| grants::bucket_arn(trail));
                buckets.map(|arn| format!("{arn}/*AWSLogs/")).collect()
            }
            Prefixes::Own | Prefixes::Known => {
                let roots = trails.iter().map(|trail| root(trail));
                roots.map(|root| grants::literally(&root)).collect()
            }
        };
        let folders = roots
            .iter()
            .flat_map(|root| owners.iter().map(move |owner| format!("{root}{owner}/*")));
        (folders.collect(), trails)
    });
    groups.collect()
}

fn key(
    estate: &Estate,
    scope: Scope,
    arn: &str,
    trails: &[&Trail],
    readers: &[String],
) -> (Vec<Value>, Vec<String>) {
    let mut notes = Vec::new();
    let mut statements: Vec<Value> = grants::administer(arn).into_iter().collect();
    let bucket_keys = bucket_keys(estate, trails);
    if bucket_keys == BucketKeys::Unknown {
        notes.push(
            "whether the bucket has an S3 Bucket Key could not be seen, so CloudTrail may decrypt: it needs that with one"
                .to_owned(),
        );
    }
    let mut questions = vec!["kms:DescribeKey"];
    if bucket_keys != BucketKeys::Off {
        questions.insert(0, "kms:Decrypt");
    }
    let (operator, sid) = match scope.context {
        Context::Always => ("StringLike", "AWSCloudTrailEncrypt"),
        Context::WherePresent => ("StringLikeIfExists", "AWSCloudTrailUseKey"),
    };
    let mut actions = vec!["kms:GenerateDataKey*"];
    if scope.context == Context::WherePresent {
        actions.append(&mut questions);
    }
    for whose in whose::conditions(trails, scope.names, scope.spelling) {
        let condition = with(whose, operator, TRAIL_CONTEXT, contexts(scope, trails));
        let actions = one_or_many(&actions);
        statements.push(grants::statement(sid, &actions, &json!("*"), &condition));
    }
    if !questions.is_empty() {
        for whose in whose::conditions(trails, scope.asking, scope.spelling) {
            let (sid, actions) = ("AWSCloudTrailDescribeKey", one_or_many(&questions));
            statements.push(grants::statement(sid, &actions, &json!("*"), &whose));
        }
    }
    statements.push(read_logs(arn, scope, trails, readers));
    (statements, notes)
}

/// The encryption contexts of trails. CloudTrail sets the context and the source from one trail, so that
/// the account and the trail need not be said twice.
fn contexts(scope: Scope, trails: &[&Trail]) -> Value {
    if scope.spelling == Spelling::Each {
        let contexts: BTreeSet<String> = trails.iter().map(|it| grants::context_of(it)).collect();
        return one_or_many(contexts);
    }
    let partitions: BTreeSet<&str> = trails.iter().map(|it| &*it.partition).collect();
    one_or_many(
        partitions
            .into_iter()
            .map(|partition| format!("arn:{partition}:cloudtrail:*:{OWNER}:trail/*")),
    )
}

/// Every trail of the accounts, in whatever Region.
fn patterns(trails: &[&Trail]) -> BTreeSet<String> {
    let pattern = |trail: &&Trail| {
        let (partition, account) = (&trail.partition, &trail.account);
        format!("arn:{partition}:cloudtrail:*:{account}:trail/*")
    };
    trails.iter().map(pattern).collect()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum BucketKeys {
    On,
    Off,
    Unknown,
}

fn bucket_keys(estate: &Estate, trails: &[&Trail]) -> BucketKeys {
    let buckets = trails
        .iter()
        .filter_map(|trail| estate.buckets.get(&trail.bucket));
    let mut all = BucketKeys::Off;
    for bucket in buckets {
        match &bucket.encryption {
            Evidence::Present(encryption) if encryption.bucket_key => return BucketKeys::On,
            Evidence::Present(_) | Evidence::Absent(_) => {}
            Evidence::Unknown(_) => all = BucketKeys::Unknown,
        }
    }
    all
}

/// Lets readers decrypt log files, and nothing else that the key may have encrypted. The files of the
/// members of an organization are told by their context being there at all.
fn read_logs(arn: &str, scope: Scope, trails: &[&Trail], readers: &[String]) -> Value {
    let own = Arn::parse(arn);
    let root = own.map(|arn| format!("arn:{}:iam::{}:root", arn.partition, arn.account));
    let named = match readers {
        [] => one_or_many(root),
        readers => one_or_many(readers),
    };
    let of_organization = trails.iter().any(|trail| trail.organization);
    let condition = if of_organization || scope.readers == Readers::All {
        json!({ "Null": { TRAIL_CONTEXT: "false" } })
    } else {
        json!({ "StringLike": { TRAIL_CONTEXT: one_or_many(patterns(trails)) } })
    };
    json!({
        "Sid": "ReadLogFiles",
        "Effect": "Allow",
        "Principal": { "AWS": named },
        "Action": "kms:Decrypt",
        "Resource": "*",
        "Condition": condition,
    })
}
