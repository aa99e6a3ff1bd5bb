//! Code that is malformed, enormous or leads in circles, and options that make no sense: each ends in an
//! error that names the file and what to try, and soon.

use std::fmt::Write as _;

use serde_json::json;

use super::{ACCOUNT_TRAIL, PULL_REQUEST, SOUND, folder};
use crate::support::{command, finish, path, run};

/// What a run over one file says on standard error, the folder left out.
fn refused(name: &str, content: &str, more: &[&str]) -> String {
    let folder = folder(&[(name, content.to_owned())]);
    let file = folder.path().join(name);
    let run = run(2, &[&["check", path(&file)], more].concat());
    assert_eq!(run.stdout, "");
    run.stderr.replace(&format!("{}/", path(folder.path())), "")
}

#[test]
fn what_is_no_code_is_named_with_what_to_try() {
    let cases = [
        ("empty.yaml", ""),
        ("list.yaml", "- a\n- b\n"),
        ("text.json", "[1, 2]"),
        ("cut.json", "{\"Resources\": {"),
        ("tabs.yaml", "Resources:\n\tTrail:\n"),
        (
            "policy.json",
            "{\"Version\": \"2012-10-17\", \"Statement\": []}",
        ),
        (
            "terraform.tfstate",
            "{\"version\": 4, \"terraform_version\": \"1.9.8\", \"lineage\": \"x\", \"resources\": []}",
        ),
        (
            "plan.json",
            "{\"format_version\": \"1.2\", \"errored\": true}",
        ),
        ("main.tf", "resource \"aws_s3_bucket\" \"b\" {}"),
        ("tfplan", "PK\u{3}\u{4}"),
        ("nothing.yaml", "Resources: {}\n"),
        (
            "several.yaml",
            "AWSTemplateFormatVersion: '2010-09-09-OC'\nResources: {}\n",
        ),
    ];
    let said: String = cases
        .map(|(name, content)| refused(name, content, &[]))
        .concat();
    insta::assert_snapshot!(said);
}

#[test]
fn what_cloudformation_would_refuse_is_refused_with_its_place() {
    let resource = |kind: &str, properties: &str| {
        format!("Resources:\n  R:\n    Type: {kind}\n    Properties:\n      {properties}\n")
    };
    let cases = [
        resource("AWS::S3::Bucket", "BucketName: !Ref Nothing"),
        resource("AWS::S3::Bucket", "BucketName: !Sub x-${Nothing.Arn}"),
        resource("AWS::S3::Bucket", "BucketName: !Sub x-${R}"),
        resource("AWS::S3::Bucket", "BucketName: !FindInMap [a, b, c]"),
        resource("AWS::S3::Bucket", "BucketName: !Select [7, [a, b]]"),
        resource("AWS::S3::Bucket", "BucketName: !If [Nothing, a, b]"),
        resource("AWS::S3::Bucket", "BucketName: !Join [a]"),
        resource("AWS::S3::Bucket", "BucketName: !GetAtt nothing"),
        resource("AWS::CloudTrail::Trail", "IsLogging: true"),
        format!(
            "Conditions:\n  A: !Not [!Condition B]\n  B: !And [!Condition A, !Condition A]\n{}",
            resource("AWS::S3::Bucket", "BucketName: !If [A, a, b]")
        ),
        "Resources:\n  A:\n    Type: AWS::S3::Bucket\n    Properties: { BucketName: !Sub \"${B}x\" }\n  \
         B:\n    Type: AWS::S3::Bucket\n    Properties: { BucketName: !Sub \"${A}x\" }\n"
            .to_owned(),
        resource("AWS::S3::BucketPolicy", "{ Bucket: logs, PolicyDocument: { Statement: 3 } }"),
    ];
    let said: String = cases
        .iter()
        .map(|template| refused("t.yaml", template, &[]))
        .collect();
    insta::assert_snapshot!(said);
}

