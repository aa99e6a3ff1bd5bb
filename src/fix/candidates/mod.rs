//! Changes that could mend a fault, the best first: what is known decides, nothing is guessed. Whether a
//! change does what it should, and nothing besides, is for `proof` to say.

mod condition;
mod context;
mod deny;
mod exposure;
mod grant;
mod source;

pub(super) use exposure::{Shared, for_policy};

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::edit::{self, Op};
use crate::delivery::{Delivery, Obstacle, RequestId, Target, context::SERVICE, legacy_region};
use crate::diagnosis::{Cause, Fault};
use crate::document::DocumentId;
use crate::grants;
use crate::iam::{Effect, PrincipalElement, PrincipalKind, Statement};
use crate::model::{Estate, PolicyDocument, Trail};

/// A change that could mend a fault.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub(super) change: Change,
    /// What it does, as a clause in the imperative, small first letter.
    pub(super) words: String,
    pub(super) grants: Grants,
    pub(super) takes: Takes,
}

impl Candidate {
    /// The text of a document after the change, if that is another.
    pub(super) fn text(&self, estate: &Estate, document: DocumentId) -> Option<String> {
        let old = estate.document(document);
        let text = match &self.change {
            Change::Edit(ops) if ops.is_empty() => return None,
            Change::Edit(ops) => edit::apply(old, ops)?,
            Change::Install(policy) => edit::install(old, policy)?,
        };
        (text != old.answer()).then_some(text)
    }
}

/// What is done to the document.
#[derive(Debug, Clone)]
pub(super) enum Change {
    /// Edits of the policy that is there.
    Edit(Vec<Op>),
    /// A policy where there was none.
    Install(Value),
}

/// What a change may grant besides the requests of the known trails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Grants {
    /// Nothing.
    Nothing,
    /// Requests of other trails of the same accounts, which is then said.
    SameAccounts,
    /// Questions that reveal that a bucket or key exists, which is then said.
    Questions,
}

/// What a change may take from trails that are not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    /// Nothing.
    Nothing,
    /// What only a slip of the pen, or an oversight, gave them.
    Slips,
}

impl Candidate {
    fn edit(words: impl Into<String>, ops: Vec<Op>) -> Candidate {
        Candidate {
            change: Change::Edit(ops),
            words: words.into(),
            grants: Grants::Nothing,
            takes: Takes::Nothing,
        }
    }

    fn granting(self, grants: Grants) -> Candidate {
        Candidate { grants, ..self }
    }

    fn taking_slips(self) -> Candidate {
        Candidate {
            takes: Takes::Slips,
            ..self
        }
    }

    /// The same, with more edits behind.
    fn and(mut self, words: &str, more: Vec<Op>) -> Candidate {
        if let Change::Edit(ops) = &mut self.change {
            ops.extend(more);
            self.words = format!("{}, and {words}", self.words);
        }
        self
    }
}

/// What is known around a fault of one trail.
pub(super) struct Scene<'s, 'e> {
    pub(super) estate: &'e Estate,
    pub(super) delivery: &'s Delivery<'e>,
    /// The trails of the estate for which a request is refused by the same policy.
    pub(super) refused: &'s dyn Fn(RequestId) -> Vec<&'e Trail>,
    /// The trails that are to be mended along with this one: those with the very same fault.
    pub(super) alike: Vec<&'e Trail>,
}

/// The candidates for a fault, or what is missing to name one.
pub(super) fn for_fault(scene: &Scene<'_, '_>, fault: &Fault) -> Result<Vec<Candidate>, String> {
    if let Some(why) = beyond_policies(fault.cause) {
        return Err(why.to_owned());
    }
    let Some(resource) = resource(scene, fault.target) else {
        return Err("the resource is not known".to_owned());
    };
    let at = At {
        scene,
        fault,
        users: grants::users(scene.estate, fault.target, &resource),
        resource,
        policy: scene.delivery.policy(fault.target),
    };
    if at.needs_organization() {
        return Err(format!(
            "the id of the organization of trail `{}` is not known: collect `organizations/describe-organization.json`, or \
             say it with `org=` in `--trail`",
            scene.delivery.trail.name
        ));
    }
    let Some(policy) = at.policy else {
        return at.install();
    };
    let candidates = match fault
        .statement
        .and_then(|it| policy.policy.statements.get(it))
    {
        None => vec![at.new_statement()],
        Some(statement) if statement.effect == Effect::Deny => deny::candidates(&at, statement),
        Some(_) if fault.cause == Cause::GrantExpires && fault.condition.is_some() => {
            return Err(
                "the statement ends at a date: whether it should go on, only its author knows"
                    .to_owned(),
            );
        }
        Some(statement) if fault.condition.is_some() => condition::candidates(&at, statement),
        Some(statement) => grant::candidates(&at, statement),
    };
    Ok(candidates)
}

