//! Candidates where the Resource, the Principal or the Action of a grant is at fault.

use super::{At, Candidate, is_for_cloudtrail_alone, is_legacy_alone, quoted, text};
use crate::delivery::{Target, context::SERVICE};
use crate::diagnosis::Cause;
use crate::fix::edit::Op;
use crate::grants;
use crate::iam::{PatternEntry, PrincipalKind, Statement};
use crate::model::{Arn, arn::is_account_id};

pub(super) fn candidates(at: &At<'_, '_>, statement: &Statement) -> Vec<Candidate> {
    let mut candidates = match at.fault.cause {
        Cause::WrongPrincipal | Cause::TopicWrongPrincipal => principal(at, statement),
        Cause::GetBucketAclMissing
        | Cause::KmsNoGenerateDataKey
        | Cause::KmsNoDescribeKey
        | Cause::KmsNoDecryptForBucketKey
        | Cause::TopicPolicyMissing
        | Cause::TopicKmsDenied => action_or_resource(at, statement),
        _ if at.fault.place.pointer.ends_with("/Action") => action_or_resource(at, statement),
        _ => folder(at, statement),
    };
    candidates.push(at.new_statement());
    candidates
}

/// A Resource that does not cover the folder.
fn folder(at: &At<'_, '_>, statement: &Statement) -> Vec<Candidate> {
    let fault = at.fault;
    let Some(resource) = statement.resource.as_ref().filter(|it| !it.negated) else {
        return Vec::new();
    };
    if fault.target != Target::Bucket || !is_for_cloudtrail_alone(statement) {
        return Vec::new();
    }
    let name = at.name(statement);
    let needed = &fault.needed;
    let wrong: Vec<&PatternEntry> = resource
        .patterns
        .iter()
        .filter(|entry| fault.found.iter().any(|found| **found == *entry.text))
        .collect();
    let set = || {
        let ops = wrong.iter().take(1).map(|entry| Op::Set {
            pointer: entry.pointer.clone(),
            value: text(needed),
        });
        let words = format!("write {} in the Resource of {name}", quoted(needed));
        Candidate::edit(words, ops.collect())
    };
    let add = || {
        let others = at.together().into_iter().skip(1);
        let others = others.filter_map(|trail| grants::folders(at.scene.estate, trail));
        let mut folders = vec![needed.clone()];
        folders.extend(others.flatten());
        let listed: Vec<String> = folders.iter().map(quoted).collect();
        let words = format!("add {} to the Resource of {name}", listed.join(", "));
        let ops = folders.iter().map(|folder| Op::Add {
            pointer: resource.pointer.clone(),
            value: text(folder),
        });
        Candidate::edit(words, ops.collect())
    };
    let also_trail = |candidate: Candidate| {
        let ops = source_list(at, statement);
        if ops.is_empty() {
            return candidate;
        }
        candidate.and("the trail to its `aws:SourceArn`", ops)
    };
    let another_account = matches!(
        fault.cause,
        Cause::AccountPrefixMissing | Cause::OrgPathMissing | Cause::ManagementAccountPathMissing
    );
    if !another_account {
        let mut candidates: Vec<Candidate> = objects_added(at, &name, &wrong).into_iter().collect();
        candidates.extend([set(), add()]);
        return candidates;
    }
    let is_typo = wrong.iter().any(|entry| is_look_alike(at, entry)) || is_for_trail(at, statement);
    let is_list = resource.patterns.len() > 1;
    // A second folder of the same trail belongs beside the first.
    let own = fault.cause != Cause::AccountPrefixMissing;
    let mut candidates = Vec::new();
    candidates.extend(mistyped_throughout(at, statement, &wrong, set));
    if is_typo {
        candidates.push(set());
        candidates.push(also_trail(set()));
    }
    if is_list || own {
        candidates.push(add());
        candidates.push(also_trail(add()));
    }
    candidates
}

