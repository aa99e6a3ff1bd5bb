//! The search for the classes of texts: piece by piece, on the tuple of the patterns' live positions.
//!
//! Places with the same tuple have the same continuations, so one of them is enough. A pattern that can
//! match nothing more, or everything from here, leaves the tuple; when none is left nothing is split.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use super::classes::{CharSet, JointClass, Piece, Template};
use super::pattern::Pattern;
use super::progress::Progress;

/// One reading of a named text of free characters: words may be exchanged for each other only while
/// they lead from `start` to `end` in every reading.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Reading {
    start: Progress,
    end: Progress,
}

/// All that the continuation depends on.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    progress: Progress,
    /// The words of choices that made a difference, and of names of which only one word is left.
    words: BTreeMap<&'static str, String>,
    /// The readings of names that will be read again.
    readings: BTreeMap<&'static str, Vec<Reading>>,
}

/// How one came to a place; does not matter for what follows.
#[derive(Debug, Clone, Default)]
struct Story {
    /// Words of named characters.
    words: BTreeMap<&'static str, String>,
    /// Words of unnamed characters, by text and piece.
    unnamed: BTreeMap<(usize, usize), String>,
    split_on: BTreeSet<&'static str>,
}

/// How many words lead to one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Members {
    One,
    Several,
}

/// Words that lead from the same starts to the same ends.
struct Group {
    ends: Vec<Progress>,
    /// The first of them.
    word: String,
    members: Members,
}

struct Search<'a> {
    texts: &'a [(&'a Template, &'a [&'a Pattern])],
    patterns: Vec<&'a Pattern>,
    /// The piece that introduces each name.
    names: BTreeMap<&'static str, &'a Piece>,
    /// The last text and piece that reads each name.
    last_read: BTreeMap<&'static str, (usize, usize)>,
    limit: usize,
}

type Nodes = Vec<(Place, Story)>;

/// A text and a piece of it.
type At = (usize, usize);

/// The classes, or nothing if there are more than the limit.
pub(super) fn classes(texts: &[(&Template, &[&Pattern])], limit: usize) -> Option<Vec<JointClass>> {
    let search = Search::new(texts, limit);
    let mut nodes: Nodes = vec![Default::default()];
    let mut first_pattern = 0;
    for (at, (template, patterns)) in texts.iter().enumerate() {
        // Of a long list most patterns end here; nothing is set up for them.
        let lead: String = template.pieces.iter().map_while(fixed).collect();
        let mut fresh = Progress::default();
        for (offset, pattern) in patterns.iter().enumerate() {
            if pattern.is_out_after(&lead) {
                continue;
            }
            fresh.settle(pattern, first_pattern + offset, pattern.start());
        }
        for (place, _) in &mut nodes {
            place.progress.begin(&fresh);
        }
        first_pattern += patterns.len();
        for (index, piece) in template.pieces.iter().enumerate() {
            if nodes
                .iter()
                .all(|(place, _)| place.progress.live.is_empty())
            {
                break;
            }
            nodes = search.advance(nodes, (at, index), piece)?;
        }
        nodes = search.finish_text(nodes, at)?;
    }
    Some(search.found(&nodes))
}

fn fixed(piece: &Piece) -> Option<&str> {
    match piece {
        Piece::Text(text) => Some(text),
        _ => None,
    }
}

