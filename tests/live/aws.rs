//! moto in a process of its own, behind `aws.py`: installed once, started with the first test that
//! needs it, and gone with this process.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, OnceLock};

use serde_json::{Value, json};

static PORT: OnceLock<Result<u16, String>> = OnceLock::new();
static CHILD: Mutex<Option<Child>> = Mutex::new(None);

/// Where the AWS of these tests is.
pub(crate) fn endpoint() -> String {
    format!("http://127.0.0.1:{}", port())
}

fn port() -> u16 {
    match PORT.get_or_init(start) {
        Ok(port) => *port,
        Err(why) => panic!(
            "{why}\nThese tests need Python 3.10 or later with its `venv` module, and PyPI once; TRAIL_LINT_SKIP_MOTO=1 leaves them out."
        ),
    }
}

/// Ends moto. It ends by itself too when this process does.
pub(crate) fn stop() {
    if let Ok(mut child) = CHILD.lock()
        && let Some(mut child) = child.take()
    {
        drop(child.stdin.take());
        let _ = child.kill();
        let _ = child.wait();
    }
}

fn start() -> Result<u16, String> {
    let python = python()?;
    let harness = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/live/aws.py");
    let child = Command::new(&python)
        .arg(harness)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let mut child =
        child.map_err(|error| format!("{} did not start: {error}", python.display()))?;
    let mut line = String::new();
    let output = child.stdout.take().ok_or("moto has no output")?;
    let read = BufReader::new(output).read_line(&mut line);
    *CHILD.lock().map_err(|_| "a test panicked before")? = Some(child);
    read.map_err(|error| error.to_string())?;
    let port = line
        .strip_prefix("READY ")
        .and_then(|port| port.trim().parse().ok());
    port.ok_or_else(|| format!("moto did not start: `{line}`; its own words are above"))
}

/// A Python that has moto: made below `target/` unless it is there already.
fn python() -> Result<PathBuf, String> {
    let requirements = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/requirements.txt");
    let wanted = std::fs::read_to_string(&requirements).map_err(|error| error.to_string())?;
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("moto");
    let python = folder.join(if cfg!(windows) {
        "Scripts/python.exe"
    } else {
        "bin/python"
    });
    let stamp = folder.join("installed-requirements.txt");
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) && python.exists()
    {
        return Ok(python);
    }
    eprintln!("installing moto in {} (once)", folder.display());
    let system = if cfg!(windows) { "python" } else { "python3" };
    step(
        Command::new(system)
            .args(["-m", "venv", "--clear"])
            .arg(&folder),
    )?;
    step(
        Command::new(&python)
            .args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
            ])
            .args(["--require-hashes", "--requirement"])
            .arg(&requirements),
    )?;
    std::fs::write(&stamp, wanted).map_err(|error| error.to_string())?;
    Ok(python)
}

fn step(command: &mut Command) -> Result<(), String> {
    let shown = format!("{command:?}");
    let output = command
        .output()
        .map_err(|error| format!("{shown} could not be run: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let words = String::from_utf8_lossy(&output.stderr);
    Err(format!("{shown} failed: {words}"))
}

/// Asks `aws.py` itself.
pub(crate) fn control(path: &str, body: &Value) -> Value {
    let body = body.to_string();
    let mut stream = TcpStream::connect(("127.0.0.1", port())).expect("moto listens");
    let head = format!(
        "POST /_t/{path} HTTP/1.1\r\nHost: moto\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).expect("moto reads");
    stream.write_all(body.as_bytes()).expect("moto reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("moto answers");
    let (head, body) = answer.split_once("\r\n\r\n").expect("an answer has a body");
    assert!(head.contains(" 200 "), "{path}: {answer}");
    serde_json::from_str(body).expect("answers are JSON")
}

/// Makes a call that sets the stage; its answer.
pub(crate) fn call(account: &str, region: &str, service: &str, call: &str, with: &Value) -> Value {
    let asked = json!({"account": account, "region": region, "service": service, "call": call, "with": with});
    control("do", &asked)
}

/// Has a call fail from now on. `fault` says which, and how; see `aws.py`.
pub(crate) fn fault(fault: &Value) {
    control("fault", fault);
}

/// The calls that were made in some accounts: operation, account, status.
pub(crate) fn calls(accounts: &[&str]) -> Vec<(String, String, u64)> {
    let calls = control("calls", &json!({}));
    let all = calls.as_array().expect("calls are a list").iter();
    all.filter_map(|call| {
        let account = call["account"].as_str()?.to_owned();
        let operation = call["operation"].as_str()?.to_owned();
        accounts.contains(&account.as_str()).then_some((
            operation,
            account,
            call["status"].as_u64()?,
        ))
    })
    .collect()
}