/// The same wrong account in the folder and in the only `aws:SourceArn`, a letter away from the trail's:
/// both are written right.
fn mistyped_throughout(
    at: &At<'_, '_>,
    statement: &Statement,
    wrong: &[&PatternEntry],
    set: impl Fn() -> Candidate,
) -> Option<Candidate> {
    let own = at.trail();
    let condition = statement
        .conditions
        .iter()
        .find(|condition| &*condition.key == "aws:sourcearn")?;
    let [value] = condition.values.as_slice() else {
        return None;
    };
    let account = Arn::parse(&value.text)?.account;
    let is_near = is_account_id(account) && strsim::osa_distance(account, &own.account) == 1;
    let is_known = crate::exposure::trusted_accounts(at.scene.estate).contains(account);
    let in_folder = wrong.first()?.text.split('/').any(|part| part == account);
    (is_near && !is_known && in_folder).then(|| {
        let words = format!("{} in its `aws:SourceArn`", quoted(&own.arn));
        let op = Op::Set {
            pointer: value.pointer.clone(),
            value: text(&own.arn),
        };
        set().and(&words, vec![op]).taking_slips()
    })
}

/// A folder with a policy variable in it lacks but what stands for its objects.
fn objects_added(at: &At<'_, '_>, name: &str, wrong: &[&PatternEntry]) -> Option<Candidate> {
    let entry = wrong.first().filter(|entry| entry.text.contains("${"))?;
    if at.fault.cause != Cause::ResourceMissingObjectWildcard {
        return None;
    }
    let folder = format!("{}/*", entry.text.trim_end_matches('/'));
    let op = Op::Set {
        pointer: entry.pointer.clone(),
        value: text(&folder),
    };
    let words = format!("write {} in the Resource of {name}", quoted(&folder));
    Some(Candidate::edit(words, vec![op]))
}

/// Whether a statement asks for this trail and for no other that is known: its folder was meant for it.
fn is_for_trail(at: &At<'_, '_>, statement: &Statement) -> bool {
    let own = at.trail();
    statement.conditions.iter().any(|condition| {
        let admits = |arn: &str| {
            let mut values = condition.values.iter();
            values.any(|value| value.pattern().is_some_and(|it| it.matches(arn)))
        };
        let mut others = at.users.iter().filter(|trail| trail.arn != own.arn);
        &*condition.key == "aws:sourcearn"
            && !condition.operator.name.contains("Not")
            && admits(&own.arn)
            && !others.any(|trail| admits(&trail.arn))
    })
}

/// Whether an entry was meant for the trail: the account in it is nobody's, and looks like the trail's.
fn is_look_alike(at: &At<'_, '_>, entry: &PatternEntry) -> bool {
    let accounts = at.users.iter().map(|trail| trail.account.as_str());
    let mut names_other = accounts.filter(|account| entry.text.contains(account));
    let digits = entry.text.split('/').filter(|it| is_account_id(it));
    let known = |id: &str| crate::exposure::trusted_accounts(at.scene.estate).contains(id);
    at.fault.hint.is_some() && names_other.next().is_none() && !digits.into_iter().any(known)
}

/// The edits that add the trail to a list of `aws:SourceArn` that lacks it.
fn source_list(at: &At<'_, '_>, statement: &Statement) -> Vec<Op> {
    let condition = statement.conditions.iter().find(|condition| {
        &*condition.key == "aws:sourcearn" && !condition.operator.name.contains("Not")
    });
    let Some(condition) = condition else {
        return Vec::new();
    };
    let lacks = |arn: &str| {
        let mut values = condition.values.iter();
        !values.any(|value| value.pattern().is_some_and(|it| it.matches(arn)))
    };
    let trails = at.together().into_iter().filter(|trail| lacks(&trail.arn));
    trails
        .map(|trail| Op::Add {
            pointer: condition.pointer.clone(),
            value: text(&trail.arn),
        })
        .collect()
}

