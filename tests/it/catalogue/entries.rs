//! The entries of the catalogue of failures that no document of a snapshot can decide, and what
//! trail-lint says instead.

use std::collections::BTreeSet;

/// The last entry's number.
pub(super) const LAST: u16 = 178;

/// An entry that no case shows.
struct Undecidable {
    entry: u16,
    failure: &'static str,
    /// Why documents cannot tell.
    why: &'static str,
    /// What the report holds instead.
    instead: &'static str,
}

/// An entry, what fails, why documents cannot tell, and what is said instead.
const fn no(
    entry: u16,
    failure: &'static str,
    why: &'static str,
    instead: &'static str,
) -> Undecidable {
    Undecidable {
        entry,
        failure,
        why,
        instead,
    }
}

const UNDECIDABLE: &[Undecidable] = &[
    no(
        71,
        "a resource control policy of the bucket's organization denies",
        "such policies are no part of a snapshot: only the management account may list them",
        "the verdict of the policies that were seen; delivery-error-unexplained names such a policy where CloudTrail reports an error",
    ),
    no(
        72,
        "a resource control policy against confused deputies leaves out sources",
        "as 71",
        "as 71",
    ),
    no(
        79,
        "the bucket owner's account is closed or suspended",
        "no answer tells the state of an account",
        "delivery-error-unexplained with S3's `AllAccessDisabled` or `NoSuchBucket`, and that a suspended account may be why",
    ),
    no(
        81,
        "Object Lock in a bucket that other services write to",
        "CloudTrail's delivery is not harmed, and nobody asks trail-lint about the others",
        "nothing",
    ),
    no(
        83,
        "two tools overwrite each other's bucket policy",
        "a snapshot shows the policy that is there, not the one that was",
        "account-prefix-missing or get-bucket-acl-missing for what the policy has lost",
    ),
    no(
        109,
        "a resource control policy denies the key",
        "as 71",
        "as 71",
    ),
    no(
        150,
        "trusted access is off, the service-linked role is missing, or a resource policy of the organization denies",
        "no file of a snapshot holds any of the three",
        "the organization trail's own requests; nothing about its copies in members",
    ),
    no(
        152,
        "an account left the organization and lost its copy of the trail",
        "an account without documents is one that nobody has read",
        "trail-missing if an answer of that account says that there is none",
    ),
    no(
        157,
        "the prefix was changed a short while ago",
        "a trail's description has no history",
        "the verdict for the prefix that it has now",
    ),
    no(
        160,
        "the account that owns the trail is closed, the trail still delivers",
        "the account cannot be read any more, and its folder in the bucket is not listed",
        "nothing; stale-trail-grant if its answers say that the trail is gone",
    ),
    no(
        164,
        "the topic's account is suspended",
        "no answer tells the state of an account",
        "delivery-error-unexplained for the error that CloudTrail reports",
    ),
    no(
        170,
        "the log group's key does not let CloudWatch Logs in",
        "the key of a log group is no part of a snapshot",
        "delivery-error-unexplained for `LatestCloudWatchLogsDeliveryError`",
    ),
    no(
        171,
        "the policy had not spread when the trail was created",
        "a race leaves no document",
        "delivers: the policies allow, so the creation should be tried again",
    ),
    no(
        172,
        "the trail is still being changed",
        "a passing state of CloudTrail",
        "delivers",
    ),
    no(
        173,
        "an update from another Region than the home Region",
        "the call that failed is in no document",
        "the home Region, with every trail",
    ),
    no(
        174,
        "five trails in the Region already",
        "how many trails a Region holds is not asked for, and trails that are not read do not count",
        "nothing",
    ),
    no(
        176,
        "the caller lacks IAM or Organizations permissions for an organization trail",
        "the caller is not part of what is delivered",
        "nothing",
    ),
];

/// The numbers of the entries that no document can decide.
pub(super) fn undecidable() -> BTreeSet<u16> {
    let numbers: BTreeSet<u16> = UNDECIDABLE.iter().map(|no| no.entry).collect();
    assert_eq!(numbers.len(), UNDECIDABLE.len(), "an entry stands twice");
    for no in UNDECIDABLE {
        assert!(
            [no.failure, no.why, no.instead]
                .iter()
                .all(|text| !text.is_empty()),
            "{} says nothing",
            no.entry
        );
        let words = no.instead.split([' ', ',', ';', ':', '`']);
        let rules = words.filter(|word| word.contains('-'));
        for rule in rules {
            let known = trail_lint::rules::page(rule).is_some();
            assert!(known, "{}: `{rule}` is no rule", no.entry);
        }
    }
    numbers
}
