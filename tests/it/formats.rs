//! Every format of `check` on the real binary: where each goes, and what of it can be said in the
//! environment or in `trail-lint.toml`.

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{command, expect, files_of, path, run, snapshot, write};

const BROKEN: &str = "fixtures/interstellar/source-arn-wrong-region";

/// Every value of `--format`.
pub(crate) const FORMATS: &[&str] = &[
    "table", "json", "sarif", "github", "markdown", "junit", "gitlab", "asff", "html",
];

#[test]
fn a_github_job_gets_annotations_and_a_summary() {
    let folder = TempDir::new().unwrap();
    let summary = folder.path().join("summary.md");
    write(&summary, "before\n");
    let with_summary = |format: &str| {
        let mut check = command(&["check", "-f", format, BROKEN]);
        check.env("GITHUB_STEP_SUMMARY", &summary);
        expect(1, check).stdout
    };
    with_summary("table");
    assert_eq!(std::fs::read_to_string(&summary).unwrap(), "before\n");
    let annotations = with_summary("github");
    let markdown = run(1, &["check", "-f", "markdown", BROKEN]).stdout;
    let text = std::fs::read_to_string(&summary).unwrap();
    assert_eq!(text, format!("before\n{markdown}"));
    let lines: Vec<&str> = annotations.lines().collect();
    assert!(
        lines[0].starts_with("::error title=source-arn-wrong-region (critical)%3A "),
        "{annotations}"
    );
    assert!(lines[1].starts_with("::notice "), "{annotations}");
    assert_eq!(
        lines.last(),
        Some(&"trail-lint: 2 trails: 1 blocked, 1 delivers. 1 critical, 2 low findings.")
    );
}

#[test]
fn the_environment_names_several_outputs_one_a_line() {
    let folder = TempDir::new().unwrap();
    let (junit, page) = (folder.path().join("a.xml"), folder.path().join("b.html"));
    let mut check = command(&["check", "-q", BROKEN]);
    let outputs = format!("junit={}\nhtml={}\n", path(&junit), path(&page));
    check.env("TRAIL_LINT_OUTPUT", outputs);
    expect(1, check);
    assert!(std::fs::read_to_string(junit).unwrap().starts_with("<?xml"));
    assert!(
        std::fs::read_to_string(page)
            .unwrap()
            .starts_with("<!doctype html>")
    );
}

#[test]
fn a_format_that_is_none_is_refused_with_those_that_there_are() {
    let refused = run(2, &["check", "-o", "pdf=x.pdf", BROKEN]);
    assert!(
        refused.stderr.contains("`pdf=x.pdf` names no format"),
        "{}",
        refused.stderr
    );
    for format in FORMATS {
        assert!(
            refused.stderr.contains(&format!("`{format}`")),
            "{}",
            refused.stderr
        );
    }
}

#[test]
fn a_category_goes_to_sarif_and_to_the_hidden_mark() {
    let of = |format| {
        let arguments = ["check", "-f", format, "--category", "audit/prod", BROKEN];
        run(1, &arguments).stdout
    };
    assert!(of("sarif").contains("\"id\": \"audit/prod/\""));
    assert!(of("markdown").starts_with("<!-- trail-lint: audit/prod -->\n"));
    let refused = run(2, &["check", "--category", "a --> b", BROKEN]);
    assert!(refused.stderr.contains("no category"), "{}", refused.stderr);
}

#[test]
fn security_hub_is_told_who_imports_and_nothing_is_left_out_silently() {
    let policy =
        format!("{BROKEN}/accounts/111111111111/s3/interstellar-audit-logs/get-bucket-policy.json");
    let files = [
        "check",
        "-f",
        "asff",
        "--bucket",
        "interstellar-audit-logs",
        "--bucket-policy",
        &policy,
        "--trail",
        "arn:aws:cloudtrail:ap-northeast-1:222222222222:trail/payments-trail",
    ];
    let alone = run(1, &files);
    let findings = alone.json();
    assert_eq!(findings[0]["Region"], "ap-northeast-1");
    let hub = ["--security-hub", "999999999999/eu-west-1"];
    let told = run(1, &[&files[..], &hub].concat());
    assert_eq!(told.stderr, "");
    for finding in told.json().as_array().unwrap() {
        assert_eq!(finding["AwsAccountId"], "999999999999");
        assert_eq!(finding["Region"], "eu-west-1");
    }
    for wrong in ["999999999999", "99/eu-west-1", "999999999999/e w"] {
        let refused = run(2, &[&files[..], &["--security-hub", wrong]].concat());
        assert!(
            refused.stderr.contains("111111111111/eu-west-1"),
            "{}",
            refused.stderr
        );
    }
}

