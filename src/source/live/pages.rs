//! Lists that come in pages.

use std::collections::BTreeSet;

use super::refusal::{Refusal, UNREADABLE};

/// The pages of one list, each asked for with the token that the one before gave.
#[derive(Debug, Default)]
pub(super) struct Pages {
    token: Option<String>,
    seen: BTreeSet<String>,
}

impl Pages {
    /// What the next page is asked for with; nothing for the first.
    pub(super) fn token(&self) -> Option<String> {
        self.token.clone()
    }

    /// Turns to the page that the last one named; false if it named none. A page that was read already
    /// would have no end, and is none that AWS names.
    pub(super) fn turn(&mut self, token: Option<&str>) -> Result<bool, Refusal> {
        if let Some(token) = token
            && !self.seen.insert(token.to_owned())
        {
            let message = "the list names a page as the next that was read already";
            return Err(Refusal::new(UNREADABLE, message));
        }
        self.token = token.map(str::to_owned);
        Ok(self.token.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_begins_again_ends() {
        let mut pages = Pages::default();
        assert_eq!(pages.token(), None);
        assert_eq!(pages.turn(Some("b")), Ok(true));
        assert_eq!(pages.token().as_deref(), Some("b"));
        assert_eq!(pages.turn(Some("c")), Ok(true));
        assert_eq!(pages.turn(Some("b")).unwrap_err().code, UNREADABLE);
        assert_eq!(pages.turn(None), Ok(false));
    }
}
