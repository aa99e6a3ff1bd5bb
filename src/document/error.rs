//! Input that cannot be used.

use std::fmt;

/// Input that cannot be used: which file, where in it, what was expected, what to try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputError {
    /// The file or folder.
    pub path: String,
    /// Line and column, where the file could be read at all.
    pub at: Option<(usize, usize)>,
    /// One lower-case clause.
    pub message: String,
    /// What to try.
    pub help: Option<String>,
}

impl InputError {
    /// An error about a file as a whole.
    pub fn whole(path: &str, message: impl Into<String>) -> InputError {
        InputError {
            path: path.to_owned(),
            at: None,
            message: message.into(),
            help: None,
        }
    }

    /// The same error with advice.
    #[must_use]
    pub fn with_help(self, help: impl Into<String>) -> InputError {
        InputError {
            help: Some(help.into()),
            ..self
        }
    }
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path)?;
        if let Some((line, column)) = self.at {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}", self.message)
    }
}

impl std::error::Error for InputError {}