/// Faults that no policy can mend, and what does.
pub(super) fn beyond_policies(cause: Cause) -> Option<&'static str> {
    Some(match cause {
        Cause::BucketMissing => {
            "no policy mends it: the bucket has to be created in the account that should own it, or the trail pointed to \
             another one"
        }
        Cause::UnsupportedBucketType => {
            "no policy mends it: the trail needs a general purpose bucket"
        }
        Cause::RequesterPays => {
            "no policy mends it: `aws s3api put-bucket-request-payment --request-payment-configuration Payer=BucketOwner`"
        }
        Cause::KmsKeyDisabled => "no policy mends it: `aws kms enable-key` does",
        Cause::KmsKeyPendingDeletion => {
            "no policy mends it: `aws kms cancel-key-deletion` and then `aws kms enable-key` do"
        }
        Cause::KmsKeyUnusable => "no policy mends it: the trail needs another key",
        Cause::KmsKeyRegion => {
            "no policy mends it: the trail needs a key in the bucket's Region, or a replica of its key there"
        }
        Cause::KmsManagedKey => {
            "the policy of a key that AWS manages cannot be changed: the trail needs a customer managed key"
        }
        Cause::TopicMissing => {
            "no policy mends it: the topic has to be created, or the trail pointed to another one"
        }
        Cause::CloudwatchRoleDenied | Cause::CloudwatchLogGroupInvalid => {
            "no resource policy mends it: the role of the trail's own account has to be changed"
        }
        _ => return None,
    })
}

fn resource(scene: &Scene<'_, '_>, target: Target) -> Option<String> {
    let delivery = scene.delivery;
    Some(match target {
        Target::Bucket => delivery.bucket.name.clone(),
        Target::Key => delivery.key?.arn.clone(),
        Target::Topic => delivery.topic?.arn.clone(),
        Target::TopicKey => delivery.topic_key?.arn.clone(),
        Target::LogRole => return None,
    })
}

/// A fault and everything that its candidates are made from.
struct At<'s, 'e> {
    scene: &'s Scene<'s, 'e>,
    fault: &'s Fault,
    /// The trails that share the policy.
    users: Vec<&'e Trail>,
    /// The bucket's name, or the ARN of the key or topic.
    resource: String,
    policy: Option<&'s PolicyDocument>,
}