#[test]
fn resources_that_wait_for_each_other_are_refused_as_cloudformation_does() {
    let policy = |resource: &str, after: &str| {
        format!(
            "Parameters: {{ P: {{ Type: String }}, Q: {{ Type: String, Default: '' }} }}
Conditions:
  Open: !Equals [!Ref P, x]
  Never: !Equals [!Ref Q, x]
Resources:
  Bucket: {{ Type: AWS::S3::Bucket }}
  Policy:
    Type: AWS::S3::BucketPolicy
    {after}
    Properties:
      Bucket: !Ref Bucket
      PolicyDocument:
        Statement: [{{ Effect: Allow, Principal: {{ Service: cloudtrail.amazonaws.com }}, Action: s3:*, Resource: '*',
          Condition: {{ StringEquals: {{ aws:SourceArn: {resource} }} }} }}]
  Trail:
    Type: AWS::CloudTrail::Trail
    DependsOn: [Policy]
    Properties: {{ IsLogging: true, S3BucketName: !Ref Bucket, EnableLogFileValidation: true, IsMultiRegionTrail: true }}
  Unrelated: {{ Type: AWS::EC2::Instance }}
"
        )
    };
    let circles = [
        policy("!GetAtt Trail.Arn", ""),
        policy("!Sub '${Trail.Arn}'", ""),
        policy("!Sub ['${Own}', { Own: !Ref Trail }]", ""),
        policy("!If [Never, a, !GetAtt [Trail, Arn]]", ""),
        policy("!Join ['', [!Ref Unrelated]]", "").replace(
            "AWS::EC2::Instance }",
            "AWS::EC2::Instance, DependsOn: Trail }",
        ),
        policy("x", "").replace(
            "Type: AWS::EC2::Instance",
            "Type: A::B::C, DependsOn: [Unrelated]",
        ),
    ];
    let said: String = circles
        .iter()
        .map(|it| refused("t.yaml", it, &[]))
        .collect();
    insta::assert_snapshot!(said);
    for sound in [
        policy("!Sub '${!Trail.Arn}'", ""),
        policy("!Sub ['${Trail}', { Trail: x }]", ""),
        policy("!If [Never, !GetAtt Trail.Arn, x]", ""),
        // What is open is not certain, and what is not made waits for nobody.
        policy("!If [Open, !GetAtt Trail.Arn, x]", ""),
        policy("!GetAtt Trail.Arn", "Condition: Open"),
        policy("!GetAtt Trail.Arn", "Condition: Never"),
        // What SAM makes of it is another template.
        format!(
            "Transform: AWS::Serverless-2016-10-31\n{}",
            policy("!GetAtt Trail.Arn", "")
        ),
    ] {
        let folder = folder(&[("t.yaml", sound)]);
        let run = finish(command(&["check", path(&folder.path().join("t.yaml"))]));
        assert_ne!(run.status, 2, "{}", run.stderr);
    }
}

// Each text in a text doubles its backslashes: forty of them would be a million megabytes.
#[test]
fn texts_in_texts_in_texts_are_not_written_out() {
    let mut nested = "\"x\"".to_owned();
    for _ in 0..40 {
        nested = format!("{{\"Fn::ToJsonString\": {{\"a\": {nested}}}}}");
    }
    let template = format!(
        "{{\"Resources\": {{\"P\": {{\"Type\": \"AWS::S3::BucketPolicy\", \"Properties\": {{\"Bucket\": \"b\", \"PolicyDocument\": {nested}}}}}}}}}"
    );
    let said = refused("t.json", &template, &[]);
    assert!(
        said.contains("this makes a text of more than 1048576 bytes"),
        "{said}"
    );
}

// Ten thousand resources in a row: a chain is no circle, and is walked without a stack.
#[test]
fn a_long_chain_of_resources_is_no_circle() {
    let mut template = String::from(
        "Resources:\n  Trail: { Type: AWS::CloudTrail::Trail, Properties: { IsLogging: true, S3BucketName: logs } }\n  \
         R0: { Type: A::B::C }\n",
    );
    for at in 1..10_000 {
        let _ = writeln!(
            template,
            "  R{at}: {{ Type: A::B::C, DependsOn: R{} }}",
            at - 1
        );
    }
    let folder = folder(&[("t.yaml", template)]);
    let run = finish(command(&["check", path(&folder.path().join("t.yaml"))]));
    assert_ne!(run.status, 2, "{}", run.stderr);
}

#[test]
fn options_that_fit_nothing_are_refused() {
    let cases: [&[&str]; 8] = [
        &[ACCOUNT_TRAIL, "--parameter", "Nothing=1"],
        &[ACCOUNT_TRAIL, "--parameter", "Nothing"],
        &[ACCOUNT_TRAIL, "--account", "12345"],
        &[ACCOUNT_TRAIL, "--account", "other=222222222222"],
        &[ACCOUNT_TRAIL, "--organization-id", "example"],
        &[
            ACCOUNT_TRAIL,
            SOUND,
            "--replace",
            "--account",
            "222222222222",
        ],
        &[SOUND, "--replace"],
        &[
            &format!("{PULL_REQUEST}/base.yaml"),
            SOUND,
            "--account",
            "111111111111",
        ],
    ];
    let said: String = cases
        .iter()
        .map(|arguments| run(2, &[&["check"], *arguments].concat()).stderr)
        .collect();
    insta::assert_snapshot!(said);
}

