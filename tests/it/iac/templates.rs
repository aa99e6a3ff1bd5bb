//! What public templates are written with, and what a template does not tell: each in the smallest template
//! that shows it.

use super::{check, folder, told};
use crate::support::path;

const RESOURCE: &str = "!Sub '${Bucket.Arn}/AWSLogs/${AWS::AccountId}/*'";

/// A trail, its bucket and the bucket's policy.
pub(super) fn template(head: &str, resource: &str, trail: &str) -> String {
    format!(
        "{head}
Resources:
  Bucket: {{ Type: AWS::S3::Bucket, Properties: {{ VersioningConfiguration: {{ Status: Enabled }} }} }}
  Policy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Bucket
      PolicyDocument:
        Version: '2012-10-17'
        Statement:
          - &acl
            Effect: Allow
            Principal: {{ Service: cloudtrail.amazonaws.com }}
            Action: s3:GetBucketAcl
            Resource: !GetAtt Bucket.Arn
          - <<: *acl
            Action: s3:PutObject
            Resource: {resource}
  Trail:
    Type: AWS::CloudTrail::Trail
    DependsOn: Policy
    Properties:
      TrailName: audit
      IsLogging: true
      S3BucketName: !Ref Bucket
{trail}
"
    )
}

/// The verdicts on templates, and the findings of high severity.
fn said(files: &[(&str, String)], named: &[&str]) -> String {
    let folder = folder(files);
    let paths: Vec<_> = named.iter().map(|name| folder.path().join(name)).collect();
    let mut arguments = vec![
        "--min-severity",
        "high",
        "--fail-on",
        "never",
        "--allow-partial",
    ];
    arguments.extend(paths.iter().map(|file| path(file)));
    let (trails, found) = told(&check(0, &arguments));
    let verdicts = trails.iter().map(|trail| trail.rsplit_once(' ').unwrap().1);
    let rules = found.iter().map(|found| found.split_once(' ').unwrap().0);
    verdicts.chain(rules).collect::<Vec<_>>().join(" ")
}

fn one(text: String) -> String {
    said(&[("t.yaml", text)], &["t.yaml"])
}

#[test]
fn two_calls_of_a_function_are_not_taken_for_one_text() {
    let of = |prefix: &str| {
        let head = "Parameters: { P: { Type: String }, Q: { Type: String }, L: { Type: CommaDelimitedList } }\n\
                    Conditions: { C: !Equals [!Ref P, x] }\nMappings: { M: { us-east-1: { a: x, b: y } } }";
        let resource = format!(
            "!Sub ['${{Bucket.Arn}}/${{x}}/AWSLogs/${{AWS::AccountId}}/*', {{ x: {prefix} }}]"
        );
        move |trail: &str| {
            one(template(
                head,
                &resource,
                &format!("      S3KeyPrefix: {trail}"),
            ))
        }
    };
    for (policy, trail, expected) in [
        ("!Ref P", "!Ref P", "delivers"),
        ("!Ref P", "!Ref Q", "undecided"),
        ("!Select [0, !Ref L]", "!Select [0, !Ref L]", "delivers"),
        ("!Select [0, !Ref L]", "!Select [1, !Ref L]", "undecided"),
        ("!Join ['', !Ref L]", "!Join ['/', !Ref L]", "undecided"),
        ("!If [C, a, b]", "!If [C, a, b]", "delivers"),
        ("!If [C, a, b]", "!If [C, c, d]", "undecided"),
        ("!If [C, a, a]", "a", "delivers"),
        (
            "!FindInMap [M, !Ref 'AWS::Region', a]",
            "!FindInMap [M, !Ref 'AWS::Region', b]",
            "undecided",
        ),
        ("!Base64 a", "!Base64 b", "undecided"),
        (
            "{ Fn::Length: [a, b] }",
            "{ Fn::Length: [c, d] }",
            "delivers",
        ),
        (
            "{ Fn::Length: [a, b] }",
            "'3'",
            "blocked key-prefix-mismatch",
        ),
        (
            "{ Fn::Length: !Ref L }",
            "{ Fn::Length: !Ref L }",
            "delivers",
        ),
        ("'{{resolve:ssm:/a}}'", "'{{resolve:ssm:/a}}'", "delivers"),
        ("'{{resolve:ssm:/a}}'", "'{{resolve:ssm:/b}}'", "undecided"),
        ("'{{resolve:ssm:/a}}'", "logs", "undecided"),
    ] {
        assert_eq!(of(policy)(trail), expected, "{policy} {trail}");
    }
}

