//! The forms of a policy, from the tightest to the smallest.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::delivery::{Target, context::SERVICE, root};
use crate::grants::{self, ACL, TRAIL_CONTEXT, one_or_many};
use crate::model::{Arn, Estate, Evidence, Membership, Trail};

/// How the trails are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// A statement for each trail, by its ARN.
    Each,
    /// Lists of ARNs.
    Lists,
    /// A pattern of ARNs for each account.
    Patterns,
    /// The accounts, their folders by a policy variable.
    Accounts,
    /// The organization, the folders by a policy variable.
    Organization,
}

/// The forms that there are for some trails, the tightest first.
pub(super) fn forms(estate: &Estate, target: Target, trails: &[&Trail]) -> Vec<Form> {
    let mut forms = Vec::new();
    if target == Target::Bucket {
        forms.push(Form::Each);
    }
    forms.extend([Form::Lists, Form::Patterns, Form::Accounts]);
    let organizations: BTreeSet<Option<String>> = trails
        .iter()
        .map(|trail| match estate.membership(&trail.account) {
            Membership::Member(id) => Some(id),
            Membership::None | Membership::Unknown => None,
        })
        .collect();
    let listed = estate
        .organization
        .present()
        .is_some_and(|organization| organization.accounts.is_some());
    // Who is a member must be known, not taken for granted.
    let one = organizations.len() == 1 && !organizations.contains(&None) && listed;
    if target == Target::Bucket && one {
        forms.push(Form::Organization);
    }
    forms
}

/// The statements of a form, and what had to be taken for granted.
pub(super) fn statements(
    estate: &Estate,
    form: Form,
    (target, resource): (Target, &str),
    trails: &[&Trail],
    readers: &[String],
) -> (Vec<Value>, Vec<String>) {
    match target {
        Target::Bucket => (bucket(estate, form, trails), Vec::new()),
        Target::Topic => {
            let publish = grants::publish(resource, trails);
            (
                vec![with_condition(publish, sources(estate, form, trails))],
                Vec::new(),
            )
        }
        Target::Key | Target::TopicKey => key(estate, form, resource, trails, readers),
        Target::LogRole => (Vec::new(), Vec::new()),
    }
}

fn with_condition(mut statement: Value, condition: Value) -> Value {
    if let Some(known) = statement.get_mut("Condition") {
        *known = condition;
    }
    statement
}

/// Adds a block to a condition.
fn add(condition: &mut Value, operator: &str, block: Value) {
    if let Some(blocks) = condition.as_object_mut() {
        blocks.insert(operator.to_owned(), block);
    }
}

/// The condition that says whose trails are meant.
fn sources(estate: &Estate, form: Form, trails: &[&Trail]) -> Value {
    match form {
        Form::Each | Form::Lists => {
            json!({ "StringEquals": { "aws:SourceArn": one_or_many(grants::arns(trails)) } })
        }
        Form::Patterns => json!({ "ArnLike": { "aws:SourceArn": one_or_many(patterns(trails)) } }),
        Form::Accounts => {
            json!({ "StringEquals": { "aws:SourceAccount": one_or_many(accounts(trails)) } })
        }
        Form::Organization => {
            let organization = estate.organization.present();
            let id = organization.map_or("", |organization| &organization.id);
            json!({ "StringEquals": { "aws:SourceOrgID": id } })
        }
    }
}

fn patterns(trails: &[&Trail]) -> BTreeSet<String> {
    trails
        .iter()
        .map(|trail| {
            format!(
                "arn:{}:cloudtrail:*:{}:trail/*",
                trail.partition, trail.account
            )
        })
        .collect()
}

fn accounts(trails: &[&Trail]) -> BTreeSet<String> {
    trails.iter().map(|trail| trail.account.clone()).collect()
}

