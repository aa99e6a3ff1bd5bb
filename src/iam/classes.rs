//! A set of texts as a template, and the classes into which patterns split it.
//!
//! The search itself is in `search`; what the patterns stand for is the caller's business.

use std::collections::{BTreeMap, BTreeSet};

use super::pattern::Pattern;
use super::search;

/// A part of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Always the same text.
    Text(String),
    /// One of some words.
    Choice {
        /// The name under which the choice can be [repeated](Piece::Again).
        name: &'static str,
        /// The words, the usual one first.
        words: Vec<String>,
    },
    /// Any text of so many characters.
    Chars {
        /// The name under which the text can be [repeated](Piece::Again).
        name: Option<&'static str>,
        /// The characters.
        set: CharSet,
        /// How many characters.
        len: usize,
    },
    /// The word that was chosen for a name earlier; nothing if the name was never introduced.
    Again(&'static str),
}

/// A set of characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CharSet {
    /// `0` to `9`
    Digits,
    /// Digits and `a` to `z`
    LowerAlnum,
    /// Digits, `A` to `Z` and `a` to `z`
    Alnum,
}

impl CharSet {
    /// The characters, in order; the first is always `0`.
    pub fn chars(self) -> impl Iterator<Item = char> {
        let upper = if self == CharSet::Alnum {
            'A'..='Z'
        } else {
            'Z'..='A'
        };
        let lower = if self == CharSet::Digits {
            'z'..='a'
        } else {
            'a'..='z'
        };
        ('0'..='9').chain(upper).chain(lower)
    }
}

/// A set of texts: all fillings of some pieces.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Template {
    /// The pieces, in the order of the text.
    pub pieces: Vec<Piece>,
}

/// One class of texts: no pattern tells its members apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextClass {
    /// One member.
    pub example: String,
    /// The word of each name in the example.
    pub chosen: BTreeMap<&'static str, String>,
    /// The names whose words made a difference on the way here. For all others the class holds
    /// whatever their word is.
    pub split_on: BTreeSet<&'static str>,
}

/// The classes of one template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Classes {
    /// At least one example of every class.
    All(Vec<TextClass>),
    /// More classes or states than the limit.
    TooMany,
}

/// One class of several texts that share their names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JointClass {
    /// One member: a text for each template.
    pub examples: Vec<String>,
    /// As in [`TextClass`].
    pub chosen: BTreeMap<&'static str, String>,
    /// As in [`TextClass`].
    pub split_on: BTreeSet<&'static str>,
}

/// The classes of several texts that share their names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JointClasses {
    /// At least one example of every class.
    All(Vec<JointClass>),
    /// More classes or states than the limit.
    TooMany,
}

/// The classes of several texts at once, each with the patterns that apply to it. A name means the
/// same word in all of them, as the account id does that stands in the key, in `aws:SourceArn` and in
/// `aws:SourceAccount` of one request.
pub fn joint_classes(texts: &[(&Template, &[&Pattern])], limit: usize) -> JointClasses {
    search::classes(texts, limit).map_or(JointClasses::TooMany, JointClasses::All)
}

impl Template {
    /// Splits the texts into classes that the patterns can tell apart. Words of a choice are each a
    /// class of their own once they make a difference.
    pub fn classes(&self, patterns: &[&Pattern], limit: usize) -> Classes {
        match joint_classes(&[(self, patterns)], limit) {
            JointClasses::TooMany => Classes::TooMany,
            JointClasses::All(classes) => Classes::All(
                classes
                    .into_iter()
                    .map(
                        |JointClass {
                             examples,
                             chosen,
                             split_on,
                         }| TextClass {
                            example: examples.concat(),
                            chosen,
                            split_on,
                        },
                    )
                    .collect(),
            ),
        }
    }

    /// One of the texts: the first word of every choice, zeros for characters.
    pub fn example(&self) -> String {
        let mut chosen = BTreeMap::new();
        let mut text = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(fixed) => text.push_str(fixed),
                Piece::Again(name) => text.push_str(chosen.get(name).map_or("", String::as_str)),
                Piece::Choice { .. } | Piece::Chars { .. } => {
                    let word = piece.first_word();
                    let name = piece.name();
                    let word = name
                        .and_then(|name| chosen.get(name).cloned())
                        .unwrap_or(word);
                    text.push_str(&word);
                    chosen.extend(name.map(|name| (name, word)));
                }
            }
        }
        text
    }

    /// The texts as one line for people: what varies is `*`.
    pub fn display(&self) -> String {
        let mut text = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(fixed) => text.push_str(fixed),
                Piece::Chars { len: 0, .. } => {}
                _ if text.ends_with('*') => {}
                _ => text.push('*'),
            }
        }
        text
    }
}

impl Piece {
    /// The name that the piece introduces or repeats.
    pub fn name(&self) -> Option<&'static str> {
        match self {
            Piece::Text(_) => None,
            Piece::Choice { name, .. } | Piece::Again(name) => Some(name),
            Piece::Chars { name, .. } => *name,
        }
    }

    /// The word for which nothing speaks and nothing against.
    pub(super) fn first_word(&self) -> String {
        match self {
            Piece::Text(text) => text.clone(),
            Piece::Choice { words, .. } => words.first().cloned().unwrap_or_default(),
            Piece::Chars { len, .. } => "0".repeat(*len),
            Piece::Again(_) => String::new(),
        }
    }
}
