//! How far a set of patterns has come with a text. Equal progress means equal continuations.

use std::rc::Rc;

use super::pattern::{Pattern, States};

/// The patterns that are still undecided. Shared, since many places begin the next text with the same
/// patterns at the same positions.
type Live = Rc<Vec<(usize, States)>>;

/// How far the patterns have come: those still undecided, and those that accept.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Progress {
    pub(super) accepted: Vec<usize>,
    pub(super) live: Live,
}

impl Progress {
    /// Puts a pattern where its positions say: among the live ones, among those that accept, or nowhere.
    pub(super) fn settle(&mut self, pattern: &Pattern, id: usize, states: States) {
        if pattern.accepts_all_from(&states) {
            self.accept(id);
        } else if !states.is_dead() {
            Rc::make_mut(&mut self.live).push((id, states));
        }
    }

    /// Takes up the patterns of the next text, when none of this one is undecided any more.
    pub(super) fn begin(&mut self, fresh: &Progress) {
        self.live = Rc::clone(&fresh.live);
        self.accept_all(&fresh.accepted);
    }

    /// Notes that a pattern accepts.
    pub(super) fn accept(&mut self, id: usize) {
        if let Err(place) = self.accepted.binary_search(&id) {
            self.accepted.insert(place, id);
        }
    }

    fn accept_all(&mut self, ids: &[usize]) {
        for id in ids {
            self.accept(*id);
        }
    }

    fn map(&self, patterns: &[&Pattern], states: impl Fn(&Pattern, &States) -> States) -> Progress {
        let mut next = Progress {
            accepted: self.accepted.clone(),
            live: Live::default(),
        };
        for (id, before) in self.live.iter() {
            if let Some(pattern) = patterns.get(*id) {
                next.settle(pattern, *id, states(pattern, before));
            }
        }
        next
    }

    /// After some text, where `known` is what the text does to some other progress: if the live
    /// patterns are the same, it does the same to this one.
    pub(super) fn run_like(
        &self,
        patterns: &[&Pattern],
        text: &str,
        known: &mut Option<(Live, Progress)>,
    ) -> Progress {
        let bare = match known {
            Some((live, after)) if Rc::ptr_eq(live, &self.live) => after.clone(),
            _ => {
                let bare = Progress {
                    accepted: Vec::new(),
                    live: Rc::clone(&self.live),
                }
                .run(patterns, text);
                *known = Some((Rc::clone(&self.live), bare.clone()));
                bare
            }
        };
        let mut after = Progress {
            accepted: self.accepted.clone(),
            live: bare.live,
        };
        after.accept_all(&bare.accepted);
        after
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
