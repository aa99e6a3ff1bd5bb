//! Candidates for what a policy grants too widely: the known trails are named, or what CloudTrail does
//! not need goes.

use serde_json::Value;

use super::{
    Candidate, Grants, condition_op, is_for_cloudtrail_alone, is_legacy_alone, pin, quoted, served,
    text,
};
use crate::delivery::{Target, context::SERVICE};
use crate::document::Place;
use crate::fix::edit::Op;
use crate::grants::{self, TRAIL_CONTEXT};
use crate::iam::{Condition, Statement};
use crate::model::{Estate, PolicyDocument, Trail};

/// One policy, and the trails that share it.
pub(in crate::fix) struct Shared<'p, 'e> {
    pub(in crate::fix) estate: &'e Estate,
    pub(in crate::fix) target: Target,
    pub(in crate::fix) policy: &'p PolicyDocument,
    pub(in crate::fix) users: Vec<&'e Trail>,
}

/// The candidates for a finding about a policy, or what is missing to name one; nothing where a change of
/// the policy is not what the rule asks for.
pub(in crate::fix) fn for_policy(
    shared: &Shared<'_, '_>,
    rule: &str,
    place: &Place,
    trail: Option<&str>,
) -> Option<Result<Vec<Candidate>, String>> {
    let statement = statement_at(shared.policy, &place.pointer)?;
    let it = Weak {
        shared,
        statement,
        name: format!(
            "{} of the {}",
            crate::diagnosis::statement_name(statement),
            shared.target.noun()
        ),
    };
    Some(match rule {
        "source-arn-missing" | "topic-source-arn-missing" | "kms-source-arn-missing"
        | "kms-unscoped" => Ok(it.pinned()),
        "any-account-may-write" => {
            let mut candidates = it.pinned();
            candidates.extend(it.sources_set());
            Ok(candidates)
        }
        "kms-context-any-account" => Ok(it.context_set(&place.pointer)),
        "resource-too-broad" => it.resource_set(),
        "acl-condition-missing" => Ok(it.with_acl()),
        "legacy-account-principals" => Ok(it.principal_set()),
        "extra-actions-granted" => it.actions_set(),
        "member-logs-undecryptable" => it.reader_added(&place.pointer, trail)?,
        "policy-not-accepted" => it.accepted(&place.pointer)?,
        "principal-star" | "kms-principal-star" | "topic-principal-star" => it.service_set(),
        "dead-statement" => Err(
            "whether the statement may go, or was to grant something else, only its author knows; CloudTrail loses nothing \
             without it"
                .to_owned(),
        ),
        "transport-condition-uncertain" => Err(
            "AWS does not say for certain whether CloudTrail's requests carry the key; a Deny with `Bool` \
             `aws:SecureTransport` = `false` does not depend on it"
                .to_owned(),
        ),
        "stale-trail-grant" => Err(
            "whether the trail is gone or still to be created, only its owner knows; if it is gone, remove its ARN"
                .to_owned(),
        ),
        "cross-account-tampering" => {
            Err("what the other account needs there, only its owner knows".to_owned())
        }
        _ => return None,
    })
}

/// The statement that a JSON Pointer leads into.
fn statement_at<'p>(policy: &'p PolicyDocument, pointer: &str) -> Option<&'p Statement> {
    let inside = |statement: &&Statement| {
        let rest = pointer.strip_prefix(&*statement.pointer);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    policy.policy.statements.iter().find(inside)
}

struct Weak<'w, 'p, 'e> {
    shared: &'w Shared<'p, 'e>,
    statement: &'w Statement,
    name: String,
}

