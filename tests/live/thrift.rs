//! How few calls and connections many accounts cost. Time and memory are measured by
//! `cargo bench --bench live`, in the optimised build.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::Test;
use crate::double;
use crate::run::{bare, expect};

pub(crate) const TESTS: &[Test] = &[(
    "a_hundred_accounts_cost_five_calls_each_and_few_connections",
    a_hundred_accounts_cost_five_calls_each_and_few_connections,
)];

fn a_hundred_accounts_cost_five_calls_each_and_few_connections() {
    let (endpoint, seen) = double::start(Duration::from_millis(20));
    let accounts: Vec<String> = (0..100).map(|number| format!("2{number:011}")).collect();
    let mut command = bare(&[
        "check",
        "--live",
        "--accounts",
        &accounts.join(","),
        "--concurrency",
        "16",
        "-f",
        "json",
    ]);
    command
        .env("AWS_ENDPOINT_URL", endpoint)
        .env("AWS_ACCESS_KEY_ID", "AKIA111111111111")
        .env("AWS_SECRET_ACCESS_KEY", "secret");
    let report = expect(1, &mut command).json();
    assert_eq!(report["summary"]["trails"], 100);
    let calls = seen.calls.lock().unwrap().clone();
    let expected = [
        ("AssumeRole", 100),
        ("DescribeTrails", 100),
        ("GetBucket…", 9),
        ("GetCallerIdentity", 1),
        ("GetEventSelectors", 100),
        ("GetTrailStatus", 100),
        ("HeadBucket", 1),
        ("ListTrails", 100),
    ];
    let expected: BTreeMap<String, usize> = expected
        .into_iter()
        .map(|(name, count)| (name.to_owned(), count))
        .collect();
    assert_eq!(calls, expected);
    assert!(seen.most_at_once.load(Ordering::SeqCst) <= 16);
    let connections = seen.connections.load(Ordering::Relaxed);
    assert!(
        connections <= 32,
        "{connections} connections for 16 calls at once"
    );
}
