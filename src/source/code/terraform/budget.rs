//! How much work one plan is worth. Code that doubles a list forty times is a few lines long.

use std::cell::Cell;

use crate::written::{Item, Written};

/// The steps that are taken for one plan: a value that is made, or 32 bytes of a text. Some seconds.
const MOST_STEPS: usize = 1 << 24;

/// The most steps that one value may be worth: 8 MiB of text.
const MOST_OF_ONE: usize = 1 << 18;

/// The bytes of a text that are worth a step.
const BYTES: usize = 32;

/// The longest text that a function makes.
pub(super) const LONGEST_TEXT: usize = MOST_OF_ONE * BYTES;

/// The most items that a function makes of a text.
pub(super) const MOST_ITEMS: usize = MOST_OF_ONE;

/// Counts the steps.
#[derive(Debug, Default)]
pub(super) struct Budget(Cell<usize>);

impl Budget {
    /// Takes some steps.
    pub(super) fn spend(&self, steps: usize) {
        self.0.set(self.0.get().saturating_add(steps));
    }

    /// Takes the steps for some bytes that are read or made.
    pub(super) fn spend_bytes(&self, bytes: usize) {
        self.spend(bytes / BYTES);
    }

    /// Whether nothing more is to be worked out.
    pub(super) fn is_spent(&self) -> bool {
        self.0.get() > MOST_STEPS
    }

    /// Takes the steps for a value that was made or copied; whether it is one that may be.
    pub(super) fn takes(&self, value: &Written) -> bool {
        let steps = steps(value);
        self.spend(steps);
        steps <= MOST_OF_ONE
    }
}

/// The steps that a value is worth. Of JSON within JSON every quotation mark takes two bytes.
pub(super) fn steps(value: &Written) -> usize {
    let inside = match &value.value {
        Item::Text(text) | Item::Unknown(text) => text.len() / BYTES,
        Item::List(items) | Item::Set(items) => {
            items.iter().map(steps).fold(0, usize::saturating_add)
        }
        Item::Map(entries) => entries
            .iter()
            .map(|(key, value)| steps(value) + key.len() / BYTES)
            .fold(0, usize::saturating_add),
        Item::Json(inner) => steps(inner).saturating_mul(2),
        Item::Null | Item::Bool(_) | Item::Number(_) => 0,
    };
    inside.saturating_add(1)
}
