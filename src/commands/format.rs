//! `TRAIL_LINT_FORMAT`: one variable for all commands, of which each has formats of its own.

use std::env;

use clap::ValueEnum;

use super::Failure;
use crate::cli::{CompareFormat, Format, PolicyFormat, RulesFormat};

const VARIABLE: &str = "TRAIL_LINT_FORMAT";

/// What was asked for by the flag, or else by the variable. A format that only other commands have is not
/// meant for this one: a pipeline sets the variable once, for its `check`, and asks `why` as well. What no
/// command has is a mistake.
pub(super) fn asked<T: ValueEnum>(flag: Option<T>) -> Result<Option<T>, Failure> {
    let set = env::var(VARIABLE).ok().filter(|value| !value.is_empty());
    let (None, Some(value)) = (&flag, set) else {
        return Ok(flag);
    };
    if let Ok(format) = T::from_str(&value, false) {
        return Ok(Some(format));
    }
    let names: [Vec<String>; 4] = [
        names::<Format>(),
        names::<PolicyFormat>(),
        names::<CompareFormat>(),
        names::<RulesFormat>(),
    ];
    if names.iter().flatten().any(|name| *name == value) {
        return Ok(None);
    }
    Err(Failure::Usage {
        message: format!("`{VARIABLE}` is `{value}`, which is no format of any command"),
        help: format!("this command has {}", self::names::<T>().join(", ")),
    })
}

fn names<T: ValueEnum>() -> Vec<String> {
    let values = T::value_variants().iter();
    values
        .filter_map(|value| Some(value.to_possible_value()?.get_name().to_owned()))
        .collect()
}
