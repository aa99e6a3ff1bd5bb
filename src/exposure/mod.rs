//! Who else: for one policy, which accounts outside the estate CloudTrail would serve, exactly and with
//! a request to show it.
//!
//! The question is put to the ordinary evaluator, once for each class of requests. An account that the
//! estate holds, or that the policy spells out, is no stranger; whether it should be spelled out is for
//! the rules to say.

mod changes;
mod classes;
mod differing;
mod family;
mod idle;
mod named;
mod requests;
mod tampering;

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

pub use changes::{Change, Difference, changes, changes_beyond};
use classes::{Class, Known, Prepared, accounts, prepare};
use family::{ACCOUNT, Family, PREFIX, Shape};
pub use idle::{Idle, for_other_sources};
use named::named;
pub use tampering::Tampering;

use crate::delivery::RequestId;
use crate::diagnosis::PolicyUse;
use crate::iam::{
    Effect, Effective, Policy, Request, StatementMatch, Truth, WordClass, decide, examine,
};
use crate::model::{Arn, Estate};

/// What one policy lets strangers do; each answer is worked out when it is first asked for.
#[derive(Debug)]
pub struct Exposure<'p, 'e> {
    /// The policy and who uses it.
    pub policy: &'p PolicyUse<'e>,
    put: OnceCell<Strangers>,
    ask: OnceCell<Strangers>,
    encrypt: OnceCell<Strangers>,
    publish: OnceCell<Strangers>,
}

/// What strangers get from one kind of request.
#[derive(Debug, Default)]
pub struct Strangers {
    /// The Allow statements through which a stranger's request is allowed for certain.
    pub reach: BTreeMap<usize, Reach>,
    /// The Allow statements whose Resource covers what a stranger's request would name, whatever their
    /// conditions say.
    pub covered: BTreeMap<usize, Reach>,
    /// The Allow statements that ask nothing which a stranger could not meet, Resource aside, where no
    /// Deny stands in his way.
    pub open: BTreeSet<usize>,
}

/// How far a statement reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// A request that shows it.
    pub witness: Witness,
    /// How many accounts it reaches; nothing if the policy is too tangled to be counted.
    pub accounts: Option<u128>,
}

/// A request of a stranger's trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// The account that owns the trail.
    pub account: String,
    /// The trail's ARN.
    pub trail: String,
    /// What the request names.
    pub resource: String,
    /// The folder of the object, for PutObject: `[PREFIX/]AWSLogs/ACCOUNT/`.
    pub folder: String,
}

impl<'p, 'e> Exposure<'p, 'e> {
    /// The exposure of one policy.
    pub fn new(policy: &'p PolicyUse<'e>) -> Exposure<'p, 'e> {
        Exposure {
            policy,
            put: OnceCell::new(),
            ask: OnceCell::new(),
            encrypt: OnceCell::new(),
            publish: OnceCell::new(),
        }
    }

    /// What strangers get from one kind of request: [`RequestId::GetBucketAcl`],
    /// [`RequestId::PutLogFiles`], [`RequestId::GenerateDataKey`] or [`RequestId::Publish`].
    pub fn strangers(&self, id: RequestId) -> &Strangers {
        let cell = match id {
            RequestId::GetBucketAcl => &self.ask,
            RequestId::GenerateDataKey => &self.encrypt,
            RequestId::Publish => &self.publish,
            _ => &self.put,
        };
        cell.get_or_init(|| strangers(self.policy, id))
    }

    /// The Allow statements for CloudTrail that do nothing, each with the reason. Those that some
    /// trail's refusal is blamed on are left to that finding.
    pub fn idle(&self) -> Vec<(usize, Idle)> {
        idle::idle(self.policy)
    }

    /// What the bucket policy lets principals of other accounts do to the trails' files or to the
    /// bucket's settings, by statement.
    pub fn tampering(&self) -> Vec<Tampering> {
        tampering::tampering(self.policy)
    }
}

