//! Plans and states that Terraform itself has printed, and what is worked out from the code beside them.

use serde_json::{Value, json};

use super::{TERRAFORM, changed, check, folder, told};
use crate::support::{command, finish, items, path, repository, run, text};

fn file(name: &str) -> String {
    std::fs::read_to_string(repository().join(TERRAFORM).join(name)).unwrap()
}

const MEMBERS: [&str; 4] = [
    "main.tf",
    "bucket/main.tf",
    "bucket/policy.json.tftpl",
    "plan.json",
];

/// The verdicts and findings on a fixture, one of its files changed.
fn with(fixture: &str, files: &[&str], changed_file: &str, from: &str, to: &str) -> Vec<String> {
    let all: Vec<(&str, String)> = files
        .iter()
        .map(|name| {
            let whole = format!("{TERRAFORM}/{fixture}/{name}");
            let content = if *name == changed_file {
                changed(&whole, from, to)
            } else {
                file(&format!("{fixture}/{name}"))
            };
            (*name, content)
        })
        .collect();
    let folder = folder(&all);
    let plan = folder.path().join("plan.json");
    let run = finish(command(&["check", "-f", "json", path(&plan)]));
    let (_, found) = told(&run.json());
    found
}

#[test]
fn a_plan_of_several_accounts_and_the_state_after_it_are_told_the_same() {
    let trail = |region: &str, account: &str| {
        format!("arn:aws:cloudtrail:{region}:{account}:trail/audit delivers")
    };
    let both = vec![
        trail("eu-west-1", "333333333333"),
        trail("us-east-1", "222222222222"),
    ];
    for printed in ["plan", "state"] {
        let report = check(0, &[&format!("{TERRAFORM}/members/{printed}.json")]);
        assert_eq!(told(&report), (both.clone(), vec![]), "{printed}");
    }
    let report = check(0, &[&format!("{TERRAFORM}/json/plan.json")]);
    let alone = vec![trail("us-east-1", "222222222222")];
    assert_eq!(told(&report), (alone, vec![]));
}

#[test]
fn findings_point_into_templates_modules_and_json_syntax() {
    for (changed_file, from, to, expected) in [
        (
            "bucket/policy.json.tftpl",
            "}/AWSLogs/",
            "}/awslogs/",
            &[
                "awslogs-folder-misspelt policy.json.tftpl:10:19",
                "awslogs-folder-misspelt policy.json.tftpl:10:19",
            ][..],
        ),
        (
            "bucket/policy.json.tftpl",
            "bucket-owner-full-control",
            "private",
            &[
                "acl-condition-wrong policy.json.tftpl:13:27",
                "acl-condition-wrong policy.json.tftpl:13:27",
            ],
        ),
        (
            "main.tf",
            "trail_name = \"audit\"",
            "trail_name = \"audits\"",
            &[
                "source-arn-wrong-trail-name policy.json.tftpl:27:30",
                "source-arn-wrong-trail-name policy.json.tftpl:27:30",
            ],
        ),
        (
            "bucket/main.tf",
            "optional(string, \"Enabled\")",
            "optional(string, \"Suspended\")",
            &[],
        ),
    ] {
        let found = with("members", &MEMBERS, changed_file, from, to);
        assert_eq!(found, expected, "{from}");
    }
    let files = ["main.tf.json", "plan.json"];
    for (from, to, expected) in [
        (
            "}/AWSLogs/",
            "}/awslogs/",
            "awslogs-folder-misspelt main.tf.json:22:27",
        ),
        (
            "bucket-owner-full-control",
            "private",
            "acl-condition-wrong main.tf.json:33:27",
        ),
        (
            "trail/audit",
            "trail/audits",
            "source-arn-wrong-trail-name main.tf.json:16:26",
        ),
    ] {
        let found = with("json", &files, "main.tf.json", from, to);
        assert_eq!(found, [expected]);
    }
}

