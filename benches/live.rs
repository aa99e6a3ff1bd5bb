//! Many accounts against a double of AWS on loopback that answers after 50 ms: how long, and how much
//! memory. Fails beyond 1.3 times what the calls allowed at once make possible, or if memory grows with
//! the accounts by more than their answers do.
//!
//! `cargo bench --bench live`

#![expect(clippy::print_stdout, reason = "a bench prints what it measures")]

#[path = "../tests/live/double.rs"]
mod double;

use std::process::{Command, ExitCode, Stdio};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

const LATENCY: Duration = Duration::from_millis(50);
const AT_ONCE: u32 = 32;
/// The role, the list, the trails; then the trail's status and its selectors.
const CALLS: u32 = 5;
/// Whose credentials, before; the bucket, its policy and its settings, after.
const ROUNDS_OUTSIDE: u32 = 4;

struct Measured {
    wall: Duration,
    /// The most memory at any moment, in KiB; nothing where the system does not tell.
    memory: Option<u64>,
    calls: usize,
    connections: usize,
}

fn main() -> ExitCode {
    // One run first, so that the binary is in memory.
    measure(1);
    println!("latency {LATENCY:?}, {AT_ONCE} calls at once, {CALLS} calls an account");
    let mut good = true;
    let mut memories = Vec::new();
    for accounts in [100, 1000] {
        let bound = LATENCY * (accounts * CALLS) / AT_ONCE + LATENCY * ROUNDS_OUTSIDE;
        let best = (0..3).map(|_| measure(accounts)).min_by_key(|it| it.wall);
        let Some(it) = best else {
            return ExitCode::FAILURE;
        };
        let ratio = it.wall.as_secs_f64() / bound.as_secs_f64();
        let memory = it.memory.map_or("not measured".to_owned(), |kib| {
            format!("{} MiB", kib / 1024)
        });
        println!(
            "{accounts} accounts: {:.2} s, bound {:.2} s, ratio {ratio:.2}; {memory}; {} calls, {} connections",
            it.wall.as_secs_f64(),
            bound.as_secs_f64(),
            it.calls,
            it.connections
        );
        good &= ratio <= 1.3;
        memories.extend(it.memory);
    }
    if let [hundred, thousand] = memories[..] {
        let each = thousand.saturating_sub(hundred) / 900;
        println!("memory: {each} KiB an account, which is its answers and its line in the report");
        good &= each < 40;
    }
    if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn measure(accounts: u32) -> Measured {
    let (endpoint, seen) = double::start(LATENCY);
    let list: Vec<String> = (0..accounts)
        .map(|number| format!("2{number:011}"))
        .collect();
    let begun = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_trail-lint"))
        .args([
            "check",
            "--live",
            "--quiet",
            "--accounts",
            &list.join(","),
            "--concurrency",
        ])
        .arg(AT_ONCE.to_string())
        .env_clear()
        .env("AWS_ENDPOINT_URL", endpoint)
        .env("AWS_REGION", "us-east-1")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_ACCESS_KEY_ID", "AKIA111111111111")
        .env("AWS_SECRET_ACCESS_KEY", "secret")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary starts");
    let mut memory = None;
    loop {
        memory = peak(child.id()).or(memory);
        if child
            .try_wait()
            .expect("a child can be waited for")
            .is_some()
        {
            break;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    let wall = begun.elapsed();
    let calls = seen.calls.lock().map_or(0, |calls| calls.values().sum());
    let connections = seen.connections.load(Ordering::Relaxed);
    Measured {
        wall,
        memory,
        calls,
        connections,
    }
}

/// The most memory a process has had so far, where Linux tells.
fn peak(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