/// The accounts that a policy spells out: in a folder, or as the owner of a trail.
pub fn named_accounts(policy: &Policy) -> BTreeSet<String> {
    named(&[policy]).accounts
}

/// The accounts of the estate: those that own a trail, bucket, key or topic, and the organization's.
pub fn trusted_accounts(estate: &Estate) -> BTreeSet<String> {
    trusted(estate).accounts
}

/// The accounts and organizations of the estate.
fn trusted(estate: &Estate) -> Known {
    let mut known = Known::default();
    let trails = estate.trails.iter().map(|trail| &trail.account);
    let unseen = estate.unseen_trails.iter().map(|trail| &trail.account);
    let owners = estate
        .buckets
        .values()
        .filter_map(|bucket| bucket.owner.as_ref());
    known
        .accounts
        .extend(trails.chain(unseen).chain(owners).cloned());
    let arns = estate.keys.keys().chain(estate.topics.keys());
    known
        .accounts
        .extend(arns.filter_map(|arn| Some(Arn::parse(arn)?.account.to_owned())));
    if let Some(organization) = estate.organization.present() {
        known.organizations.insert(organization.id.clone());
        known
            .accounts
            .extend(organization.management_account.clone());
        known
            .accounts
            .extend(organization.accounts.iter().flatten().cloned());
    }
    known
        .accounts
        .retain(|id| crate::model::arn::is_account_id(id));
    known
}

fn strangers(policy: &PolicyUse<'_>, id: RequestId) -> Strangers {
    // An account, a trail or a key that code leaves open is the estate's own, and no stranger's.
    let text = &policy.policy.policy.for_strangers();
    let named = named(&[text]);
    let mut known = trusted(policy.estate);
    known.accounts.extend(named.accounts.iter().cloned());
    known
        .organizations
        .extend(named.organizations.iter().cloned());
    let family = policy
        .asked
        .get(&id)
        .and_then(|example| Family::of(policy, id, &named, example));
    let shapes = family.map_or_else(Vec::new, |family| family.shapes());
    let prepare = |shape: &Shape| prepare(&[text], id.action(), shape.clone(), &known);
    let all: Option<Vec<Prepared<'_>>> = shapes.iter().map(prepare).collect();
    let counted = all.and_then(|all| {
        let mut accounts = accounts(&all, &known.accounts)?;
        accounts.retain(|class| !known.accounts.contains(&class.example));
        Some((all, accounts))
    });
    let mut tangled = counted.is_none();
    // What cannot be followed to the end is asked for one stranger.
    let (prepared, accounts) = counted.unwrap_or_else(|| {
        let plain = shapes.into_iter().map(Prepared::plain).collect();
        (plain, one_stranger(&known))
    });
    let mut found = Findings::default();
    for prepared in &prepared {
        for (at, account) in accounts.iter().enumerate() {
            let classes = prepared.classes(&account.example);
            tangled |= classes.is_none();
            for class in classes.unwrap_or_else(|| prepared.single(&account.example)) {
                found.add(policy, text, id, at, &class);
            }
        }
    }
    let words = |classes: &BTreeSet<usize>| {
        let words = classes
            .iter()
            .map(|at| accounts.get(*at).map(|class| class.words));
        words.sum::<Option<u128>>().filter(|_| !tangled)
    };
    found.finish(words)
}

/// The first account that is not known.
fn one_stranger(known: &Known) -> Vec<WordClass> {
    let ids = (0..=known.accounts.len()).map(|id| format!("{id:012}"));
    let mut strangers = ids.filter(|id| !known.accounts.contains(id));
    let example = strangers.next().into_iter();
    example
        .map(|example| WordClass { example, words: 1 })
        .collect()
}

#[derive(Default)]
struct Findings {
    reach: BTreeMap<usize, (Witness, BTreeSet<usize>)>,
    covered: BTreeMap<usize, (Witness, BTreeSet<usize>)>,
    open: BTreeSet<usize>,
}

