//! What is wrong with an `aws:SourceArn` that does not admit a trail: which of its parts differs from
//! the trail's ARN.

use std::collections::BTreeSet;

use super::Cause;
use super::resource::{glob, placeholder, placeholder_words};
use crate::delivery::Delivery;
use crate::model::{Arn, Trail};

/// The part that differs, and the value that comes nearest.
pub(super) struct Mismatch {
    pub(super) cause: Cause,
    /// The value to look at; nothing if none of them is about the trail's account.
    pub(super) nearest: Option<usize>,
    pub(super) hint: Option<String>,
}

/// Compares the values of a condition with the trail's ARN. Of several values the one that comes
/// nearest is blamed: the same account before the same name before the same Region.
pub(super) fn compare(values: &[&str], trail: &Trail) -> Mismatch {
    let judged = values
        .iter()
        .enumerate()
        .map(|(index, value)| (judge(value, trail), index));
    match judged.min_by_key(|((rank, _, _), index)| (*rank, *index)) {
        Some(((_, cause, hint), nearest)) => {
            let nearest = (cause != Cause::SourceArnWrongAccount).then_some(nearest);
            Mismatch {
                cause,
                nearest,
                hint,
            }
        }
        None => Mismatch {
            cause: Cause::SourceArnNotATrail,
            nearest: None,
            hint: None,
        },
    }
}

/// Of values that do not name a trail's account the one that was meant for it: like the trail's own ARN
/// but for the account, and no other trail's. Where several are, trails of all accounts have one name,
/// and none of them stands out.
pub(super) fn meant_for(values: &[&str], delivery: &Delivery<'_>) -> Option<usize> {
    let trail = delivery.trail;
    let is_meant = |value: &&str| {
        Arn::parse(value).is_some_and(|arn| {
            arn.trail_name() == Some(&trail.name) && arn.region == trail.home_region
        })
    };
    let trails = &delivery.estate.trails;
    // They are sorted by ARN.
    let is_known = |value: &str| {
        trails
            .binary_search_by(|known| (*known.arn).cmp(value))
            .is_ok()
    };
    let mut meant = values
        .iter()
        .enumerate()
        .filter(|(_, value)| is_meant(value) && !is_known(value));
    match (meant.next(), meant.next()) {
        (Some((index, _)), None) => Some(index),
        _ => None,
    }
}

/// Whether values are trails of several accounts: a list that an account is added to.
pub(super) fn lists_accounts(values: &[&str]) -> bool {
    let arns = values.iter().filter_map(|value| Arn::parse(value));
    let accounts: BTreeSet<&str> = arns.map(|arn| arn.account).collect();
    accounts.len() > 1
}

fn judge(value: &str, trail: &Trail) -> (u8, Cause, Option<String>) {
    if value.eq_ignore_ascii_case(&trail.arn) {
        let hint =
            "the two differ only in upper and lower case, and values are compared letter by letter";
        return (0, Cause::SourceArnCaseMismatch, Some(hint.to_owned()));
    }
    let left = placeholder(value).or_else(|| word_of_documentation(value, trail));
    if let Some(left) = left.filter(|left| !trail.arn.contains(left)) {
        let hint = placeholder_words(left);
        return (1, Cause::PlaceholderLeftInPolicy, Some(hint));
    }
    let Some((arn, name)) = Arn::parse(value).and_then(|arn| Some((arn, trail_name(&arn)?))) else {
        return (
            9,
            Cause::SourceArnNotATrail,
            Some(not_a_trail_hint(value).to_owned()),
        );
    };
    let account = glob(arn.account, &trail.account);
    let same_name = glob(name, &trail.name);
    let region = glob(arn.region, &trail.home_region);
    if account && same_name && region && !glob(arn.partition, &trail.partition) {
        return (2, Cause::WrongPartition, None);
    }
    match (account, same_name, region) {
        (true, true, _) => (3, Cause::SourceArnWrongRegion, None),
        (true, false, true) => (
            4,
            Cause::SourceArnWrongTrailName,
            case_hint(name, &trail.name),
        ),
        (true, false, false) => (5, Cause::SourceArnWrongTrailName, None),
        (false, true, true) => (6, Cause::SourceArnWrongAccount, None),
        (false, _, _) => (7, Cause::SourceArnWrongAccount, None),
    }
}

