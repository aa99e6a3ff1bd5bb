//! What is wrong with a condition of an Allow statement that would otherwise have matched.

use super::source_arn::{self, Mismatch};
use super::{Cause, Fault};
use crate::delivery::{Case, Delivery, Request, RequestId, Target};
use crate::iam::{BaseOperator, Condition, ContextValue, Pattern, Statement};
use crate::model::PolicyDocument;

/// The fault of one condition that is not met.
pub(super) fn fault(
    delivery: &Delivery<'_>,
    request: &Request,
    refused: &Case,
    policy: &PolicyDocument,
    statement: &Statement,
    condition: &Condition,
) -> Fault {
    let target = request.id.target();
    let sent = refused.context.get(&condition.key);
    let judged = judge(delivery, request.id, condition, sent);
    let cause = match target {
        Target::Bucket => judged.cause,
        Target::Key => key_cause(request.id, condition, judged.cause),
        Target::Topic => topic_cause(condition, judged.cause),
        Target::TopicKey => Cause::TopicKmsDenied,
        Target::LogRole => Cause::CloudwatchRoleDenied,
    };
    let needed = match sent {
        ContextValue::Present(values) => values.join(", "),
        ContextValue::Absent | ContextValue::Unknown | ContextValue::OneOf(_) => String::new(),
    };
    let nearest = judged.nearest.and_then(|index| condition.values.get(index));
    let found: Vec<String> = match nearest {
        Some(value) => vec![value.text.to_string()],
        None => condition
            .values
            .iter()
            .map(|value| value.text.to_string())
            .collect(),
    };
    let place = match nearest {
        Some(value) => &value.pointer,
        None => &condition.pointer,
    };
    Fault {
        statement: Some(statement.index),
        condition: Some((
            condition.operator.name.to_string(),
            condition.key_text.to_string(),
        )),
        found,
        needed,
        hint: judged.hint,
        ..Fault::new(cause, target, policy.place(place))
    }
}

struct Judged {
    cause: Cause,
    nearest: Option<usize>,
    hint: Option<String>,
}

impl From<Cause> for Judged {
    fn from(cause: Cause) -> Judged {
        Judged {
            cause,
            nearest: None,
            hint: None,
        }
    }
}

fn judge(
    delivery: &Delivery<'_>,
    id: RequestId,
    condition: &Condition,
    sent: &ContextValue,
) -> Judged {
    let key = &*condition.key;
    if let Some(index) = literal_wildcard(condition, sent) {
        return Judged {
            nearest: Some(index),
            ..Judged::from(Cause::WildcardInStringEquals)
        };
    }
    let Some(operator) = condition.operator.base else {
        let hint = format!("`{}` is not an operator of IAM", condition.operator.name);
        return Judged {
            hint: Some(hint),
            ..Judged::from(Cause::ConditionOperatorMisused)
        };
    };
    match key {
        "aws:sourcearn" => {
            if !compares_text(operator) {
                return misused(operator);
            }
            if operator.is_negated() {
                let hint = "a negated operator admits every trail but the ones named";
                return Judged {
                    hint: Some(hint.to_owned()),
                    ..Judged::from(Cause::SourceArnWrongTrailName)
                };
            }
            let values: Vec<&str> = condition.values.iter().map(|value| &*value.text).collect();
            let mismatch = source_arn::compare(&values, delivery.trail);
            if mismatch.cause == Cause::SourceArnWrongAccount {
                return wrong_account(&values, delivery, id);
            }
            let Mismatch {
                cause,
                nearest,
                hint,
            } = mismatch;
            Judged {
                cause,
                nearest,
                hint,
            }
        }
        "aws:sourceaccount" if compares_text(operator) => match operator {
            BaseOperator::ArnEquals | BaseOperator::ArnLike => misused(operator),
            _ => Judged::from(Cause::SourceAccountMismatch),
        },
        "aws:sourceorgid" | "aws:sourceorgpaths" => match sent {
            ContextValue::Absent => Judged::from(Cause::SourceOrgIdAbsent),
            _ => Judged::from(Cause::SourceOrgIdWrong),
        },
        "aws:principalorgid" | "aws:principalorgpaths" => {
            Judged::from(Cause::PrincipalOrgIdOnService)
        }
        "s3:x-amz-acl" if id == RequestId::GetBucketAcl => {
            Judged::from(Cause::AclConditionOnBucketAction)
        }
        "s3:x-amz-acl" => Judged::from(Cause::AclConditionWrong),
        "aws:currenttime" | "aws:epochtime" => Judged::from(Cause::GrantExpires),
        _ if key.starts_with("s3:x-amz-server-side-encryption")
            && id != RequestId::GetBucketAcl =>
        {
            Judged::from(Cause::EncryptionConditionMismatch)
        }
        _ if matches!(sent, ContextValue::Absent) => Judged::from(Cause::ConditionKeyAbsent),
        _ if !fits(operator, sent) => misused(operator),
        _ => Judged::from(Cause::ConditionNotMet),
    }
}

