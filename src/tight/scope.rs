//! What a policy may give up to fit, and in which order it is tried.

use std::collections::BTreeSet;

use super::whose::{self, Names, Spelling};
use crate::delivery::{Target, root};
use crate::model::{Estate, Membership, Trail};

/// What a policy gives up. The order of two is that of what they give up: the gravest is compared first,
/// so that a smaller concession is never kept back while a graver one is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Scope {
    pub(super) asked_by: AskedBy,
    pub(super) who: Who,
    /// Whose requests are served.
    pub(super) names: Names,
    pub(super) prefixes: Prefixes,
    pub(super) context: Context,
    /// Whose questions are answered: for the bucket's ACL, and for what the key is.
    pub(super) asking: Names,
    pub(super) readers: Readers,
    pub(super) spelling: Spelling,
}

/// Who may have CloudTrail ask for the bucket's ACL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum AskedBy {
    /// The accounts of the trails.
    Accounts,
    /// Everybody.
    Anybody,
}

/// Whose accounts may write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Who {
    /// Those of the trails.
    Accounts,
    /// Every account of the organization.
    Organization,
}

/// Below which prefixes of the bucket a trail may write, always into its own account's folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Prefixes {
    /// Its own.
    Own,
    /// Those of all trails.
    Known,
    /// Any.
    Any,
}

/// When a request must say what every file of CloudTrail comes with: the ACL, or an encryption context that
/// names a trail. If it need not always, one statement does for files and questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Context {
    /// With every file.
    Always,
    /// Where it says anything of the kind.
    WherePresent,
}

/// Which files readers may decrypt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Readers {
    /// Those of the trails' accounts.
    Accounts,
    /// All that CloudTrail has encrypted with the key.
    All,
}

/// Everything that may be given up for some trails, the least grave first.
pub(super) fn ladder(estate: &Estate, target: Target, trails: &[&Trail]) -> Vec<Scope> {
    let names = whose::useful(trails);
    let bucket = target == Target::Bucket;
    let key = matches!(target, Target::Key | Target::TopicKey);
    let asked_by = either(AskedBy::Accounts, AskedBy::Anybody, bucket);
    let who = either(Who::Accounts, Who::Organization, bucket && is_known(estate));
    let several = bucket && has_several_prefixes(trails);
    let mut prefixes = either(Prefixes::Own, Prefixes::Known, several);
    prefixes.extend(several.then_some(Prefixes::Any));
    let contexts = either(Context::Always, Context::WherePresent, bucket || key);
    // The files of an organization's members are told by their context being there at all.
    let all = key && !trails.iter().any(|trail| trail.organization);
    let readers = either(Readers::Accounts, Readers::All, all);
    let tightest = Scope {
        asked_by: AskedBy::Accounts,
        who: Who::Accounts,
        names: Names::Own,
        prefixes: Prefixes::Own,
        context: Context::Always,
        asking: Names::Own,
        readers: Readers::Accounts,
        spelling: Spelling::Each,
    };
    let spellings = [Spelling::Each, Spelling::Lists, Spelling::Shared];
    let mut ladder = vec![tightest];
    ladder = with_each(&ladder, &asked_by, |scope, it| scope.asked_by = it);
    ladder = with_each(&ladder, &who, |scope, it| scope.who = it);
    ladder = with_each(&ladder, &names, |scope, it| scope.names = it);
    ladder = with_each(&ladder, &prefixes, |scope, it| scope.prefixes = it);
    ladder = with_each(&ladder, &contexts, |scope, it| scope.context = it);
    ladder = with_each(&ladder, &names, |scope, it| scope.asking = it);
    ladder = with_each(&ladder, &readers, |scope, it| scope.readers = it);
    ladder = with_each(&ladder, &spellings, |scope, it| scope.spelling = it);
    ladder.retain(|scope| scope.makes_sense(target));
    ladder.sort_unstable();
    ladder
}

/// Each of some scopes with each of some values.
fn with_each<T: Copy>(scopes: &[Scope], values: &[T], set: fn(&mut Scope, T)) -> Vec<Scope> {
    let with = |scope: &Scope, value: T| {
        let mut scope = *scope;
        set(&mut scope, value);
        scope
    };
    let scopes = scopes.iter();
    scopes
        .flat_map(|scope| values.iter().map(move |&value| with(scope, value)))
        .collect()
}

fn either<T>(tight: T, loose: T, is_offered: bool) -> Vec<T> {
    let mut values = vec![tight];
    values.extend(is_offered.then_some(loose));
    values
}

/// Whether it is known who belongs to the organization. It must not be taken for granted.
fn is_known(estate: &Estate) -> bool {
    let organization = estate.organization.present();
    organization.is_some_and(|organization| organization.accounts.is_some())
}

/// Whether an account belongs to the organization for certain.
pub(super) fn is_member(estate: &Estate, account: &str) -> bool {
    is_known(estate) && matches!(estate.membership(account), Membership::Member(_))
}

fn has_several_prefixes(trails: &[&Trail]) -> bool {
    let roots: BTreeSet<String> = trails.iter().map(|trail| root(trail)).collect();
    roots.len() > 1
}

impl Scope {
    fn makes_sense(self, target: Target) -> bool {
        let Scope {
            asked_by,
            who,
            names,
            prefixes,
            context,
            asking,
            spelling,
            ..
        } = self;
        let exact = names == Names::Own && prefixes == Prefixes::Own && context == Context::Always;
        let asked = match (target, context) {
            (Target::Bucket | Target::Key | Target::TopicKey, Context::Always) => asking >= names,
            // One statement for everything, or no question at all.
            _ => asking == names,
        };
        // A question for the ACL carries no organization.
        let apart = context == Context::Always;
        asked
            && (who == Who::Accounts || names > Names::Own && apart)
            && (asked_by == AskedBy::Accounts || who == Who::Organization)
            && match spelling {
                Spelling::Each => exact,
                Spelling::Lists => names == Names::Own || asking == Names::Own,
                Spelling::Shared => true,
            }
    }
}
