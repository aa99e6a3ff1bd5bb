//! What programs read follows its schema: the JSON report the one that is published here, SARIF the
//! official one, which comes with the crate that writes it.

use std::process::Command;

use boon::{Compiler, Schemas};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{check, none, path, repository, run, write};

/// Every set-up of `fixtures/interstellar`, and the baseline.
pub(crate) fn set_ups() -> Vec<String> {
    let entries = std::fs::read_dir(repository().join("fixtures/interstellar")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut folders: Vec<String> = names
        .map(|name| format!("fixtures/interstellar/{name}"))
        .collect();
    folders.push("fixtures/baseline".to_owned());
    folders.sort();
    folders
}

/// Something that says whether a value follows a schema.
struct Judge {
    schemas: Schemas,
    index: boon::SchemaIndex,
}

impl Judge {
    fn of(schema: Value) -> Judge {
        let mut schemas = Schemas::new();
        let mut compiler = Compiler::new();
        compiler
            .add_resource("https://example.com/schema.json", schema)
            .unwrap();
        let index = compiler
            .compile("https://example.com/schema.json", &mut schemas)
            .unwrap_or_else(|error| panic!("the schema is none: {error:#}"));
        Judge { schemas, index }
    }

    fn problem(&self, value: &Value) -> Option<String> {
        let judged = self.schemas.validate(value, self.index);
        judged.err().map(|error| format!("{error:#}"))
    }
}

fn published() -> Value {
    let text = std::fs::read_to_string(repository().join("docs/report-1.schema.json")).unwrap();
    let mut schema: Value = serde_json::from_str(&text).unwrap();
    schema.as_object_mut().unwrap().remove("$id");
    schema
}

/// The schema with nothing allowed that it does not name: readers may meet new fields, but a field
/// that this version writes is to be in it.
fn strict(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            members.values_mut().for_each(strict);
            if members.get("properties").is_some_and(Value::is_object)
                && members.get("type") == Some(&json!("object"))
            {
                members.insert("additionalProperties".into(), json!(false));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(strict),
        _ => {}
    }
}

#[test]
fn every_report_follows_the_published_schema_and_has_no_field_that_it_lacks() {
    let (open, mut closed) = (Judge::of(published()), published());
    strict(&mut closed);
    let closed = Judge::of(closed);
    let mut problems = Vec::new();
    for folder in set_ups() {
        let (_, report) = check(&folder);
        for judge in [&open, &closed] {
            problems.extend(judge.problem(&report).map(|it| format!("{folder}: {it}")));
        }
    }
    for report in [accepted_report(), report_of_code()] {
        problems.extend(closed.problem(&report));
    }
    none(&problems);
}

/// A report with an accepted finding and an entry that accepts nothing.
fn accepted_report() -> Value {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("trail-lint.toml");
    write(
        &file,
        "[[suppress]]\nrule = \"source-arn-wrong-region\"\nreason = \"moves\"\nexpires = \"2099-01-01\"\n\
         [[suppress]]\nrule = \"kms-key-disabled\"\nreason = \"gone\"\n",
    );
    let broken = "fixtures/interstellar/source-arn-wrong-region";
    let report = run(0, &["check", "-f", "json", "--config", path(&file), broken]).json();
    assert_eq!(report["suppressed"][0]["suppression"]["kind"], "config");
    assert_eq!(report["idle_suppressions"][0]["rule"], "kms-key-disabled");
    report
}

/// A report on code that takes the place of what there is.
fn report_of_code() -> Value {
    let template = "fixtures/iac/cloudformation/pull-request/head.yaml";
    let sound = "fixtures/interstellar/sound";
    let told = ["--replace", "--account", "111111111111"];
    let report = run(
        1,
        &[&["check", "-f", "json", template, sound][..], &told].concat(),
    )
    .json();
    assert_eq!(report["effect"]["stops"][0]["new"], "blocked");
    assert!(report["findings"][0]["fix_missing"].is_string());
    report
}

#[test]
fn the_schema_refuses_what_is_no_report() {
    let judge = Judge::of(published());
    let (_, sound) = check("fixtures/interstellar/source-arn-wrong-region");
    assert_eq!(judge.problem(&sound), None);
    for (pointer, value) in [
        ("/schema_version", json!(2)),
        ("/trails/0/verdict", json!("fine")),
        ("/trails/0/requests/0/decision", json!("maybe")),
        ("/findings/0/severity", json!("grave")),
        ("/findings/0/location/line", json!(0)),
        ("/findings/0/fix", json!({"description": "x"})),
        ("/summary/by_severity", json!({"grave": 1})),
        ("/not_evaluated", json!({})),
    ] {
        let mut broken = sound.clone();
        *broken.pointer_mut(pointer).unwrap() = value;
        assert!(judge.problem(&broken).is_some(), "{pointer}");
    }
    let mut newer = sound;
    newer["findings"][0]["new_field"] = json!(1);
    assert_eq!(judge.problem(&newer), None, "fields may be added");
}

fn output_of(program: &str, arguments: &[&str]) -> String {
    let variable = std::env::var(program.to_uppercase());
    let program = variable.unwrap_or_else(|_| program.to_owned());
    let output = Command::new(program)
        .args(arguments)
        .current_dir(repository())
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    assert!(output.status.success(), "{}", text(output.stderr));
    text(output.stdout)
}

/// The official schema, from the sources of serde-sarif, which generates its types from it.
fn sarif_schema() -> Value {
    // For this platform only: packages of others may not have been fetched.
    let about = output_of("rustc", &["-vV"]);
    let host = about
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .unwrap();
    let platform = ["--filter-platform", host];
    let options = ["metadata", "--format-version", "1", "--locked", "--offline"];
    let metadata = output_of("cargo", &[&options[..], &platform].concat());
    let metadata: Value = serde_json::from_str(&metadata).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let serde_sarif = packages
        .iter()
        .find(|it| it["name"] == "serde-sarif")
        .unwrap();
    let manifest = std::path::Path::new(serde_sarif["manifest_path"].as_str().unwrap());
    let text = std::fs::read_to_string(manifest.with_file_name("src").join("schema.json")).unwrap();
    let mut schema: Value = serde_json::from_str(&text).unwrap();
    schema.as_object_mut().unwrap().remove("$id");
    schema
}

#[test]
fn sarif_and_its_evidence_follow_the_official_schema_and_githubs_rules() {
    let judge = Judge::of(sarif_schema());
    let folder = TempDir::new().unwrap();
    let evidence = folder.path().join("evidence.sarif");
    let mut problems = Vec::new();
    for set_up in set_ups() {
        let arguments = [
            "check",
            "-f",
            "sarif",
            "--fail-on",
            "never",
            "--allow-partial",
            "--sarif-evidence",
            path(&evidence),
            &set_up,
        ];
        let upload = run(0, &arguments).json();
        let rest: Value =
            serde_json::from_str(&std::fs::read_to_string(&evidence).unwrap()).unwrap();
        for log in [&upload, &rest] {
            problems.extend(judge.problem(log).map(|it| format!("{set_up}: {it}")));
        }
        problems.extend(against_github(&upload).map(|it| format!("{set_up}: {it}")));
        problems.extend(against_auditors(&rest).map(|it| format!("{set_up}: {it}")));
    }
    none(&problems);
}

/// What GitHub refuses a whole upload for, or would show wrongly.
///
/// Source: GitHub Docs, "SARIF support for code scanning" (read 2026-11).
fn against_github(log: &Value) -> impl Iterator<Item = String> {
    let run = &log["runs"][0];
    let mut problems = Vec::new();
    let id = run["automationDetails"]["id"].as_str().unwrap();
    if !id.ends_with('/') {
        problems.push(format!("category {id}"));
    }
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    for result in run["results"].as_array().unwrap() {
        let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        let place = &result["locations"][0]["physicalLocation"];
        let uri = place["artifactLocation"]["uri"].as_str().unwrap();
        let text = result["message"]["text"].as_str().unwrap();
        let known = repository().join(uri);
        let first = &place["region"]["snippet"]["text"];
        let holds = |name: &str| result.get(name).is_some();
        for (wrong, what) in [
            (rule["id"] != result["ruleId"], "ruleIndex"),
            (uri.contains(':') || uri.starts_with(['/', '.']), "uri"),
            (!known.is_file(), "no such file"),
            (!place["region"]["startLine"].is_u64(), "startLine"),
            (first.as_str().is_none_or(str::is_empty), "snippet"),
            (text.contains('`') || !text.ends_with('.'), "message"),
            (holds("kind") || holds("suppressions"), "not open"),
            (
                !result["partialFingerprints"]["primaryLocationLineHash"].is_string(),
                "line hash",
            ),
        ] {
            if wrong {
                problems.push(format!("{what}: {result:#}"));
            }
        }
    }
    problems.into_iter()
}

/// Evidence holds no open finding, and no level but `none` goes with what is no failure.
fn against_auditors(log: &Value) -> impl Iterator<Item = String> {
    let results = log["runs"][0]["results"].as_array().unwrap();
    let problems: Vec<String> = results
        .iter()
        .filter(|result| {
            let kind = result["kind"].as_str();
            let passed = matches!(kind, Some("pass" | "open")) && result["level"] == "none";
            !passed && result.get("suppressions").is_none()
        })
        .map(|result| format!("{result:#}"))
        .collect();
    problems.into_iter()
}

#[test]
fn an_accepted_finding_is_evidence_with_its_reason_and_in_no_upload() {
    let folder = TempDir::new().unwrap();
    let (config, evidence) = (
        folder.path().join("trail-lint.toml"),
        folder.path().join("evidence.sarif"),
    );
    write(
        &config,
        "[[suppress]]\nrule = \"source-arn-wrong-region\"\nreason = \"moves next week\"\n",
    );
    let broken = "fixtures/interstellar/source-arn-wrong-region";
    let arguments = [
        "check",
        "-f",
        "sarif",
        "--config",
        path(&config),
        "--sarif-evidence",
        path(&evidence),
        broken,
    ];
    let upload = run(0, &arguments).stdout;
    assert!(!upload.contains("\"ruleId\": \"source-arn-wrong-region\""));
    for format in ["table", "github", "markdown", "html"] {
        let text = run(
            0,
            &["check", "-f", format, "--config", path(&config), broken],
        )
        .stdout;
        assert!(
            text.contains("Accepted: 1 by the configuration file."),
            "{format}\n{text}"
        );
    }
    let rest: Value = serde_json::from_str(&std::fs::read_to_string(&evidence).unwrap()).unwrap();
    let results = rest["runs"][0]["results"].as_array().unwrap();
    let accepted: Vec<&Value> = results
        .iter()
        .filter(|result| result.get("suppressions").is_some())
        .collect();
    assert_eq!(accepted.len(), 1);
    assert_eq!(accepted[0]["ruleId"], "source-arn-wrong-region");
    assert_eq!(accepted[0]["level"], "error");
    let suppression = &accepted[0]["suppressions"][0];
    assert_eq!(suppression["justification"], "moves next week");
    assert_eq!(
        suppression["location"]["physicalLocation"]["region"]["startLine"],
        1
    );
    let passed = results.iter().filter(|result| result["kind"] == "pass");
    assert_eq!(passed.count(), 12, "every request that is allowed");
}

/// The same documents as a live run has them.
#[test]
fn sarif_of_live_answers_follows_the_official_schema() {
    use trail_lint::document::Origin;
    use trail_lint::model::Estate;
    use trail_lint::{audit, report, source};

    let folder = "fixtures/interstellar/source-arn-wrong-region";
    let mut documents = source::snapshot::read(&repository().join(folder)).unwrap();
    for document in &mut documents {
        document.origin = Origin::Live;
        let inside = document
            .path
            .split_once("/accounts/")
            .map(|(_, rest)| format!("accounts/{rest}"));
        document.path = inside.unwrap_or_else(|| "snapshot.json".to_owned());
    }
    let estate = Estate::read(documents).unwrap();
    let audit = audit::audit(&estate, "2026-11-20T00:00:00Z".parse().unwrap());
    let view = report::build(&audit, &report::Filter::default());
    let judge = Judge::of(sarif_schema());
    for write in [report::sarif::write, report::sarif::write_evidence] {
        let mut bytes = Vec::new();
        write(&view, &report::Run::default(), &mut bytes).unwrap();
        let log: Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(judge.problem(&log), None);
        let artifacts = log["runs"][0]["artifacts"].as_array().unwrap();
        assert!(
            !artifacts.is_empty()
                && artifacts
                    .iter()
                    .all(|it| it["contents"]["text"].is_string())
        );
    }
}