fn principal(at: &At<'_, '_>, statement: &Statement) -> Vec<Candidate> {
    let Some(principal) = statement.principal.as_ref().filter(|it| !it.negated) else {
        return Vec::new();
    };
    let name = at.name(statement);
    let entries = &principal.entries;
    let service = || grants::object("Service", text(SERVICE));
    let found = entries
        .iter()
        .find(|entry| at.fault.found.iter().any(|it| **it == *entry.value));
    let cloudtrail = |entry: &&crate::iam::PrincipalEntry| {
        entry.value.to_ascii_lowercase().contains("cloudtrail") && !entry.value.starts_with("arn:")
    };
    let alone = entries.len() == 1;
    let is_cloudtrail = found.as_ref().is_some_and(cloudtrail);
    let mut candidates = Vec::new();
    match found.filter(cloudtrail) {
        // The right kind, but misspelt.
        Some(entry) if entry.kind == PrincipalKind::Service => {
            let op = Op::Set {
                pointer: entry.pointer.clone(),
                value: text(SERVICE),
            };
            let words = format!("write {} as the Principal of {name}", quoted(SERVICE));
            candidates.push(Candidate::edit(words, vec![op]));
        }
        Some(entry) if alone && &*entry.value == SERVICE && entry.kind == PrincipalKind::Aws => {
            let op = Op::Rename {
                pointer: format!("{}/AWS", principal.pointer),
                key: "Service".to_owned(),
            };
            let words = format!("put `Service` for `AWS` in the Principal of {name}");
            candidates.push(Candidate::edit(words, vec![op]));
        }
        _ => {}
    }
    // Others are let in on purpose, or so it must be taken: CloudTrail joins them.
    let services_only = entries.iter().all(|it| it.kind == PrincipalKind::Service);
    if services_only && !is_cloudtrail {
        return Vec::new();
    }
    if alone || !is_cloudtrail {
        let op = Op::Set {
            pointer: principal.pointer.clone(),
            value: service(),
        };
        let words = format!(
            "make the service {} the Principal of {name}",
            quoted(SERVICE)
        );
        candidates.push(Candidate::edit(words, vec![op]));
    }
    // Without a condition on the trail the grant would be for trails of any account.
    let pinned = candidates.clone().into_iter().map(|candidate| {
        let pinned = candidate.and("name the trail in `aws:SourceArn`", at.pin(statement));
        // A Region's old account could be asked by any trail, and could not tell them apart.
        if is_legacy_alone(principal) {
            pinned.taking_slips()
        } else {
            pinned
        }
    });
    candidates.extend(pinned.collect::<Vec<_>>());
    candidates
}

/// A statement for CloudTrail that grants the action on something else, or something like the action.
fn action_or_resource(at: &At<'_, '_>, statement: &Statement) -> Vec<Candidate> {
    if !is_for_cloudtrail_alone(statement) {
        return Vec::new();
    }
    let name = at.name(statement);
    let place = &at.fault.place.pointer;
    let Some(id) = at.fault.requests.first() else {
        return Vec::new();
    };
    let mut candidates = Vec::new();
    if let Some(action) = statement
        .action
        .as_ref()
        .filter(|it| it.pointer == *place && !it.negated)
    {
        let needed = match id.action() {
            "kms:GenerateDataKey" => "kms:GenerateDataKey*",
            other => other,
        };
        if let [only] = action.patterns.as_slice() {
            let op = Op::Set {
                pointer: only.pointer.clone(),
                value: text(needed),
            };
            let words = format!("write {} as the Action of {name}", quoted(needed));
            candidates.push(Candidate::edit(words, vec![op]));
        }
        let op = Op::Add {
            pointer: action.pointer.clone(),
            value: text(needed),
        };
        let words = format!("add {} to the Action of {name}", quoted(needed));
        candidates.push(Candidate::edit(words, vec![op]));
    }
    if let Some(resource) = statement
        .resource
        .as_ref()
        .filter(|it| it.pointer == *place && !it.negated)
    {
        let needed = match at.fault.target {
            Target::Bucket => grants::bucket_arn(at.trail()),
            Target::Topic => at.resource.clone(),
            // A key policy is about its own key, and says so with `*`.
            Target::Key | Target::TopicKey | Target::LogRole => "*".to_owned(),
        };
        let actions = statement.action.iter().flat_map(|action| &action.patterns);
        let one_action = actions.count() == 1;
        if let ([only], true) = (resource.patterns.as_slice(), one_action) {
            let op = Op::Set {
                pointer: only.pointer.clone(),
                value: text(&needed),
            };
            let words = format!("write {} as the Resource of {name}", quoted(&needed));
            candidates.push(Candidate::edit(words, vec![op]));
        }
        let op = Op::Add {
            pointer: resource.pointer.clone(),
            value: text(&needed),
        };
        let words = format!("add {} to the Resource of {name}", quoted(&needed));
        candidates.push(Candidate::edit(words, vec![op]));
    }
    candidates
}
