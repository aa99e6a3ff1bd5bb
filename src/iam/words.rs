//! The classes of one word: which fillings of a named piece no pattern can tell apart, and how many
//! words each class has.
//!
//! Every pattern is followed on its own to the places where the word is read, so the classes can be
//! finer than a policy needs, and never coarser: what an example of a class is told, all its words are
//! told, whatever stands in the other pieces. Their numbers add up to the number of all words.

use std::collections::{BTreeMap, BTreeSet};

use super::classes::{CharSet, Piece, Template};
use super::pattern::{Pattern, States};
use super::progress::Progress;

/// How many undecided patterns the places of one level may have together, for each class of the limit.
const PATTERNS_FOR_EACH_CLASS: usize = 16;

/// Words that no pattern tells apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WordClass {
    /// The first of them.
    pub example: String,
    /// How many there are.
    pub words: u128,
}

/// The classes of the words of one name in several texts that share their names, as for
/// [`joint_classes`](super::joint_classes); in the order of their examples for free characters, and in
/// the order of the words for a choice. Nothing if there are more than the limit on the way.
pub fn word_classes(
    texts: &[(&Template, &[&Pattern])],
    name: &str,
    limit: usize,
) -> Option<Vec<WordClass>> {
    let pieces = introductions(texts);
    let Some(piece) = pieces.get(name) else {
        return Some(Vec::new());
    };
    let mut readers: Vec<&Pattern> = Vec::new();
    let mut start = Progress::default();
    for (template, patterns) in texts {
        for pattern in *patterns {
            for states in starts(template, pattern, &pieces, name, limit)? {
                start.settle(pattern, readers.len(), states);
                readers.push(pattern);
            }
        }
    }
    match piece {
        Piece::Choice { words, .. } => Some(of_choice(&readers, &start, words)),
        Piece::Chars { set, len, .. } => of_chars(&readers, start, *set, *len, limit),
        Piece::Text(_) | Piece::Again(_) => Some(Vec::new()),
    }
}

/// The piece that introduces each name.
fn introductions<'t>(texts: &[(&'t Template, &[&Pattern])]) -> BTreeMap<&'static str, &'t Piece> {
    let mut pieces = BTreeMap::new();
    for piece in texts.iter().flat_map(|(template, _)| &template.pieces) {
        if let (Some(name), Piece::Choice { .. } | Piece::Chars { .. }) = (piece.name(), piece) {
            pieces.entry(name).or_insert(piece);
        }
    }
    pieces
}

/// The positions in which a pattern can be when the word is read: some may never occur together with
/// those of another pattern, which makes the classes finer.
fn starts(
    template: &Template,
    pattern: &Pattern,
    pieces: &BTreeMap<&'static str, &Piece>,
    name: &str,
    limit: usize,
) -> Option<BTreeSet<States>> {
    let mut now = BTreeSet::from([pattern.start()]);
    let mut starts = BTreeSet::new();
    for piece in &template.pieces {
        now.retain(|states| is_undecided(pattern, states));
        let piece = introduced(piece, pieces);
        if piece.name() == Some(name) {
            starts.extend(now.iter().cloned());
        }
        now = after(piece, pattern, &now, limit)?;
    }
    Some(starts)
}

/// Whether each pattern matches some filling of its text. One that matches none tells no two of them apart,
/// and need not be followed any further. Where that cannot be said soon, it may.
pub fn possible(texts: &[(&Template, &[&Pattern])], limit: usize) -> Vec<Vec<bool>> {
    let pieces = introductions(texts);
    let of_text = |(template, patterns): &(&Template, &[&Pattern])| {
        let each = patterns.iter();
        each.map(|pattern| may_match(template, pattern, &pieces, limit))
            .collect()
    };
    texts.iter().map(of_text).collect()
}

fn may_match(
    template: &Template,
    pattern: &Pattern,
    pieces: &BTreeMap<&'static str, &Piece>,
    limit: usize,
) -> bool {
    let lacks = |text: &str| {
        let mut pieces = template.pieces.iter();
        pieces.any(|piece| matches!(piece, Piece::Text(part) if !text.contains(&**part)))
    };
    // Most patterns are plain texts, and told without following them.
    if pattern.as_literal().is_some_and(lacks) {
        return false;
    }
    let mut now = BTreeSet::from([pattern.start()]);
    for piece in &template.pieces {
        if now.iter().any(|states| pattern.accepts_all_from(states)) {
            return true;
        }
        now.retain(|states| !states.is_dead());
        if now.is_empty() {
            return false;
        }
        let Some(next) = after(introduced(piece, pieces), pattern, &now, limit) else {
            return true;
        };
        now = next;
    }
    now.iter()
        .any(|states| pattern.is_accepting(states) || pattern.accepts_all_from(states))
}

