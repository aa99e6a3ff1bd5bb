//! What a scope gives up, in words.

use super::scope::{AskedBy, Context, Prefixes, Readers, Scope, Who};
use super::whose::{self, Names, Spelling};
use crate::delivery::Target;
use crate::model::Trail;

/// What is given up, a sentence each, the least grave first.
pub(super) fn given_up(scope: Scope, target: Target, trails: &[&Trail]) -> Vec<&'static str> {
    // To ask for accounts and trails apart gives nothing away if every account has every trail.
    let is_product = whose::is_product(trails);
    let effective = |names: Names| match names {
        Names::Known if is_product => Names::Own,
        names => names,
    };
    let (names, asking) = (effective(scope.names), effective(scope.asking));
    let all = [
        of_spelling(scope, target, trails),
        (scope.spelling == Spelling::Shared && names.min(asking) == Names::Own).then_some(
            "the ARN of each trail, spelled out: where it is shorter, accounts whose trails have one name and home \
             Region are listed by their ids. That admits nothing more",
        ),
        (scope.readers == Readers::All).then_some(
            "the list of accounts whose files readers may decrypt: they may decrypt whatever CloudTrail has encrypted \
             with this key, files of former trails included",
        ),
        (asking > names).then(|| of_questions(target, asking)),
        (scope.context == Context::WherePresent).then(|| of_context(target)),
        of_prefixes(scope.prefixes),
        of_names(names),
        (scope.who == Who::Organization).then_some(
            "the list of accounts: such trails of every account of the organization are admitted, each into its own \
             account's folder",
        ),
        (scope.asked_by == AskedBy::Anybody).then_some(
            "who may ask for the bucket's ACL: CloudTrail may for such trails of any account, members of the \
             organization or not. It tells that the bucket exists, and nothing can be written",
        ),
    ];
    all.into_iter().flatten().collect()
}

/// What variables stand for.
fn of_spelling(scope: Scope, target: Target, trails: &[&Trail]) -> Option<&'static str> {
    let has_variable = match target {
        Target::Bucket => trails.iter().any(|trail| !trail.organization),
        Target::Key | Target::TopicKey => true,
        Target::Topic | Target::LogRole => false,
    };
    (scope.spelling != Spelling::Each && has_variable).then(|| of_variable(target))
}

fn of_prefixes(prefixes: Prefixes) -> Option<&'static str> {
    match prefixes {
        Prefixes::Own => None,
        Prefixes::Known => Some(
            "each trail's own prefix: a trail may write below the prefix of any other trail too, into its own account's \
             folder there",
        ),
        Prefixes::Any => Some(
            "each trail's own prefix: a trail may write below any prefix, into its own account's folder there",
        ),
    }
}

fn of_variable(target: Target) -> &'static str {
    match target {
        Target::Bucket => {
            "the account in each folder, spelled out: it is `${aws:SourceAccount}`, which admits nothing more. AWS \
             documents such variables for policies, and this key for CloudTrail's requests, but shows no policy for \
             CloudTrail that has both (reported, not documented): try it with one trail first"
        }
        _ => {
            "the account in each encryption context, spelled out: it is `${aws:SourceAccount}`, which admits nothing \
             more. AWS documents such variables for policies, and this key for CloudTrail's requests, but shows no \
             policy for CloudTrail that has both: try it with one trail first"
        }
    }
}

fn of_context(target: Target) -> &'static str {
    match target {
        Target::Bucket => {
            "an ACL that must be there: one statement answers for files and for the bucket's ACL, and a file that comes \
             with an ACL must come with `bucket-owner-full-control`, as CloudTrail's do"
        }
        _ => {
            "an encryption context that must be there: one statement answers for all uses of the key, and a context that \
             a request has must name a trail of its account, as CloudTrail's do"
        }
    }
}

fn of_questions(target: Target, asking: Names) -> &'static str {
    match (target, asking) {
        (Target::Bucket, Names::Own | Names::Known) => {
            "who may ask for the bucket's ACL: CloudTrail may for other trails of these accounts too, if they have the \
             name and home Region of a known one. They cannot write"
        }
        (Target::Bucket, Names::Regions) => {
            "who may ask for the bucket's ACL: CloudTrail may for other trails of these accounts too, in a home Region \
             of a known one. They cannot write"
        }
        (Target::Bucket, Names::Any) => {
            "who may ask for the bucket's ACL: CloudTrail may for other trails of these accounts too. They cannot write"
        }
        (_, Names::Own | Names::Known) => {
            "who may look the key up: CloudTrail may look it up and decrypt for other trails of these accounts too, if \
             they have the name and home Region of a known one. They cannot encrypt"
        }
        (_, Names::Regions) => {
            "who may look the key up: CloudTrail may look it up and decrypt for other trails of these accounts too, in a \
             home Region of a known one. They cannot encrypt"
        }
        (_, Names::Any) => {
            "who may look the key up: CloudTrail may look it up and decrypt for other trails of these accounts too. They \
             cannot encrypt"
        }
    }
}

fn of_names(names: Names) -> Option<&'static str> {
    match names {
        Names::Own => None,
        Names::Known => Some(
            "which trail is whose: a trail of one of these accounts is admitted if it has the name and home Region of \
             another's",
        ),
        Names::Regions => Some(
            "the names of the trails: every trail of these accounts is admitted that has the home Region of a known one",
        ),
        Names::Any => Some(
            "the names and home Regions of the trails: every trail of these accounts is admitted",
        ),
    }
}
