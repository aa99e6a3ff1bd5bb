//! The step of the GitHub Action for pull requests, with real repositories: an origin with a base and a head,
//! and the shallow checkout of a job.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::support::{path, repository};

const OF_AUDIT: &str = "--account=111111111111";
const STACK: &str = "my stacks/audit.yaml";

/// Folders of one job: the origin, the checkout, and what the runner hands to a step.
struct Job {
    folder: TempDir,
}

impl Job {
    /// An origin of which the base has one set of files, and the head of a pull request another.
    fn new(base: &[(&str, String)], head: &[(&str, String)]) -> Job {
        let job = Job {
            folder: TempDir::new().unwrap(),
        };
        std::fs::create_dir(job.at("origin")).unwrap();
        job.git("origin", &["init", "-q", "-b", "main"]);
        // As GitHub does: a commit may be asked for by its name.
        let wants = ["config", "uploadpack.allowReachableSHA1InWant", "true"];
        job.git("origin", &wants);
        job.commit(base);
        job.git("origin", &["checkout", "-q", "-b", "topic"]);
        job.git("origin", &["rm", "-q", "-r", "."]);
        job.commit(head);
        job.git("origin", &["checkout", "-q", "main"]);
        job
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.at(name)).unwrap()
    }

    fn write(&self, folder: &str, files: &[(&str, String)]) {
        for (name, text) in files {
            let file = self.at(folder).join(name);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, text).unwrap();
        }
    }

    fn commit(&self, files: &[(&str, String)]) {
        self.write("origin", files);
        self.git("origin", &["add", "--all"]);
        self.git("origin", &["commit", "-q", "--allow-empty", "-m", "more"]);
    }

    fn git(&self, folder: &str, arguments: &[&str]) -> String {
        let output = bare("git")
            .args(arguments)
            .current_dir(self.at(folder))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "git {arguments:?}: {said}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// The checkout of one revision of the origin, and of nothing besides it.
    fn check_out(&self, revision: &str) {
        std::fs::create_dir(self.at("work")).unwrap();
        self.git("work", &["init", "-q"]);
        let origin = format!("file://{}", path(&self.at("origin")));
        self.git("work", &["remote", "add", "origin", &origin]);
        let fetch = ["fetch", "-q", "--depth=1", "origin", revision];
        self.git("work", &fetch);
        self.git("work", &["checkout", "-q", "FETCH_HEAD"]);
    }

    /// The trial merge that GitHub makes, checked out as `actions/checkout` does.
    fn check_out_merge(&self) {
        self.git("origin", &["checkout", "-q", "--detach", "main"]);
        self.git(
            "origin",
            &["merge", "-q", "--no-ff", "-m", "trial", "topic"],
        );
        self.git("origin", &["update-ref", "refs/pull/1/merge", "HEAD"]);
        self.git("origin", &["checkout", "-q", "main"]);
        self.check_out("refs/pull/1/merge");
    }

    /// Runs a script of the action, as a job of the trial merge: its status, and all that it said.
    fn step(&self, script: &str, inputs: &[(&str, &str)]) -> (Option<i32>, String) {
        let merge = self.git(
            "origin",
            &["for-each-ref", "--format=%(objectname)", "refs/pull"],
        );
        let output = bare("bash")
            .arg(repository().join("deploy/ci").join(script))
            .current_dir(self.at("work"))
            .env("PROGRAM", env!("CARGO_BIN_EXE_trail-lint"))
            .env("RUNNER_TEMP", self.folder.path())
            .env("GITHUB_EVENT_NAME", "pull_request")
            .env("GITHUB_SHA", merge)
            .env("GITHUB_OUTPUT", self.at("output"))
            .env("GITHUB_STEP_SUMMARY", self.at("summary"))
            .env("BASE_SHA", self.git("origin", &["rev-parse", "main"]))
            .envs(inputs.iter().copied())
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (
            output.status.code(),
            text(output.stdout) + &text(output.stderr),
        )
    }

    fn compare(&self, status: i32, inputs: &[(&str, &str)]) -> String {
        let (found, said) = self.step("pull-request.sh", inputs);
        assert_eq!(found, Some(status), "{said}");
        // Nothing stays behind, in the repository least of all.
        let mut left: Vec<_> = std::fs::read_dir(self.folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.starts_with("trail-lint"))
            .collect();
        left.extend(
            self.git("work", &["worktree", "list"])
                .lines()
                .skip(1)
                .map(str::to_owned),
        );
        assert_eq!(left, [] as [String; 0]);
        said
    }
}

