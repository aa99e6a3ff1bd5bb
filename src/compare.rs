//! Two versions of the same policies: what CloudTrail may do under the new ones that it might not do
//! under the old, the reverse, and whose logs stop or start to arrive.
//!
//! Only CloudTrail's own requests are compared. What users, roles and anonymous callers may do is not
//! looked at.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::delivery::{Target, Verdict, simulate};
use crate::diagnosis::{PolicyUse, Usage};
use crate::exposure::{Change, changes};
use crate::iam::{Policy, Version};
use crate::model::{Estate, Evidence, PolicyDocument, Trail};

/// What two estates have differently.
#[derive(Debug, Default)]
pub struct Comparison {
    /// The policies that differ in what they let CloudTrail do.
    pub policies: Vec<PolicyChange>,
    /// The trails whose verdict is another one, or that only one side has; by ARN.
    pub trails: BTreeMap<String, TrailChange>,
    /// How many policies were compared.
    pub compared: usize,
    /// Policies that one side does not show, each with what is missing.
    pub not_compared: Vec<String>,
    /// What becomes of the old side's trails.
    pub effect: Effect,
    /// The old side's trails that the new side may not have looked at.
    pub unseen: Vec<String>,
}

/// What it means that the new side does not have a trail of the old one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gone {
    /// It is taken away, as code does that no longer has it.
    Deleted,
    /// It may not have been looked at, as a snapshot of fewer accounts.
    Unseen,
}

/// One policy that differs.
#[derive(Debug)]
pub struct PolicyChange {
    /// What it is the policy of.
    pub target: Target,
    /// The bucket's name, or the ARN of the key or topic.
    pub resource: String,
    /// The actions that differ.
    pub changes: Vec<Change>,
    /// The names of the new policy's statements, in order.
    pub new_statements: Vec<String>,
    /// The names of the old policy's statements, in order.
    pub old_statements: Vec<String>,
}

/// One trail's verdict on both sides; nothing where that side does not have the trail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrailChange {
    /// Under the old policies.
    pub old: Option<Verdict>,
    /// Under the new policies.
    pub new: Option<Verdict>,
}

impl TrailChange {
    /// Whether less arrives than before.
    pub fn is_worse(&self) -> bool {
        self.old.zip(self.new).is_some_and(|(old, new)| new < old)
    }
}

impl Comparison {
    /// Whether the new policies let CloudTrail do anything that the old ones did not.
    pub fn grants_more(&self) -> bool {
        let mut changes = self.policies.iter().flat_map(|policy| &policy.changes);
        changes.any(|change| change.gained.is_some())
    }

    /// Whether something that would have to be compared could not be.
    pub fn is_incomplete(&self) -> bool {
        let mut changes = self.policies.iter().flat_map(|policy| &policy.changes);
        !self.not_compared.is_empty() || changes.any(|change| change.tangled)
    }

    /// Whether a trail gets a worse verdict, or is taken away and none takes its place.
    pub fn is_worse(&self, arn: &str) -> bool {
        let mut stops = self.effect.stops.iter();
        self.trails.get(arn).is_some_and(TrailChange::is_worse)
            || stops.any(|trail| trail.arn == arn && !trail.is_replaced())
    }

    /// Whether some trail fares worse.
    pub fn is_any_worse(&self) -> bool {
        self.trails.keys().any(|arn| self.is_worse(arn))
    }
}

/// What a change does to the trails that there are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Effect {
    /// How many trails there are.
    pub trails: usize,
    /// The trails whose logs arrive, wholly or in part, and then do no longer; nothing after for a trail that the
    /// change deletes.
    pub stops: Vec<ChangedTrail>,
    /// The trails that fare worse otherwise: a part of the logs is refused, or changing the trail is.
    pub worsens: Vec<ChangedTrail>,
    /// The trails whose logs do not arrive after it, where nobody knows whether they do before.
    pub may_stop: Vec<ChangedTrail>,
    /// The trails of which it can no longer be said.
    pub open: Vec<ChangedTrail>,
}

