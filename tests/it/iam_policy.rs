//! The IAM policies in the README and in `deploy/` are what the list of operations makes of itself. With
//! `TRAIL_LINT_UPDATE=1` this test writes them anew, otherwise it fails where they differ.

use std::fmt::Write as _;

use serde_json::Value;
use trail_lint::source::live::iam_policy::policy;
use trail_lint::source::live::operation::Side;

use crate::readme::{fill, kept};
use crate::support::run;

const SIDES: [(&str, Side); 3] = [
    ("source", Side::Source),
    ("audit", Side::Audit),
    ("caller", Side::Caller),
];

/// The statements for a partition that the template's language fills in.
fn statements(side: Side, partition: &str) -> Vec<Value> {
    let policy: Value = serde_json::from_str(&policy(&[side], partition, "trail-lint")).unwrap();
    policy["Statement"].as_array().unwrap().clone()
}

fn actions(statement: &Value) -> Vec<&str> {
    let actions = statement["Action"].as_array().unwrap().iter();
    actions.map(|action| action.as_str().unwrap()).collect()
}

fn cloudformation(side: Side, indent: &str) -> String {
    let mut yaml = String::new();
    for statement in statements(side, "${AWS::Partition}") {
        let resource = match statement["Resource"].as_str().unwrap() {
            "*" => "\"*\"".to_owned(),
            arn => format!("!Sub \"{arn}\""),
        };
        let sid = statement["Sid"].as_str().unwrap();
        writeln!(
            yaml,
            "{indent}- Sid: {sid}\n{indent}  Effect: Allow\n{indent}  Action:"
        )
        .unwrap();
        for action in actions(&statement) {
            writeln!(yaml, "{indent}    - {action}").unwrap();
        }
        writeln!(yaml, "{indent}  Resource: {resource}").unwrap();
    }
    format!("{yaml}{indent}").trim_end_matches('\n').to_owned()
}

fn terraform(side: Side) -> String {
    let mut hcl = String::new();
    for statement in statements(side, "${data.aws_partition.current.partition}") {
        let sid = statement["Sid"].as_str().unwrap();
        let (resource, actions) = (
            &statement["Resource"],
            actions(&statement).join("\",\n      \""),
        );
        writeln!(hcl, "  statement {{\n    sid       = \"{sid}\"\n    resources = [{resource}]\n    actions = [\n      \"{actions}\",\n    ]\n  }}\n").unwrap();
    }
    format!("{}\n  ", hcl.trim_end())
}

#[test]
fn what_is_deployed_is_made_from_the_list_of_operations() {
    for (path, of) in [
        (
            "deploy/stackset.yaml",
            cloudformation as fn(Side, &str) -> String,
        ),
        ("deploy/terraform/main.tf", |side, _| terraform(side)),
    ] {
        let mut text = std::fs::read_to_string(path).unwrap();
        for (name, side) in &SIDES[..2] {
            let (begin, end) = (
                format!("# begin iam-policy {name}"),
                format!("# end iam-policy {name}"),
            );
            let before = text.split_once(&begin).unwrap().0;
            let indent = before.rsplit('\n').next().unwrap().to_owned();
            text = fill(&text, &begin, &end, &of(*side, &indent))
                .replace(&format!("\n{indent}\n{end}"), &format!("\n{indent}{end}"));
        }
        kept(path, &text);
    }
}

#[test]
fn the_readme_prints_the_policies() {
    let mut readme = std::fs::read_to_string("README.md").unwrap();
    for (name, _) in SIDES {
        let printed = run(0, &["iam-policy", name]).stdout;
        readme = fill(
            &readme,
            &format!("<!-- begin policy: {name} -->"),
            "<!-- end iam-policy -->",
            &format!("```json\n{}\n```", printed.trim_end()),
        );
    }
    kept("README.md", &readme);
}

#[test]
fn a_policy_is_for_the_partition_and_role_that_are_named() {
    let printed = run(
        0,
        &[
            "iam-policy",
            "caller",
            "--partition",
            "aws-cn",
            "--role-name",
            "x/reader",
        ],
    )
    .stdout;
    assert!(
        printed.contains("\"arn:aws-cn:iam::*:role/x/reader\""),
        "{printed}"
    );
}
