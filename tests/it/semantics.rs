//! The documented semantics of resource policies as a table, under `fixtures/iam`: every line goes
//! through the batch interface of the real binary, all of them in one run.

use std::collections::BTreeSet;
use std::process::Stdio;

use serde_json::Value;

use crate::support::{Run, command, expect, files_of, none, path, text};

fn rows() -> Vec<String> {
    files_of("fixtures/iam")
        .into_iter()
        .filter(|(file, _)| file != "README.md")
        .flat_map(|(_, text)| text.lines().map(str::to_owned).collect::<Vec<_>>())
        .collect()
}

/// Runs `simulate` on a file with some text.
fn simulate(status: i32, arguments: &[&str], input: &str) -> Run {
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("requests.jsonl");
    std::fs::write(&file, input).unwrap();
    let arguments = [&["simulate"], arguments, &[path(&file)]].concat();
    expect(status, command(&arguments))
}

#[test]
fn every_row_is_decided_as_its_source_says() {
    let rows = rows();
    let run = simulate(0, &[], &rows.join("\n"));
    let answers: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(answers.len(), rows.len(), "one answer a row");
    let mut problems = Vec::new();
    for (row, answer) in rows.iter().zip(answers) {
        let row: Value = serde_json::from_str(row).unwrap();
        let answer: Value = serde_json::from_str(answer).unwrap();
        let (expected, got) = (text(&row, "expected"), text(&answer, "got"));
        let met = got == expected || (expected == "Deny" && got.ends_with("Deny"));
        let same_reason = row.get("why").is_none_or(|why| *why == answer["why"]);
        if row["id"] != answer["id"] || !met || !same_reason {
            problems.push(format!("{}\n    {row}\n    {answer}", text(&row, "note")));
        }
    }
    none(&problems);
}

#[test]
fn every_row_has_a_name_of_its_own_and_a_source() {
    let mut ids = BTreeSet::new();
    let mut problems = Vec::new();
    for row in rows() {
        let row: Value = serde_json::from_str(&row).unwrap();
        let id = text(&row, "id").to_owned();
        if text(&row, "source").is_empty() || text(&row, "note").is_empty() {
            problems.push(format!("`{id}` does not say where it comes from"));
        }
        if !ids.insert(id.clone()) {
            problems.push(format!("`{id}` stands there twice"));
        }
    }
    none(&problems);
}

#[test]
fn check_counts_what_matches_and_fails_where_something_does_not() {
    let mut rows = rows();
    let all = rows.len();
    let right = simulate(0, &["--check", "--no-why"], &rows.join("\r\n\n"));
    assert_eq!(right.stderr, format!("{all} of {all} match\n"));
    assert!(right.stdout.lines().all(|line| {
        let keys: Value = serde_json::from_str(line).unwrap();
        let keys: Vec<&String> = keys.as_object().unwrap().keys().collect();
        keys == ["id", "got", "pass"]
    }));
    rows.push(r#"{"id": "bad", "policy": "#.to_owned());
    rows.push(rows[0].replace("\"expected\":", "\"expected\":\"Nothing\",\"once\":"));
    let wrong = simulate(1, &["--check"], &rows.join("\n"));
    assert_eq!(wrong.stderr, format!("{all} of {} match\n", all + 2));
    let failed = wrong
        .stdout
        .lines()
        .filter(|l| l.ends_with("\"pass\": false}"));
    assert_eq!(failed.count(), 2);
}

#[test]
fn a_bad_line_never_stops_the_rest() {
    let good = &rows()[0];
    let bytes = format!("{good}\nnonsense\n\n[]\n{good}");
    let run = simulate(0, &[], &bytes);
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(lines.len(), 4);
    assert_eq!(lines[0], lines[3]);
    for bad in &lines[1..3] {
        assert!(bad.starts_with(r#"{"id": null, "got": "Error: "#), "{bad}");
    }
    let missing = expect(2, command(&["simulate", "no-such-file"]));
    assert!(
        missing.stderr.contains("no-such-file"),
        "{}",
        missing.stderr
    );
    assert_eq!(simulate(0, &[], "").stdout, "");
}

/// Whoever asks line by line and waits for each answer gets it.
#[test]
fn an_answer_comes_before_the_next_line_is_asked_for() {
    use std::io::{BufRead, BufReader, Write};
    let mut command = command(&["simulate"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut answers = BufReader::new(child.stdout.take().unwrap()).lines();
    for row in rows().iter().take(3) {
        writeln!(input, "{row}").unwrap();
        input.flush().unwrap();
        let answer = answers.next().unwrap().unwrap();
        let answer: Value = serde_json::from_str(&answer).unwrap();
        let row: Value = serde_json::from_str(row).unwrap();
        assert_eq!(answer["id"], row["id"]);
    }
    drop(input);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

const REFUSING: &str = "fixtures/interstellar/source-arn-wrong-region/accounts/111111111111/s3/interstellar-audit-logs/get-bucket-policy.json";

fn one_request(more: &[&str]) -> Run {
    let arguments = [
        "simulate",
        "--policy",
        REFUSING,
        "--principal",
        "cloudtrail.amazonaws.com",
        "--action",
        "s3:PutObject",
        "--resource",
        "arn:aws:s3:::interstellar-audit-logs/AWSLogs/222222222222/CloudTrail/x",
        "--context",
        "s3:x-amz-acl=bucket-owner-full-control",
        "--context",
        "aws:SourceArn=arn:aws:cloudtrail:ap-northeast-1:222222222222:trail/payments-trail",
    ];
    expect(0, command(&[&arguments, more].concat()))
}

#[test]
fn one_request_is_explained_at_its_places() {
    let told = one_request(&[]).stdout;
    assert!(told.is_ascii());
    for part in [
        "ImplicitDeny: no Allow statement applies; statement 2 comes nearest\n",
        "Statement 2 \"AWSCloudTrailWrite222222222222\" (Allow) at 28:9 does not apply, nearest miss\n",
        "    39:38 Condition StringEquals AWS:SourceArn does not match\n",
        "policy:  \"arn:aws:cloudtrail:us-east-1:222222222222:trail/payments-trail\"\n",
    ] {
        assert!(told.contains(part), "{part}\n{told}");
    }
    let json = one_request(&["-f", "json"]).json();
    assert_eq!(json["got"], "ImplicitDeny");
    assert_eq!(
        json["why"]["nearest"]["failing"][0],
        "Condition StringEquals AWS:SourceArn"
    );
    let element = &json["statements"][2]["elements"][4];
    assert_eq!(
        (&element["matches"], &element["location"]["line"]),
        (&"no".into(), &39.into())
    );
}

#[test]
fn several_values_of_a_key_are_one_flag_each() {
    let told = one_request(&["--context", "s3:x-amz-acl=other"]).stdout;
    assert!(
        told.contains("Condition StringEquals s3:x-amz-acl may match"),
        "{told}"
    );
    expect(2, command(&["simulate", "--policy", REFUSING]));
    let flags = [
        "simulate",
        "--policy",
        REFUSING,
        "--principal",
        "*",
        "--action",
        "a",
        "--resource",
        "r",
        "--context",
        "x",
    ];
    assert!(expect(2, command(&flags)).stderr.contains("KEY=VALUE"));
}
