//! Stacks that hand values on to each other, and stacks that make others: exports and outputs, nested stacks of `cdk synth`,
//! stack sets.

use serde_json::json;

use super::{check, folder, told};
use crate::support::{command, finish, path, run};

/// A bucket with a policy for one trail of an account, as a template that hands on the bucket's name.
fn bucket(account: &str, region: &str, outputs: &str) -> String {
    format!(
        "Resources:
  Bucket: {{ Type: AWS::S3::Bucket, Properties: {{ VersioningConfiguration: {{ Status: Enabled }} }} }}
  Policy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Bucket
      PolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Principal: {{ Service: cloudtrail.amazonaws.com }}
            Action: s3:GetBucketAcl
            Resource: !GetAtt Bucket.Arn
            Condition: &own {{ StringEquals: {{ aws:SourceArn: !Sub 'arn:aws:cloudtrail:{region}:{account}:trail/audit' }} }}
          - Effect: Allow
            Principal: {{ Service: cloudtrail.amazonaws.com }}
            Action: s3:PutObject
            Resource: !Sub '${{Bucket.Arn}}/AWSLogs/{account}/*'
            Condition: *own
{outputs}"
    )
}

fn own_bucket(outputs: &str) -> String {
    bucket("${AWS::AccountId}", "${AWS::Region}", outputs)
}

fn trail(bucket: &str) -> String {
    format!(
        "Resources:
  Trail:
    Type: AWS::CloudTrail::Trail
    Properties: {{ TrailName: audit, IsLogging: true, IsMultiRegionTrail: true, EnableLogFileValidation: true, S3BucketName: {bucket} }}
"
    )
}

const EXPORT: &str =
    "Outputs: { Name: { Value: !Ref Bucket, Export: { Name: !Sub '${AWS::StackName}-logs' } } }";
const FIXED: &str = "Outputs: { Name: { Value: !Ref Bucket, Export: { Name: logs } } }";

/// `ACCOUNT REGION VERDICT` of each trail, and the findings of medium severity or above.
fn said(files: &[(&str, String)], named: &[&str], more: &[&str]) -> String {
    let folder = folder(files);
    let paths: Vec<_> = named.iter().map(|name| folder.path().join(name)).collect();
    let mut arguments = vec!["--fail-on", "never", "--allow-partial"];
    arguments.extend(paths.iter().map(|file| path(file)));
    arguments.extend(more);
    let (trails, found) = told(&check(0, &arguments));
    let trails = trails.iter().map(|trail| {
        let parts: Vec<&str> = trail.split([':', ' ']).collect();
        format!("{} {} {}", parts[4], parts[3], parts.last().unwrap())
    });
    trails.chain(found).collect::<Vec<_>>().join(", ")
}

#[test]
fn an_import_says_that_two_stacks_are_in_one_account_and_region() {
    let both = |base: String, import: &str, more: &[&str]| {
        let files = [("a.yaml", base), ("b.yaml", trail(import))];
        said(&files, &["a.yaml", "b.yaml"], more)
    };
    let known = "111111111111 eu-west-1 delivers";
    for (base, import) in [
        (own_bucket(FIXED), "!ImportValue logs"),
        (own_bucket(EXPORT), "!ImportValue base-logs"),
    ] {
        let nobody = both(base.clone(), import, &[]);
        assert_eq!(nobody, "⟨a.account⟩ ⟨a.region⟩ delivers");
        for name in ["a", "b"] {
            let account = format!("{name}=111111111111");
            let place = ["--account", &account, "--region", "eu-west-1"];
            assert_eq!(both(base.clone(), import, &place), known, "{name}");
        }
    }
    // Exports reach no other account and no other Region.
    let other = ["--account", "a=111111111111,b=222222222222"];
    assert_eq!(
        both(own_bucket(FIXED), "!ImportValue logs", &other),
        "222222222222 ⟨b.region⟩ undecided"
    );
    let other = [
        "--account",
        "111111111111",
        "--region",
        "a=us-east-1,b=us-east-2",
    ];
    assert_eq!(
        both(own_bucket(FIXED), "!ImportValue logs", &other),
        "111111111111 us-east-2 undecided"
    );
}