/// A trail that fares worse.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ChangedTrail {
    /// The trail's ARN.
    pub arn: String,
    /// The account that owns it.
    pub account: String,
    /// Whether it records the whole organization.
    pub organization: bool,
    /// The verdict before.
    pub old: Verdict,
    /// The verdict after.
    pub new: Option<Verdict>,
    /// The ARN of another trail that brings the account's logs after the change.
    pub served_by: Option<String>,
}

/// What becomes of the trails of one estate in another, as of a moment.
pub fn effect(old: &Estate, new: &Estate, now: Timestamp) -> Effect {
    let (_, before) = used(old, now);
    let (_, after) = used(new, now);
    effect_on((old, &before), (new, &after))
}

/// The verdicts of trails by ARN.
type Verdicts<'e> = BTreeMap<&'e str, Verdict>;

/// What becomes of the trails of which there is a verdict.
fn effect_on(
    (old, before): (&Estate, &Verdicts<'_>),
    (new, after): (&Estate, &Verdicts<'_>),
) -> Effect {
    let mut effect = Effect {
        trails: before.len(),
        ..Effect::default()
    };
    let is_unseen = |arn: &str| new.unseen_trails.iter().any(|unseen| unseen.arn == arn);
    for trail in &old.trails {
        let Some(&verdict) = before.get(&*trail.arn) else {
            continue;
        };
        let unseen = || is_unseen(&trail.arn).then_some(Verdict::Undecided);
        let mut changed = ChangedTrail {
            arn: trail.arn.clone(),
            account: trail.account.clone(),
            organization: trail.organization,
            old: verdict,
            new: after.get(&*trail.arn).copied().or_else(unseen),
            served_by: None,
        };
        let list = match (verdict, changed.new) {
            (Verdict::Blocked, _) => continue,
            (Verdict::Undecided, None | Some(Verdict::Blocked)) => &mut effect.may_stop,
            (_, None | Some(Verdict::Blocked)) => {
                let mut others = new.trails.iter().filter(|other| {
                    other.arn != trail.arn
                        && after.get(&*other.arn) == Some(&Verdict::Delivers)
                        && serves(other, trail)
                });
                changed.served_by = others.next().map(|other| other.arn.clone());
                &mut effect.stops
            }
            (Verdict::Undecided, _) => continue,
            (_, Some(Verdict::Undecided)) => &mut effect.open,
            (old, Some(new)) if new < old => &mut effect.worsens,
            _ => continue,
        };
        list.push(changed);
    }
    effect
}

/// Whether a trail brings all that another does: of its account, from all its Regions, and of every kind.
fn serves(one: &Trail, other: &Trail) -> bool {
    let is_account = one.account == other.account && !other.organization;
    let is_region = one.home_region == other.home_region && !other.multi_region;
    (is_account || one.organization) && (one.multi_region || is_region) && records(one, other)
}

/// Whether a trail records all that another does, as far as both show it.
fn records(one: &Trail, other: &Trail) -> bool {
    let (own, others) = (&one.selectors, &other.selectors);
    let left_out = |trail: &Trail| trail.selectors.left_out.as_ref().map(|it| it.what.clone());
    let management = left_out(one).is_none_or(|own| left_out(other) == Some(own));
    // Where nothing is said, a trail records the events of global services, and writes no further kinds of files.
    let global = one.global_events != Some(false) || other.global_events == Some(false);
    let files = own.insights == Some(true) || others.insights != Some(true);
    let files = files
        && (own.network_activity || !others.network_activity)
        && (own.aggregated || !others.aggregated);
    let data = others.data_events.is_subset(&own.data_events);
    management && global && files && data && own.unseen().next().is_none()
}

impl ChangedTrail {
    /// Whether the change takes the trail away where another takes its place.
    pub fn is_replaced(&self) -> bool {
        self.new.is_none() && self.served_by.is_some()
    }
}

impl Effect {
    /// Whether some trail certainly fares worse.
    pub fn is_worse(&self) -> bool {
        !self.worsens.is_empty() || !self.stops.iter().all(ChangedTrail::is_replaced)
    }

    /// Whether it cannot be said of some trail whether it does.
    pub fn is_open(&self) -> bool {
        !self.open.is_empty() || !self.may_stop.is_empty()
    }

    /// What merging comes to, in a sentence or a few.
    pub fn sentence(&self) -> String {
        self.sentence_of("Merging this change", "merging this change")
    }

    /// The same of what is called otherwise, at the beginning of a sentence and inside of one.
    pub fn sentence_of(&self, first: &str, inside: &str) -> String {
        let mut parts = Vec::new();
        let (served, stops): (Vec<_>, Vec<_>) = self
            .stops
            .iter()
            .partition(|trail| trail.served_by.is_some());
        let of = |trails: &[&ChangedTrail], says: &str, more: &str| {
            (!trails.is_empty()).then(|| format!("{first} {says} {}{more}.", accounts(trails)))
        };
        parts.extend(of(&stops, "will stop the logs of", ""));
        parts.extend(of(
            &served,
            "ends a trail of",
            "; another trail still brings the logs",
        ));
        parts.extend(of(
            &self.worsens.iter().collect::<Vec<_>>(),
            "will refuse some of the requests of",
            "",
        ));
        parts.extend(of(
            &self.may_stop.iter().collect::<Vec<_>>(),
            "may stop the logs of",
            "; whether they arrive today could not be seen",
        ));
        if !self.open.is_empty() {
            let trails = accounts(&self.open.iter().collect::<Vec<_>>());
            parts.push(format!("It cannot be said what {inside} does to {trails}."));
        }
        if parts.is_empty() {
            parts.push(match self.trails {
                0 => format!("There is no trail whose logs {inside} could stop."),
                1 => format!("{first} stops no logs of the one trail that there is."),
                many => format!("{first} stops no logs of the {many} trails that there are."),
            });
        }
        parts.join(" ")
    }
}

/// "3 accounts: 222222222222, 333333333333, 444444444444"
fn accounts(trails: &[&ChangedTrail]) -> String {
    const NAMED: usize = 10;
    let ids: BTreeSet<&str> = trails.iter().map(|trail| trail.account.as_str()).collect();
    let named: Vec<&str> = ids.iter().take(NAMED).copied().collect();
    let more = if ids.len() > NAMED { ", …" } else { "" };
    let count = match ids.len() {
        1 => "1 account".to_owned(),
        many => format!("{many} accounts"),
    };
    let members = if trails.iter().any(|trail| trail.organization) {
        ", and of every member account of the organization"
    } else {
        ""
    };
    format!("{count}: {}{more}{members}", named.join(", "))
}

type Name = (Target, String);

/// Compares two estates as of a moment. Both sides' trails say which policies matter; `left_out` are
/// trails that only stand in for others and have no verdict.
pub fn compare(
    old: &Estate,
    new: &Estate,
    now: Timestamp,
    left_out: &BTreeSet<String>,
    gone: Gone,
) -> Comparison {
    let (old_usage, mut old_verdicts) = used(old, now);
    let (new_usage, mut new_verdicts) = used(new, now);
    for verdicts in [&mut old_verdicts, &mut new_verdicts] {
        verdicts.retain(|arn, _| !left_out.contains(*arn));
    }
    let mut users: BTreeMap<Name, &PolicyUse<'_>> = BTreeMap::new();
    for policy in new_usage.policies().chain(old_usage.policies()) {
        users.entry(name(policy)).or_insert(policy);
    }
    let mut comparison = Comparison::default();
    for ((target, resource), policy) in users {
        let sides = [old, new].map(|estate| side(estate, target, &resource));
        let [Ok(before), Ok(after)] = sides else {
            let missing = sides.into_iter().filter_map(Result::err);
            comparison.not_compared.extend(missing);
            continue;
        };
        comparison.compared += 1;
        let mut changes = changes(policy, &before, &after);
        changes.retain(|change| change.gained.is_some() || change.lost.is_some() || change.tangled);
        if changes.is_empty() {
            continue;
        }
        let names = |policy: &Policy| {
            let statements = policy.statements.iter();
            statements.map(crate::diagnosis::statement_name).collect()
        };
        comparison.policies.push(PolicyChange {
            target,
            resource,
            changes,
            new_statements: names(&after),
            old_statements: names(&before),
        });
    }
    let arns = old_verdicts.keys().chain(new_verdicts.keys());
    for arn in arns {
        let change = TrailChange {
            old: old_verdicts.get(arn).copied(),
            new: new_verdicts.get(arn).copied(),
        };
        if change.old != change.new {
            comparison.trails.insert((*arn).to_owned(), change);
        }
    }
    if gone == Gone::Unseen {
        let arns = old_verdicts.keys();
        let unseen = arns.filter(|arn| !new_verdicts.contains_key(*arn));
        comparison.unseen = unseen.map(|arn| (*arn).to_owned()).collect();
        old_verdicts.retain(|arn, _| new_verdicts.contains_key(arn));
    }
    comparison.effect = effect_on((old, &old_verdicts), (new, &new_verdicts));
    comparison
}

fn used(estate: &Estate, now: Timestamp) -> (Usage<'_>, Verdicts<'_>) {
    let mut usage = Usage::default();
    let mut verdicts = BTreeMap::new();
    for trail in &estate.trails {
        let delivery = simulate(estate, trail, now);
        usage.note(&delivery);
        verdicts.insert(&*trail.arn, delivery.verdict);
    }
    (usage, verdicts)
}

fn name(policy: &PolicyUse<'_>) -> Name {
    let of_bucket = policy.bucket.map(|bucket| bucket.name.clone());
    let asked = || {
        policy
            .asked
            .values()
            .next()
            .map(|example| example.resource.clone())
    };
    (policy.target, of_bucket.or_else(asked).unwrap_or_default())
}

/// One side's policy of a resource; what is missing, where it cannot be told.
fn side(estate: &Estate, target: Target, resource: &str) -> Result<Policy, String> {
    let noun = target.noun();
    let of_evidence = |evidence: &Evidence<PolicyDocument>| match evidence {
        Evidence::Present(policy) => Ok(policy.policy.clone()),
        Evidence::Absent(_) => Ok(nothing()),
        Evidence::Unknown(unknown) => Err(format!("`{}`", unknown.document)),
    };
    let missing = || format!("the {noun} of `{resource}`");
    match target {
        Target::Bucket => {
            let bucket = estate.buckets.get(resource).ok_or_else(missing)?;
            of_evidence(&bucket.policy)
        }
        Target::Key | Target::TopicKey => {
            let key = estate.keys.get(resource).ok_or_else(missing)?;
            of_evidence(&key.policy)
        }
        Target::Topic => match &estate.topics.get(resource).ok_or_else(missing)?.attributes {
            Evidence::Present(attributes) => {
                let policy = attributes.policy.as_ref();
                Ok(policy.map_or_else(nothing, |policy| policy.policy.clone()))
            }
            Evidence::Absent(_) => Ok(nothing()),
            Evidence::Unknown(unknown) => Err(format!("`{}`", unknown.document)),
        },
        // A role belongs to its trail's account and is no policy that trails share.
        Target::LogRole => Err(missing()),
    }
}

/// A policy that grants nothing.
fn nothing() -> Policy {
    Policy {
        version: Version::V2012,
        statements: Vec::new(),
        problems: Vec::new(),
    }
}