impl<'e> At<'_, 'e> {
    fn trail(&self) -> &'e Trail {
        self.scene.delivery.trail
    }

    /// Whether the change would have to name an organization that nobody told.
    fn needs_organization(&self) -> bool {
        let of_folder = |id: &RequestId| id.action() == "s3:PutObject";
        self.fault.target == Target::Bucket
            && self.fault.requests.iter().any(of_folder)
            && grants::folders(self.scene.estate, self.trail()).is_none()
            && self.fault.condition.is_none()
    }

    /// The trail, and those that are to be mended along with it.
    fn together(&self) -> Vec<&'e Trail> {
        let own = self.trail();
        let others = self.scene.alike.iter().copied();
        let others = others.filter(|trail| trail.arn != own.arn);
        std::iter::once(own).chain(others).collect()
    }

    fn requests(&self, action: &str) -> bool {
        self.fault.requests.iter().any(|id| id.action() == action)
    }

    /// What messages call a statement.
    fn name(&self, statement: &Statement) -> String {
        let name = crate::diagnosis::statement_name(statement);
        format!("{name} of the {}", self.fault.target.noun())
    }

    /// A policy where there is none: everything that the known trails need.
    fn install(&self) -> Result<Vec<Candidate>, String> {
        let whole = matches!(
            self.fault.cause,
            Cause::BucketPolicyMissing | Cause::TopicPolicyMissing
        );
        let missing = self.scene.delivery.requests.iter().any(|request| {
            let mut obstacles = request.obstacles.iter();
            obstacles
                .any(|it| matches!(it, Obstacle::NoBucketPolicy(_) | Obstacle::NoTopicPolicy(_)))
        });
        if !whole || !missing {
            return Err("the policy could not be seen".to_owned());
        }
        let estate = self.scene.estate;
        let mut statements = Vec::new();
        if self.fault.target == Target::Topic {
            statements.push(grants::publish(&self.resource, &self.users));
        } else {
            let bucket = grants::bucket_arn(self.trail());
            statements.push(grants::ask_acl(&bucket, &self.users));
            for trail in &self.users {
                let Some(folders) = grants::folders(estate, trail) else {
                    return Err(format!(
                        "the id of the organization of trail `{}` is not known",
                        trail.name
                    ));
                };
                statements.push(grants::write(trail, &folders));
            }
            statements.push(grants::deny_insecure_transport(&bucket));
        }
        Ok(vec![Candidate {
            change: Change::Install(grants::policy(statements)),
            words: format!(
                "put a {} that admits the known trails and nothing else",
                self.fault.target.noun()
            ),
            grants: Grants::Nothing,
            takes: Takes::Nothing,
        }])
    }

    /// A further statement that grants what is refused, to the trails that it is refused to. Writing is
    /// granted to one trail at a time, so that no statement speaks of two accounts.
    fn new_statement(&self) -> Candidate {
        let mut statements = Vec::new();
        let estate = self.scene.estate;
        let trail = self.trail();
        let of_all = |id: RequestId| {
            let mut trails = (self.scene.refused)(id);
            if !trails.iter().any(|known| known.arn == trail.arn) {
                trails.push(trail);
            }
            trails
        };
        let of_action = |action: &str| {
            let mut ids = self.fault.requests.iter();
            ids.find(|id| id.action() == action).copied()
        };
        match self.fault.target {
            Target::Bucket => {
                if let Some(id) = of_action("s3:GetBucketAcl") {
                    let bucket = grants::bucket_arn(trail);
                    statements.push(grants::ask_acl(&bucket, &of_all(id)));
                }
                if self.requests("s3:PutObject") {
                    let folders = grants::folders(estate, trail).unwrap_or_default();
                    let needed = folders
                        .iter()
                        .filter(|folder| **folder == self.fault.needed);
                    let needed: Vec<String> = needed.cloned().collect();
                    let folders = if needed.is_empty() { folders } else { needed };
                    statements.push(grants::write(trail, &folders));
                    for other in self.together().into_iter().skip(1) {
                        let folders = grants::folders(estate, other).unwrap_or_default();
                        statements.push(grants::write(other, &folders));
                    }
                }
            }
            Target::Key => {
                if let Some(id) = of_action("kms:GenerateDataKey") {
                    statements.push(grants::encrypt(&of_all(id)));
                }
                if let Some(id) = of_action("kms:DescribeKey") {
                    statements.push(grants::describe(&of_all(id)));
                }
                if let Some(id) = of_action("kms:Decrypt") {
                    statements.push(grants::decrypt(&of_all(id)));
                }
            }
            Target::Topic => {
                let trails = of_all(RequestId::Publish);
                statements.push(grants::publish(&self.resource, &trails));
            }
            Target::TopicKey => {
                if let Some(topic) = self.scene.delivery.topic {
                    statements.push(grants::encrypt_messages(&topic.arn));
                }
            }
            Target::LogRole => {}
        }
        let mut taken: BTreeSet<String> = self
            .policy
            .iter()
            .flat_map(|policy| &policy.policy.statements)
            .filter_map(|statement| statement.sid.as_deref().map(str::to_owned))
            .collect();
        let what: BTreeSet<String> = statements.iter().map(action_words).collect();
        let ops = statements.into_iter().map(|statement| Op::Add {
            pointer: "/Statement".to_owned(),
            value: grants::with_free_sid(statement, &mut taken),
        });
        let ops: Vec<Op> = ops.collect();
        let what: Vec<String> = what.into_iter().collect();
        let noun = self.fault.target.noun();
        let words = format!(
            "add a statement to the {noun} that grants {}",
            what.join(" and ")
        );
        Candidate::edit(words, ops)
    }

    /// Adds `aws:SourceArn` with the known trails to a statement that does not ask for it.
    fn pin(&self, statement: &Statement) -> Vec<Op> {
        pin(statement, &self.served(statement))
    }

    /// The known trails that a statement is for: those whose folder its Resource covers.
    fn served(&self, statement: &Statement) -> Vec<&'e Trail> {
        let certain = Some(self.trail().arn.as_str());
        served(self.scene.estate, statement, &self.users, certain)
    }
}