// A run that takes longer than the harness's limit is killed.
#[test]
fn megabytes_are_read_in_seconds() {
    let mut template = String::from("Resources:\n");
    while template.len() < 4_000_000 {
        let at = template.len();
        let _ = write!(
            template,
            "  Role{at}:\n    Type: AWS::IAM::Role\n    Properties:\n      RoleName: !Sub \"é-${{AWS::Region}}-{at}\"\n      \
             AssumeRolePolicyDocument: {{ Version: 2012-10-17, Statement: [{{ Effect: Allow, Action: sts:AssumeRole }}] }}\n"
        );
    }
    let whole = std::fs::read_to_string(crate::support::repository().join(ACCOUNT_TRAIL)).unwrap();
    let own = whole.split_once("Resources:\n").unwrap();
    let template = format!("{}{template}{}", own.0, own.1);
    let folder = folder(&[("t.yaml", template)]);
    let run = finish(command(&["check", path(&folder.path().join("t.yaml"))]));
    assert_eq!(run.status, 1, "{}", run.stderr);
    assert!(
        run.stdout.contains("1 trail: 1 delivers."),
        "{}",
        run.stdout
    );
}

#[test]
fn chains_of_references_take_time_in_proportion() {
    // Each name holds the one before twice.
    let mut chain = String::from("Resources:\n");
    for at in 0..60 {
        let name = match at {
            0 => "x".to_owned(),
            _ => format!("!Sub \"${{B{0}}}${{B{0}}}\"", at - 1),
        };
        let _ = write!(
            chain,
            "  B{at}:\n    Type: AWS::S3::Bucket\n    Properties: {{ BucketName: {name} }}\n"
        );
    }
    let said = refused("t.yaml", &chain, &[]);
    assert!(
        said.contains("this makes a text of more than 1048576 bytes"),
        "{said}"
    );
    // Conditions that ask the one before twice.
    let mut chain = String::from("Conditions:\n  C0: !Equals [a, a]\n");
    for at in 1..90 {
        let _ = writeln!(
            chain,
            "  C{at}: !And [!Condition C{0}, !Condition C{0}]",
            at - 1
        );
    }
    chain.push_str("Resources:\n  B:\n    Type: AWS::S3::Bucket\n    Condition: C89\n");
    let said = refused("t.yaml", &chain, &[]);
    assert!(said.contains("no trail in it"), "{said}");
    // A chain that is too long to follow.
    let mut chain = String::from("Conditions:\n  C0: !Equals [a, a]\n");
    for at in 1..5000 {
        let _ = writeln!(chain, "  C{at}: !Not [!Condition C{}]", at - 1);
    }
    chain.push_str("Resources:\n  B:\n    Type: AWS::S3::Bucket\n    Condition: C4999\n");
    let said = refused("t.yaml", &chain, &[]);
    assert!(said.contains("more than 100 references"), "{said}");
}

#[test]
fn names_from_templates_reach_no_terminal_unescaped() {
    let template = "Resources:\n  \"T\\e[31m::error::\":\n    Type: AWS::CloudTrail::Trail\n    Properties: { S3BucketName: \"b\\e]8;;x\\a\", \
                    IsLogging: true }\n";
    let folder = folder(&[("t.yaml", template.to_owned())]);
    for format in ["table", "json", "sarif"] {
        let run = finish(command(&[
            "check",
            "-f",
            format,
            path(&folder.path().join("t.yaml")),
        ]));
        assert_eq!(run.status, 1, "{}{}", run.stdout, run.stderr);
        assert!(
            !run.stdout.contains('\u{1b}') && !run.stdout.contains('\u{7}'),
            "{}",
            run.stdout
        );
        assert!(
            !run.stdout
                .lines()
                .any(|line| line.trim_start().starts_with("::")),
            "{}",
            run.stdout
        );
    }
}

