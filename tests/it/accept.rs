//! Findings that a team accepts: by `trail-lint.toml`, with a reason and perhaps until a day, or by a
//! baseline. They are told of, but they are not open.

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Run, command, expect, files_of, items, path, repository, text, write};

/// Two findings of severity low, on a setup that delivers.
const SOUND: &str = "fixtures/interstellar/sound";
/// The same and one that is critical.
const BROKEN: &str = "fixtures/interstellar/source-arn-wrong-region";
const POLICY: &str = "accounts/111111111111/s3/interstellar-audit-logs/get-bucket-policy.json";

/// Runs `check` in a folder with a configuration file of its own.
fn check(status: i32, folder: &TempDir, arguments: &[&str]) -> Run {
    let mut run = command(&[&["check", "--at", "2026-11-01T00:00:00Z"], arguments].concat());
    run.current_dir(folder.path());
    expect(status, run)
}

fn fixture(name: &str) -> String {
    path(&repository().join(name)).to_owned()
}

fn configured(toml: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    write(&folder.path().join("trail-lint.toml"), toml);
    folder
}

/// The rules of a list of findings.
fn rules<'r>(report: &'r Value, list: &str) -> Vec<&'r str> {
    items(report, list)
        .iter()
        .map(|finding| text(finding, "rule"))
        .collect()
}

const REGION: &str =
    "[[suppress]]\nrule = \"source-arn-wrong-region\"\nreason = \"moves next week\"\n";

#[test]
fn a_suppressed_finding_is_not_open_but_told_of_with_its_reason() {
    let folder = configured(REGION);
    let report = check(0, &folder, &["-f", "json", &fixture(BROKEN)]).json();
    assert_eq!(
        rules(&report, "findings"),
        ["member-logs-undecryptable", "source-arn-missing"]
    );
    assert_eq!(rules(&report, "suppressed"), ["source-arn-wrong-region"]);
    let suppression = &items(&report, "suppressed")[0]["suppression"];
    assert_eq!(text(suppression, "justification"), "moves next week");
    assert_eq!(suppression["line"], 1);
    // A verdict is about what CloudTrail does, and that nobody can accept away.
    assert_eq!(report["summary"]["by_verdict"]["blocked"], 1);
    let table = check(0, &folder, &["-v", &fixture(BROKEN)]).stdout;
    assert!(
        table.contains("Accepted: 1 by the configuration file."),
        "{table}"
    );
    assert!(
        table.contains("moves next week (trail-lint.toml:1)"),
        "{table}"
    );
}

#[test]
fn every_field_of_an_entry_narrows_it() {
    let trail = "arn:aws:cloudtrail:ap-northeast-1:222222222222:trail/payments-trail";
    for (field, status) in [
        (format!("trail = \"{trail}\""), 0),
        ("trail = \"payments-trail\"".into(), 0),
        ("trail = \"222222222222/payments-trail\"".into(), 0),
        ("trail = \"audit-trail\"".into(), 1),
        ("trail = \"111111111111/payments-trail\"".into(), 1),
        ("account = \"222222222222\"".into(), 0),
        ("account = \"111111111111\"".into(), 1),
        (
            "resource = \"arn:aws:s3:::interstellar-audit-logs\"".into(),
            0,
        ),
        ("resource = \"arn:aws:s3:::other\"".into(), 1),
        ("statement = \"AWSCloudTrailWrite222222222222\"".into(), 0),
        ("statement = 2".into(), 0),
        ("statement = \"2\"".into(), 1),
        ("statement = 1".into(), 1),
    ] {
        check(
            status,
            &configured(&format!("{REGION}{field}\n")),
            &["-q", &fixture(BROKEN)],
        );
    }
}