/// Runs `check` with a configuration file.
fn configured(status: i32, toml: &str, arguments: &[&str]) -> crate::support::Run {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("trail-lint.toml");
    write(&file, toml);
    let start = ["check", "--config", path(&file)];
    let mut run = expect(
        status,
        command(&[&start[..], arguments, &[BROKEN]].concat()),
    );
    run.stderr = run.stderr.replace(path(&file), "trail-lint.toml");
    run
}

#[test]
fn every_option_of_a_report_can_stand_in_the_configuration_file() {
    let folder = TempDir::new().unwrap();
    let (sarif, evidence) = (folder.path().join("a.sarif"), folder.path().join("e.sarif"));
    let map = folder.path().join("map.txt");
    write(&map, "arn:aws:s3:::interstellar-audit-logs README.md:1\n");
    let toml = format!(
        "[check]\nformat = \"json\"\noutput = [\"sarif={}\"]\nsarif-evidence = \"{}\"\ncategory = \"x/y\"\n\
         fail-on = \"never\"\nmin-severity = \"critical\"\nselect = [\"source-arn-wrong-region\", \"source-arn-missing\"]\n\
         ignore = [\"trail-not-logging\"]\ncolor = \"never\"\nquiet = true\nallow-partial = true\n\
         security-hub = \"111111111111/eu-west-1\"\nmap = \"{}\"\n",
        path(&sarif),
        path(&evidence),
        path(&map)
    );
    let report = configured(0, &toml, &[]).json();
    assert_eq!(report["findings"].as_array().unwrap().len(), 1);
    let sarif = std::fs::read_to_string(&sarif).unwrap();
    assert!(sarif.contains("\"id\": \"x/y/\""));
    assert!(sarif.contains("\"uri\": \"README.md\""));
    assert!(
        std::fs::read_to_string(&evidence)
            .unwrap()
            .contains("\"kind\": \"pass\"")
    );
    // A flag wins.
    let text = configured(1, &toml, &["-f", "github", "--fail-on", "critical"]).stdout;
    assert!(text.starts_with("::error title="), "{text}");
}

#[test]
fn a_wrong_option_in_the_configuration_file_is_pointed_at() {
    for (toml, place, says) in [
        (
            "[check]\nformat = \"yaml\"\n",
            "trail-lint.toml:2:10: ",
            "`sarif`",
        ),
        (
            "[check]\n\nfail-on = \"grave\"\n",
            "trail-lint.toml:3:11: ",
            "`critical`",
        ),
        (
            "[check]\noutput = [\"a\",\n \"pdf=b\"]\n",
            "trail-lint.toml:3:2: ",
            "names no format",
        ),
        (
            "[check]\nignore = [\"source-arn-mising\"]\n",
            "trail-lint.toml:2:11: ",
            "source-arn-missing",
        ),
        (
            "[check]\ncategory = \"a b\"\n",
            "trail-lint.toml:2:12: ",
            "no category",
        ),
        (
            "[check]\nsecurity-hub = \"x\"\n",
            "trail-lint.toml:2:16: ",
            "eu-west-1",
        ),
        ("[check]\nquiet = 1\n", "trail-lint.toml:2:9: ", "boolean"),
        (
            "[check]\nfromat = \"json\"\n",
            "trail-lint.toml:2:1: ",
            "`format`",
        ),
    ] {
        let refused = configured(2, toml, &[]);
        assert!(
            refused.stderr.contains(place) && refused.stderr.contains(says),
            "{toml}\n{}",
            refused.stderr
        );
        assert_eq!(refused.stdout, "");
    }
}