/// What a state says where versioning is not on: who the bucket's account is taken to be.
fn owner(with_code: bool) -> String {
    let state = file("members/state.json").replace("\"Enabled\"", "\"Suspended\"");
    let mut state: Value = serde_json::from_str(&state).unwrap();
    let in_module = "/values/root_module/child_modules/0/resources";
    let all = state
        .pointer_mut(in_module)
        .unwrap()
        .as_array_mut()
        .unwrap();
    // What else the module has made tells the account.
    all.push(json!({"address": "module.bucket.aws_kms_key.this[0]", "mode": "managed", "type": "aws_kms_key",
        "name": "this", "index": 0, "values": {"arn": "arn:aws:kms:us-east-1:111111111111:key/1-2"}}));
    let mut files = vec![("state.json", state.to_string())];
    if with_code {
        files.extend(MEMBERS.map(|name| (name, file(&format!("members/{name}")))));
    }
    let folder = folder(&files);
    let report = check(1, &[path(&folder.path().join("state.json"))]);
    let finding = items(&report, "findings")
        .iter()
        .find(|it| text(it, "rule") == "bucket-unprotected")
        .unwrap();
    text(finding, "account").to_owned()
}

#[test]
fn a_states_bucket_is_of_the_account_that_the_code_says_and_else_of_any() {
    assert_eq!(owner(true), "111111111111");
    // A state does not say which provider made a bucket, and the trails are of two accounts.
    assert_eq!(owner(false), "⟨account⟩");
}

#[test]
fn a_plan_that_ended_in_an_error_is_refused() {
    let plan = file("members/plan.json").replace("\"errored\": false", "\"errored\": true");
    let line = plan
        .lines()
        .position(|line| line.contains("\"errored\""))
        .unwrap();
    let folder = folder(&[("plan.json", plan)]);
    let refused = run(2, &["check", path(&folder.path().join("plan.json"))]);
    for part in [
        format!("plan.json:{}:", line + 1),
        "Terraform ended with an error while it made this plan".to_owned(),
    ] {
        assert!(refused.stderr.contains(&part), "{part}: {}", refused.stderr);
    }
}

#[test]
fn what_an_incomplete_plan_leaves_out_is_not_taken_for_missing() {
    let mut plan: Value = serde_json::from_str(&file("json/plan.json")).unwrap();
    let kept = |it: &Value| {
        let kind = text(it, "type");
        kind != "aws_s3_bucket_policy" && kind != "aws_s3_bucket_versioning"
    };
    for at in ["/resource_changes", "/planned_values/root_module/resources"] {
        let all = plan.pointer_mut(at).unwrap().as_array_mut().unwrap();
        all.retain(kept);
    }
    let mut told_of = |complete: bool| {
        plan["complete"] = json!(complete);
        let folder = folder(&[("plan.json", plan.to_string())]);
        let run = finish(command(&[
            "check",
            "-f",
            "json",
            path(&folder.path().join("plan.json")),
        ]));
        let (trails, found) = told(&run.json());
        let rules: Vec<String> = found
            .iter()
            .map(|it| it.split(' ').next().unwrap().to_owned())
            .collect();
        (trails[0].rsplit(' ').next().unwrap().to_owned(), rules)
    };
    assert_eq!(told_of(false), ("undecided".to_owned(), vec![]));
    let (verdict, found) = told_of(true);
    assert_eq!(verdict, "blocked");
    assert!(
        found.contains(&"bucket-policy-missing".to_owned()),
        "{found:?}"
    );
}