fn bucket(estate: &Estate, form: Form, trails: &[&Trail]) -> Vec<Value> {
    let Some(first) = trails.first() else {
        return Vec::new();
    };
    let arn = grants::bucket_arn(first);
    let ask = grants::ask_acl(&arn, trails);
    let ask = match form {
        // These requests carry no organization (reported, not documented), and no account in it.
        Form::Organization => {
            let any = format!("arn:{}:cloudtrail:*:*:trail/*", first.partition);
            with_condition(ask, json!({ "ArnLike": { "aws:SourceArn": any } }))
        }
        form => with_condition(ask, sources(estate, form, trails)),
    };
    let mut statements = vec![ask];
    let folders = |trail: &Trail| grants::folders(estate, trail).unwrap_or_default();
    // A variable stands for the owner of a trail; an organization's trail writes for others too.
    let (each, together): (Vec<&Trail>, Vec<&Trail>) = trails.iter().partition(|trail| {
        form == Form::Each
            || trail.organization && matches!(form, Form::Accounts | Form::Organization)
    });
    statements.extend(
        each.iter()
            .map(|trail| grants::write(trail, &folders(trail))),
    );
    if !together.is_empty() {
        let resources: BTreeSet<String> = match form {
            Form::Accounts | Form::Organization => together
                .iter()
                .map(|trail| format!("{}${{aws:SourceAccount}}/*", root(trail)))
                .collect(),
            _ => together.iter().flat_map(|trail| folders(trail)).collect(),
        };
        let mut condition = sources(estate, form, &together);
        let acl = json!(ACL);
        match condition
            .get_mut("StringEquals")
            .and_then(Value::as_object_mut)
        {
            Some(equals) => {
                equals.shift_insert(0, "s3:x-amz-acl".to_owned(), acl);
            }
            None => add(
                &mut condition,
                "StringEquals",
                json!({ "s3:x-amz-acl": acl }),
            ),
        }
        statements.push(json!({
            "Sid": "AWSCloudTrailWrite",
            "Effect": "Allow",
            "Principal": { "Service": SERVICE },
            "Action": "s3:PutObject",
            "Resource": one_or_many(resources),
            "Condition": condition,
        }));
    }
    statements.push(grants::deny_insecure_transport(&arn));
    statements
}

fn key(
    estate: &Estate,
    form: Form,
    arn: &str,
    trails: &[&Trail],
    readers: &[String],
) -> (Vec<Value>, Vec<String>) {
    let mut notes = Vec::new();
    let mut statements: Vec<Value> = grants::administer(arn).into_iter().collect();
    let sources = sources(estate, form, trails);
    let mut encrypt = sources.clone();
    let contexts = match form {
        Form::Each | Form::Lists => {
            let contexts: BTreeSet<String> =
                trails.iter().map(|it| grants::context_of(it)).collect();
            one_or_many(contexts)
        }
        Form::Patterns => one_or_many(patterns(trails)),
        Form::Accounts | Form::Organization => {
            let partitions: BTreeSet<&str> = trails.iter().map(|it| &*it.partition).collect();
            one_or_many(partitions.into_iter().map(|partition| {
                format!("arn:{partition}:cloudtrail:*:${{aws:SourceAccount}}:trail/*")
            }))
        }
    };
    add(
        &mut encrypt,
        "StringLike",
        json!({ TRAIL_CONTEXT: contexts }),
    );
    statements.push(with_condition(grants::encrypt(trails), encrypt));
    statements.push(with_condition(grants::describe(trails), sources.clone()));
    let bucket_keys = bucket_keys(estate, trails);
    if bucket_keys != BucketKeys::Off {
        statements.push(with_condition(grants::decrypt(trails), sources));
    }
    if bucket_keys == BucketKeys::Unknown {
        notes.push(
            "whether the bucket has an S3 Bucket Key could not be seen, so CloudTrail may decrypt: it needs that with one"
                .to_owned(),
        );
    }
    statements.push(read_logs(arn, form, trails, readers));
    (statements, notes)
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
fn read_logs(arn: &str, form: Form, trails: &[&Trail], readers: &[String]) -> Value {
    let own = Arn::parse(arn);
    let root = own.map(|arn| format!("arn:{}:iam::{}:root", arn.partition, arn.account));
    let named = match readers {
        [] => one_or_many(root),
        readers => one_or_many(readers),
    };
    let of_organization = trails.iter().any(|trail| trail.organization);
    let condition = if of_organization || matches!(form, Form::Accounts | Form::Organization) {
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
