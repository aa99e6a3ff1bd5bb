//! The pages as tests: every example of every page runs under every rule and gives exactly its block.

use std::collections::{BTreeMap, BTreeSet};

use trail_lint::audit::{Audit, audit};
use trail_lint::document::{Document, Kind, Origin, Subject};
use trail_lint::model::Estate;
use trail_lint::rules::{Example, Severity, pages};
use trail_lint::source::snapshot;

use crate::support::none;

/// The moment at which examples are judged; their pages name dates relative to it.
const NOW: &str = "2026-11-01T00:00:00Z";

fn baseline() -> Vec<Document> {
    snapshot::read("fixtures/baseline".as_ref()).expect("the baseline is a snapshot")
}

/// The baseline with an example's documents in the place of its own.
fn documents(example: &Example) -> Result<Vec<Document>, String> {
    let mut documents = baseline();
    for (name, text) in &example.documents {
        let kind = Kind::from_name(name).ok_or_else(|| format!("no document kind `{name}`"))?;
        let known = documents.iter().position(|document| document.kind == kind);
        let (subject, path) = match known {
            Some(at) => {
                let old = documents.remove(at);
                (old.subject, old.path)
            }
            None => absent(&documents, kind)?,
        };
        let read = Document::read(kind, subject, Origin::File, &path, text.as_bytes());
        documents.push(read.map_err(|error| error.to_string())?);
    }
    Ok(documents)
}

/// Where a document lies that the baseline does not have.
fn absent(documents: &[Document], kind: Kind) -> Result<(Subject, String), String> {
    let trail = documents
        .iter()
        .find(|document| document.kind == Kind::GetTrail)
        .expect("the baseline has a trail");
    match kind {
        Kind::DescribeOrganization | Kind::ListAccounts => Ok((
            Subject::Organization,
            format!("fixtures/baseline/organizations/{}.json", kind.name()),
        )),
        Kind::GetBucketVersioning
        | Kind::GetObjectLockConfiguration
        | Kind::GetBucketLifecycleConfiguration
        | Kind::GetPublicAccessBlock
        | Kind::GetBucketPolicyStatus => {
            let bucket = documents
                .iter()
                .find(|document| document.kind == Kind::HeadBucket)
                .expect("the baseline has a bucket");
            Ok((
                bucket.subject.clone(),
                bucket.path.replace("head-bucket", kind.name()),
            ))
        }
        Kind::GetRole
        | Kind::ListRolePolicies
        | Kind::GetRolePolicy
        | Kind::ListAttachedRolePolicies
        | Kind::GetPolicyVersion => Ok((
            Subject::Role {
                account: "222222222222".into(),
                name: "trail-logs".into(),
            },
            format!(
                "fixtures/baseline/accounts/222222222222/iam/trail-logs/{}.json",
                kind.name()
            ),
        )),
        Kind::DescribeLogGroups => Ok((
            Subject::LogGroups {
                account: "222222222222".into(),
                region: "us-east-1".into(),
            },
            "fixtures/baseline/accounts/222222222222/logs/us-east-1/describe-log-groups.json"
                .into(),
        )),
        Kind::GetEventSelectors | Kind::GetInsightSelectors => Ok((
            trail.subject.clone(),
            trail.path.replace("get-trail", kind.name()),
        )),
        Kind::ListTrails => Ok((
            Subject::Account {
                account: "222222222222".to_owned(),
                region: None,
            },
            "fixtures/baseline/accounts/222222222222/cloudtrail/list-trails.json".to_owned(),
        )),
        other => Err(format!("the baseline has no place for `{}`", other.name())),
    }
}

fn lines(audit: &Audit<'_>) -> Vec<String> {
    let line = |finding: &trail_lint::rules::Finding| {
        let document = audit.estate.document(finding.place.document);
        format!(
            "{} {} {}",
            finding.rule,
            document.kind.name(),
            finding.place.pointer
        )
        .trim_end()
        .to_owned()
    };
    let lines: BTreeSet<String> = audit.findings.iter().map(line).collect();
    lines.into_iter().collect()
}

#[test]
fn every_example_gives_exactly_its_findings_under_all_rules() {
    let mut problems = Vec::new();
    for page in pages() {
        let (mut fires, mut silent) = (false, false);
        for example in &page.examples {
            let name = format!("{}: {}", page.name, example.title);
            let documents = match documents(example) {
                Ok(documents) => documents,
                Err(error) => {
                    problems.push(format!("{name}\n    {error}"));
                    continue;
                }
            };
            let estate = Estate::read(documents).expect("examples are well-formed");
            let audit = audit(&estate, NOW.parse().unwrap());
            let found = lines(&audit);
            let expected: Vec<String> = example
                .findings
                .iter()
                .map(|line| line.trim_end().to_owned())
                .collect();
            if found != expected {
                problems.push(format!(
                    "{name}\n    expected {expected:#?}\n    found    {found:#?}"
                ));
            }
            let own = audit
                .findings
                .iter()
                .any(|finding| finding.rule == page.name);
            fires |= own;
            silent |= !own;
            for finding in &audit.findings {
                let document = estate.document(finding.place.document);
                if document.at(&finding.place.pointer).is_none() {
                    problems.push(format!(
                        "{name}\n    {} resolves to nothing",
                        finding.place.pointer
                    ));
                }
            }
        }
        if !fires || !silent {
            problems.push(format!(
                "{}: no example where it {}",
                page.name,
                if fires { "stays silent" } else { "fires" }
            ));
        }
    }
    none(&problems);
}

#[test]
fn the_baseline_is_clean() {
    let estate = Estate::read(baseline()).unwrap();
    assert_eq!(
        lines(&audit(&estate, NOW.parse().unwrap())),
        Vec::<String>::new()
    );
}

#[test]
fn no_finding_is_worse_than_its_page_says() {
    let worst: BTreeMap<&str, Severity> = pages()
        .iter()
        .map(|page| (page.name, page.severity))
        .collect();
    for example in pages().iter().flat_map(|page| &page.examples) {
        let estate = Estate::read(documents(example).unwrap()).unwrap();
        for finding in audit(&estate, NOW.parse().unwrap()).findings {
            assert!(finding.severity <= worst[finding.rule], "{}", finding.rule);
        }
    }
}

#[test]
fn names_and_severities_change_only_on_purpose() {
    let list: Vec<String> = pages()
        .iter()
        .map(|page| format!("{} {}", page.name, page.severity.name()))
        .collect();
    insta::assert_snapshot!(list.join("\n"));
}
