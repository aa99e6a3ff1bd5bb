//! How much is evaluated for the findings of one report.

use std::cell::Cell;

/// The most that is evaluated: changes, times the trails squared, as each of
/// them is asked about statements that grow with them, times the policy's length. A policy that hundreds
/// of trails share, and that lacks many of them, would else take longer to mend one by one than anybody
/// waits; `fix` mends all together.
const MOST_EVALUATED: usize = 5_000;

/// The squared number of trails that counts once more.
const TRAILS_STEP: usize = 50;

/// The length of a policy that counts once more.
const LENGTH_STEP: usize = 2048;

/// What is said of findings beyond that.
pub const TOO_MUCH: &str =
    "not worked out for each of so many findings: `trail-lint fix` mends them together";

/// What may still be evaluated.
pub(super) struct Budget {
    /// What one change costs at the least; nothing where all may be evaluated.
    each: Option<usize>,
    spent: Cell<usize>,
}

impl Budget {
    /// For the findings of one report about so many trails.
    pub(super) fn of_report(trails: usize) -> Budget {
        Budget {
            each: Some(1 + trails * trails / TRAILS_STEP),
            spent: Cell::new(0),
        }
    }

    /// For whoever waits for all that there is.
    pub(super) fn unbounded() -> Budget {
        Budget {
            each: None,
            spent: Cell::new(0),
        }
    }

    /// Counts one more change, of a policy with this text; false if nothing is left for it. What helped
    /// nobody took as long as what did.
    pub(super) fn take_for(&self, text: &str) -> bool {
        let cost = self.each.unwrap_or_default() * (1 + text.len() / LENGTH_STEP);
        self.spent.set(self.spent.get() + cost);
        self.is_left()
    }

    /// Whether more may be evaluated. Where not, nothing is looked for either: that takes time as well.
    pub(super) fn is_left(&self) -> bool {
        self.each.is_none() || self.spent.get() <= MOST_EVALUATED
    }
}
