//! Every step of the ladder, for trails of many kinds: what is chosen is the first that fits, AWS would
//! take it, every trail delivers under it, and over all accounts it admits what it says it does.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::scope::{AskedBy, Scope, Who};
use super::whose::Names;
use super::*;
use crate::diagnosis::{PolicyUse, Usage};
use crate::exposure::{Change, changes};
use crate::model::organization::Organization;
use crate::source::plain::{self, PlainFiles};

const BUCKET: &str = "example-audit-logs-bucket-name1";
const KEY: &str = "arn:aws:kms:us-east-1:111111111111:key/11111111-2222-3333-4444-555555555555";
const TOPIC: &str = "arn:aws:sns:us-east-1:111111111111:trail-events";
const REGIONS: [&str; 3] = ["us-east-1", "eu-west-1", "ap-northeast-1"];

fn now() -> Timestamp {
    "2026-11-25T00:00:00Z".parse().unwrap()
}

fn account(index: usize) -> String {
    format!("{:012}", 222_222_222_222_usize + index * 7919)
}

/// What a set of trails is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// One name and one Region.
    Alike,
    /// Every trail has a name of its own.
    Names,
    /// Most have one name; three Regions.
    Mixed,
    /// Every trail has a prefix of its own.
    Prefixes,
    /// Two accounts share each prefix, and the first trail is an organization's.
    Organization,
    /// The same, and all accounts are the organization's.
    Members,
    /// Two trails an account, both of names that all accounts have.
    Twice,
}

fn estate(kind: Kind, count: usize) -> Estate {
    let trail = |index: usize| {
        let (account, region) = match kind {
            Kind::Mixed => (account(index), REGIONS[index % 3]),
            Kind::Twice => (account(index / 2), REGIONS[0]),
            _ => (account(index), REGIONS[0]),
        };
        let name = match kind {
            Kind::Names => format!("trail-of-team-{index:04}"),
            Kind::Mixed if index.is_multiple_of(5) => format!("team-{index:04}"),
            Kind::Twice if index % 2 == 1 => "data-events".to_owned(),
            _ => "management-events".to_owned(),
        };
        let settings = match kind {
            Kind::Prefixes => format!(",prefix=team-{index:04}"),
            Kind::Organization | Kind::Members if index == 0 => ",org=o-exampleorgid".to_owned(),
            Kind::Organization | Kind::Members => format!(",prefix=unit-{}", index / 40),
            _ => String::new(),
        };
        format!("arn:aws:cloudtrail:{region}:{account}:trail/{name}{settings}")
    };
    let files = PlainFiles {
        bucket: Some(BUCKET.to_owned()),
        key_arn: Some(KEY.to_owned()),
        topic_arn: Some(TOPIC.to_owned()),
        trails: (0..count).map(trail).collect(),
        ..PlainFiles::default()
    };
    let mut estate = Estate::read(plain::read(&files).unwrap()).unwrap();
    if kind == Kind::Members {
        estate.organization = Evidence::Present(Organization {
            id: "o-exampleorgid".to_owned(),
            management_account: Some(account(0)),
            accounts: Some((0..count).map(account).collect()),
        });
    }
    estate
}

const TARGETS: [(Target, &str); 3] = [
    (Target::Bucket, BUCKET),
    (Target::Key, KEY),
    (Target::Topic, TOPIC),
];

fn written(estate: &Estate, scope: Scope, of: (Target, &str)) -> Value {
    let trails = grants::users(estate, of.0, of.1);
    grants::policy(forms::statements(estate, scope, of, &trails, &[]).0)
}

