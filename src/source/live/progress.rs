//! One line on standard error for a person who waits: accounts done, and the calls under way.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::operation::Operation;

/// How often the line is drawn.
const TICK: Duration = Duration::from_millis(100);

/// The longest line: narrower than any terminal, so that it never wraps.
const WIDEST: usize = 76;

/// What is being done. Counting costs nothing worth having; drawing is for terminals only.
#[derive(Debug, Default)]
pub(super) struct Progress {
    pub(super) accounts: AtomicUsize,
    pub(super) done: AtomicUsize,
    calls: AtomicUsize,
    under_way: Mutex<BTreeMap<Operation, usize>>,
}

impl Progress {
    pub(super) fn begin(&self, operation: Operation) {
        self.calls.fetch_add(1, Ordering::Relaxed);
        let mut under_way = self
            .under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *under_way.entry(operation).or_default() += 1;
    }

    pub(super) fn end(&self, operation: Operation) {
        let mut under_way = self
            .under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = under_way.get_mut(&operation) {
            *count -= 1;
            if *count == 0 {
                under_way.remove(&operation);
            }
        }
    }

    /// How many calls were made.
    pub(super) fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }

    fn line(&self) -> String {
        let accounts = self.accounts.load(Ordering::Relaxed);
        let done = self.done.load(Ordering::Relaxed);
        let under_way = self
            .under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let mut line = format!("accounts {done}/{accounts}, {} calls", self.calls());
        for (operation, count) in under_way.iter() {
            let next = format!(
                "{} {} x{count}",
                if line.contains(':') { "," } else { ":" },
                operation.name()
            );
            if line.len() + next.len() > WIDEST {
                break;
            }
            line.push_str(&next);
        }
        line
    }

    /// Draws until it is dropped. Never returns.
    pub(super) async fn draw(&self) {
        let _clear = Clear;
        loop {
            tokio::time::sleep(TICK).await;
            write(&format!("\r\u{1b}[K{}", self.line()));
        }
    }
}

/// Removes the line, however drawing ends.
struct Clear;

impl Drop for Clear {
    fn drop(&mut self) {
        write("\r\u{1b}[K");
    }
}

/// A terminal that is gone is no reason to stop.
fn write(text: &str) {
    let mut err = std::io::stderr().lock();
    let _ = err.write_all(text.as_bytes());
    let _ = err.flush();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_names_accounts_and_calls_and_stays_short() {
        let progress = Progress::default();
        progress.accounts.store(100, Ordering::Relaxed);
        assert_eq!(progress.line(), "accounts 0/100, 0 calls");
        for &operation in Operation::ALL {
            progress.begin(operation);
        }
        let line = progress.line();
        let all = Operation::ALL.len();
        let begins = format!("accounts 0/100, {all} calls: AssumeRole x1, GetCallerIdentity x1");
        assert!(line.starts_with(&begins), "{line}");
        assert!(line.len() <= WIDEST);
        for &operation in Operation::ALL {
            progress.end(operation);
        }
        assert_eq!(progress.line(), format!("accounts 0/100, {all} calls"));
    }
}
