//! Candidates where a condition of a grant is at fault.

use super::{At, Candidate, Grants, is_for_cloudtrail_alone, pin, quoted, text};
use crate::diagnosis::Cause;
use crate::fix::edit::Op;
use crate::grants::{self, TRAIL_CONTEXT};
use crate::iam::{Condition, ConditionValue, Statement};
use crate::json::pointer;
use crate::model::{Arn, arn::is_account_id};

pub(super) fn candidates(at: &At<'_, '_>, statement: &Statement) -> Vec<Candidate> {
    let fault = at.fault;
    let failing = fault.condition.as_ref().and_then(|(operator, key)| {
        statement.conditions.iter().find(|condition| {
            *condition.operator.name == **operator && *condition.key_text == **key
        })
    });
    let mut candidates = Vec::new();
    // What others are let in by is not touched for CloudTrail's sake.
    if let Some(condition) = failing.filter(|_| is_for_cloudtrail_alone(statement)) {
        let it = Failing {
            at,
            statement,
            condition,
            name: at.name(statement),
        };
        candidates = it.candidates();
    }
    candidates.push(at.new_statement());
    candidates
}

/// The condition that a request fails on, and its statement.
pub(super) struct Failing<'f, 's, 'e> {
    pub(super) at: &'f At<'s, 'e>,
    pub(super) statement: &'f Statement,
    pub(super) condition: &'f Condition,
    pub(super) name: String,
}