#[test]
fn of_two_policies_for_one_bucket_nobody_knows_which_stays() {
    let mut plan: Value = serde_json::from_str(&file("json/plan.json")).unwrap();
    let changes = plan["resource_changes"].as_array_mut().unwrap();
    let policy = changes
        .iter_mut()
        .find(|it| text(it, "type") == "aws_s3_bucket_policy")
        .unwrap();
    let deny = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:*",
        "Resource": "arn:aws:s3:::example-json-trails/*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]});
    policy["change"]["after"]["bucket"] = json!("example-json-trails");
    policy["change"]["after"]["policy"] = json!(deny.to_string());
    policy["change"]["after_unknown"] = json!({});
    let mut other = policy.clone();
    other["address"] = json!("aws_s3_bucket_policy.other");
    other["name"] = json!("other");
    let allow = deny.to_string().replace("Deny", "Allow");
    let verdict = |other: &Value| {
        let mut plan = plan.clone();
        plan["resource_changes"]
            .as_array_mut()
            .unwrap()
            .push(other.clone());
        let folder = folder(&[("plan.json", plan.to_string())]);
        let file = folder.path().join("plan.json");
        let run = finish(command(&["check", "-f", "json", path(&file)]));
        let (trails, _) = told(&run.json());
        trails[0].rsplit(' ').next().unwrap().to_owned()
    };
    assert_eq!(verdict(&other), "blocked");
    other["change"]["after"]["policy"] = json!(allow);
    assert_eq!(verdict(&other), "undecided");
}

/// A plan in which a trail's name is known after apply, and code that gives it.
fn name_of(expression: &str) -> String {
    named(expression, &[])
}

/// The same, with more files.
fn named(expression: &str, more: &[(&str, String)]) -> String {
    let trail = json!({"address": "aws_cloudtrail.it", "mode": "managed", "type": "aws_cloudtrail", "name": "it",
        "change": {"actions": ["create"], "before": null, "after": {"s3_bucket_name": "logs"}, "after_unknown": {"name": true}}});
    let plan = json!({"format_version": "1.2", "planned_values": {"root_module": {}}, "resource_changes": [trail],
        "complete": true, "errored": false, "variables": {"given": {"value": {"a": "x"}}}});
    let code = format!(
        r#"
variable "given" {{
  type = object({{
    a = string
    b = optional(string, "d")
    c = optional(object({{ e = optional(bool, true) }}), {{}})
    f = optional(string)
  }})
}}

variable "none" {{
  type     = string
  default  = "fallback"
  nullable = false
}}

locals {{
  names = {{ b = "two", a = "one" }}
  word  = {{ for k in ["a"] : k => local.names[k] == "none" ? "x" :
    upper(local.names[k])
  }}
}}

resource "aws_s3_bucket" "none" {{
  count = 0
}}

resource "aws_cloudtrail" "it" {{
  name           = {expression}
  s3_bucket_name = "logs"
}}
"#
    );
    let mut files = vec![("main.tf", code), ("plan.json", plan.to_string())];
    files.extend(more.iter().cloned());
    let folder = folder(&files);
    let arguments = [
        "--account",
        "111111111111",
        "--region",
        "us-east-1",
        "-f",
        "json",
    ];
    let file = folder.path().join("plan.json");
    let run = finish(command(&[&["check", path(&file)], &arguments[..]].concat()));
    let report = run.json();
    let arn = text(&report["trails"][0], "arn");
    arn.rsplit('/').next().unwrap().to_owned()
}