/// The known trails that a statement is for; one of them may be known to be.
fn served<'e>(
    estate: &Estate,
    statement: &Statement,
    users: &[&'e Trail],
    certain: Option<&str>,
) -> Vec<&'e Trail> {
    let covers = |trail: &Trail| {
        let Some(resource) = statement.resource.as_ref().filter(|it| !it.negated) else {
            return true;
        };
        let folders = grants::folders(estate, trail).unwrap_or_default();
        let bucket = grants::bucket_arn(trail);
        let names = folders
            .iter()
            .map(|folder| folder.replace('*', "CloudTrail/x"));
        let mut names = names.chain([bucket]);
        let of_bucket = statement.resource.iter().any(|resource| {
            resource
                .patterns
                .iter()
                .any(|entry| entry.text.contains(":s3:"))
        });
        !of_bucket
            || names.any(|name| {
                resource
                    .patterns
                    .iter()
                    .any(|entry| entry.pattern.matches(&name))
            })
    };
    let mut trails: Vec<&Trail> = users
        .iter()
        .copied()
        .filter(|trail| Some(&*trail.arn) == certain || covers(trail))
        .collect();
    trails.sort_by(|a, b| a.arn.cmp(&b.arn));
    trails
}

fn pin(statement: &Statement, trails: &[&Trail]) -> Vec<Op> {
    condition_op(
        statement,
        "StringEquals",
        "aws:SourceArn",
        grants::one_or_many(grants::arns(trails)),
    )
}

/// Adds one condition to a statement. Nothing if the key stands under that operator already.
fn condition_op(statement: &Statement, operator: &str, key: &str, value: Value) -> Vec<Op> {
    let taken = statement.conditions.iter().any(|condition| {
        &*condition.operator.name == operator && condition.key.eq_ignore_ascii_case(key)
    });
    if taken {
        return Vec::new();
    }
    vec![Op::Require {
        pointer: statement.pointer.clone(),
        operator: operator.to_owned(),
        key: key.to_owned(),
        value,
    }]
}

/// Whether CloudTrail alone is named, so that what is changed changes for nobody else.
fn is_for_cloudtrail_alone(statement: &Statement) -> bool {
    statement.principal.as_ref().is_some_and(|principal| {
        !principal.negated
            && !principal.entries.is_empty()
            && principal
                .entries
                .iter()
                .all(|entry| entry.kind == PrincipalKind::Service && &*entry.value == SERVICE)
    })
}

/// Whether CloudTrail alone is named, by its accounts of the time before it had a service principal.
fn is_legacy_alone(principal: &PrincipalElement) -> bool {
    let mut entries = principal.entries.iter();
    entries.all(|entry| legacy_region(&entry.value).is_some() || &*entry.value == SERVICE)
}

fn action_words(statement: &Value) -> String {
    let actions: Vec<String> = match &statement["Action"] {
        Value::Array(actions) => actions
            .iter()
            .filter_map(Value::as_str)
            .map(quoted)
            .collect(),
        one => one.as_str().map(quoted).into_iter().collect(),
    };
    actions.join(" and ")
}

fn quoted(text: impl AsRef<str>) -> String {
    format!("`{}`", text.as_ref())
}

fn text(text: &str) -> Value {
    json!(text)
}