#[test]
fn an_account_that_is_not_known_is_no_organization() {
    let organization = "      IsOrganizationTrail: true";
    let both = |second: &str| format!("[{RESOURCE}, {second}]");
    for (resource, expected) in [
        (RESOURCE.to_owned(), "blocked org-path-missing"),
        (
            both("!Sub '${Bucket.Arn}/AWSLogs/${Organization}/*'"),
            "undecided",
        ),
        // Which organization it is nobody said, so nothing is blamed.
        (
            both("!Sub '${Bucket.Arn}/AWSLogs/o-abcdefghij/*'"),
            "undecided",
        ),
        (
            both("!Sub '${Bucket.Arn}/AWSLogs/o-*'"),
            "delivers any-account-may-write",
        ),
    ] {
        let head = "Parameters: { Organization: { Type: String } }";
        assert_eq!(
            one(template(head, &resource, organization)),
            expected,
            "{resource}"
        );
    }
    // A resource that happens to be called like one is none.
    let head = "Parameters: { account: { Type: String } }";
    let resource = "!Sub '${Bucket.Arn}/AWSLogs/${account}/*'";
    assert_eq!(one(template(head, resource, "")), "undecided");
}

#[test]
fn a_folder_that_is_not_known_may_be_an_accounts_own() {
    let head = "Parameters: { Path: { Type: String } }";
    for (resource, expected) in [
        ("!Sub '${Bucket.Arn}/${Path}/*'", "undecided"),
        (
            "!Sub '${Bucket.Arn}/${Path}/AWSLogs/*'",
            "undecided any-account-may-write key-prefix-mismatch",
        ),
    ] {
        assert_eq!(one(template(head, resource, "")), expected, "{resource}");
    }
}

#[test]
fn a_condition_on_another_partition_is_settled_by_the_partition() {
    let head = "Conditions: { Gov: !Equals [!Ref 'AWS::Region', us-gov-west-1] }";
    let resource = "!Sub ['arn:${P}:s3:::${Bucket}/AWSLogs/${AWS::AccountId}/*', { P: !If [Gov, aws-us-gov, aws] }]";
    assert_eq!(one(template(head, resource, "")), "delivers");
}

#[test]
fn loops_are_written_out_and_macros_are_out_of_sight() {
    let trails = "  'Fn::ForEach::Trails':
    - Name
    - !Ref Names
    - 'Trail${Name}':
        Type: AWS::CloudTrail::Trail
        Properties: { TrailName: !Sub 'x-${Name}', S3BucketName: !Ref Bucket, IsLogging: true, S3KeyPrefix: !Ref Name }";
    let head = "Transform: AWS::LanguageExtensions\nParameters: { Names: { Type: CommaDelimitedList, Default: 'a,b' } }";
    assert_eq!(
        one(template(head, RESOURCE, trails)),
        "delivers blocked blocked key-prefix-mismatch key-prefix-mismatch"
    );
    let bare = |head: &str, more: &str| {
        one(format!(
            "{head}\nResources:\n  Bucket: {{ Type: AWS::S3::Bucket }}\n  Trail: {{ Type: AWS::CloudTrail::Trail, \
             Properties: {{ S3BucketName: !Ref Bucket, IsLogging: true }} }}\n{more}"
        ))
    };
    assert_eq!(bare("", ""), "blocked bucket-policy-missing");
    assert_eq!(
        bare("Transform: AWS::Serverless-2016-10-31", ""),
        "blocked bucket-policy-missing"
    );
    for (head, more) in [
        ("Transform: [OurMacro]", ""),
        (
            "",
            "  Fn::Transform: { Name: AWS::Include, Parameters: { Location: 's3://x/y' } }",
        ),
        (
            "",
            "  Nested: { Type: AWS::CloudFormation::Stack, Properties: { TemplateURL: 'https://x/y.yaml' } }",
        ),
        (
            "Parameters: { Names: { Type: CommaDelimitedList } }",
            "  'Fn::ForEach::P': [Name, !Ref Names, { 'P${Name}': { Type: AWS::S3::BucketPolicy, Properties: {} } }]",
        ),
    ] {
        assert_eq!(bare(head, more), "undecided", "{head}{more}");
    }
}

const STORAGE: &str = "Parameters: { Name: { Type: String } }
Resources:
  Bucket: { Type: AWS::S3::Bucket, Properties: { BucketName: !Ref Name } }
  Policy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Bucket
      PolicyDocument:
        Version: '2012-10-17'
        Statement:
          Effect: Allow
          Principal: { Service: cloudtrail.amazonaws.com }
          Action: ['s3:GetBucketAcl', 's3:PutObject']
          Resource: [!GetAtt Bucket.Arn, !Sub '${Bucket.Arn}/AWSLogs/${AWS::AccountId}/*']
Outputs:
  Bucket: { Value: !Ref Bucket, Export: { Name: !Sub '${AWS::StackName}-logs' } }
";

