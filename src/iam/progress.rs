//! How far a set of patterns has come with a text. Equal progress means equal continuations.

use super::pattern::{Pattern, States};

/// How far the patterns have come: those still undecided, and those that accept.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Progress {
    pub(super) live: Vec<(usize, States)>,
    pub(super) accepted: Vec<usize>,
}

impl Progress {
    /// Puts a pattern where its positions say: among the live ones, among those that accept, or nowhere.
    pub(super) fn settle(&mut self, pattern: &Pattern, id: usize, states: States) {
        if pattern.accepts_all_from(&states) {
            self.accept(id);
        } else if !states.is_dead() {
            self.live.push((id, states));
        }
    }

    /// Notes that a pattern accepts.
    pub(super) fn accept(&mut self, id: usize) {
        if let Err(place) = self.accepted.binary_search(&id) {
            self.accepted.insert(place, id);
        }
    }

    fn map(&self, patterns: &[&Pattern], states: impl Fn(&Pattern, &States) -> States) -> Progress {
        let mut next = Progress {
            live: Vec::new(),
            accepted: self.accepted.clone(),
        };
        for (id, before) in &self.live {
            if let Some(pattern) = patterns.get(*id) {
                next.settle(pattern, *id, states(pattern, before));
            }
        }
        next
    }

    /// After some text.
    pub(super) fn run(&self, patterns: &[&Pattern], text: &str) -> Progress {
        self.map(patterns, |pattern, states| pattern.run(states, text))
    }

    /// After one character.
    pub(super) fn step(&self, patterns: &[&Pattern], character: char) -> Progress {
        self.map(patterns, |pattern, states| pattern.step(states, character))
    }

    /// Whether more text could lead to some other progress: a pattern that is out stays out, and one
    /// that accepts goes on accepting.
    pub(super) fn may_become(&self, end: &Progress) -> bool {
        let is_live = |id: &usize| {
            self.live
                .binary_search_by_key(id, |(live, _)| *live)
                .is_ok()
        };
        let accepts = |id: &usize| self.accepted.binary_search(id).is_ok();
        let still_live = end.live.iter().all(|(id, _)| is_live(id));
        let may_accept = end.accepted.iter().all(|id| is_live(id) || accepts(id));
        let not_ahead = self
            .accepted
            .iter()
            .all(|id| end.accepted.binary_search(id).is_ok());
        still_live && may_accept && not_ahead
    }
}