/// A program with nothing of the tester's environment but the path, and a name for git's commits.
fn bare(program: &str) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1");
    for who in ["AUTHOR", "COMMITTER"] {
        command
            .env(format!("GIT_{who}_NAME"), "a")
            .env(format!("GIT_{who}_EMAIL"), "a@example.com");
    }
    command
}

fn stack(name: &str) -> String {
    let folder = Path::new("fixtures/iac/cloudformation/pull-request");
    std::fs::read_to_string(repository().join(folder).join(name)).unwrap()
}

/// A bucket policy that lets one trail write; its Sid is free text.
fn bucket_policy(account: &str, sid: &str) -> String {
    serde_json::json!({"Version": "2012-10-17", "Statement": [{
        "Sid": sid, "Effect": "Allow",
        "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": format!("arn:aws:s3:::example-logs/AWSLogs/{account}/*"),
        "Condition": {"StringEquals": {
            "s3:x-amz-acl": "bucket-owner-full-control",
            "aws:SourceArn": format!("arn:aws:cloudtrail:us-east-1:{account}:trail/audit"),
        }},
    }]})
    .to_string()
}

#[test]
fn the_summary_begins_with_what_merging_stops_and_goes_on_with_what_changes() {
    let job = Job::new(
        &[(STACK, stack("base.yaml"))],
        &[(STACK, stack("head.yaml"))],
    );
    job.commit(&[("other", "the base moves on".to_owned())]);
    job.check_out_merge();
    let snapshot = repository().join("fixtures/interstellar/sound");
    let (status, said) = job.step(
        "check.sh",
        &[
            ("CODE", STACK),
            ("SNAPSHOT", path(&snapshot)),
            ("OPTIONS", OF_AUDIT),
            ("TRAIL_LINT_FORMAT", "github"),
        ],
    );
    let sentence = "Merging this change will stop the logs of 1 account: 222222222222.";
    assert_eq!(status, Some(1), "{said}");
    assert!(
        said.starts_with(&format!("::error title=trail-lint::{sentence}\n")),
        "{said}"
    );
    assert!(
        said.contains(",file=my%20stacks/audit.yaml,")
            || said.contains(",file=my stacks/audit.yaml,"),
        "{said}"
    );

    // Without trails of its own the stack gains and loses, and stops nothing that is known.
    let said = job.compare(0, &[("CODE", STACK), ("OPTIONS", OF_AUDIT)]);
    assert!(
        said.contains("now allowed for a trail of account 222222222222"),
        "{said}"
    );
    let said = job.compare(
        1,
        &[("CODE", STACK), ("OPTIONS", OF_AUDIT), ("GAINS", "fail")],
    );
    assert!(
        said.contains("NEW lets CloudTrail do more than OLD, and less."),
        "{said}"
    );
    assert!(job.read("output").ends_with("compared=1\ncompared=1\n"));
    let summary = job.read("summary");
    let at = |text: &str| {
        summary
            .find(text)
            .unwrap_or_else(|| panic!("{text}: {summary}"))
    };
    assert!(at(sentence) < at("### What the pull request changes in `my stacks/audit.yaml`"));
}

#[test]
fn what_the_base_has_gained_meanwhile_is_not_lost_by_the_pull_request() {
    let policy = |account: &str| bucket_policy(account, "Write");
    let job = Job::new(
        &[("p/bucket.json", policy("111111111111"))],
        &[
            ("p/bucket.json", policy("111111111111")),
            ("new", String::new()),
        ],
    );
    job.commit(&[("p/bucket.json", policy("222222222222"))]);
    let compare = [("COMPARE", "p/bucket.json --bucket=example-logs")];
    job.check_out("topic");
    let said = job.compare(0, &compare);
    assert!(
        said.contains("NEW lets CloudTrail do the same as OLD."),
        "{said}"
    );
    assert!(job.read("output").ends_with("compared=0\n"));
}