/// An operator that holds for no value of this kind, even where the two look alike.
fn misused(operator: BaseOperator) -> Judged {
    let name = operator.name();
    let hint = match operator {
        _ if is_arn(operator) => {
            format!(
                "`{name}` compares ARNs of six parts only, and this is none: `StringEquals` would do"
            )
        }
        BaseOperator::Bool => {
            format!("`{name}` compares `true` and `false` only: `StringEquals` would do")
        }
        _ => format!("`{name}` compares values of another type: `StringEquals` would do"),
    };
    Judged {
        hint: Some(hint),
        ..Judged::from(Cause::ConditionOperatorMisused)
    }
}

/// No value names the trail's account: one of them is wrong, or one is missing.
fn wrong_account(values: &[&str], delivery: &Delivery<'_>, id: RequestId) -> Judged {
    let nearest = source_arn::meant_for(values, delivery);
    let lists = id.target() == Target::Bucket && source_arn::lists_accounts(values);
    if nearest.is_none() && lists {
        return Judged::from(Cause::AccountPrefixMissing);
    }
    Judged {
        nearest,
        ..Judged::from(Cause::SourceArnWrongAccount)
    }
}

/// The value with a wildcard that an exact comparison takes as a letter, and that a pattern
/// comparison would have matched.
fn literal_wildcard(condition: &Condition, sent: &ContextValue) -> Option<usize> {
    let exact = matches!(
        condition.operator.base,
        Some(BaseOperator::StringEquals | BaseOperator::StringEqualsIgnoreCase)
    );
    let ContextValue::Present(sent) = sent else {
        return None;
    };
    if !exact {
        return None;
    }
    condition.values.iter().position(|value| {
        value.text.contains(['*', '?'])
            && sent
                .iter()
                .any(|sent| Pattern::glob(&value.text).matches(sent))
    })
}

fn compares_text(operator: BaseOperator) -> bool {
    is_string(operator) || is_arn(operator)
}

fn is_string(operator: BaseOperator) -> bool {
    operator.name().starts_with("String")
}

fn is_arn(operator: BaseOperator) -> bool {
    operator.name().starts_with("Arn")
}

/// Whether an operator can hold for such a value at all.
fn fits(operator: BaseOperator, sent: &ContextValue) -> bool {
    let ContextValue::Present(values) = sent else {
        return true;
    };
    if operator == BaseOperator::Bool {
        return values
            .iter()
            .all(|value| matches!(value.as_str(), "true" | "false"));
    }
    if is_arn(operator) {
        return values.iter().all(|value| value.starts_with("arn:"));
    }
    is_string(operator) || operator == BaseOperator::Null
}

fn key_cause(id: RequestId, condition: &Condition, cause: Cause) -> Cause {
    match id {
        RequestId::DescribeKey => return Cause::KmsNoDescribeKey,
        RequestId::Decrypt => return Cause::KmsNoDecryptForBucketKey,
        _ => {}
    }
    let key = &*condition.key;
    match cause {
        Cause::WildcardInStringEquals
        | Cause::PlaceholderLeftInPolicy
        | Cause::SourceAccountMismatch
        | Cause::SourceOrgIdAbsent
        | Cause::SourceOrgIdWrong
        | Cause::GrantExpires
        | Cause::PrincipalOrgIdOnService => cause,
        _ if key == "aws:sourcearn" => Cause::KmsSourceArnMismatch,
        _ if key == "kms:encryptioncontext:aws:s3:arn" => Cause::KmsObjectContext,
        _ if key.starts_with("kms:encryptioncontext") => Cause::KmsContextMismatch,
        _ => cause,
    }
}

fn topic_cause(condition: &Condition, cause: Cause) -> Cause {
    match (cause, &*condition.key) {
        (Cause::WildcardInStringEquals | Cause::PlaceholderLeftInPolicy, _) => cause,
        (_, "aws:sourcearn" | "aws:sourceaccount") => Cause::TopicSourceArnMismatch,
        _ => Cause::TopicPolicyMissing,
    }
}

/// The condition that asks for the caller's account or for the service that a call came through,
/// neither of which AWS documents for CloudTrail.
pub(super) fn caller_key(policy: &PolicyDocument) -> Option<Fault> {
    let conditions = policy.policy.statements.iter().flat_map(|statement| {
        statement
            .conditions
            .iter()
            .map(move |condition| (statement, condition))
    });
    let (statement, condition) = conditions
        .into_iter()
        .find(|(_, condition)| matches!(&*condition.key, "kms:calleraccount" | "kms:viaservice"))?;
    Some(Fault {
        statement: Some(statement.index),
        condition: Some((
            condition.operator.name.to_string(),
            condition.key_text.to_string(),
        )),
        found: condition
            .values
            .iter()
            .map(|value| value.text.to_string())
            .collect(),
        ..Fault::new(
            Cause::KmsCallerKeyRequired,
            Target::Key,
            policy.place(&condition.pointer),
        )
    })
}