/// What is expected was read off `terraform console` of Terraform 1.11.4, where no resource and no variable is named.
#[test]
fn expressions_give_what_terraform_makes_of_them() {
    for (expression, expected) in [
        ("var.given.b", "d"),
        ("var.given.c.e ? \"yes\" : \"no\"", "yes"),
        ("var.given.f == null ? \"null\" : \"some\"", "null"),
        (
            "try(aws_s3_bucket.none[0].bucket, \"fallback\")",
            "fallback",
        ),
        (
            "can(aws_s3_bucket.none[0].id) ? \"can\" : \"cannot\"",
            "cannot",
        ),
        ("try(local.names[\"a\"], \"x\")", "one"),
        ("join(\"-\", [for k, v in local.names : v])", "one-two"),
        ("join(\"-\", values(local.names))", "one-two"),
        ("join(\"-\", toset([\"c\", \"a\", \"c\"]))", "a-c"),
        ("join(\"-\", sort([\"c\", \"a\"]))", "a-c"),
        ("local.word[\"a\"]", "ONE"),
        ("replace(\"a_b.c\", \"/[^a-z]/\", \"-\")", "a-b-c"),
        ("replace(\"a.b\", \".\", \"-\")", "a-b"),
        ("regex(\"[a-z]+\", \"12abc3\")", "abc"),
        ("try(regex(\"x\", \"abc\"), \"none\")", "none"),
        ("regex(\"(?P<word>[a-z]+)\", \"1ab\").word", "ab"),
        ("format(\"%s-%03d\", \"t\", 7)", "t-007"),
        ("substr(\"trails\", 0, 5)", "trail"),
        ("substr(\"trails\", -2, -1)", "ls"),
        (
            "title(\"two words\") == \"Two Words\" ? \"yes\" : \"no\"",
            "yes",
        ),
        ("\"t${1 + 2 * 3}\"", "t7"),
        (
            "\"%{ for n in [\"a\", \"b\"] }${n}-%{ endfor }%{ if true }x%{ else }y%{ endif }\"",
            "a-b-x",
        ),
        (
            "join(\",\", [for k, v in { for w in [\"ab\", \"ac\", \"b\"] : substr(w, 0, 1) => w... } : \"${k}${length(v)}\"])",
            "a2,b1",
        ),
        (
            "contains([\"a\"], \"a\") && startswith(\"abc\", \"ab\") ? \"yes\" : \"no\"",
            "yes",
        ),
        ("element(flatten([[\"a\"], [[\"b\"]]]), 1)", "b"),
        ("lookup({ a = \"b\" }, \"c\", \"d\")", "d"),
        ("keys(zipmap([\"k\"], [1]))[0]", "k"),
        ("coalesce(\"\", null, \"c\")", "c"),
        ("one([\"only\"])", "only"),
        ("join(\"\", setsubtract([\"a\", \"b\"], [\"b\"]))", "a"),
        ("var.none", "fallback"),
        ("tostring(length(aws_s3_bucket.none))", "0"),
        // A branch that Terraform would refuse was not taken.
        (
            "timestamp() == \"x\" ? aws_s3_bucket.none[0].bucket : \"other\"",
            "other",
        ),
        ("jsondecode(\"{\\\"a\\\": \\\"b\\\"}\").a", "b"),
        // Nothing is converted to be compared.
        ("true == \"true\" ? \"yes\" : \"no\"", "no"),
        ("\"1\" == 1 ? \"yes\" : \"no\"", "no"),
        ("[1] == [\"1\"] ? \"yes\" : \"no\"", "no"),
        ("1.0 == 1 ? \"yes\" : \"no\"", "yes"),
        ("tostring(1) == \"1\" ? \"yes\" : \"no\"", "yes"),
        ("(true ? 1 : \"a\") == \"1\" ? \"yes\" : \"no\"", "yes"),
        (
            "{ a = 1, b = 2 } == { b = 2, a = 1 } ? \"yes\" : \"no\"",
            "yes",
        ),
        ("{ a = 1 } == { a = \"1\" } ? \"yes\" : \"no\"", "no"),
        (
            "toset([\"b\", \"a\"]) == toset([\"a\", \"b\"]) ? \"yes\" : \"no\"",
            "yes",
        ),
        ("contains([\"1\"], 1) ? \"yes\" : \"no\"", "no"),
        ("try(index([\"1\"], 1), \"none\")", "none"),
        ("\"t${tonumber(\"0111111111111\")}\"", "t111111111111"),
        // The key of an item of a set is the item, and it has no number.
        (
            "join(\"-\", [for k, v in toset([\"b\", \"a\"]) : \"${k}${v}\"])",
            "aa-bb",
        ),
        (
            "join(\"-\", [for k, v in [\"b\", \"a\"] : \"${k}${v}\"])",
            "0b-1a",
        ),
        ("try(toset([\"a\"])[0], \"none\")", "none"),
        ("join(\"-\", toset([10, 9]))", "9-10"),
        ("join(\"-\", toset([1, \"1\"]))", "1"),
        ("join(\"-\", distinct([\"b\", \"a\", \"b\"]))", "b-a"),
        ("merge({ a = \"x\" }, { a = \"y\" }).a", "y"),
        (
            "\"a %{~ for x in [\"p\", \"q\"] ~} -${x}- %{~ endfor ~} z\"",
            "a-p--q-z",
        ),
        ("\"a\\n\\n  ${~ \"x\" ~}\\n\\n  b\"", "axb"),
    ] {
        assert_eq!(name_of(expression), expected, "{expression}");
    }
}