#[test]
fn an_entry_that_matches_nothing_or_has_expired_is_reported() {
    let toml = format!(
        "{REGION}expires = \"2026-10-31\"\n\n[[suppress]]\nrule = \"requester-pays\"\nreason = \"x\"\n"
    );
    let folder = configured(&toml);
    let run = check(1, &folder, &[&fixture(BROKEN)]);
    assert!(run.stdout.contains("trail-lint.toml:1:1: the suppression of `source-arn-wrong-region` held until 2026-10-31"), "{}", run.stdout);
    assert!(
        run.stdout.contains(
            "trail-lint.toml:6:1: the suppression of `requester-pays` matches no finding"
        ),
        "{}",
        run.stdout
    );
    let report = check(1, &folder, &["-f", "json", &fixture(BROKEN)]).json();
    assert_eq!(
        rules(&report, "idle_suppressions"),
        ["source-arn-wrong-region", "requester-pays"]
    );
    for format in ["markdown", "github", "html", "junit", "gitlab", "asff"] {
        let told = check(1, &folder, &["-f", format, &fixture(BROKEN)]).stderr;
        assert_eq!(
            told.matches("warning: trail-lint.toml:").count(),
            2,
            "{format}: {told}"
        );
    }
    // The last day counts.
    check(
        0,
        &configured(&toml.replace("10-31", "11-01")),
        &[&fixture(BROKEN)],
    );
    // A rule that is not shown is not the entry's fault.
    let hidden = check(
        0,
        &configured(REGION),
        &[
            "-f",
            "json",
            "--select",
            "source-arn-missing",
            &fixture(BROKEN),
        ],
    );
    assert_eq!(
        rules(&hidden.json(), "idle_suppressions"),
        Vec::<&str>::new()
    );
}

#[test]
fn a_configuration_file_that_makes_no_sense_names_the_place() {
    let folder = configured("[[suppress]]\nrule = \"source-arn-wrong-region\"\n");
    let refused = check(2, &folder, &[&fixture(BROKEN)]);
    assert!(
        refused
            .stderr
            .contains("trail-lint.toml:1:1: missing field `reason`"),
        "{}",
        refused.stderr
    );
    let missing = check(2, &folder, &["--config", "other.toml", &fixture(BROKEN)]);
    assert!(
        missing.stderr.contains("other.toml: cannot be read"),
        "{}",
        missing.stderr
    );
    write(&folder.path().join("other.toml"), REGION);
    check(0, &folder, &["--config", "other.toml", &fixture(BROKEN)]);
}

#[test]
fn only_what_is_new_or_worse_than_the_baseline_is_open() {
    let folder = TempDir::new().unwrap();
    let baseline = ["--baseline", "baseline.json"];
    let with =
        |status, arguments: &[&str]| check(status, &folder, &[&baseline[..], arguments].concat());
    let missing = with(2, &[&fixture(SOUND)]);
    assert!(
        missing.stderr.contains("--write-baseline"),
        "{}",
        missing.stderr
    );
    with(0, &["--write-baseline", &fixture(BROKEN)]);
    let known = with(0, &["-f", "json", &fixture(BROKEN)]).json();
    assert_eq!(rules(&known, "findings"), Vec::<&str>::new());
    assert_eq!(items(&known, "suppressed").len(), 3);
    // Another account's fault is new, and the old one is gone.
    let other = with(1, &[&fixture("fixtures/interstellar/key-disabled")]).stdout;
    assert!(
        other.contains("no longer there: 1 finding of the baseline"),
        "{other}"
    );
    // What was there has become worse.
    let text = std::fs::read_to_string(folder.path().join("baseline.json")).unwrap();
    write(
        &folder.path().join("baseline.json"),
        text.replace("critical", "low"),
    );
    with(1, &[&fixture(BROKEN)]);
    write(
        &folder.path().join("baseline.json"),
        "{\"version\": 2, \"findings\": []}",
    );
    with(2, &[&fixture(BROKEN)]);
}

#[test]
fn a_baseline_still_knows_a_finding_when_the_text_moves() {
    let folder = TempDir::new().unwrap();
    let original: Vec<(String, String)> = files_of(BROKEN);
    let snapshot = |policy: &dyn Fn(&str) -> String| {
        for (file, text) in &original {
            let text = if file == POLICY {
                policy(text)
            } else {
                text.clone()
            };
            write(&folder.path().join("snapshot").join(file), text);
        }
    };
    let with = |status, arguments: &[&str]| {
        let all = [
            &["--fail-on", "low", "--baseline", "baseline.json"],
            arguments,
            &["snapshot"],
        ]
        .concat();
        check(status, &folder, &all)
    };
    // Without its Sid a statement is known by what it says.
    let anonymous = |text: &str| text.replace("\"Sid\": \"AWSCloudTrailWrite222222222222\",", "");
    snapshot(&anonymous);
    with(0, &["--write-baseline"]);
    let allow = "{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"s3:DeleteObject\",\"Resource\":\"arn:aws:s3:::interstellar-audit-logs/*\"},";
    snapshot(&|text| {
        format!(
            "\n\n{}",
            anonymous(text).replacen("\"Statement\": [", &format!("\"Statement\": [{allow}"), 1)
        )
    });
    with(0, &[]);
}