#[test]
fn of_two_exports_of_one_name_the_one_of_the_same_place_is_meant() {
    let files = [
        ("a.yaml", own_bucket(FIXED)),
        ("b.yaml", bucket("999999999999", "eu-west-1", FIXED)),
        ("c.yaml", trail("!ImportValue logs")),
    ];
    let all = ["a.yaml", "b.yaml", "c.yaml"];
    let at = |account: &str| {
        let accounts = format!("a=111111111111,b=222222222222,c={account}");
        said(
            &files,
            &all,
            &["--region", "eu-west-1", "--account", &accounts],
        )
    };
    assert_eq!(at("111111111111"), "111111111111 eu-west-1 delivers");
    let blocked = at("222222222222");
    assert!(
        blocked.starts_with("222222222222 eu-west-1 blocked, "),
        "{blocked}"
    );
    assert!(
        blocked.contains("account-prefix-missing b.yaml"),
        "{blocked}"
    );
    // Of two outputs of one export only one is made.
    let conditions = "Conditions: { Never: !Equals [a, b], Always: !Equals [a, a] }\n";
    let either = "Outputs: { A: { Condition: Always, Value: !Ref Bucket, Export: { Name: logs } }, B: { Condition: Never, Value: x, Export: { Name: logs } } }";
    let files = [
        ("a.yaml", format!("{conditions}{}", own_bucket(either))),
        files[1].clone(),
        files[2].clone(),
    ];
    let one = said(
        &files,
        &["a.yaml", "c.yaml"],
        &["--account", "111111111111", "--region", "eu-west-1"],
    );
    assert_eq!(one, "111111111111 eu-west-1 delivers");
    // Nobody says which of both it is.
    assert_eq!(
        said(
            &files,
            &all,
            &["--account", "a=111111111111,b=222222222222"]
        ),
        "⟨c.account⟩ ⟨c.region⟩ undecided"
    );
}

#[test]
fn an_output_of_another_stack_is_read_across_accounts_and_regions() {
    const OUTPUT: &str = "Outputs: { Name: { Value: !Ref Bucket } }";
    let both = |base: String, asked: &str, more: &[&str]| {
        let asked = format!("{{ Fn::GetStackOutput: {{ OutputName: Name, {asked} }} }}");
        let files = [("a.yaml", base), ("b.yaml", trail(&asked))];
        said(&files, &["a.yaml", "b.yaml"], more)
    };
    let role = "StackName: base, RoleArn: 'arn:aws:iam::111111111111:role/reader'";
    assert_eq!(
        both(own_bucket(OUTPUT), "StackName: base", &[]),
        "⟨a.account⟩ ⟨a.region⟩ delivers"
    );
    let other = bucket("222222222222", "us-west-2", OUTPUT);
    let places =
        |accounts: &'static str| ["--account", accounts, "--region", "a=us-east-1,b=us-west-2"];
    let apart = places("a=111111111111,b=222222222222");
    let far = format!("{role}, Region: us-east-1");
    assert_eq!(
        both(other.clone(), &far, &apart),
        "222222222222 us-west-2 delivers"
    );
    // Without the Region, or without the role, it is another stack that is asked.
    for asked in [role, "StackName: base, Region: us-east-1"] {
        assert_eq!(
            both(other.clone(), asked, &apart),
            "222222222222 us-west-2 undecided",
            "{asked}"
        );
    }
}

#[test]
fn what_cdk_hands_on_to_another_region_is_followed() {
    let writer = "  Writer:
    Type: Custom::CrossRegionExportWriter
    Properties:
      WriterProps: { region: eu-west-1, exports: { /cdk/exports/There/HereRefBucket: !Ref Bucket } }
";
    let reader = "  Reader: { Type: Custom::CrossRegionExportReader }\n";
    let here = bucket("${AWS::AccountId}", "eu-west-1", writer);
    let there = trail("!GetAtt [Reader, /cdk/exports/There/HereRefBucket]") + reader;
    let files = [("a.yaml", here), ("b.yaml", there)];
    let at = |region: &str| {
        let regions = format!("a=us-east-1,b={region}");
        let place = ["--account", "111111111111", "--region", &regions];
        said(&files, &["a.yaml", "b.yaml"], &place)
    };
    assert_eq!(at("eu-west-1"), "111111111111 eu-west-1 delivers");
    assert_eq!(at("eu-west-2"), "111111111111 eu-west-2 undecided");
}