impl<'a> Search<'a> {
    fn new(texts: &'a [(&'a Template, &'a [&'a Pattern])], limit: usize) -> Search<'a> {
        let mut names = BTreeMap::new();
        let mut last_read = BTreeMap::new();
        for (at, (template, _)) in texts.iter().enumerate() {
            for (index, piece) in template.pieces.iter().enumerate() {
                let Some(name) = piece.name() else { continue };
                last_read.insert(name, (at, index));
                if !matches!(piece, Piece::Again(_)) {
                    names.entry(name).or_insert(piece);
                }
            }
        }
        let patterns = texts
            .iter()
            .flat_map(|(_, patterns)| patterns.iter().copied())
            .collect();
        Search {
            texts,
            patterns,
            names,
            last_read,
            limit,
        }
    }

    fn advance(&self, nodes: Nodes, at: (usize, usize), piece: &Piece) -> Option<Nodes> {
        // A name is always read as the piece that introduced it.
        let piece = piece
            .name()
            .and_then(|name| self.names.get(name).copied())
            .unwrap_or(piece);
        let mut next = Unique {
            limit: self.limit,
            ..Unique::default()
        };
        let mut known = None;
        for (mut place, story) in nodes {
            if place.progress.live.is_empty() {
                self.add(&mut next, (place, story), at)?;
                continue;
            }
            if let Piece::Text(text) = piece {
                place.progress = place.progress.run_like(&self.patterns, text, &mut known);
                self.add(&mut next, (place, story), at)?;
                continue;
            }
            for node in self.read(place, story, at, piece)? {
                self.add(&mut next, node, at)?;
            }
        }
        Some(next.nodes)
    }

    /// Adds a place without what is not read any more: the readings of names, and words of which it
    /// only matters where they led. Words of a choice that made a difference stay.
    fn add(&self, next: &mut Unique, (mut place, mut story): (Place, Story), at: At) -> Option<()> {
        let is_read =
            |name: &&'static str| self.last_read.get(*name).is_some_and(|last| *last > at);
        place.readings.retain(|name, _| is_read(name));
        let is_free =
            |name: &&'static str| matches!(self.names.get(*name), Some(Piece::Chars { .. }));
        let done: Vec<_> = place.words.keys().copied().filter(is_free).collect();
        for name in done.into_iter().filter(|name| !is_read(name)) {
            if let Some(word) = place.words.remove(name) {
                story.words.insert(name, word);
            }
        }
        next.add(place, story)
    }

    fn read(&self, place: Place, story: Story, at: (usize, usize), piece: &Piece) -> Option<Nodes> {
        match piece {
            Piece::Text(text) => Some(vec![(self.run(place, text), story)]),
            Piece::Choice { name, words } => Some(self.read_choice(place, story, name, words)),
            Piece::Chars {
                name: Some(name),
                set,
                len,
            } => self.read_named(&place, &story, name, (*set, *len)),
            Piece::Chars {
                name: None,
                set,
                len,
            } => self.read_unnamed(&place, &story, at, (*set, *len)),
            Piece::Again(_) => Some(vec![(place, story)]),
        }
    }

    fn run(&self, mut place: Place, text: &str) -> Place {
        place.progress = place.progress.run(&self.patterns, text);
        place
    }

    /// A choice stays open while its words make no difference; then each goes its own way.
    fn read_choice(
        &self,
        place: Place,
        story: Story,
        name: &'static str,
        words: &[String],
    ) -> Nodes {
        if let Some(word) = place.words.get(name).cloned() {
            return vec![(self.run(place, &word), story)];
        }
        let after = |word: &String| place.progress.run(&self.patterns, word);
        let ends: Vec<Progress> = words.iter().map(after).collect();
        let Some(first) = ends.first() else {
            return vec![(place, story)];
        };
        if ends.iter().all(|end| end == first) {
            return vec![(
                Place {
                    progress: first.clone(),
                    ..place
                },
                story,
            )];
        }
        let branch = |(word, progress): (&String, Progress)| {
            let mut place = Place {
                progress,
                ..place.clone()
            };
            let mut story = story.clone();
            place.words.insert(name, word.clone());
            story.split_on.insert(name);
            (place, story)
        };
        words.iter().zip(ends).map(branch).collect()
    }

    /// Earlier readings of the name are replayed beside this one, so that a group of words that were
    /// alike so far is split without losing what is known about it.
    fn read_named(
        &self,
        place: &Place,
        story: &Story,
        name: &'static str,
        (set, len): (CharSet, usize),
    ) -> Option<Nodes> {
        if let Some(word) = place.words.get(name).cloned() {
            return Some(vec![(self.run(place.clone(), &word), story.clone())]);
        }
        let earlier = place.readings.get(name).map_or(&[][..], Vec::as_slice);
        let mut starts: Vec<Progress> = earlier.iter().map(|read| read.start.clone()).collect();
        starts.push(place.progress.clone());
        let ends: Vec<&Progress> = earlier.iter().map(|read| &read.end).collect();
        let groups = self.groups(starts, &ends, set, len)?;
        let still_alike =
            |ends: &[Progress]| earlier.iter().zip(ends).all(|(read, end)| read.end == *end);
        let groups: Vec<_> = groups
            .into_iter()
            .filter(|group| still_alike(&group.ends))
            .filter_map(|mut group| Some((group.ends.pop()?, group.word, group.members)))
            .collect();
        if let [(end, ..)] = groups.as_slice() {
            return Some(vec![(
                Place {
                    progress: end.clone(),
                    ..place.clone()
                },
                story.clone(),
            )]);
        }
        let branch = |(end, word, members): (Progress, String, Members)| {
            let mut branch = (
                Place {
                    progress: end.clone(),
                    ..place.clone()
                },
                story.clone(),
            );
            let reading = Reading {
                start: place.progress.clone(),
                end,
            };
            if members == Members::One {
                branch.0.readings.remove(name);
                branch.0.words.insert(name, word);
            } else {
                branch.0.readings.entry(name).or_default().push(reading);
                branch.1.words.insert(name, word);
            }
            branch.1.split_on.insert(name);
            branch
        };
        Some(groups.into_iter().map(branch).collect())
    }

    fn read_unnamed(
        &self,
        place: &Place,
        story: &Story,
        at: (usize, usize),
        (set, len): (CharSet, usize),
    ) -> Option<Nodes> {
        let groups = self.groups(vec![place.progress.clone()], &[], set, len)?;
        let branch = |group: Group| {
            let progress = group.ends.into_iter().next_back()?;
            let mut story = story.clone();
            story.unnamed.insert(at, group.word);
            Some((
                Place {
                    progress,
                    ..place.clone()
                },
                story,
            ))
        };
        groups.into_iter().map(branch).collect()
    }

    /// The words of so many characters, grouped by where they lead from several starts at once; the
    /// first word of each group, in order. Words that cannot lead from the first starts to the given
    /// ends may be left out.
    fn groups(
        &self,
        starts: Vec<Progress>,
        ends: &[&Progress],
        set: CharSet,
        len: usize,
    ) -> Option<Vec<Group>> {
        let mut level = BTreeMap::from([(starts, (String::new(), Members::One))]);
        for _ in 0..len {
            let mut next: BTreeMap<Vec<Progress>, (String, Members)> = BTreeMap::new();
            for (tuple, (word, members)) in &level {
                for (character, stands_for) in self.representatives(tuple, set) {
                    let step = |progress: &Progress| progress.step(&self.patterns, character);
                    let stepped: Vec<Progress> = tuple.iter().map(step).collect();
                    if !stepped
                        .iter()
                        .zip(ends)
                        .all(|(now, end)| now.may_become(end))
                    {
                        continue;
                    }
                    let members = (*members).max(stands_for);
                    let known = match next.entry(stepped) {
                        Entry::Vacant(entry) => {
                            entry.insert((format!("{word}{character}"), members));
                            continue;
                        }
                        Entry::Occupied(entry) => entry.into_mut(),
                    };
                    known.1 = Members::Several;
                    // Words of one level differ in their first characters, so the order of the
                    // tuples is not theirs.
                    if word.as_str() < known.0.get(..word.len()).unwrap_or_default() {
                        known.0 = format!("{word}{character}");
                    }
                }
                if next.len() > self.limit {
                    return None;
                }
            }
            level = next;
        }
        let group = |(ends, (word, members))| Group {
            ends,
            word,
            members,
        };
        let mut groups: Vec<Group> = level.into_iter().map(group).collect();
        groups.sort_by(|one, other| one.word.cmp(&other.word));
        Some(groups)
    }

    /// The characters that some live pattern waits for, and one that stands for all others.
    fn representatives(&self, tuple: &[Progress], set: CharSet) -> Vec<(char, Members)> {
        let live = tuple.iter().flat_map(|progress| progress.live.iter());
        let mut interest = Vec::new();
        for (id, states) in live {
            if let Some(pattern) = self.patterns.get(*id) {
                pattern.add_chars_of_interest(states, &mut interest);
            }
        }
        interest.sort_unstable();
        interest.dedup();
        let (waited_for, others): (Vec<char>, Vec<char>) = set
            .chars()
            .partition(|character| interest.contains(character));
        let members = match others.len() {
            0 | 1 => Members::One,
            _ => Members::Several,
        };
        let mut all: Vec<_> = waited_for
            .into_iter()
            .map(|character| (character, Members::One))
            .chain(others.first().map(|other| (*other, members)))
            .collect();
        all.sort_unstable();
        all
    }

    /// At the end of a text the patterns that accept what was read stay; the others are done with.
    fn finish_text(&self, nodes: Nodes, at: usize) -> Option<Nodes> {
        let mut next = Unique {
            limit: self.limit,
            ..Unique::default()
        };
        for (mut place, story) in nodes {
            for (id, states) in std::mem::take(&mut place.progress.live).iter() {
                if self
                    .patterns
                    .get(*id)
                    .is_some_and(|pattern| pattern.is_accepting(states))
                {
                    place.progress.accept(*id);
                }
            }
            self.add(&mut next, (place, story), (at, usize::MAX))?;
        }
        Some(next.nodes)
    }

    fn found(&self, nodes: &[(Place, Story)]) -> Vec<JointClass> {
        nodes
            .iter()
            .map(|(place, story)| self.class(place, story))
            .collect()
    }

    fn class(&self, place: &Place, story: &Story) -> JointClass {
        let word = |name: &'static str, piece: &Piece| {
            let found = place.words.get(name).or_else(|| story.words.get(name));
            (name, found.cloned().unwrap_or_else(|| piece.first_word()))
        };
        let chosen: BTreeMap<_, _> = self
            .names
            .iter()
            .map(|(name, piece)| word(name, piece))
            .collect();
        let text = |(at, (template, _)): (usize, &(&Template, &[&Pattern]))| {
            let filled = template.pieces.iter().enumerate().map(|(index, piece)| {
                let found = match piece.name() {
                    Some(name) => chosen.get(name),
                    None => story.unnamed.get(&(at, index)),
                };
                found.cloned().unwrap_or_else(|| piece.first_word())
            });
            filled.collect()
        };
        let examples = self.texts.iter().enumerate().map(text).collect();
        JointClass {
            examples,
            chosen,
            split_on: story.split_on.clone(),
        }
    }
}

/// Places without repetition, in the order in which they were found.
#[derive(Default)]
struct Unique {
    limit: usize,
    seen: BTreeSet<Place>,
    nodes: Nodes,
}

impl Unique {
    /// Adds a place if it is new; nothing if that makes too many.
    fn add(&mut self, place: Place, story: Story) -> Option<()> {
        if self.seen.insert(place.clone()) {
            self.nodes.push((place, story));
        }
        (self.nodes.len() <= self.limit.max(1)).then_some(())
    }
}