/// The piece itself, or the one that introduces its name.
fn introduced<'t>(piece: &'t Piece, pieces: &BTreeMap<&'static str, &'t Piece>) -> &'t Piece {
    let named = piece.name().and_then(|name| pieces.get(name));
    named.map_or(piece, |piece| piece)
}

fn is_undecided(pattern: &Pattern, states: &States) -> bool {
    !states.is_dead() && !pattern.accepts_all_from(states)
}

/// The positions after one more piece; nothing if there are more than the limit on the way.
fn after(
    piece: &Piece,
    pattern: &Pattern,
    now: &BTreeSet<States>,
    limit: usize,
) -> Option<BTreeSet<States>> {
    Some(match piece {
        Piece::Text(text) => now.iter().map(|states| pattern.run(states, text)).collect(),
        Piece::Choice { words, .. } => {
            let after = |states| words.iter().map(move |word| pattern.run(states, word));
            now.iter().flat_map(after).collect()
        }
        Piece::Chars { set, len, .. } => {
            let mut now = now.clone();
            for _ in 0..*len {
                let step = |states: &States| {
                    // From here on every text is a match, or none is.
                    if !is_undecided(pattern, states) {
                        return vec![states.clone()];
                    }
                    let chars = representatives(&pattern.chars_of_interest(states), *set);
                    let after = |(character, _)| pattern.step(states, character);
                    chars.into_iter().map(after).collect::<Vec<_>>()
                };
                now = now.iter().flat_map(step).collect();
                if now.len() > limit {
                    return None;
                }
            }
            now
        }
        Piece::Again(_) => now.clone(),
    })
}

fn of_choice(readers: &[&Pattern], start: &Progress, words: &[String]) -> Vec<WordClass> {
    let mut found: BTreeMap<Progress, usize> = BTreeMap::new();
    let mut classes: Vec<WordClass> = Vec::new();
    for word in words {
        let at = *found
            .entry(start.run(readers, word))
            .or_insert(classes.len());
        match classes.get_mut(at) {
            Some(class) => class.words += 1,
            None => classes.push(WordClass {
                example: word.clone(),
                words: 1,
            }),
        }
    }
    classes
}

fn of_chars(
    readers: &[&Pattern],
    start: Progress,
    set: CharSet,
    len: usize,
    limit: usize,
) -> Option<Vec<WordClass>> {
    let mut level = BTreeMap::from([(start, (String::new(), 1_u128))]);
    for _ in 0..len {
        let mut next: BTreeMap<Progress, (String, u128)> = BTreeMap::new();
        let undecided = level.keys().map(|progress| progress.live.len());
        if level.len() > 1 && undecided.sum::<usize>() > limit * PATTERNS_FOR_EACH_CLASS {
            return None;
        }
        for (progress, (word, words)) in &level {
            let interest: BTreeSet<char> = progress
                .live
                .iter()
                .filter_map(|(id, states)| Some(readers.get(*id)?.chars_of_interest(states)))
                .flatten()
                .collect();
            let interest: Vec<char> = interest.into_iter().collect();
            for (character, alike) in representatives(&interest, set) {
                let longer = format!("{word}{character}");
                let more = words.saturating_mul(alike);
                let known = next
                    .entry(progress.step(readers, character))
                    .or_insert_with(|| (longer.clone(), 0));
                known.1 = known.1.saturating_add(more);
                if longer < known.0 {
                    known.0 = longer;
                }
            }
            if next.len() > limit {
                return None;
            }
        }
        level = next;
    }
    let classes = level.into_values();
    let mut classes: Vec<WordClass> = classes
        .map(|(example, words)| WordClass { example, words })
        .collect();
    classes.sort_by(|one, other| one.example.cmp(&other.example));
    Some(classes)
}

/// The characters that a pattern waits for, each by itself, and the first of the others with their number.
fn representatives(interest: &[char], set: CharSet) -> Vec<(char, u128)> {
    let mut chars: Vec<(char, u128)> = Vec::new();
    let mut other: Option<usize> = None;
    for character in set.chars() {
        if interest.binary_search(&character).is_ok() {
            chars.push((character, 1));
            continue;
        }
        match other.and_then(|at| chars.get_mut(at)) {
            Some((_, alike)) => *alike += 1,
            None => {
                other = Some(chars.len());
                chars.push((character, 1));
            }
        }
    }
    chars
}