#[test]
fn what_cannot_be_told_stays_open() {
    for expression in [
        "timestamp()",
        "timestamp() == \"x\" ? \"a\" : \"b\"",
        "uuid()",
        "file(\"/etc/hostname\")",
        "file(\"../outside\")",
        "terraform.workspace",
        // As many as there are; nobody knows how many that is.
        "tostring(length(concat(data.aws_instances.x.ids, [\"a\"])))",
        "concat(data.aws_instances.x.ids, [\"a\", \"b\"])[1]",
        "tostring(length(distinct(data.aws_instances.x.ids)))",
        "tostring(length(compact([data.aws_instances.x.id])))",
        "element(flatten([data.aws_instances.x.ids, \"a\"]), 1)",
        "join(\"-\", sort([data.aws_instances.x.id, \"a\"]))",
        "one(toset([data.aws_instances.x.id, data.aws_instances.x.arn]))",
        "[for id in concat(data.aws_instances.x.ids, [\"a\"]) : \"b\"][0]",
        "tostring(length([for id in toset([data.aws_instances.x.id, \"a\"]) : id]))",
        // A key that is not known may be one that is there.
        "lookup({ a = \"b\" }, \"${data.aws_instances.x.id}a\", \"c\")",
        "try(local.names[\"${data.aws_instances.x.id}a\"], \"c\")",
        "lookup({ (data.aws_instances.x.id) = \"b\" }, \"a\", \"c\")",
        "tolist([\"a\"]) == [\"a\"] ? \"a\" : \"b\"",
    ] {
        let name = name_of(expression);
        assert!(name.starts_with('⟨'), "{expression} gives {name}");
    }
}

#[test]
fn what_is_more_work_than_it_is_worth_stays_open() {
    let doubled = |of: &str| {
        let lines = (1..=40).map(|at| {
            let before = format!("local.d{}", at - 1);
            format!("  d{at} = {}\n", of.replace('_', &before))
        });
        lines.collect::<String>()
    };
    let patterns = "regexall(\"(.{0,30}){0,30}x\", join(\"\", [for a in range(1000) : local.d0]))";
    let many = "{ for a in range(10000) : \"k${a}\" => a }";
    for (locals, expression, is_known) in [
        (doubled("concat(_, _)"), "local.d40[0]", false),
        (doubled("[_, _]"), "jsonencode(local.d40)", false),
        (doubled("format(\"%s%s\", _, _)"), "local.d40", false),
        (doubled("join(_, [_, _, _])"), "local.d40", false),
        (doubled("replace(_, \"a\", _)"), "local.d40", false),
        (doubled("jsonencode({ a = _ })"), "local.d40", false),
        (
            String::new(),
            "tostring(length([for a in range(10000) : [for b in range(10000) : \"${a}${b}\"]]))",
            false,
        ),
        (
            String::new(),
            &format!("tostring(length({patterns}))"),
            false,
        ),
        (
            String::new(),
            &format!("local.x{}", ".a".repeat(20_000)),
            false,
        ),
        (
            String::new(),
            &format!("tostring(length(merge({many}, {many})))"),
            true,
        ),
        (
            String::new(),
            "tostring(length(distinct([for a in range(10000) : \"k${a}\"])))",
            true,
        ),
    ] {
        let d0 = if locals.contains("concat") || locals.contains("[_") {
            "[\"aa\"]"
        } else {
            "\"aa\""
        };
        let locals = format!("locals {{\n  d0 = {d0}\n{locals}}}\n");
        let begun = std::time::Instant::now();
        let name = named(expression, &[("more.tf", locals)]);
        let took = begun.elapsed();
        assert!(took.as_secs() < 60, "{expression} took {took:?}");
        let is_expected = if is_known {
            name == "10000"
        } else {
            name.starts_with('⟨')
        };
        assert!(is_expected, "{expression} gives {name:.99}");
    }
}