/// The policy of a resource in use, to look at over all accounts.
fn in_use<T>(
    estate: &Estate,
    of: (Target, &str),
    policy: &Value,
    look: impl Fn(&PolicyUse<'_>) -> T,
) -> T {
    let estate = with_policy(estate, of, policy);
    let mut usage = Usage::default();
    let trails = grants::users(&estate, of.0, of.1);
    for trail in trails {
        usage.note(&simulate(&estate, trail, now()));
    }
    let mut uses = usage.into_policies();
    look(&uses.find(|used| used.target == of.0).unwrap())
}

/// What a policy admits over all accounts that another does not, and the other way round.
fn against(estate: &Estate, of: (Target, &str), old: &Value, new: &Value) -> Vec<Change> {
    let [old, read] = [old, new].map(grants::read);
    in_use(estate, of, new, |used| changes(used, &old, &read))
}

/// What a scope admits besides the trails is what it says, found by asking for all accounts.
fn admits_what_it_says(estate: &Estate, of: (Target, &str), scope: Scope, policy: &Value) {
    let trails = grants::users(estate, of.0, of.1);
    let exact = written(estate, scope::ladder(estate, of.0, &trails)[0], of);
    let owners: BTreeSet<&String> = trails.iter().map(|trail| &trail.account).collect();
    let product = whose::is_product(&trails);
    for change in against(estate, of, &exact, policy) {
        let case = format!("{:?} {scope:?} {change:#?}", of.0);
        assert!(!change.tangled, "{case}");
        // Whoever is asked for his organization loses what he would have if he were in none.
        let may_lose = change.action == "s3:PutObject" && scope.who == Who::Organization;
        assert!(may_lose || change.lost.is_none(), "{case}");
        let asks = ["s3:GetBucketAcl", "kms:DescribeKey", "kms:Decrypt"].contains(&change.action);
        let names = if asks { scope.asking } else { scope.names };
        let by_names = names > Names::Own && !(names == Names::Known && product);
        let by_prefix = change.action == "s3:PutObject" && scope.prefixes > scope::Prefixes::Own;
        let by_organization = change.action == "s3:PutObject" && scope.who == Who::Organization;
        let by_anybody = change.action == "s3:GetBucketAcl" && scope.asked_by == AskedBy::Anybody;
        let may_gain = by_names || by_prefix || by_organization || by_anybody;
        let Some(gained) = change.gained else {
            continue;
        };
        assert!(may_gain, "{case}");
        if !by_organization && !by_anybody {
            assert!(owners.contains(&gained.reach.witness.account), "{case}");
            assert!(
                gained.reach.accounts.unwrap() <= owners.len() as u128,
                "{case}"
            );
        }
    }
}

fn refused(policy: &Value) -> Vec<String> {
    let problems = grants::read(policy).problems.into_iter();
    let refused = problems.filter(|problem| problem.kind.is_refused());
    refused.map(|problem| problem.message).collect()
}

const KINDS: [Kind; 6] = [
    Kind::Alike,
    Kind::Names,
    Kind::Mixed,
    Kind::Prefixes,
    Kind::Members,
    Kind::Twice,
];

#[test]
fn every_step_admits_all_trails_and_over_all_accounts_nothing_but_what_it_says() {
    let mut steps = 0;
    for kind in KINDS {
        // Accounts enough that to list them is shorter than the ARNs of their trails; fewer where that is not
        // the point.
        let count = if kind == Kind::Prefixes { 4 } else { 8 };
        let estate = estate(kind, count);
        for of in TARGETS {
            // Prefixes and organizations are nothing to keys and topics; names of their own are among the mixed.
            if of.0 != Target::Bucket && !matches!(kind, Kind::Alike | Kind::Mixed | Kind::Twice) {
                continue;
            }
            let trails = grants::users(&estate, of.0, of.1);
            let mut seen = BTreeSet::new();
            for scope in scope::ladder(&estate, of.0, &trails) {
                let policy = written(&estate, scope, of);
                if !seen.insert(policy.to_string()) {
                    continue;
                }
                let case = format!("{kind:?} {:?} {scope:?}", of.0);
                assert_eq!(refused(&policy), Vec::<String>::new(), "{case}");
                assert!(admits_all(&estate, now(), of, &policy), "{case}");
                admits_what_it_says(&estate, of, scope, &policy);
                steps += 1;
            }
        }
    }
    assert!(steps > 150, "{steps}");
}

/// For each set, the bytes of the bucket, key and topic policies, and how many things each gives up.
const CHOSEN: &str = "\
Alike 1: 952/0 1070/0 336/0
Alike 5: 2714/0 2038/0 610/0
Alike 60: 8976/1 15238/0 4350/0
Alike 150: 5494/2 27888/1 10470/0
Alike 200: 6994/2 15866/2 13870/0
Alike 400: 12994/2 30666/2 27470/0
Alike 2000: 30808/4 30359/1
Names 1: 954/0 1073/0 337/0
Names 5: 2724/0 2053/0 615/0
Names 60: 9096/1 15418/0 4410/0
Names 150: 13489/2 28188/1 10620/0
Names 200: 17689/2 28488/2 14070/0
Names 400: 12962/2 28319/3 27870/0
Mixed 1: 936/0 1046/0 328/0
Mixed 5: 2708/0 2024/0 607/0
Mixed 60: 8984/1 15150/0 4354/0
Mixed 150: 10274/2 27908/1 10480/0
Mixed 200: 12704/2 21513/2 13880/0
Mixed 400: 17894/3 22453/3 27495/0
Prefixes 1: 962/0 1070/0 336/0
Prefixes 5: 2764/0 2038/0 610/0
Prefixes 60: 14180/2 15238/0 4350/0
Prefixes 150: 18618/3 27888/1 10470/0
Prefixes 200: 6995/3 15866/2 13870/0
Prefixes 400: 12995/3 30666/2 27470/0
Members 1: 1026/0 1028/0 336/0
Members 5: 2816/0 1818/0 610/0
Members 60: 9660/1 12598/0 4350/0
Members 150: 7118/2 30238/0 10470/0
Members 200: 9017/2 28088/1 13870/0
Members 400: 17014/2 13066/2 27470/0
Members 2000: 5617/5
Twice 1: 952/0 1070/0 336/0
Twice 5: 2086/0 1914/0 598/0
Twice 60: 17494/0 13378/0 4170/0
Twice 150: 20316/1 32188/0 10020/0
Twice 200: 7698/2 31288/1 13270/0
Twice 400: 13698/2 22549/2 26270/0
";

#[test]
fn who_is_a_member_is_not_taken_for_granted() {
    let offers = |kind: Kind| {
        let estate = estate(kind, 3);
        let trails = grants::users(&estate, Target::Bucket, BUCKET);
        let ladder = scope::ladder(&estate, Target::Bucket, &trails);
        ladder.iter().any(|scope| scope.who == Who::Organization)
    };
    assert_eq!(
        (offers(Kind::Organization), offers(Kind::Members)),
        (false, true)
    );
}

#[test]
fn what_is_chosen_is_the_first_step_that_fits() {
    let mut chosen = String::new();
    for kind in KINDS {
        for count in [1, 5, 60, 150, 200, 400, 2000] {
            // The largest sets take seconds each.
            if count == 2000 && !matches!(kind, Kind::Alike | Kind::Members) {
                continue;
            }
            let estate = estate(kind, count);
            write!(chosen, "{kind:?} {count}:").unwrap();
            for of in TARGETS {
                if count == 2000 && (kind == Kind::Members) != (of.0 == Target::Bucket) {
                    continue;
                }
                let limit = of.0.size_limit().unwrap();
                let trails = grants::users(&estate, of.0, of.1);
                let tight = tight(&estate, now(), of, &[]);
                let mut steps = scope::ladder(&estate, of.0, &trails)
                    .into_iter()
                    .map(|scope| written(&estate, scope, of));
                let first = steps.find(|policy| policy.to_string().len() <= limit);
                let (Ok(tight), Some(policy)) = (&tight, &first) else {
                    assert!(tight.is_err() && first.is_none(), "{kind:?} {count}");
                    chosen.push_str(" none");
                    continue;
                };
                assert_eq!(&tight.policy, policy);
                let root = crate::json::parse(&policy.to_string()).unwrap();
                assert_eq!(root.compact_len(), tight.size);
                assert_eq!(refused(policy), Vec::<String>::new());
                let given_up = tight.given_up.len();
                write!(chosen, " {}/{given_up}", tight.size).unwrap();
            }
            chosen.push('\n');
        }
    }
    assert_eq!(chosen, CHOSEN);
}