#[test]
fn nested_stacks_are_followed_beside_their_parent_and_among_the_inputs() {
    let parent = |url: &str, asset: &str| {
        format!(
            "Resources:\n  Storage:\n    Type: AWS::CloudFormation::Stack\n    Metadata: {{ 'aws:asset:path': '{asset}' }}\n    \
             Properties: {{ TemplateURL: {url}, Parameters: {{ Name: logs-1 }} }}\n  Trail:\n    Type: AWS::CloudTrail::Trail\n    \
             Properties: {{ S3BucketName: !GetAtt Storage.Outputs.Bucket, IsLogging: true }}\n"
        )
    };
    let run = |url: &str, asset: &str, child: &str, named: &[&str]| {
        said(
            &[
                ("root.yaml", parent(url, asset)),
                (child, STORAGE.to_owned()),
            ],
            named,
        )
    };
    for (url, asset, child) in [
        ("./stacks/storage.yaml", "", "stacks/storage.yaml"),
        (
            "!Sub 'https://${AWS::Region}.x/a/storage.yaml'",
            "",
            "storage.yaml",
        ),
        (
            "!Join ['', ['https://', !Ref AWS::URLSuffix, '/abc.json']]",
            "Storage.nested.template.json",
            "Storage.nested.template.json",
        ),
    ] {
        assert_eq!(run(url, asset, child, &["root.yaml"]), "delivers", "{url}");
    }
    // Given together they are one parent and its nested stack, not two stacks.
    let both = ["root.yaml", "a/storage.yaml"];
    assert_eq!(
        run("https://x/storage.yaml?v=1", "", "a/storage.yaml", &both),
        "delivers"
    );
    let elsewhere = run("https://x/other.yaml", "", "storage.yaml", &["root.yaml"]);
    assert_eq!(elsewhere, "undecided");
    // One that names itself.
    let circle = "Resources:\n  S: { Type: AWS::CloudFormation::Stack, Properties: { TemplateURL: b.yaml } }\n  \
                  T: { Type: AWS::CloudTrail::Trail, Properties: { IsLogging: true, S3BucketName: !GetAtt S.Outputs.B } }\n\
                  Outputs: { B: { Value: !GetAtt S.Outputs.B } }\n";
    let other = circle.replace("b.yaml", "a.yaml");
    let files = [("a.yaml", circle.to_owned()), ("b.yaml", other)];
    assert!(said(&files, &["a.yaml"]).starts_with("undecided"));
}

#[test]
fn an_export_is_found_by_what_is_known_of_its_name() {
    let trail = |import: &str| {
        format!(
            "Parameters: {{ Stack: {{ Type: String }} }}\nResources:\n  Trail:\n    Type: AWS::CloudTrail::Trail\n    \
             Properties: {{ S3BucketName: !ImportValue {import}, IsLogging: true }}\n"
        )
    };
    let run = |import: &str| {
        let files = [
            ("audit.yaml", STORAGE.replace("!Ref Name", "logs-1")),
            ("member.yaml", trail(import)),
        ];
        let folder = folder(&files);
        let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let report = check(
            0,
            &[
                "--fail-on",
                "never",
                "--allow-partial",
                "--account",
                "111111111111",
                &file("audit.yaml"),
                &file("member.yaml"),
            ],
        );
        report["trails"][0]["bucket"].as_str().unwrap().to_owned()
    };
    assert_eq!(run("{ 'Fn::Sub': '${Stack}-logs' }"), "logs-1");
    assert_eq!(run("audit-logs"), "logs-1");
    assert_eq!(
        run("{ 'Fn::Sub': '${Stack}-bucket' }"),
        "⟨member..member.Stack.-bucket⟩"
    );
}

#[test]
fn everybody_of_the_keys_own_account_is_nobody_of_another() {
    let key = |key: &str, account: &str| {
        format!(
            "  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy: {{ Version: '2012-10-17', Statement: [{{ Effect: Allow, Principal: {{ AWS: '*' }}, Action: 'kms:*', Resource: '*',
        Condition: {{ StringEquals: {{ {key}: {account} }} }} }}, {{ Effect: Allow, Principal: {{ Service: cloudtrail.amazonaws.com }},
        Action: ['kms:GenerateDataKey*', 'kms:DescribeKey'], Resource: '*', Condition: {{ StringEquals: {{ aws:SourceAccount: !Ref AWS::AccountId }} }} }}] }}"
        )
    };
    let admits = |key: String, more: &[&str]| {
        let trail = format!("      KMSKeyId: !GetAtt Key.Arn\n{key}");
        let folder = folder(&[("t.yaml", template("", RESOURCE, &trail))]);
        let file = folder.path().join("t.yaml");
        let arguments = [
            &["--fail-on", "never", "--allow-partial", path(&file)],
            more,
        ]
        .concat();
        let (_, found) = told(&check(0, &arguments));
        found.iter().any(|found| {
            found.starts_with("cross-account-tampering") || found.starts_with("kms-principal-star")
        })
    };
    for name in ["kms:CallerAccount", "aws:PrincipalAccount"] {
        for place in [&[][..], &["--account", "111111111111"]] {
            assert!(
                !admits(key(name, "!Ref AWS::AccountId"), place),
                "{name} {place:?}"
            );
            assert!(
                !admits(key(name, "'111111111111'"), &["--account", "111111111111"]),
                "{name}"
            );
        }
    }
    assert!(admits(
        key("kms:ViaService", "s3.eu-west-1.amazonaws.com"),
        &[]
    ));
    assert!(admits(
        key("aws:SourceVpc", "vpc-1"),
        &["--account", "111111111111"]
    ));
}