#[test]
fn a_nested_stack_of_an_assembly_is_found_by_what_its_upload_is_called() {
    let files = [
        (
            "manifest.json",
            r#"{"version": "55.0.0", "artifacts": {"S": {"type": "aws:cloudformation:stack", "environment":
            "aws://111111111111/eu-west-1", "properties": {"templateFile": "S.template.json"}}}}"#
                .to_owned(),
        ),
        (
            "S.template.json",
            r#"{"Resources": {"N": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": {"Fn::Join": ["",
            ["https://s3.eu-west-1.", {"Ref": "AWS::URLSuffix"}, "/assets/0123abcd.json"]]}}}}}"#
                .to_owned(),
        ),
        (
            "S.assets.json",
            r#"{"files": {"0123abcd": {"source": {"path": "N.nested.template.json", "packaging": "file"},
            "destinations": {"d": {"bucketName": "assets", "objectKey": "0123abcd.json"}}}}}"#
                .to_owned(),
        ),
        (
            "N.nested.template.json",
            r#"{"Resources": {"T": {"Type": "AWS::CloudTrail::Trail", "Properties": {"TrailName": "audit", "IsLogging": false,
            "IsMultiRegionTrail": true, "EnableLogFileValidation": true, "S3BucketName": "logs"}}}}"#
                .to_owned(),
        ),
    ];
    assert_eq!(
        said(&files, &["."], &[]),
        "111111111111 eu-west-1 blocked, trail-not-logging N.nested.template.json:1:106"
    );
}

#[test]
fn a_stack_set_is_one_stack_in_each_account_and_region_that_it_names() {
    let set = |body: &str, targets: &str| {
        format!(
            "  Set:
    Type: AWS::CloudFormation::StackSet
    Properties:
      StackSetName: trails
      PermissionModel: SELF_MANAGED
      Parameters: [{{ ParameterKey: Logs, ParameterValue: !Ref Bucket }}]
      StackInstancesGroup:
        - Regions: [eu-west-1]
          DeploymentTargets: {targets}
      {body}
"
        )
    };
    let member = "Parameters: { Logs: { Type: String } }
Resources:
  Trail:
    Type: AWS::CloudTrail::Trail
    Properties: { TrailName: audit, IsLogging: true, IsMultiRegionTrail: true, EnableLogFileValidation: true, S3BucketName: !Ref Logs }
";
    let literal = format!(
        "TemplateBody: |\n        {}",
        member.replace('\n', "\n        ")
    );
    let filled = literal
        .replace("TemplateBody: |", "TemplateBody: !Sub |")
        .replace("!Ref Logs", "'${Bucket}'");
    let all = |body: &str, targets: &str| {
        let audit = bucket("222222222222", "eu-west-1", &set(body, targets));
        let files = [("audit.yaml", audit), ("member.yaml", member.to_owned())];
        said(&files, &["audit.yaml"], &["--account", "111111111111"])
    };
    let delivers = "222222222222 eu-west-1 delivers";
    let one = "{ Accounts: ['222222222222'] }";
    for body in [
        literal.as_str(),
        filled.as_str(),
        "TemplateURL: https://templates.s3.amazonaws.com/member.yaml",
    ] {
        assert_eq!(all(body, one), delivers, "{body}");
    }
    let two = all(&literal, "{ Accounts: ['222222222222', '333333333333'] }");
    assert!(
        two.starts_with("222222222222 eu-west-1 delivers, 333333333333 eu-west-1 blocked"),
        "{two}"
    );
    // Which accounts are in a unit is not known; nor which are left where some are taken out.
    let unit = "⟨Set.account⟩ eu-west-1 undecided";
    for (targets, expected) in [
        (
            "{ OrganizationalUnitIds: [ou-1234-abcdefgh] }",
            unit.to_owned(),
        ),
        (
            "{ OrganizationalUnitIds: [ou-1234-abcdefgh], Accounts: ['222222222222'], AccountFilterType: DIFFERENCE }",
            unit.to_owned(),
        ),
        (
            "{ OrganizationalUnitIds: [ou-1234-abcdefgh], Accounts: ['222222222222'], AccountFilterType: INTERSECTION }",
            delivers.to_owned(),
        ),
        (
            "{ OrganizationalUnitIds: [ou-1234-abcdefgh], Accounts: ['222222222222'], AccountFilterType: UNION }",
            format!("{delivers}, {unit}"),
        ),
    ] {
        assert_eq!(all(&literal, targets), expected, "{targets}");
    }
}

#[test]
fn a_key_or_a_topic_that_another_stack_names_is_the_one_that_it_made() {
    let key = "Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy: { Version: '2012-10-17', Statement: [{ Effect: Allow, Principal: { AWS: !Ref AWS::AccountId }, Action: 'kms:*', Resource: '*' },
        { Effect: Allow, Principal: { Service: cloudtrail.amazonaws.com },
        Action: ['kms:GenerateDataKey*', 'kms:DescribeKey'], Resource: '*', Condition: { StringEquals: { aws:SourceAccount: !Ref AWS::AccountId } } }] }
  Topic: { Type: AWS::SNS::Topic }
  TopicPolicy:
    Type: AWS::SNS::TopicPolicy
    Properties:
      Topics: [!Ref Topic]
      PolicyDocument: { Version: '2012-10-17', Statement: [{ Effect: Allow, Principal: { Service: cloudtrail.amazonaws.com },
        Action: sns:Publish, Resource: !Ref Topic, Condition: { StringEquals: { aws:SourceAccount: !Ref AWS::AccountId } } }] }