/// A part of an ARN that is the name of that part, as documentation writes it. A trail of another account
/// may well be called so.
fn word_of_documentation<'v>(value: &'v str, trail: &Trail) -> Option<&'v str> {
    let arn = Arn::parse(value)?;
    // Asked of every value for every trail that is refused: no text is built for it.
    let folds_to = |part: &str, word: &str| {
        let letters = part.bytes().filter(u8::is_ascii_alphanumeric);
        letters
            .map(|letter| letter.to_ascii_lowercase())
            .eq(word.bytes())
    };
    let is_one_of = |part: &str, words: &[&str]| words.iter().any(|word| folds_to(part, word));
    let name = arn
        .trail_name()
        .filter(|_| glob(arn.account, &trail.account));
    [
        (
            arn.region,
            [
                "region",
                "homeregion",
                "myregion",
                "yourregion",
                "awsregion",
            ]
            .as_slice(),
        ),
        (
            arn.account,
            ["account", "myaccount", "youraccountid"].as_slice(),
        ),
        (
            name.unwrap_or_default(),
            ["trailname", "yourtrailname", "thetrailname"].as_slice(),
        ),
    ]
    .into_iter()
    .find_map(|(part, words)| is_one_of(part, words).then_some(part))
}

fn trail_name<'a>(arn: &Arn<'a>) -> Option<&'a str> {
    // A pattern may stand for the service or the resource type as well.
    arn.trail_name()
        .or_else(|| (arn.service == "*" || arn.resource == "*").then_some(arn.resource))
}

fn case_hint(found: &str, needed: &str) -> Option<String> {
    found.eq_ignore_ascii_case(needed).then(|| {
        "the two differ only in upper and lower case, and values are compared letter by letter"
            .to_owned()
    })
}

fn not_a_trail_hint(value: &str) -> &'static str {
    match Arn::parse(value) {
        None if value.starts_with("arn:") => {
            "it has fewer than the six parts of an ARN, so an ARN operator never matches it"
        }
        None => "it is not an ARN",
        Some(arn) if arn.service == "s3" => "it is a bucket's ARN",
        Some(arn) if arn.service == "iam" => "it is the ARN of an account, user or role",
        Some(_) => "it is not the ARN of a trail",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::DocumentId;
    use crate::model::Evidence;
    use crate::model::selectors::Selectors;

    fn trail() -> Trail {
        Trail {
            arn: "arn:aws:cloudtrail:us-east-1:222222222222:trail/audit".into(),
            partition: "aws".into(),
            account: "222222222222".into(),
            home_region: "us-east-1".into(),
            name: "audit".into(),
            bucket: "b".into(),
            key_prefix: None,
            kms_key: None,
            topic: None,
            multi_region: true,
            organization: false,
            validation: true,
            global_events: None,
            log_group: None,
            log_role: None,
            selectors: Selectors::default(),
            status: Evidence::no_document(""),
            document: DocumentId(0),
        }
    }

    #[test]
    fn the_part_that_differs_names_the_cause() {
        for (value, cause) in [
            (
                "arn:aws:cloudtrail:us-east-1:222222222222:trail/Audit",
                Cause::SourceArnCaseMismatch,
            ),
            (
                "arn:aws:cloudtrail:us-east-1:222222222222:trail/other",
                Cause::SourceArnWrongTrailName,
            ),
            (
                "arn:aws:cloudtrail:eu-west-1:222222222222:trail/audit",
                Cause::SourceArnWrongRegion,
            ),
            (
                "arn:aws:cloudtrail:us-east-1:111111111111:trail/audit",
                Cause::SourceArnWrongAccount,
            ),
            (
                "arn:aws:cloudtrail:*:111111111111:trail/*",
                Cause::SourceArnWrongAccount,
            ),
            (
                "arn:aws-cn:cloudtrail:us-east-1:222222222222:trail/audit",
                Cause::WrongPartition,
            ),
            (
                "arn:aws:cloudtrail:us-east-1:account-id:trail/audit",
                Cause::PlaceholderLeftInPolicy,
            ),
            (
                "arn:aws:cloudtrail:region:222222222222:trail/audit",
                Cause::PlaceholderLeftInPolicy,
            ),
            (
                "arn:aws:cloudtrail:us-east-1:222222222222:trail/trailName",
                Cause::PlaceholderLeftInPolicy,
            ),
            (
                "arn:aws:cloudtrail:us-east-1:333333333333:trail/trailName",
                Cause::SourceArnWrongAccount,
            ),
            ("arn:aws:s3:::b", Cause::SourceArnNotATrail),
            (
                "arn:aws:cloudtrail:*:trail/audit",
                Cause::SourceArnNotATrail,
            ),
            ("222222222222", Cause::SourceArnNotATrail),
        ] {
            assert_eq!(compare(&[value], &trail()).cause, cause, "{value}");
        }
    }

    #[test]
    fn of_several_values_the_nearest_is_blamed() {
        let values = [
            "arn:aws:cloudtrail:us-east-1:111111111111:trail/audit",
            "arn:aws:cloudtrail:us-east-1:222222222222:trail/old",
        ];
        let mismatch = compare(&values, &trail());
        assert_eq!(
            (mismatch.cause, mismatch.nearest),
            (Cause::SourceArnWrongTrailName, Some(1))
        );
    }
}