#[test]
fn blanks_beside_markers_go_up_to_the_end_of_the_line() {
    let template = "a %{ if true ~}\n   \n   b\n%{~ endif ~}\n   c\nd ${~ \"x\" ~}   \n  e\n";
    let name = |text: &str| {
        let expression = r#"templatefile("it.tftpl", {}) == local.expected ? "yes" : "no""#;
        let expected = format!("locals {{\n  expected = {text}\n}}\n");
        named(
            expression,
            &[("more.tf", expected), ("it.tftpl", template.to_owned())],
        )
    };
    // As `terraform console` of Terraform 1.11.4 says it.
    assert_eq!(name(r#""a    \n   b   c\ndx  e\n""#), "yes");
}

#[test]
fn a_template_that_renders_itself_stays_open() {
    let text = "x${templatefile(\"it.tftpl\", {})}${templatefile(\"it.tftpl\", {})}";
    let name = named(
        "templatefile(\"it.tftpl\", {})",
        &[("it.tftpl", text.to_owned())],
    );
    assert!(name.contains('⟨'), "{name}");
}

#[test]
fn what_an_override_file_changes_is_not_told_as_the_other_file_has_it() {
    let more = |name: &'static str, content: &str| [(name, content.to_owned())];
    let trail = "resource \"aws_cloudtrail\" \"it\" {\n  name = \"other\"\n}\n";
    let local = "locals {\n  names = { a = \"three\" }\n}\n";
    let changed = |name, content| named("local.names.a", &more(name, content));
    assert_eq!(changed("z.tf", "locals {\n  z = 1\n}\n"), "one");
    for name in ["override.tf", "a_override.tf", "a_override.tofu"] {
        assert!(changed(name, trail).starts_with('⟨'), "{name}");
        assert_eq!(changed(name, local), "three", "{name}");
    }
    let json = r#"{"resource": {"aws_cloudtrail": {"it": {"name": "other"}}}}"#;
    assert!(changed("override.tf.json", json).starts_with('⟨'));
}

#[test]
fn modules_that_call_themselves_and_lists_of_modules_from_elsewhere_end() {
    let call = "module \"a\" {\n  source = \"./../it\"\n}\n\nmodule \"b\" {\n  source = \"./b/../../it\"\n}\n";
    let called = format!("{call}{}", "# x\n".repeat(100_000));
    let files = |list: &str| {
        [
            ("it/more.tf", called.clone()),
            ("it/b/main.tf", String::new()),
            ("module.tf", "module \"it\" {\n  source = \"./it\"\n}\n\nmodule \"far\" {\n  source = \"far/far/aws\"\n}\n".to_owned()),
            (".terraform/modules/modules.json", list.to_owned()),
        ]
    };
    let elsewhere = folder(&[
        (
            "main.tf",
            "output \"it\" {\n  value = file(\"${path.module}/name\")\n}\n".to_owned(),
        ),
        ("name", "secret".to_owned()),
    ]);
    let list = |dir: &str| {
        json!({"Modules": [{"Key": "far", "Source": "far/far/aws", "Dir": dir}]}).to_string()
    };
    let name = named("module.far.it", &files(&list(path(elsewhere.path()))));
    assert!(name.starts_with('⟨'), "{name}");
    let mut inside = files(&list(".terraform/modules/far")).to_vec();
    inside.push((
        ".terraform/modules/far/main.tf",
        "output \"it\" {\n  value = \"known\"\n}\n".to_owned(),
    ));
    assert_eq!(named("module.far.it", &inside), "known");
}

#[cfg(unix)]
#[test]
fn a_list_of_modules_that_is_no_file_is_not_read() {
    let plan = file("json/plan.json");
    let folder = folder(&[
        ("plan.json", plan),
        ("main.tf.json", file("json/main.tf.json")),
        (".terraform/modules/empty", String::new()),
    ]);
    let list = folder.path().join(".terraform/modules/modules.json");
    std::os::unix::fs::symlink("/dev/zero", list).unwrap();
    let report = check(0, &[path(&folder.path().join("plan.json"))]);
    assert_eq!(items(&report, "trails").len(), 1);
}

/// The verdict on a trail whose bucket nobody knows, if a bucket with a policy has the name that an expression gives.
fn verdict_beside(bucket: &str) -> String {
    let change = |kind: &str, after: Value, unknown: &str| {
        json!({"address": format!("{kind}.it"), "mode": "managed", "type": kind, "name": "it",
            "change": {"actions": ["create"], "before": null, "after": after, "after_unknown": {unknown: true}}})
    };
    let grants = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*",
        "Principal": {"Service": "cloudtrail.amazonaws.com"}}]});
    let changes = [
        change("aws_cloudtrail", json!({"name": "it"}), "s3_bucket_name"),
        change(
            "aws_s3_bucket_policy",
            json!({"policy": grants.to_string()}),
            "bucket",
        ),
    ];
    let plan = json!({"format_version": "1.2", "planned_values": {"root_module": {}}, "resource_changes": changes,
        "complete": true});
    let code = format!(
        "resource \"aws_cloudtrail\" \"it\" {{\n  s3_bucket_name = data.aws_ssm_parameter.it.value\n}}\n\n\
         resource \"aws_s3_bucket_policy\" \"it\" {{\n  bucket = {bucket}\n}}\n"
    );
    let folder = folder(&[("main.tf", code), ("plan.json", plan.to_string())]);
    let file = folder.path().join("plan.json");
    let run = finish(command(&[
        "check",
        path(&file),
        "--account",
        "111111111111",
        "--region",
        "us-east-1",
        "-f",
        "json",
    ]));
    let (trails, _) = told(&run.json());
    trails[0].rsplit(' ').next().unwrap().to_owned()
}

