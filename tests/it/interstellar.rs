//! The set-up of `fixtures/interstellar`, sound and once per fault: what `check` must say about each,
//! as one table. Findings below high severity are tested by the rules' own examples, not here.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::law;
use crate::support::{check, document_kind, is_grave, items, none, repository, text};

/// What `check` must say about one folder.
struct Case {
    folder: &'static str,
    status: i32,
    /// The verdict on `audit-trail`, of the account that owns the bucket.
    audit: &'static str,
    /// The verdict on `payments-trail`, of the other account.
    payments: &'static str,
    /// All findings of severity high or above: `ACCOUNT RULE DOCUMENT POINTER`, sorted. The account is
    /// the one that owns the trail; the pointer is left out where it is empty.
    findings: &'static [&'static str],
    /// Rules that must be among the findings of lower severity.
    notes: &'static [&'static str],
}

const DELIVERS: Case = Case {
    folder: "sound",
    status: 0,
    audit: "delivers",
    payments: "delivers",
    findings: &[],
    notes: &[],
};

/// A fault that keeps only the files of `payments-trail` from arriving.
const PAYMENTS_BLOCKED: Case = Case {
    status: 1,
    payments: "blocked",
    ..DELIVERS
};

/// A fault that keeps all files from arriving.
const ALL_BLOCKED: Case = Case {
    audit: "blocked",
    ..PAYMENTS_BLOCKED
};

/// A fault that shows only when a trail is created or updated.
const ALL_SETUP_REFUSED: Case = Case {
    status: 1,
    audit: "setup-refused",
    payments: "setup-refused",
    ..DELIVERS
};

const CASES: &[Case] = &[
    DELIVERS,
    Case {
        folder: "cli-output",
        ..DELIVERS
    },
    Case {
        folder: "missing-account-prefix",
        findings: &["222222222222 account-prefix-missing get-bucket-policy /Statement/1/Resource"],
        ..PAYMENTS_BLOCKED
    },
    Case {
        folder: "source-arn-wrong-trail-name",
        findings: &[
            "222222222222 source-arn-wrong-trail-name get-bucket-policy /Statement/2/Condition/StringEquals/AWS:SourceArn",
        ],
        ..PAYMENTS_BLOCKED
    },
    Case {
        folder: "source-arn-wrong-region",
        findings: &[
            "222222222222 source-arn-wrong-region get-bucket-policy /Statement/2/Condition/StringEquals/AWS:SourceArn",
        ],
        ..PAYMENTS_BLOCKED
    },
    Case {
        folder: "source-arn-wrong-account",
        findings: &[
            "222222222222 source-arn-wrong-account get-bucket-policy /Statement/2/Condition/StringEquals/AWS:SourceArn",
        ],
        ..PAYMENTS_BLOCKED
    },
    Case {
        folder: "acl-condition-missing",
        notes: &["acl-condition-missing"],
        ..DELIVERS
    },
    Case {
        folder: "acl-condition-wrong",
        findings: &[
            "222222222222 acl-condition-wrong get-bucket-policy /Statement/2/Condition/StringEquals/s3:x-amz-acl",
        ],
        ..PAYMENTS_BLOCKED
    },
    Case {
        folder: "acl-condition-on-bucket-action",
        findings: &[
            "111111111111 acl-condition-on-bucket-action get-bucket-policy /Statement/0/Condition/StringEquals/s3:x-amz-acl",
            "222222222222 acl-condition-on-bucket-action get-bucket-policy /Statement/0/Condition/StringEquals/s3:x-amz-acl",
        ],
        ..ALL_SETUP_REFUSED
    },
    Case {
        folder: "wildcard-under-string-equals",
        findings: &[
            "222222222222 wildcard-in-string-equals get-bucket-policy /Statement/2/Condition/StringEquals/AWS:SourceArn",
        ],
        ..PAYMENTS_BLOCKED
    },
    Case {
        folder: "get-bucket-acl-missing",
        findings: &[
            "111111111111 get-bucket-acl-missing get-bucket-policy /Statement",
            "222222222222 get-bucket-acl-missing get-bucket-policy /Statement",
        ],
        ..ALL_SETUP_REFUSED
    },
    Case {
        folder: "bucket-policy-missing",
        findings: &[
            "111111111111 bucket-policy-missing get-bucket-policy",
            "222222222222 bucket-policy-missing get-bucket-policy",
        ],
        ..ALL_BLOCKED
    },
    Case {
        folder: "bucket-missing",
        findings: &[
            "111111111111 bucket-missing get-bucket-policy",
            "111111111111 bucket-name-claimable get-trail /Trail/S3BucketName",
            "222222222222 bucket-missing get-bucket-policy",
            "222222222222 bucket-name-claimable get-trail /Trail/S3BucketName",
        ],
        ..ALL_BLOCKED
    },
    Case {
        folder: "folder-misspelt",
        findings: &["222222222222 awslogs-folder-misspelt get-bucket-policy /Statement/2/Resource"],
        ..PAYMENTS_BLOCKED
    },
    Case {
        folder: "no-object-wildcard",
        findings: &[
            "222222222222 resource-missing-object-wildcard get-bucket-policy /Statement/2/Resource",
        ],
        ..PAYMENTS_BLOCKED
    },
    Case {
        folder: "prefix-not-in-policy",
        findings: &["222222222222 key-prefix-mismatch get-bucket-policy /Statement/2/Resource"],
        ..PAYMENTS_BLOCKED
    },
    Case {
        folder: "wrong-principal",
        findings: &["222222222222 wrong-principal get-bucket-policy /Statement/2/Principal"],
        ..PAYMENTS_BLOCKED
    },
    Case {
        folder: "principal-org-id",
        findings: &[
            "222222222222 principal-org-id-on-service get-bucket-policy /Statement/2/Condition/StringEquals/aws:PrincipalOrgID",
        ],
        ..PAYMENTS_BLOCKED
    },
    // The trail with a key sends `aws:kms` with its files, but not with what it writes when it is created.
    Case {
        folder: "deny-unless-kms",
        audit: "setup-refused",
        findings: &[
            "111111111111 explicit-deny-encryption get-bucket-policy /Statement/3/Condition/StringNotEquals/s3:x-amz-server-side-encryption",
            "222222222222 explicit-deny-encryption get-bucket-policy /Statement/3/Condition/StringNotEquals/s3:x-amz-server-side-encryption",
        ],
        ..PAYMENTS_BLOCKED
    },
    Case {
        folder: "deny-outside-org",
        findings: &[
            "111111111111 explicit-deny-org get-bucket-policy /Statement/3/Condition/StringNotEquals/aws:PrincipalOrgID",
            "222222222222 explicit-deny-org get-bucket-policy /Statement/3/Condition/StringNotEquals/aws:PrincipalOrgID",
        ],
        ..ALL_BLOCKED
    },
    Case {
        folder: "key-context-lacks-account",
        findings: &[
            "222222222222 kms-context-mismatch get-key-policy /Statement/1/Condition/StringLike/kms:EncryptionContext:aws:cloudtrail:arn",
        ],
        ..PAYMENTS_BLOCKED
    },
    Case {
        folder: "key-source-arn-lacks-account",
        findings: &[
            "222222222222 kms-source-arn-mismatch get-key-policy /Statement/1/Condition/StringEquals/aws:SourceArn",
        ],
        ..PAYMENTS_BLOCKED
    },
    Case {
        folder: "key-disabled",
        findings: &[
            "111111111111 kms-key-disabled describe-key /KeyMetadata/KeyState",
            "222222222222 kms-key-disabled describe-key /KeyMetadata/KeyState",
        ],
        ..ALL_BLOCKED
    },
    Case {
        folder: "key-policy-unseen",
        status: 3,
        audit: "undecided",
        payments: "undecided",
        ..DELIVERS
    },
    Case {
        folder: "trail-stopped",
        findings: &["222222222222 trail-not-logging get-trail-status /IsLogging"],
        ..PAYMENTS_BLOCKED
    },
];