Outputs:
  Key: { Value: !Ref Key, Export: { Name: key } }
  Topic: { Value: !GetAtt Topic.TopicName, Export: { Name: topic } }
";
    let trail = "  Trail:
    Type: AWS::CloudTrail::Trail
    Properties: { TrailName: audit, IsLogging: true, IsMultiRegionTrail: true, EnableLogFileValidation: true, S3BucketName: !Ref Bucket,
      KMSKeyId: !ImportValue key, SnsTopicName: !ImportValue topic }
";
    for names in [["key.yaml", "trail.yaml"], ["a.yaml", "b.yaml"]] {
        // The stack that is asked may be read before or after the one that asks.
        for (first, second) in [(0, 1), (1, 0)] {
            let files = [
                (names[first], key.to_owned()),
                (names[second], own_bucket(trail)),
            ];
            let account = ["--account", "111111111111", "--region", "eu-west-1"];
            assert_eq!(
                said(&files, &names, &account),
                "111111111111 eu-west-1 delivers"
            );
        }
    }
}

#[test]
fn what_is_taken_for_granted_of_how_stacks_go_together_is_said() {
    let assumed = |base: String, asked: &str, more: &[&str]| {
        let folder = folder(&[("a.yaml", base), ("b.yaml", trail(asked))]);
        let (a, b) = (folder.path().join("a.yaml"), folder.path().join("b.yaml"));
        let arguments = [&[path(&a), path(&b), "--fail-on", "never"], more].concat();
        let said = check(0, &arguments)["assumptions"].clone();
        let table = run(0, &[&["check"], &arguments[..]].concat()).stdout;
        let shown = table.split_whitespace().collect::<Vec<_>>().join(" ");
        let shown = shown.replace('<', "⟨").replace('>', "⟩");
        let all = said.as_array().cloned().unwrap_or_default();
        let of = |format: &str| run(0, &[&["check", "-f", format], &arguments[..]].concat());
        let sarif = of("sarif").json();
        let notified = sarif["runs"][0]["invocations"][0]["toolExecutionNotifications"]
            .as_array()
            .unwrap();
        let notified = notified
            .iter()
            .filter(|it| it["descriptor"]["id"] == "taken-for-granted");
        assert_eq!(notified.count(), all.len(), "{sarif}");
        let notices = of("github")
            .stdout
            .matches("::notice title=trail-lint::Assumed: ")
            .count();
        assert_eq!(notices, usize::from(!all.is_empty()));
        let both = [
            "compare",
            path(&a),
            path(&a),
            "--old",
            path(&b),
            "--new",
            path(&b),
            "-f",
            "json",
        ];
        let compared = finish(command(&[&both[..], more].concat())).json();
        assert_eq!(compared["assumptions"], json!(all));
        for one in &all {
            assert!(
                shown.contains(&format!("assumed: {}", one.as_str().unwrap())),
                "{table}"
            );
        }
        for format in ["markdown", "html"] {
            let report = run(0, &[&["check", "-f", format], &arguments[..]].concat()).stdout;
            assert_eq!(report.contains("Assumed"), !all.is_empty(), "{format}");
        }
        all.iter()
            .map(|it| it.as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let together =
        "`b` imports `logs`, which `a` exports: both are taken to be in one account and Region";
    assert_eq!(
        assumed(own_bucket(FIXED), "!ImportValue logs", &[]),
        [together]
    );
    // Where both are said to be in one place, nothing is taken for granted.
    let place = ["--account", "111111111111", "--region", "eu-west-1"];
    assert_eq!(
        assumed(own_bucket(FIXED), "!ImportValue logs", &place),
        [""; 0]
    );
    let taken = "`base-logs`, which `b` imports, is taken for `⟨a.StackName⟩-logs` of `a`, the only export that it can mean";
    assert_eq!(
        assumed(own_bucket(EXPORT), "!ImportValue base-logs", &place),
        [taken]
    );
    // A stack that nobody named is called as its template.
    let named = "{ Fn::GetStackOutput: { StackName: a, OutputName: Name } }";
    assert_eq!(assumed(own_bucket(FIXED), named, &place), [""; 0]);
    let output = "{ Fn::GetStackOutput: { StackName: base, OutputName: Name } }";
    assert_eq!(
        assumed(own_bucket(FIXED), output, &place),
        [
            "the stack `base`, of which `b` reads the output `Name`, is taken for that of `a`, the only one that it can be"
        ]
    );
}
