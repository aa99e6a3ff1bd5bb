//! Whole runs: an audit of many trails against one large policy, and the process from start to exit.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use divan::{Bencher, black_box};
use tempfile::TempDir;
use trail_lint::audit::audit;
use trail_lint::model::Estate;
use trail_lint::report::{self, Filter};
use trail_lint::source;

fn main() {
    divan::main();
}

const ACCOUNTS: usize = 175;

fn account(number: usize) -> String {
    format!("{:012}", 211_111_111_111 + 7_654_321 * number)
}

/// One statement that lists every account twice, close to the 20 KB that S3 takes.
fn bucket_policy(region: &str) -> String {
    let (mut resources, mut arns) = (String::new(), String::new());
    for number in 0..ACCOUNTS {
        let (account, comma) = (account(number), if number == 0 { "" } else { "," });
        let _ = write!(
            resources,
            r#"{comma}"arn:aws:s3:::example-logs/AWSLogs/{account}/*""#
        );
        let _ = write!(
            arns,
            r#"{comma}"arn:aws:cloudtrail:{region}:{account}:trail/*""#
        );
    }
    format!(
        r#"{{"Version":"2012-10-17","Statement":[
        {{"Sid":"AclCheck","Effect":"Allow","Principal":{{"Service":"cloudtrail.amazonaws.com"}},
          "Action":"s3:GetBucketAcl","Resource":"arn:aws:s3:::example-logs"}},
        {{"Sid":"Write","Effect":"Allow","Principal":{{"Service":"cloudtrail.amazonaws.com"}},
          "Action":"s3:PutObject","Resource":[{resources}],
          "Condition":{{"StringEquals":{{"s3:x-amz-acl":"bucket-owner-full-control"}},"ArnLike":{{"aws:SourceArn":[{arns}]}}}}}}]}}"#
    )
}

fn write(root: &Path, name: &str, text: &str) {
    let path = root.join(name);
    let folder = path.parent().expect("the path has a folder");
    fs::create_dir_all(folder).expect("the folder can be made");
    fs::write(path, text).expect("the file can be written");
}

/// Trails of us-east-1, and a policy that admits those of a Region.
fn snapshot(trails: usize, region: &str) -> TempDir {
    let folder = TempDir::new().expect("a folder can be made");
    let root = folder.path();
    let bucket = "accounts/111111111111/s3/example-logs";
    let policy = bucket_policy(region);
    assert!((15_000..20_480).contains(&policy.len()), "{}", policy.len());
    write(root, &format!("{bucket}/get-bucket-policy.json"), &policy);
    write(
        root,
        &format!("{bucket}/head-bucket.json"),
        r#"{"BucketRegion": "us-east-1"}"#,
    );
    for number in 0..trails {
        let account = account(number % ACCOUNTS);
        let name = format!("trail-{number}");
        let arn = format!("arn:aws:cloudtrail:us-east-1:{account}:trail/{name}");
        let at = format!("accounts/{account}/cloudtrail/us-east-1/{name}");
        let trail = format!(
            r#"{{"Trail": {{"Name": "{name}", "S3BucketName": "example-logs", "IncludeGlobalServiceEvents": true, "IsMultiRegionTrail": true,
            "HomeRegion": "us-east-1", "TrailARN": "{arn}", "LogFileValidationEnabled": true, "HasCustomEventSelectors": false,
            "HasInsightSelectors": false, "IsOrganizationTrail": false}}}}"#
        );
        write(root, &format!("{at}/get-trail.json"), &trail);
        write(
            root,
            &format!("{at}/get-trail-status.json"),
            r#"{"IsLogging": true}"#,
        );
    }
    folder
}

#[divan::bench(args = [100, 1_000, 10_000], sample_count = 5, sample_size = 1)]
fn trails_against_a_policy_of_18_kb(bencher: Bencher<'_, '_>, trails: usize) {
    let folder = snapshot(trails, "us-east-1");
    let documents = source::snapshot::read(folder.path()).expect("the snapshot can be read");
    let estate = Estate::read(documents).expect("the snapshot is sound");
    let now = "2026-01-01T00:00:00Z".parse().expect("a time");
    bencher.bench_local(|| {
        let audit = audit(black_box(&estate), now);
        let report = report::build(&audit, &Filter::default());
        assert!(report.trails.iter().all(|it| it.verdict == "delivers"));
        report.findings.len()
    });
}

#[divan::bench(args = [200, 1_000], sample_count = 5, sample_size = 1)]
fn trails_that_are_all_refused(bencher: Bencher<'_, '_>, trails: usize) {
    let folder = snapshot(trails, "eu-west-1");
    let documents = source::snapshot::read(folder.path()).expect("the snapshot can be read");
    let estate = Estate::read(documents).expect("the snapshot is sound");
    let now = "2026-01-01T00:00:00Z".parse().expect("a time");
    bencher.bench_local(|| {
        let audit = audit(black_box(&estate), now);
        let report = report::build(&audit, &Filter::default());
        assert!(report.trails.iter().all(|it| it.verdict == "blocked"));
        report.findings.len()
    });
}

#[divan::bench(args = [1_000], sample_count = 5, sample_size = 1)]
fn reading_a_snapshot_of_trails(bencher: Bencher<'_, '_>, trails: usize) {
    let folder = snapshot(trails, "us-east-1");
    bencher.bench_local(|| {
        let documents = source::snapshot::read(folder.path()).expect("the snapshot can be read");
        Estate::read(documents)
            .expect("the snapshot is sound")
            .trails
            .len()
    });
}

fn process(arguments: &[&str]) -> Command {
    let mut command = Command::new(PathBuf::from(env!("CARGO_BIN_EXE_trail-lint")));
    command.args(arguments).stdout(Stdio::null());
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

#[divan::bench(sample_count = 100)]
fn the_process_checks_a_small_snapshot(bencher: Bencher<'_, '_>) {
    let arguments = ["check", "--fail-on", "never", "fixtures/interstellar/sound"];
    bencher.bench_local(|| {
        let status = process(&arguments).status().expect("the binary starts");
        assert!(status.success());
    });
}

#[divan::bench(sample_count = 100)]
fn the_process_prints_its_version(bencher: Bencher<'_, '_>) {
    bencher.bench_local(|| {
        let status = process(&["--version"]).status().expect("it starts");
        assert!(status.success());
    });
}