#[test]
fn what_is_open_of_a_key_a_flag_or_a_policy_decides_nothing() {
    let head = "Parameters: { On: { Type: String } }";
    let key = |enabled: &str| {
        let text = template(head, RESOURCE, "      KMSKeyId: !GetAtt Key.Arn");
        let key = format!(
            "  Key:
    Type: AWS::KMS::Key
    Properties:
      Enabled: {enabled}
      KeyPolicy:
        Version: '2012-10-17'
        Statement: [{{ Effect: Allow, Principal: {{ Service: cloudtrail.amazonaws.com }}, Action: 'kms:*', Resource: '*' }}]
"
        );
        one(text + &key)
    };
    assert_eq!(key("true"), "delivers");
    assert_eq!(key("!Ref On"), "undecided");
    assert_eq!(key("no"), "blocked kms-key-disabled");
    // The words of YAML 1.1.
    let logging = |word: &str| {
        one(template(head, RESOURCE, "").replace("IsLogging: true", &format!("IsLogging: {word}")))
    };
    assert_eq!(logging("yes"), "delivers");
    for word in ["no", "off", "NO", "false"] {
        assert_eq!(logging(word), "blocked trail-not-logging", "{word}");
    }
    // Two resources that give one bucket a policy each.
    let second = |resource: &str| {
        let text = template(head, RESOURCE, "");
        let (_, rest) = text.split_once("  Policy:\n").unwrap();
        let (policy, _) = rest.split_once("  Trail:\n").unwrap();
        let policy = policy.replace("&acl", "&other").replace("*acl", "*other");
        one(format!(
            "{text}  Second:\n{}",
            policy.replace(RESOURCE, resource)
        ))
    };
    assert_eq!(second(RESOURCE), "delivers");
    assert_eq!(second("'*'"), "undecided");
}

#[test]
fn where_the_organization_is_not_known_a_deny_is_blamed_and_not_its_grant() {
    let organization = "      IsOrganizationTrail: true";
    let both = format!("[{RESOURCE}, !Sub '${{Bucket.Arn}}/AWSLogs/o-abcdefghij/*']");
    let text = template("", &both, organization);
    let deny = "          - Effect: Deny
            Principal: '*'
            Action: s3:PutObject
            Resource: !Sub '${Bucket.Arn}/*'
            Condition: { StringNotEqualsIfExists: { 's3:x-amz-server-side-encryption': 'aws:kms' } }
  Trail:
";
    let text = text.replacen("  Trail:\n", deny, 1);
    assert_eq!(one(text), "blocked explicit-deny-encryption");
}

#[test]
fn a_key_that_no_trail_of_the_code_uses_is_compared_beside_trails_of_its_own() {
    let with_key = |accounts: &str| {
        let key = format!(
            "  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Principal: {{ Service: cloudtrail.amazonaws.com }}
            Action: 'kms:GenerateDataKey*'
            Resource: '*'
            Condition: {{ StringEquals: {{ 'aws:SourceAccount': [{accounts}] }} }}
"
        );
        template("", RESOURCE, "") + &key
    };
    let folder = folder(&[
        ("old.yaml", with_key("'222222222222', '333333333333'")),
        ("new.yaml", with_key("'222222222222'")),
    ]);
    let file = |name: &str| path(&folder.path().join(name)).to_owned();
    let (old, new) = (file("old.yaml"), file("new.yaml"));
    let compared = |old: &str, new: &str, status| {
        let arguments = [
            "compare",
            old,
            new,
            "--account",
            "111111111111",
            "--region",
            "us-east-1",
        ];
        crate::support::run(status, &arguments).stdout
    };
    let told = compared(&old, &new, 0);
    assert!(
        told.contains("no longer allowed for a trail of account 333333333333"),
        "{told}"
    );
    assert!(told.contains("less than OLD, and nothing more"), "{told}");
    let told = compared(&new, &old, 1);
    assert!(told.contains("333333333333"), "{told}");
    assert!(compared(&old, &old, 0).contains("the same as OLD"));
}
