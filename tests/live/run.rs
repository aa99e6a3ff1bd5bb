//! Running the binary with the credentials of one account, nothing else of the environment, and a limit.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::aws;

/// How long one run may take: far longer than any needs.
const LIMIT: Duration = Duration::from_mins(2);

/// What a run left.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// The report.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}\n{}", self.stdout, self.stderr))
    }
}

/// The binary, without credentials.
pub(crate) fn bare(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trail-lint"));
    command
        .env_clear()
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("HOME", "/nonexistent")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_REGION", "us-east-1")
        .args(arguments)
        .stdin(Stdio::null());
    command
}

/// The binary with an account's credentials.
pub(crate) fn command(account: &str, arguments: &[&str]) -> Command {
    let mut command = bare(arguments);
    command.env("AWS_ENDPOINT_URL", aws::endpoint());
    for (name, value) in credentials(account) {
        command.env(name.to_uppercase(), value);
    }
    command
}

/// Credentials of an account, as variables name them in lower case.
pub(crate) fn credentials(account: &str) -> Vec<(String, String)> {
    let given = aws::control("keys", &json!({ "account": account }));
    let members = given.as_object().expect("credentials are an object");
    members
        .iter()
        .map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()))
        .collect()
}

/// Runs a command and checks its exit status.
pub(crate) fn expect(status: i32, command: &mut Command) -> Run {
    let shown = format!("{command:?}");
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = child.expect("the binary starts");
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let reader = |stream: Option<Box<dyn std::io::Read + Send>>| {
        std::thread::spawn(move || {
            let mut text = String::new();
            if let Some(mut stream) = stream {
                let _ = stream.read_to_string(&mut text);
            }
            text
        })
    };
    let stdout = reader(out.map(|it| Box::new(it) as Box<dyn std::io::Read + Send>));
    let stderr = reader(err.map(|it| Box::new(it) as Box<dyn std::io::Read + Send>));
    let begun = Instant::now();
    let ended = loop {
        match child.try_wait().expect("the child can be waited for") {
            Some(ended) => break ended,
            None if begun.elapsed() > LIMIT => {
                let _ = child.kill();
                break child.wait().expect("a killed child ends");
            }
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    };
    let run = Run {
        status: ended.code().unwrap_or(-1),
        stdout: stdout.join().expect("reading does not panic"),
        stderr: stderr.join().expect("reading does not panic"),
    };
    assert_eq!(
        run.status, status,
        "{shown}\n{}\n{}",
        run.stdout, run.stderr
    );
    run
}

/// Audits some accounts with the credentials of one, and checks the exit status.
pub(crate) fn check(status: i32, caller: &str, more: &[&str]) -> Value {
    let arguments = [&["check", "--live", "-f", "json"], more].concat();
    expect(status, &mut command(caller, &arguments)).json()
}

/// The verdicts: `ACCOUNT NAME VERDICT`, as the report has them.
pub(crate) fn verdicts(report: &Value) -> Vec<String> {
    let trails = report["trails"].as_array().expect("a report has trails");
    trails
        .iter()
        .map(|trail| {
            let arn = trail["arn"].as_str().unwrap_or_default();
            let name = arn.rsplit('/').next().unwrap_or_default();
            format!(
                "{} {name} {}",
                trail["account"].as_str().unwrap_or_default(),
                trail["verdict"].as_str().unwrap_or_default()
            )
        })
        .collect()
}

/// The rules that found something, each with its account.
pub(crate) fn findings(report: &Value) -> Vec<String> {
    let findings = report["findings"]
        .as_array()
        .expect("a report has findings");
    let mut all: Vec<String> = findings
        .iter()
        .map(|finding| {
            format!(
                "{} {}",
                finding["rule"].as_str().unwrap_or_default(),
                finding["account"].as_str().unwrap_or("-")
            )
        })
        .collect();
    all.sort();
    all
}

/// What a verdict depends on and could not be seen: `PATH REASON`, paths from `accounts/` on.
pub(crate) fn unseen(report: &Value) -> Vec<String> {
    let all = report["not_evaluated"]
        .as_array()
        .expect("a report has what was not evaluated");
    all.iter()
        .filter(|it| it["decisive"] == true)
        .map(|it| {
            let path = it["document"].as_str().unwrap_or_default();
            let path = path.strip_prefix(".trail-lint/live/").unwrap_or(path);
            format!("{path} {}", it["reason"].as_str().unwrap_or_default())
        })
        .collect()
}