impl Findings {
    fn add(
        &mut self,
        policy: &PolicyUse<'_>,
        text: &Policy,
        id: RequestId,
        account: usize,
        class: &Class,
    ) {
        let request = class.request(id.action());
        let effective = decide(text, &request);
        for found in examine(text, &request) {
            let allows = text
                .statements
                .get(found.statement)
                .is_some_and(|statement| statement.effect == Effect::Allow);
            if !allows || found.principal != Truth::True || found.action != Truth::True {
                continue;
            }
            if covers(policy, text, id, found.statement, class) {
                note(&mut self.covered, found.statement, account, class);
            }
            if matches!(effective, Effective::Allowed { .. }) && found.overall() == Truth::True {
                note(&mut self.reach, found.statement, account, class);
            }
            if !matches!(effective, Effective::ExplicitlyDenied { .. })
                && conditions_may_hold(&found)
            {
                self.open.insert(found.statement);
            }
        }
    }

    fn finish(self, words: impl Fn(&BTreeSet<usize>) -> Option<u128>) -> Strangers {
        let reach = |found: BTreeMap<usize, (Witness, BTreeSet<usize>)>| {
            let reach = |(statement, (witness, classes)): (usize, (Witness, BTreeSet<usize>))| {
                (
                    statement,
                    Reach {
                        witness,
                        accounts: words(&classes),
                    },
                )
            };
            found.into_iter().map(reach).collect()
        };
        Strangers {
            reach: reach(self.reach),
            covered: reach(self.covered),
            open: self.open,
        }
    }
}

fn note(
    found: &mut BTreeMap<usize, (Witness, BTreeSet<usize>)>,
    statement: usize,
    account: usize,
    class: &Class,
) {
    let (_, accounts) = found
        .entry(statement)
        .or_insert_with(|| (Witness::of(class), BTreeSet::new()));
    accounts.insert(account);
}

/// Whether a statement's Resource names what a class of requests names, for a trail of the estate: a
/// variable in it stands for that trail's own values.
fn covers(
    policy: &PolicyUse<'_>,
    text: &Policy,
    id: RequestId,
    statement: usize,
    class: &Class,
) -> bool {
    let Some(example) = policy.asked.get(&id) else {
        return false;
    };
    let request = Request {
        context: &example.context,
        ..class.request(id.action())
    };
    let found = examine(text, &request).into_iter().nth(statement);
    found.is_some_and(|found| found.resource == Truth::True)
}

fn conditions_may_hold(found: &StatementMatch) -> bool {
    found
        .conditions
        .iter()
        .all(|condition| *condition != Truth::False)
}

impl Witness {
    fn of(class: &Class) -> Witness {
        let text = |key: &str| match class.context.get(key) {
            crate::iam::ContextValue::Present(values) => values.concat(),
            _ => String::new(),
        };
        let prefix = class.chosen.get(PREFIX).map_or("", String::as_str);
        let owner = class
            .resource
            .split_once("AWSLogs/")
            .and_then(|(_, rest)| rest.split('/').next());
        Witness {
            account: class.chosen.get(ACCOUNT).cloned().unwrap_or_default(),
            trail: text("aws:SourceArn"),
            resource: class.resource.clone(),
            folder: format!("{prefix}AWSLogs/{}/", owner.unwrap_or_default()),
        }
    }
}

impl Reach {
    /// "account 000000000000 (one of 999,999,999,998)"
    pub fn whose(&self) -> String {
        let account = &self.witness.account;
        match self.accounts {
            Some(1) => format!("account {account} (the only one)"),
            Some(accounts) => format!("account {account} (one of {})", grouped(accounts)),
            None => format!("account {account}"),
        }
    }
}

/// A number with commas: `999,999,999,998`.
pub fn grouped(number: u128) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