#[test]
fn logs_that_stop_fail_the_job() {
    let policy = |account: &str| bucket_policy(account, "Write");
    let job = Job::new(
        &[("bucket.json", policy("111111111111"))],
        &[("bucket.json", policy("222222222222"))],
    );
    job.check_out_merge();
    let trail = "--trail=arn:aws:cloudtrail:us-east-1:111111111111:trail/audit";
    let line = format!("bucket.json --bucket=example-logs {trail}");
    let said = job.compare(1, &[("COMPARE", &line)]);
    assert!(
        said.contains("NEW will stop the logs of 1 account: 111111111111."),
        "{said}"
    );
}

#[test]
fn what_one_side_lacks_is_said() {
    let policy = bucket_policy("111111111111", "Write");
    let job = Job::new(
        &[("old.json", policy.clone())],
        &[("new.json", policy.clone())],
    );
    job.check_out_merge();
    for (status, line, says) in [
        (
            0,
            "new.json",
            "It is new: there is nothing to compare it with.",
        ),
        (
            3,
            "old.json",
            "It is gone, so that it cannot be said what is lost.",
        ),
        (2, "none.json", "Neither the base nor the head has it."),
        (2, "../work/new.json", "is no path inside of the repository"),
        (2, "/etc/passwd", "is no path inside of the repository"),
    ] {
        let said = job.compare(status, &[("COMPARE", line)]);
        assert!(said.contains(says), "{line}: {said}");
    }
    // What an earlier step made is not in git; its base lies where the job says.
    job.write("work", &[("made.json", policy)]);
    let line = "made.json --bucket=example-logs";
    let said = job.compare(3, &[("COMPARE", line)]);
    assert!(
        said.contains("name a folder with the base's version in `base`"),
        "{said}"
    );
    let other = bucket_policy("222222222222", "Write");
    job.write("made", &[("made.json", other)]);
    let base = job.at("made");
    let said = job.compare(0, &[("COMPARE", line), ("BASE", path(&base))]);
    assert!(
        said.contains("NEW lets CloudTrail do more than OLD, and less."),
        "{said}"
    );
}

#[test]
fn no_text_of_a_policy_is_a_command_or_leaves_its_block() {
    let hostile = "x\n::error::forged\n```\n# forged ##[error]forged";
    let job = Job::new(
        &[("bucket.json", bucket_policy("111111111111", "Write"))],
        &[("bucket.json", bucket_policy("222222222222", hostile))],
    );
    job.check_out_merge();
    let said = job.compare(0, &[("COMPARE", "bucket.json --bucket=example-logs")]);
    let lines: Vec<&str> = said.lines().collect();
    let stop = lines
        .iter()
        .position(|line| line.starts_with("::stop-commands::"));
    let token = lines[stop.unwrap()].trim_start_matches("::stop-commands::");
    assert_eq!(token.len(), 32);
    assert_eq!(lines.last().unwrap(), &format!("::{token}::"));
    assert!(said.contains("forged"), "{said}");
    let summary = job.read("summary");
    let fence = summary
        .lines()
        .find(|line| line.starts_with("```"))
        .unwrap();
    let fence = fence.trim_end_matches("text");
    let within = summary.split(fence).nth(1).unwrap();
    assert_eq!(summary.matches(fence).count(), 2, "{summary}");
    assert!(within.contains("forged"), "{summary}");
}