#[test]
fn the_configuration_file_can_name_what_is_looked_at() {
    let policy =
        format!("{BROKEN}/accounts/111111111111/s3/interstellar-audit-logs/get-bucket-policy.json");
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("trail-lint.toml");
    let check = |status: i32, toml: &str, more: &[&str]| {
        write(&file, toml);
        let start = ["check", "-f", "json", "--config", path(&file)];
        expect(status, command(&[&start[..], more].concat()))
    };
    let trails = |report: &Value| report["trails"].as_array().unwrap().len();
    let snapshots = format!("[input]\nsnapshots = [\"{BROKEN}\"]\n");
    assert_eq!(trails(&check(1, &snapshots, &[]).json()), 2);
    let files = format!(
        "[input]\nbucket = \"interstellar-audit-logs\"\nbucket-policy = \"{policy}\"\n\
         trails = [\"arn:aws:cloudtrail:ap-northeast-1:222222222222:trail/payments-trail\"]\n"
    );
    assert_eq!(trails(&check(1, &files, &[]).json()), 1);
    // What the command line names stands instead.
    let sound = "fixtures/interstellar/sound";
    let report = check(0, &files, &[sound]).json();
    assert_eq!(trails(&report), 2);
    let refused = check(2, "", &[]);
    assert!(
        refused.stderr.contains("there is nothing to check"),
        "{}",
        refused.stderr
    );
}

#[test]
fn an_alert_stands_where_the_repository_declares_the_resource() {
    let declared = "resource \"aws_s3_bucket_policy\" \"logs\" {\n\tbucket = \"interstellar-audit-logs\" # ü𝄞\n}\n";
    let map = "# bucket\narn:aws:s3:::interstellar-audit-logs infra/bucket.tf\n";
    let folder = snapshot(&[("infra/bucket.tf", declared), ("map.txt", map)]);
    let broken = crate::support::repository().join(BROKEN);
    let sarif = |arguments: &[&str]| {
        let start = ["check", path(&broken), "--select=source-arn-wrong-region"];
        let mut command = command(&[&start[..], &["-f", "sarif"], arguments].concat());
        command.current_dir(folder.path());
        expect(1, command).json()["runs"][0]["results"][0].clone()
    };
    let (there, declared) = (sarif(&[]), sarif(&["--map", "map.txt"]));
    let place = &declared["locations"][0];
    assert_eq!(
        place["physicalLocation"],
        serde_json::json!({
            "artifactLocation": {"uri": "infra/bucket.tf", "uriBaseId": "%SRCROOT%"},
            "region": {"startLine": 2, "startColumn": 2, "endLine": 2, "endColumn": 42}
        })
    );
    assert_eq!(
        place["logicalLocations"],
        there["locations"][0]["logicalLocations"]
    );
    let related = &declared["relatedLocations"][0];
    assert_eq!(
        related["physicalLocation"],
        there["locations"][0]["physicalLocation"]
    );
    let message = declared["message"]["text"].as_str().unwrap();
    assert!(
        message.starts_with("As AWS has 'arn:aws:s3:::interstellar-audit-logs': Statement")
            && message.ends_with(" See [the policy as AWS has it](1)."),
        "{message}"
    );
    // What a tool would apply is none of this file, and our own identity stays.
    assert!(there["fixes"].is_array() && declared["fixes"].is_null());
    let fingerprint = |result: &Value| result["partialFingerprints"].clone();
    let (of_there, of_declared) = (fingerprint(&there), fingerprint(&declared));
    assert_eq!(
        of_there["trailLintFinding/v1"],
        of_declared["trailLintFinding/v1"]
    );
    assert_ne!(
        of_there["primaryLocationLineHash"],
        of_declared["primaryLocationLineHash"]
    );

    // A folder of code says the same; not of a bucket that two files name.
    let found = sarif(&["--map", "infra"]);
    assert_eq!(found, declared);
    assert_eq!(sarif(&["--map", "."]), declared);
    assert_eq!(sarif(&["--map", "./infra/"]), declared);
    let mut outside = command(&["check", path(&broken), "--map", "infra/.."]);
    outside.current_dir(folder.path());
    let said = expect(2, outside).stderr;
    assert!(said.contains("leads out of the repository"), "{said}");
    write(
        &folder.path().join("infra/other.yaml"),
        "  BucketName: interstellar-audit-logs\n",
    );
    assert_eq!(sarif(&["--map", "infra"]), there);
    write(&folder.path().join("map.txt"), "\nlogs infra/bucket.tf\n");
    let mut wrong = command(&["check", path(&broken), "--map", "map.txt"]);
    wrong.current_dir(folder.path());
    let said = expect(2, wrong).stderr;
    assert!(said.starts_with("error: map.txt:2:1: "), "{said}");
}