impl<'e> Weak<'_, '_, 'e> {
    fn served(&self) -> Vec<&'e Trail> {
        served(self.shared.estate, self.statement, &self.shared.users, None)
    }

    fn pinned(&self) -> Vec<Candidate> {
        let served = self.served();
        if served.is_empty() || self.names(|key| key == "aws:sourcearn") {
            return Vec::new();
        }
        let words = format!("ask for the known trails in {}: `aws:SourceArn`", self.name);
        vec![Candidate::edit(words, pin(self.statement, &served)).taking_slips()]
    }

    fn names(&self, is_meant: impl Fn(&str) -> bool) -> bool {
        let mut conditions = self.statement.conditions.iter();
        conditions.any(|condition| is_meant(&condition.key))
    }

    fn condition(&self, key: &str) -> Option<&Condition> {
        let mut conditions = self.statement.conditions.iter();
        conditions.find(|condition| condition.key.eq_ignore_ascii_case(key))
    }

    /// Conditions that admit too many get the known trails instead.
    fn sources_set(&self) -> Option<Candidate> {
        let condition = self.condition("aws:sourcearn")?;
        let words = format!(
            "name the known trails in {} of {}",
            quoted(&condition.key_text),
            self.name
        );
        let op = Op::Set {
            pointer: condition.pointer.clone(),
            value: grants::one_or_many(grants::arns(&self.served())),
        };
        Some(Candidate::edit(words, vec![op]).taking_slips())
    }

    fn context_set(&self, pointer: &str) -> Vec<Candidate> {
        let contexts: std::collections::BTreeSet<String> = self
            .shared
            .users
            .iter()
            .map(|trail| grants::context_of(trail))
            .collect();
        let words = format!(
            "name the known trails in the encryption context of {}",
            self.name
        );
        let op = Op::Set {
            pointer: pointer.to_owned(),
            value: grants::one_or_many(contexts),
        };
        vec![Candidate::edit(words, vec![op]).taking_slips()]
    }

    /// The folders of the known trails, and what of the Resource names no object.
    fn resource_set(&self) -> Result<Vec<Candidate>, String> {
        if !is_for_cloudtrail_alone(self.statement) {
            return Err(
                "the statement is for others than CloudTrail too, and which folders those need only its author knows"
                    .to_owned(),
            );
        }
        let Some(resource) = self.statement.resource.as_ref().filter(|it| !it.negated) else {
            return Ok(Vec::new());
        };
        let estate = self.shared.estate;
        let mut folders = Vec::new();
        for trail in &self.shared.users {
            let Some(own) = grants::folders(estate, trail) else {
                return Err("the organization of one of the trails is not known".to_owned());
            };
            folders.extend(own);
        }
        folders.sort();
        folders.dedup();
        let kept = resource.patterns.iter().map(|entry| entry.text.to_string());
        let kept = kept.filter(|text| !text.contains('/') && !text.contains('*'));
        let value = grants::one_or_many(kept.chain(folders));
        let words = format!(
            "name the folders of the known trails in the Resource of {}",
            self.name
        );
        let op = Op::Set {
            pointer: resource.pointer.clone(),
            value,
        };
        let plain = Candidate::edit(words, vec![op]).taking_slips();
        Ok(vec![plain])
    }

    fn with_acl(&self) -> Vec<Candidate> {
        let words = format!(
            "ask for `s3:x-amz-acl` = {} in {}",
            quoted(grants::ACL),
            self.name
        );
        let ops = condition_op(
            self.statement,
            "StringEquals",
            "s3:x-amz-acl",
            text(grants::ACL),
        );
        let asks = self.statement.action.iter().flat_map(|it| &it.patterns);
        let mut asks = asks.filter(|it| it.pattern.matches("s3:GetBucketAcl"));
        // On GetBucketAcl the header is never sent.
        if asks.next().is_some() {
            return Vec::new();
        }
        vec![Candidate::edit(words, ops)]
    }

    /// The service in the place of everybody, where the statement asks for CloudTrail's trails.
    fn service_set(&self) -> Result<Vec<Candidate>, String> {
        let principal = self.statement.principal.as_ref().filter(|it| !it.negated);
        let alone = principal.filter(|principal| principal.entries.len() == 1);
        let names_trails =
            self.names(|key| key == "aws:sourcearn" || key.eq_ignore_ascii_case(TRAIL_CONTEXT));
        let Some(principal) = alone.filter(|_| names_trails) else {
            return Err(
                "whom besides CloudTrail the statement is meant for, only its author knows"
                    .to_owned(),
            );
        };
        let words = format!(
            "make the service {} the Principal of {}, which asks for its trails",
            quoted(SERVICE),
            self.name
        );
        let op = Op::Set {
            pointer: principal.pointer.clone(),
            value: grants::object("Service", text(SERVICE)),
        };
        Ok(vec![Candidate::edit(words, vec![op]).taking_slips()])
    }

    fn principal_set(&self) -> Vec<Candidate> {
        let Some(principal) = self.statement.principal.as_ref() else {
            return Vec::new();
        };
        let words = format!(
            "make the service {} the Principal of {}, and name the known trails in `aws:SourceArn`",
            quoted(SERVICE),
            self.name
        );
        let mut ops = vec![Op::Set {
            pointer: principal.pointer.clone(),
            value: grants::object("Service", text(SERVICE)),
        }];
        ops.extend(pin(self.statement, &self.served()));
        if is_legacy_alone(principal) {
            vec![Candidate::edit(words, ops).taking_slips()]
        } else {
            Vec::new()
        }
    }

    /// Only what CloudTrail calls.
    fn actions_set(&self) -> Result<Vec<Candidate>, String> {
        if !is_for_cloudtrail_alone(self.statement) {
            return Err(
                "the statement is for others than CloudTrail too, and what those need only its author knows"
                    .to_owned(),
            );
        }
        let Some(action) = self.statement.action.as_ref().filter(|it| !it.negated) else {
            return Ok(Vec::new());
        };
        let resources = || self.statement.resource.iter().flat_map(|it| &it.patterns);
        let objects =
            resources().any(|entry| entry.text.contains('/') || entry.text.ends_with('*'));
        let bucket = resources().any(|entry| !entry.text.contains('/'));
        let needed = [("s3:GetBucketAcl", bucket), ("s3:PutObject", objects)];
        let needed = needed.into_iter().filter(|(needed, applies)| {
            *applies && action.patterns.iter().any(|it| it.pattern.matches(needed))
        });
        let needed: Vec<&str> = needed.map(|(needed, _)| needed).collect();
        if needed.is_empty() {
            return Ok(Vec::new());
        }
        let words = format!(
            "leave CloudTrail only {} in {}",
            needed.iter().map(quoted).collect::<Vec<_>>().join(" and "),
            self.name
        );
        let op = Op::Set {
            pointer: action.pointer.clone(),
            value: grants::one_or_many(needed),
        };
        Ok(vec![Candidate::edit(words, vec![op])])
    }

    /// The trail's files among those that readers may decrypt.
    fn reader_added(
        &self,
        pointer: &str,
        trail: Option<&str>,
    ) -> Option<Result<Vec<Candidate>, String>> {
        let condition = self
            .condition(TRAIL_CONTEXT)
            .filter(|it| it.pointer == pointer)?;
        let trail = self
            .shared
            .users
            .iter()
            .find(|it| Some(&*it.arn) == trail)?;
        let value = Value::String(grants::context_of(trail));
        let words = format!(
            "let the readers of {} decrypt the files of trail `{}` of account {} too",
            self.name, trail.name, trail.account
        );
        let op = Op::Add {
            pointer: condition.pointer.clone(),
            value,
        };
        // The Region is left open, as it may be the logged activity's.
        Some(Ok(vec![
            Candidate::edit(words, vec![op]).granting(Grants::SameAccounts),
        ]))
    }

    /// A word in the wrong case.
    fn accepted(&self, pointer: &str) -> Option<Result<Vec<Candidate>, String>> {
        let root = self
            .shared
            .estate
            .document(self.shared.policy.document)
            .policy()?;
        let found = root.at(pointer);
        let effect = found
            .and_then(|node| node.as_str())
            .filter(|_| pointer.ends_with("/Effect"));
        if let Some(effect) = effect {
            let known = ["Allow", "Deny"];
            let right = known
                .iter()
                .find(|it| it.eq_ignore_ascii_case(effect.trim()))?;
            let words = format!("write {} as the Effect of {}", quoted(right), self.name);
            let op = Op::Set {
                pointer: pointer.to_owned(),
                value: text(right),
            };
            return Some(Ok(vec![Candidate::edit(words, vec![op]).taking_slips()]));
        }
        let condition = self.statement.conditions.iter().find(|condition| {
            condition.operator.base.is_none() && condition.pointer.starts_with(pointer)
        })?;
        let name = condition.operator.intended()?;
        let words = format!("write `{name}` as the operator in {}", self.name);
        let op = Op::Rename {
            pointer: pointer.to_owned(),
            key: name,
        };
        Some(Ok(vec![Candidate::edit(words, vec![op]).taking_slips()]))
    }
}