#[test]
fn several_templates_are_one_estate_of_which_options_may_name_one() {
    let audit = |accounts: &str| {
        format!(
            "Resources:
  Bucket: {{ Type: AWS::S3::Bucket, Properties: {{ BucketName: central-logs, VersioningConfiguration: {{ Status: Enabled }} }} }}
  Policy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Bucket
      PolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Principal: {{ Service: cloudtrail.amazonaws.com }}
            Action: ['s3:GetBucketAcl', 's3:PutObject']
            Resource: [!GetAtt Bucket.Arn, !Sub '${{Bucket.Arn}}/*']
            Condition: {{ StringEquals: {{ aws:SourceAccount: {accounts} }} }}
"
        )
    };
    let member = "Resources:
  Trail: { Type: AWS::CloudTrail::Trail, Properties: { TrailName: audit, S3BucketName: central-logs, IsLogging: true,
    IsMultiRegionTrail: true, EnableLogFileValidation: true } }
";
    let all = "['222222222222', '333333333333', '444444444444']";
    let base = [
        ("audit.yaml", audit(all)),
        ("member.yaml", member.to_owned()),
    ];
    let inputs = [
        ("CODE", "audit.yaml\nmember.yaml"),
        (
            "OPTIONS",
            "--account=audit=111111111111\n--stack-accounts=member=222222222222,333333333333,444444444444\n--region=us-east-1",
        ),
    ];
    let compared = |status: i32, head: &[(&str, String)]| {
        let job = Job::new(&base, head);
        job.check_out_merge();
        job.compare(status, &inputs)
    };
    let said = compared(
        1,
        &[("audit.yaml", audit("['222222222222']")), base[1].clone()],
    );
    assert!(
        said.starts_with("What the pull request changes in `audit.yaml, member.yaml`\n"),
        "{said}"
    );
    let stops = "NEW will stop the logs of 2 accounts: 333333333333, 444444444444.";
    assert!(said.replace('\n', " ").contains(stops), "{said}");
    // A template that comes or goes is named in the options of both versions.
    let said = compared(1, &base[..1]);
    let stops = "NEW will stop the logs of 3 accounts: 222222222222, 333333333333, 444444444444.";
    assert!(said.replace('\n', " ").contains(stops), "{said}");
    let job = Job::new(&base[..1], &base);
    job.check_out_merge();
    let said = job.compare(0, &inputs);
    assert!(
        said.contains("444444444444:trail/audit: delivers, was not there"),
        "{said}"
    );
    assert!(!said.contains("will stop"), "{said}");
    // So is a parameter; and what nobody named is called alike where a template comes beside it.
    let unnamed = audit(all).replace("BucketName: central-logs, ", "");
    let own = "  Own: { Type: AWS::CloudTrail::Trail, Properties: { S3BucketName: !Ref Bucket, IsLogging: true } }\n";
    let own = format!("{unnamed}{own}");
    let named = own.replace(
        "IsLogging: true",
        "IsLogging: true, S3KeyPrefix: !Ref Prefix",
    );
    let named = format!("Parameters: {{ Prefix: {{ Type: String }} }}\n{named}");
    for (old, new) in [(&own, &named), (&named, &own), (&own, &own)] {
        let old = [("audit.yaml", old.clone())];
        let new = [("audit.yaml", new.clone()), base[1].clone()];
        let job = Job::new(&old, &new);
        job.check_out_merge();
        let is_named = old[0].1 != new[0].1;
        let parameter = if is_named {
            "\n--parameter=Prefix=x"
        } else {
            ""
        };
        let options = format!("--account=222222222222\n--region=us-east-1{parameter}");
        let said = job.compare(
            0,
            &[("CODE", "audit.yaml\nmember.yaml"), ("OPTIONS", &options)],
        );
        assert!(!said.contains("not there, was"), "{said}");
    }
    // Of the trail that a template loses the accounts are known, and one that goes to another template is where it was.
    let empty = "Resources: { Nothing: { Type: AWS::CloudFormation::WaitConditionHandle } }\n";
    let said = compared(1, &[base[0].clone(), ("member.yaml", empty.to_owned())]);
    let stops = "NEW will stop the logs of 3 accounts: 222222222222, 333333333333, 444444444444.";
    assert!(said.replace('\n', " ").contains(stops), "{said}");
    let said = compared(0, &base);
    assert!(
        said.contains("NEW lets CloudTrail do the same as OLD."),
        "{said}"
    );
    let trail = member
        .trim_start_matches("Resources:\n")
        .replace("central-logs", "!Ref Bucket");
    let old = [
        ("audit.yaml", format!("{}{trail}", audit(all))),
        ("other.yaml", empty.to_owned()),
    ];
    let new = [
        ("audit.yaml", audit(all)),
        ("other.yaml", member.to_owned()),
    ];
    let job = Job::new(&old, &new);
    job.check_out_merge();
    let options = ("OPTIONS", "--account=222222222222\n--region=us-east-1");
    let said = job.compare(0, &[("CODE", "audit.yaml\nother.yaml"), options]);
    assert!(
        said.contains("NEW lets CloudTrail do the same as OLD."),
        "{said}"
    );
}