/// GitHub shows it as a path: the trail, what it passes, and where it is refused.
#[test]
fn a_refused_key_is_reached_over_the_trail_and_the_bucket() {
    let steps = |folder: &str| -> Vec<String> {
        let folder = format!("fixtures/interstellar/{folder}");
        let report = run(1, &["check", &folder, "-f", "sarif"]).json();
        let results = report["runs"][0]["results"].as_array().unwrap();
        let flow = &results[0]["codeFlows"][0]["threadFlows"][0]["locations"];
        let steps = flow.as_array().unwrap().iter().map(|step| {
            let uri = &step["location"]["physicalLocation"]["artifactLocation"]["uri"];
            let name = uri.as_str().unwrap().rsplit('/').next().unwrap();
            format!("{name}: {}", step["location"]["message"]["text"])
        });
        assert!(
            results
                .iter()
                .skip(1)
                .all(|result| result["codeFlows"].is_null())
        );
        steps.collect()
    };
    assert_eq!(
        steps("key-context-lacks-account"),
        [
            "get-trail.json: \"The trail encrypts with this key.\"",
            "get-bucket-policy.json: \"The bucket's policy lets the log files be written.\"",
            "get-key-policy.json: \"Here CloudTrail is refused.\"",
        ]
    );
    assert_eq!(
        steps("source-arn-wrong-region"),
        [
            "get-trail.json: \"The trail delivers to this bucket.\"",
            "get-bucket-policy.json: \"Here CloudTrail is refused.\"",
        ]
    );
}

#[test]
fn a_file_is_written_in_the_format_that_its_name_tells_and_by_one_report_only() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    for (name, begins) in [
        ("a.sarif", "{\n  \"version\": \"2.1.0\""),
        ("a.json", "{\n  \"schema_version\": 1"),
        ("a.html", "<!doctype html>"),
        ("a.md", "<!-- trail-lint:"),
        ("a.txt", "VERDICT"),
    ] {
        let to = file(name);
        run(0, &["check", "fixtures/interstellar/sound", "-o", &to]);
        let text = std::fs::read_to_string(&to).unwrap();
        assert!(text.starts_with(begins), "{name}: {}", &text[..60]);
    }
    let twice = file("twice.sarif");
    let told = run(
        2,
        &[
            "check",
            "fixtures/interstellar/sound",
            "-o",
            &twice,
            "--sarif-evidence",
            &twice,
        ],
    );
    assert!(
        told.stderr.contains("two reports would be written to"),
        "{}",
        told.stderr
    );
    assert!(!std::path::Path::new(&twice).exists());
}

#[test]
fn nobody_is_reassured_beside_what_is_open_or_hidden() {
    let estate = "fixtures/interstellar/trail-stopped";
    let told = run(1, &["check", estate]).stdout;
    assert!(told.contains("stopped"), "{told}");
    let story = run(1, &["check", estate, "-f", "html"]).stdout;
    assert!(story.contains("stopped: log files"), "{story}");
    // Everything is allowed, and far too much of it.
    let mut files = files_of("fixtures/baseline");
    for (path, text) in &mut files {
        if path.ends_with("get-bucket-policy.json") {
            let mut policy: Value = serde_json::from_str(text).unwrap();
            policy["Statement"].as_array_mut().unwrap().push(json!({
                "Sid": "Open", "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
                "Action": "s3:PutObject", "Resource": "arn:aws:s3:::example-logs/*"
            }));
            *text = policy.to_string();
        }
    }
    let folder = snapshot(&files);
    let check = |status: i32, more: &[&str]| {
        let arguments = [&["check", path(folder.path())], more].concat();
        run(status, &arguments).stdout
    };
    let comment = check(1, &["-f", "markdown"]);
    assert!(
        comment.contains("## ⚠️ CloudTrail logs arrive, but there is 1 high finding"),
        "{comment}"
    );
    let hidden = check(0, &["--min-severity", "critical"]);
    assert!(!hidden.contains("Nothing is wrong"), "{hidden}");
    assert!(hidden.contains("more not shown, as asked."), "{hidden}");
}
