//! Running the real binary, with nothing of the tester's environment and a time limit, and writing
//! snapshots for it to read. No test calls it without saying which exit status it expects.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

/// How long one run may take: far longer than any needs, so that only a run that hangs is killed.
const LIMIT: Duration = Duration::from_secs(20);

/// What one run left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Run {
    /// The exit status; -1 if a signal ended the run, as it does at the time limit.
    pub(crate) status: i32,
    /// Standard output.
    pub(crate) stdout: String,
    /// Standard error.
    pub(crate) stderr: String,
}

impl Run {
    /// Standard output as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| {
            panic!(
                "standard output is no JSON: {error}\n{}\n{}",
                self.stdout, self.stderr
            )
        })
    }
}

/// The repository's folder, where every run starts.
pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A command that runs the binary from the repository's folder with an empty environment.
pub(crate) fn command<I: AsRef<str>>(arguments: &[I]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trail-lint"));
    command
        .env_clear()
        .current_dir(repository())
        .stdin(Stdio::null());
    command.args(arguments.iter().map(AsRef::as_ref));
    command
}

/// Runs the binary and checks its exit status.
pub(crate) fn run<I: AsRef<str>>(status: i32, arguments: &[I]) -> Run {
    expect(status, command(arguments))
}

/// Runs a command and checks its exit status.
pub(crate) fn expect(status: i32, command: Command) -> Run {
    let shown = format!("{command:?}");
    let run = finish(command);
    assert_eq!(
        run.status, status,
        "exit status of {shown}\n--- stdout\n{}\n--- stderr\n{}",
        run.stdout, run.stderr
    );
    run
}

/// Runs a command; the caller is a table that checks the status along with everything else.
pub(crate) fn finish(command: Command) -> Run {
    let output = assert_cmd::Command::from_std(command)
        .timeout(LIMIT)
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the output is UTF-8");
    let run = Run {
        status: output.status.code().unwrap_or(-1),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    };
    assert!(
        !run.stderr.contains("panicked"),
        "the run panicked\n{}",
        run.stderr
    );
    run
}

/// Audits one folder; the status and the JSON report.
pub(crate) fn check(folder: &str) -> (i32, Value) {
    report_on(folder).unwrap_or_else(|error| panic!("{error}"))
}

/// Audits documents, given as paths inside a snapshot and their texts; the status and the report, or
/// what was said instead of a report.
///
/// This is the one place that decides how: it writes a snapshot and runs the binary.
pub(crate) fn audit(documents: &[(String, String)]) -> Result<(i32, Value), String> {
    let folder = snapshot(documents);
    report_on(path(folder.path()))
}

fn report_on(folder: &str) -> Result<(i32, Value), String> {
    let run = finish(command(&["check", "-f", "json", folder]));
    match run.status {
        0 | 1 | 3 => Ok((run.status, run.json())),
        other => Err(format!(
            "`{folder}` ends with status {other}: {}",
            run.stderr
        )),
    }
}

/// Writes a snapshot to a folder that goes away with what is returned.
pub(crate) fn snapshot<P: AsRef<Path>, T: AsRef<[u8]>>(documents: &[(P, T)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (path, text) in documents {
        write(&folder.path().join(path), text);
    }
    folder
}

/// Writes one file and the folders above it.
pub(crate) fn write(path: &Path, text: impl AsRef<[u8]>) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// Every file below a folder of the repository, by its path in there, sorted.
pub(crate) fn files_of(folder: &str) -> Vec<(String, String)> {
    let root = repository().join(folder);
    let mut files: Vec<(String, String)> = paths_below(&root)
        .into_iter()
        .map(|file| {
            let inside = path(file.strip_prefix(&root).unwrap()).replace('\\', "/");
            (inside, std::fs::read_to_string(&file).unwrap())
        })
        .collect();
    files.sort();
    files
}

/// Every file below a folder.
pub(crate) fn paths_below(folder: &Path) -> Vec<PathBuf> {
    let entries =
        std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(paths_below(&path));
        } else {
            files.push(path);
        }
    }
    files
}

/// A path as text.
pub(crate) fn path(path: &Path) -> &str {
    path.to_str().expect("paths of tests are UTF-8")
}

/// The items of an array in a report.
pub(crate) fn items<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name]
        .as_array()
        .unwrap_or_else(|| panic!("`{name}` is no array in {value}"))
}

/// A text in a report.
pub(crate) fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name]
        .as_str()
        .unwrap_or_else(|| panic!("`{name}` is no text in {value}"))
}

/// Whether a finding is of severity high or critical.
pub(crate) fn is_grave(finding: &Value) -> bool {
    matches!(text(finding, "severity"), "high" | "critical")
}

/// The kind of document a location points into: the file's name without `.json`.
pub(crate) fn document_kind(location: &Value) -> &str {
    let path = text(location, "path");
    path.rsplit('/')
        .next()
        .unwrap_or(path)
        .trim_end_matches(".json")
}

/// Fails with every problem at once, if there is any.
pub(crate) fn none(problems: &[String]) {
    assert!(
        problems.is_empty(),
        "{} problems\n{}",
        problems.len(),
        problems.join("\n")
    );
}