#[test]
fn what_is_made_of_something_unknown_has_a_name_of_its_own() {
    let known = "data.aws_ssm_parameter.it.value";
    assert_eq!(verdict_beside(known), "delivers");
    for bucket in [
        format!("one([for it in {known} : \"other-${{it}}\"])"),
        format!("max({known}...)"),
    ] {
        assert_eq!(verdict_beside(&bucket), "undecided", "{bucket}");
    }
}

#[test]
fn thousands_of_instances_that_look_into_one_map_are_read_in_seconds() {
    let all = 0..4_000;
    let changes: Vec<Value> = all
        .clone()
        .map(|at| {
            json!({"address": format!("aws_cloudtrail.it[\"k{at}\"]"), "mode": "managed", "type": "aws_cloudtrail",
                "name": "it", "index": format!("k{at}"), "change": {"actions": ["create"], "before": null,
                "after": {"s3_bucket_name": "logs", "enable_log_file_validation": false}, "after_unknown": {"name": true}}})
        })
        .collect();
    let entries: Vec<String> = all
        .map(|at| format!("    k{at} = {{ name = \"t{at}\" }}\n"))
        .collect();
    let entries = entries.concat();
    let code = format!(
        "locals {{\n  all = {{\n{entries}  }}\n}}\n\nresource \"aws_cloudtrail\" \"it\" {{\n  for_each = local.all\n  name = \"${{each.value.name}}-${{local.all[each.key].name}}\"\n  s3_bucket_name = \"logs\"\n}}\n"
    );
    let plan = json!({"format_version": "1.2", "planned_values": {"root_module": {}}, "resource_changes": changes, "complete": true});
    let folder = folder(&[("main.tf", code), ("plan.json", plan.to_string())]);
    let file = folder.path().join("plan.json");
    let run = finish(command(&["check", "-f", "json", path(&file)]));
    let report = run.json();
    assert_eq!(items(&report, "trails").len(), 4_000);
    assert!(text(&report["trails"][7], "arn").contains("trail/t"));
}