#[test]
fn what_a_little_text_would_blow_up_is_refused_soon() {
    // A stack in each of thousands of accounts and Regions.
    let many =
        |count: usize, name: fn(usize) -> String| -> Vec<String> { (0..count).map(name).collect() };
    let accounts = many(8_000, |at| format!("{:012}", 100_000_000_000_usize + at));
    let body = json!({"Resources": {"T": {"Type": "AWS::CloudTrail::Trail",
        "Properties": {"IsLogging": true, "S3BucketName": "logs"}}}});
    let set = |accounts: &[String], regions: &[String]| {
        json!({"Type": "AWS::CloudFormation::StackSet", "Properties": {"TemplateBody": body.to_string(),
            "StackInstancesGroup": [{"DeploymentTargets": {"Accounts": accounts}, "Regions": regions}]}})
    };
    let regions = many(8_000, |at| format!("xx-east-{at}"));
    let template = json!({"Resources": {"Set": set(&accounts, &regions)}});
    let said = refused("t.json", &template.to_string(), &[]);
    assert!(said.contains("`Set` makes more than 2000 stacks"), "{said}");
    let mut resources = json!({});
    for at in 0..11 {
        resources[format!("Set{at}")] = set(&accounts[..1_900], &regions[..1]);
    }
    let said = refused("t.json", &json!({"Resources": resources}).to_string(), &[]);
    assert!(said.contains("more than 20000 stacks are made"), "{said}");

    // A long list, used thousands of times.
    let values = many(20_000, |at| format!("arn:aws:s3:::b{at}"));
    let uses: Vec<_> = (0..2_000)
        .map(|_| {
            json!({"Effect": "Allow", "Principal": "*", "Action": "s3:PutObject",
            "Resource": {"Fn::FindInMap": ["M", "a", "b"]}})
        })
        .collect();
    let template = json!({"Mappings": {"M": {"a": {"b": values}}}, "Resources": {"P": {
        "Type": "AWS::S3::BucketPolicy",
        "Properties": {"Bucket": "logs", "PolicyDocument": {"Version": "2012-10-17", "Statement": uses}}}}});
    let said = refused("t.json", &template.to_string(), &[]);
    assert!(said.contains("more than 5000000 values"), "{said}");

    // A circle of thousands.
    let mut resources = json!({});
    for at in 0..5_000 {
        resources[format!("R{at}")] =
            json!({"Type": "A::B::C", "DependsOn": format!("R{}", (at + 1) % 5_000)});
    }
    let said = refused("t.json", &json!({"Resources": resources}).to_string(), &[]);
    assert!(
        said.contains("and 4990 more wait for each other in a circle"),
        "{said}"
    );
}

#[test]
fn thousands_of_stacks_that_import_are_linked_in_seconds() {
    let exports: serde_json::Map<_, _> = (0..3_000)
        .map(|at| {
            (
                format!("O{at}"),
                json!({"Value": format!("logs-{at}"), "Export": {"Name": format!("e{at}")}}),
            )
        })
        .collect();
    let imports: serde_json::Map<_, _> = (0..6_000)
        .map(|at| {
            (
                format!("O{at}"),
                json!({"Value": {"Fn::ImportValue": format!("e{}", at / 2)}}),
            )
        })
        .collect();
    let handle = json!({"Type": "AWS::CloudFormation::WaitConditionHandle"});
    let trail = json!({"Type": "AWS::CloudTrail::Trail", "Properties": {"TrailName": "audit", "IsLogging": true,
        "S3BucketName": {"Fn::ImportValue": "e7"}}});
    let files = [
        (
            "base.json",
            json!({"Resources": {"H": handle}, "Outputs": exports}).to_string(),
        ),
        (
            "far.json",
            json!({"Resources": {"H": handle}, "Outputs": imports}).to_string(),
        ),
        (
            "member.json",
            json!({"Resources": {"Trail": trail}}).to_string(),
        ),
    ];
    let folder = folder(&files);
    let accounts: Vec<String> = (0..500)
        .map(|at| format!("{:012}", 200_000_000_000_usize + at))
        .collect();
    let sets = format!(
        "--stack-accounts=member={},200000000500",
        accounts.join(",")
    );
    let paths: Vec<_> = files
        .iter()
        .map(|(name, _)| folder.path().join(name))
        .collect();
    let mut arguments: Vec<&str> = vec![
        "check",
        "-f",
        "json",
        "--allow-partial",
        "--fail-on",
        "never",
    ];
    arguments.extend(paths.iter().map(|file| path(file)));
    arguments.extend([&sets, "--account=base=200000000003", "--region=us-east-1"]);
    let started = std::time::Instant::now();
    let report = run(0, &arguments).json();
    let trails = report["trails"].as_array().unwrap();
    assert_eq!(trails.len(), 501);
    let imported = trails.iter().filter(|it| it["bucket"] == "logs-7");
    assert_eq!(imported.count(), 1, "exports reach no other account");
    // Once it was a minute.
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}
