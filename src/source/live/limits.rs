//! How fast AWS is asked: calls in flight over all, calls in flight in one account, and CloudTrail's own
//! rate in one account and Region.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

/// Calls in flight in one account. More would only reach CloudTrail's rate sooner.
const PER_ACCOUNT: usize = 4;

/// CloudTrail answers ten Describe, Get and List calls a second, in one account and Region.
///
/// Source: AWS General Reference, "AWS CloudTrail endpoints and quotas" (read 2026-11).
const CLOUDTRAIL_CALLS: usize = 10;
const CLOUDTRAIL_WINDOW: Duration = Duration::from_secs(1);

/// The limits of one account.
#[derive(Debug)]
pub(super) struct Limits {
    overall: Arc<Semaphore>,
    account: Semaphore,
    /// When the latest calls went to CloudTrail, by Region.
    cloudtrail: Mutex<BTreeMap<String, VecDeque<Instant>>>,
}

/// Leave to send one request; it ends when this is dropped.
pub(super) struct Leave<'l> {
    _overall: Option<SemaphorePermit<'l>>,
    _account: Option<SemaphorePermit<'l>>,
}

impl Limits {
    pub(super) fn new(overall: Arc<Semaphore>) -> Limits {
        Limits {
            overall,
            account: Semaphore::new(PER_ACCOUNT),
            cloudtrail: Mutex::default(),
        }
    }

    /// Waits for its turn. The account's own limits come first, so that an account that waits for
    /// itself keeps no place from the others.
    pub(super) async fn leave(&self, service: &str, region: &str) -> Leave<'_> {
        // Neither semaphore is ever closed.
        let account = self.account.acquire().await.ok();
        if service == "CloudTrail" {
            tokio::time::sleep_until(self.turn(region)).await;
        }
        let overall = self.overall.acquire().await.ok();
        Leave {
            _overall: overall,
            _account: account,
        }
    }

    /// When the next call may go to CloudTrail in a Region.
    fn turn(&self, region: &str) -> Instant {
        let mut all = self
            .cloudtrail
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let latest = all.entry(region.to_owned()).or_default();
        let now = Instant::now();
        let turn = match latest.len().checked_sub(CLOUDTRAIL_CALLS) {
            Some(at) => latest
                .get(at)
                .map_or(now, |&earlier| now.max(earlier + CLOUDTRAIL_WINDOW)),
            None => now,
        };
        latest.push_back(turn);
        if latest.len() > CLOUDTRAIL_CALLS {
            latest.pop_front();
        }
        turn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cloudtrail_is_asked_ten_times_a_second_at_most_in_each_region() {
        let limits = Limits::new(Arc::new(Semaphore::new(1)));
        let turns: Vec<Instant> = (0..25).map(|_| limits.turn("us-east-1")).collect();
        for window in turns.windows(CLOUDTRAIL_CALLS + 1) {
            assert!(*window.last().unwrap() - *window.first().unwrap() >= CLOUDTRAIL_WINDOW);
        }
        assert!(turns[9] - turns[0] < CLOUDTRAIL_WINDOW);
        assert!(limits.turn("eu-west-1") < turns[10]);
    }
}