#[test]
fn every_fault_gets_its_verdicts_and_exactly_its_findings() {
    let problems: Vec<String> = CASES.iter().flat_map(differences).collect();
    none(&problems);
}

#[test]
fn every_folder_is_a_case_and_is_explained() {
    let folder = repository().join("fixtures/interstellar");
    let folders: BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let cases: BTreeSet<String> = CASES.iter().map(|case| case.folder.to_owned()).collect();
    assert_eq!(folders, cases);
    let readme = std::fs::read_to_string(repository().join("fixtures/README.md")).unwrap();
    let unexplained: Vec<&String> = cases
        .iter()
        .filter(|case| !readme.contains(&format!("| `{case}/` |")))
        .collect();
    assert!(
        unexplained.is_empty(),
        "fixtures/README.md does not explain {unexplained:?}"
    );
}

#[test]
fn the_clis_escaped_text_is_the_same_policy() {
    let answers = |folder: &str| {
        let (_, report) = check(&format!("fixtures/interstellar/{folder}"));
        let findings = items(&report, "findings")
            .iter()
            .map(line)
            .collect::<Vec<_>>();
        let decisions = items(&report, "trails")
            .iter()
            .flat_map(decisions)
            .collect::<Vec<_>>();
        (findings, decisions)
    };
    assert_eq!(answers("cli-output"), answers("sound"));
}

fn differences(case: &Case) -> Vec<String> {
    let (status, report) = check(&format!("fixtures/interstellar/{}", case.folder));
    let mut differences = law::broken(status, &report);
    let mut compare = |what: &str, actual: &dyn std::fmt::Debug, expected: &dyn std::fmt::Debug| {
        let (actual, expected) = (format!("{actual:#?}"), format!("{expected:#?}"));
        if actual != expected {
            differences.push(format!("{what}: {actual}, expected {expected}"));
        }
    };
    compare("exit status", &status, &case.status);
    let verdicts: Vec<&str> = items(&report, "trails")
        .iter()
        .map(|trail| text(trail, "verdict"))
        .collect();
    compare("verdicts", &verdicts, &[case.audit, case.payments]);
    let findings = items(&report, "findings");
    let mut grave: Vec<String> = findings
        .iter()
        .filter(|finding| is_grave(finding))
        .map(line)
        .collect();
    grave.sort();
    compare("findings", &grave, &case.findings);
    for note in case.notes {
        let found = findings.iter().any(|finding| finding["rule"] == *note);
        compare(&format!("a finding of `{note}`"), &found, &true);
    }
    differences
        .iter()
        .map(|difference| format!("{}: {difference}", case.folder))
        .collect()
}

/// A finding as the table has it.
fn line(finding: &Value) -> String {
    let account = finding["account"].as_str().unwrap_or("-");
    let pointer = text(&finding["location"], "pointer");
    let line = format!(
        "{account} {} {} {pointer}",
        text(finding, "rule"),
        document_kind(&finding["location"])
    );
    line.trim_end().to_owned()
}

fn decisions(trail: &Value) -> Vec<String> {
    let requests = items(trail, "requests").iter();
    requests
        .map(|request| format!("{} {} {}", trail["arn"], request["id"], request["decision"]))
        .collect()
}