impl Failing<'_, '_, '_> {
    fn candidates(&self) -> Vec<Candidate> {
        let fault = self.at.fault;
        let key = &*self.condition.key;
        if let Some(operator) = self.intended_operator() {
            return self.with_operator(&operator);
        }
        if fault.cause == Cause::AclConditionOnBucketAction {
            return self.acl_on_bucket();
        }
        if fault.cause == Cause::WildcardInStringEquals {
            return self.wildcard();
        }
        match key {
            "aws:sourcearn" => self.source_arn(),
            "aws:sourceaccount" => self.source_account(),
            "s3:x-amz-acl" => self.value(grants::ACL),
            _ if key.starts_with("s3:x-amz-server-side-encryption") => self.encryption(),
            _ if key.eq_ignore_ascii_case(TRAIL_CONTEXT) => self.trail_context(),
            "kms:encryptioncontext:aws:s3:arn" => self.object_context(),
            "aws:sourceorgid" if fault.cause == Cause::SourceOrgIdWrong => {
                let mut candidates = self.value(&fault.needed);
                candidates.extend(self.instead());
                candidates
            }
            _ if fault.cause == Cause::ConditionNotMet && !fault.needed.is_empty() => {
                self.value(&fault.needed)
            }
            _ => self.instead(),
        }
    }

    /// AWS's operator, where the one that stands there is misspelt or cannot hold for what is compared.
    fn intended_operator(&self) -> Option<String> {
        let operator = &self.condition.operator;
        if operator.base.is_none() {
            return operator.intended().or_else(|| {
                // No such operator: the values say which was meant.
                Some(self.text_operator().to_owned())
            });
        }
        let name = &*operator.name;
        if self.at.fault.needed.is_empty() {
            return None;
        }
        let positive = name.replace("Not", "");
        let base = positive.rsplit(':').next().unwrap_or(&positive);
        let suits = match &*self.condition.key {
            "aws:currenttime" | "aws:epochtime" => true,
            "aws:sourcearn" => base.starts_with("String") || base.starts_with("Arn"),
            _ => base.starts_with("String"),
        };
        match (suits, positive == name) {
            (true, true) => None,
            (true, false) => Some(positive),
            (false, _) => Some(self.text_operator().to_owned()),
        }
    }

    fn text_operator(&self) -> &'static str {
        let wild = |it: &ConditionValue| it.text.contains(['*', '?']);
        match (
            self.condition.values.iter().any(wild),
            &*self.condition.key == "aws:sourcearn",
        ) {
            (true, true) => "ArnLike",
            (true, false) => "StringLike",
            (false, _) => "StringEquals",
        }
    }

    /// The same key and values under another operator; once more with the value that is sent.
    fn with_operator(&self, operator: &str) -> Vec<Candidate> {
        let ops = self.moved_to(operator);
        let words = format!(
            "put `{operator}` for `{}` in {}",
            self.condition.operator.name, self.name
        );
        let plain = Candidate::edit(&words, ops).taking_slips();
        let mut candidates = vec![plain.clone(), plain.granting(Grants::SameAccounts)];
        // Of a block under a wrong operator no part was meant to be there.
        if let Some(whole) = self.whole_block(operator) {
            candidates.insert(0, whole);
        }
        if let Some(value) = self.wanted() {
            let words = format!(
                "ask for {} = {} with `{operator}` in {}",
                quoted(&self.condition.key_text),
                quoted(&value),
                self.name
            );
            let mut ops = vec![self.set_all(&value)];
            ops.extend(self.moved_to_with(operator, Some(&value)));
            candidates.insert(1, Candidate::edit(words, ops).taking_slips());
        }
        candidates.extend(self.instead());
        candidates
    }

    /// A wrong operator with several keys under it, put right for all of them at once.
    fn whole_block(&self, operator: &str) -> Option<Candidate> {
        let wrong = &*self.condition.operator.name;
        let is_wrong = self.condition.operator.base.is_none_or(|base| {
            let compares_text = base.name().starts_with("String") || base.name().starts_with("Arn");
            base.is_negated() || !compares_text
        });
        if !is_wrong {
            return None;
        }
        let all = &self.statement.conditions;
        let under = |name: &str| {
            let name = name.to_owned();
            all.iter().filter(move |it| *it.operator.name == *name)
        };
        let is_text = |key: &str| key.starts_with("aws:source") || key.starts_with("s3:x-amz-");
        if under(wrong).count() < 2 || !under(wrong).all(|it| is_text(&it.key)) {
            return None;
        }
        let words = format!("put `{operator}` for `{wrong}` in {}", self.name);
        if under(operator).next().is_none() {
            let rename = Op::Rename {
                pointer: self.block(),
                key: operator.to_owned(),
            };
            return Some(Candidate::edit(words, vec![rename]).taking_slips());
        }
        let stands_twice = under(wrong).any(|it| under(operator).any(|other| other.key == it.key));
        if stands_twice {
            return None;
        }
        let moved = under(wrong).map(|it| Op::Require {
            pointer: self.statement.pointer.clone(),
            operator: operator.to_owned(),
            key: it.key_text.to_string(),
            value: grants::one_or_many(it.values.iter().map(|value| &*value.text)),
        });
        let gone = std::iter::once(Op::Remove {
            pointer: self.block(),
        });
        Some(Candidate::edit(words, moved.chain(gone).collect()).taking_slips())
    }

    /// What CloudTrail sends, where it is one text.
    fn wanted(&self) -> Option<String> {
        let needed = &self.at.fault.needed;
        match &*self.condition.key {
            "aws:sourcearn" => Some(self.at.trail().arn.clone()),
            "aws:sourceaccount" => Some(self.at.trail().account.clone()),
            _ => (!needed.is_empty() && !needed.contains(", ")).then(|| needed.clone()),
        }
    }

    fn block(&self) -> String {
        pointer(
            &format!("{}/Condition", self.statement.pointer),
            &self.condition.operator.name,
        )
    }

    fn moved_to(&self, operator: &str) -> Vec<Op> {
        self.moved_to_with(operator, None)
    }

    /// Renames the operator if nothing else stands under it, else moves the key to a block of its own.
    fn moved_to_with(&self, operator: &str, value: Option<&str>) -> Vec<Op> {
        let all = &self.statement.conditions;
        let under = |name: &str| all.iter().filter(|it| &*it.operator.name == name).count();
        let alone = under(&self.condition.operator.name) == 1;
        if alone && under(operator) == 0 {
            return vec![Op::Rename {
                pointer: self.block(),
                key: operator.to_owned(),
            }];
        }
        let values = self.condition.values.iter().map(|value| &*value.text);
        let value = match value {
            Some(value) => text(value),
            None => grants::one_or_many(values),
        };
        let key = self.condition.key_text.to_string();
        let conditions = format!("{}/Condition", self.statement.pointer);
        let insert = if under(operator) > 0 {
            Op::Insert {
                pointer: pointer(&conditions, operator),
                key,
                value,
            }
        } else {
            Op::Insert {
                pointer: conditions,
                key: operator.to_owned(),
                value: grants::object(&key, value),
            }
        };
        let remove = Op::Remove {
            pointer: self.condition.pointer.clone(),
        };
        vec![insert, remove]
    }

    fn set_all(&self, value: &str) -> Op {
        Op::Set {
            pointer: self.condition.pointer.clone(),
            value: text(value),
        }
    }

    pub(super) fn add(&self, value: &str) -> Candidate {
        let words = format!(
            "add {} to {} in {}",
            quoted(value),
            quoted(&self.condition.key_text),
            self.name
        );
        Candidate::edit(
            words,
            vec![Op::Add {
                pointer: self.condition.pointer.clone(),
                value: text(value),
            }],
        )
    }

    pub(super) fn set(&self, at: &str, value: &str) -> Candidate {
        let words = format!(
            "write {} = {} in {}",
            quoted(&self.condition.key_text),
            quoted(value),
            self.name
        );
        let op = Op::Set {
            pointer: at.to_owned(),
            value: text(value),
        };
        Candidate::edit(words, vec![op])
    }

    /// The value that CloudTrail sends: instead of the only one, or beside several.
    fn value(&self, value: &str) -> Vec<Candidate> {
        match self.condition.values.as_slice() {
            [only] => vec![self.set(&only.pointer, value).taking_slips()],
            _ => vec![self.add(value)],
        }
    }

    /// A wildcard under an operator that takes it for a letter.
    fn wildcard(&self) -> Vec<Candidate> {
        let is_trail = &*self.condition.key == "aws:sourcearn";
        let operator = if is_trail { "ArnLike" } else { "StringLike" };
        let words = format!(
            "put `{operator}` for `{}` on {} in {}",
            self.condition.operator.name,
            quoted(&self.condition.key_text),
            self.name
        );
        let like = Candidate::edit(words, self.moved_to(operator));
        // A pattern that leaves the account open was never meant to be one.
        let of_one_account = |it: &ConditionValue| {
            let arn = Arn::parse(&it.text);
            !is_trail || arn.is_some_and(|arn| is_account_id(arn.account))
        };
        let mut candidates = Vec::new();
        if self.condition.values.iter().all(of_one_account) {
            candidates.push(like.granting(Grants::SameAccounts));
        }
        if let Some(value) = self.wanted() {
            let wild = self
                .condition
                .values
                .iter()
                .find(|it| it.text.contains(['*', '?']));
            let place = wild.map_or(&self.condition.pointer, |it| &it.pointer);
            candidates.push(self.set(place, &value).taking_slips());
        }
        candidates
    }

    fn source_account(&self) -> Vec<Candidate> {
        let account = &self.at.trail().account;
        let known = crate::exposure::trusted_accounts(self.at.scene.estate);
        match self.condition.values.as_slice() {
            [only] if !known.contains(&*only.text) => {
                let set = self.set(&only.pointer, account).taking_slips();
                // The statement speaks of accounts, not of trails, and goes on doing so.
                vec![set.granting(Grants::SameAccounts)]
            }
            _ => vec![self.add(account).granting(Grants::SameAccounts)],
        }
    }

    fn encryption(&self) -> Vec<Candidate> {
        let sent: Vec<&str> = if self.condition.key.ends_with("encryption") {
            let mut sent = vec!["AES256"];
            sent.extend(self.at.trail().kms_key.as_ref().map(|_| "aws:kms"));
            sent
        } else {
            self.at.trail().kms_key.as_deref().into_iter().collect()
        };
        let has = |value: &str| self.condition.values.iter().any(|it| &*it.text == value);
        let ops: Vec<Op> = sent
            .iter()
            .filter(|value| !has(value))
            .map(|value| Op::Add {
                pointer: self.condition.pointer.clone(),
                value: text(value),
            })
            .collect();
        let words = format!(
            "allow what the trail sends as {} in {}",
            quoted(&self.condition.key_text),
            self.name
        );
        let mut candidates = Vec::new();
        if !ops.is_empty() {
            candidates.push(Candidate::edit(words, ops));
        }
        candidates.extend(self.instead());
        candidates
    }

    /// A condition that CloudTrail never meets goes; the trails stand in its place, unless they are named
    /// already.
    pub(super) fn instead(&self) -> Vec<Candidate> {
        let mut candidates: Vec<Candidate> = self.misspelt_context().into_iter().collect();
        let remove = Op::Remove {
            pointer: self.condition.pointer.clone(),
        };
        let words = format!(
            "take {} out of {}",
            quoted(&self.condition.key_text),
            self.name
        );
        let names_trails = self.statement.conditions.iter().any(|condition| {
            condition.pointer != self.condition.pointer && &*condition.key == "aws:sourcearn"
        });
        if names_trails {
            candidates.push(Candidate::edit(words, vec![remove]));
            return candidates;
        }
        let served = self.at.served(self.statement);
        let value = grants::one_or_many(grants::arns(&served));
        let words = format!(
            "ask for `aws:SourceArn` instead of {} in {}",
            quoted(&self.condition.key_text),
            self.name
        );
        let is_equals = &*self.condition.operator.name == "StringEquals";
        let ops = if is_equals {
            vec![
                Op::Set {
                    pointer: self.condition.pointer.clone(),
                    value,
                },
                Op::Rename {
                    pointer: self.condition.pointer.clone(),
                    key: "aws:SourceArn".to_owned(),
                },
            ]
        } else {
            let mut ops = pin(self.statement, &served);
            ops.push(remove);
            ops
        };
        candidates.push(Candidate::edit(words, ops).taking_slips());
        candidates
    }

    /// GetBucketAcl carries no ACL header: it goes into a statement of its own, or the condition goes.
    fn acl_on_bucket(&self) -> Vec<Candidate> {
        let Some(action) = self.statement.action.as_ref().filter(|it| !it.negated) else {
            return Vec::new();
        };
        let writes = action
            .patterns
            .iter()
            .any(|it| it.pattern.matches("s3:PutObject"));
        if !writes {
            return self.instead();
        }
        let asks = action
            .patterns
            .iter()
            .find(|it| it.text.eq_ignore_ascii_case("s3:GetBucketAcl"));
        let bucket = grants::bucket_arn(self.at.trail());
        let mut candidate = self.at.new_statement();
        candidate.words = format!(
            "split {}: `s3:GetBucketAcl` gets a statement of its own, without the ACL condition",
            self.name
        );
        // What GetBucketAcl leaves behind would have nothing to apply to, which S3 refuses.
        if let Some(asks) = asks.filter(|_| action.patterns.len() > 1) {
            let mut gone = vec![asks.pointer.clone()];
            let resources = self.statement.resource.iter().flat_map(|it| &it.patterns);
            let of_bucket = resources.filter(|entry| *entry.text == *bucket);
            gone.extend(of_bucket.map(|entry| entry.pointer.clone()));
            let mut ops: Vec<Op> = gone
                .into_iter()
                .map(|pointer| Op::Remove { pointer })
                .collect();
            if let super::Change::Edit(added) = &mut candidate.change {
                ops.append(added);
                *added = ops;
            }
            return vec![candidate.taking_slips()];
        }
        vec![candidate]
    }
}
