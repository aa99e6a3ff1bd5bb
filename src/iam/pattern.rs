//! Compiled text patterns: whether one matches a text, and stepping one character by character.
//!
//! Matching never takes exponential time: at worst it is the length of the pattern times the length
//! of the text. Which element takes which syntax is decided in `policy`.

use std::borrow::Cow;

pub use super::token::Syntax;
use super::token::{
    Colon, Shape, Token, begins_unknown, fold, folds, greedy, passes, shape, tokens,
};
use super::unknown::{ACCOUNT_DIGITS, is_unknown};
use super::variable::{Atom, Variable, Variables, Wildcards, atoms};

/// A compiled text pattern.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Pattern {
    text: Box<str>,
    syntax: Syntax,
    tokens: Box<[Token]>,
    /// The literal text before the first wildcard; empty if case is folded.
    prefix: Box<str>,
    prefix_tokens: usize,
    shape: Shape,
    /// Kept only while variables stand in it.
    atoms: Option<Box<[Atom]>>,
}

/// What stands in a variable's place.
pub(super) enum Filling<'v> {
    /// The value.
    Text(Cow<'v, str>),
    /// Any text at all.
    Anything,
    /// Any account id.
    Account,
    /// Nothing: the variable has no value.
    Nothing,
}

/// The live positions of a pattern after some text. Equal sets accept the same continuations.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct States(Vec<usize>);

impl States {
    /// Whether no continuation can be accepted any more.
    pub fn is_dead(&self) -> bool {
        self.0.is_empty()
    }
}

impl Pattern {
    /// A text that matches itself only.
    pub fn literal(text: &str) -> Pattern {
        Pattern::compile(Syntax::Literal, text)
    }

    /// A text that matches itself, folding case.
    pub fn literal_ignore_case(text: &str) -> Pattern {
        Pattern::compile(Syntax::LiteralIgnoreCase, text)
    }

    /// `*` is any text, colons and slashes included, `?` exactly one character.
    pub fn glob(text: &str) -> Pattern {
        Pattern::compile(Syntax::Glob, text)
    }

    /// A glob that folds case (IAM User Guide, `reference_policies_elements_action`).
    pub fn action(text: &str) -> Pattern {
        Pattern::compile(Syntax::Action, text)
    }

    /// A resource ARN: in the first five segments `?`, and a `*` that does not end its segment, refuse
    /// a colon; a `*` that ends its segment accepts it; after the fifth colon nothing is a boundary
    /// (IAM User Guide, `reference_policies_elements_resource`).
    pub fn resource(text: &str) -> Pattern {
        Pattern::compile(Syntax::Resource, text)
    }

    /// An ARN of six parts, each a glob that never crosses a colon in the first five (IAM User Guide,
    /// `reference_policies_elements_condition_operators`). With fewer parts it [never](Self::is_never)
    /// matches.
    pub fn arn(text: &str) -> Pattern {
        Pattern::compile(Syntax::Arn, text)
    }

    /// A pattern that matches nothing, for a text that AWS refuses in its place.
    pub fn never(text: &str) -> Pattern {
        let mut pattern = Pattern::compile(Syntax::Literal, text);
        pattern.tokens = Box::default();
        pattern.prefix = Box::default();
        pattern.prefix_tokens = 0;
        pattern.shape = Shape::Never;
        pattern
    }

    /// A pattern in which `${…}` is ordinary text.
    pub fn compile(syntax: Syntax, text: &str) -> Pattern {
        Pattern::from_atoms(
            syntax,
            text,
            atoms(text, wildcards(syntax), Variables::Literal),
        )
    }

    /// A pattern in which `${…}` is a policy variable, as under version 2012-10-17. Until
    /// a request gives its variables values it matches nothing.
    pub fn with_variables(syntax: Syntax, text: &str) -> Pattern {
        let variables = match syntax {
            Syntax::Resource => Variables::AfterFifthColon,
            Syntax::Action => Variables::Literal,
            _ => Variables::Everywhere,
        };
        Pattern::from_atoms(syntax, text, atoms(text, wildcards(syntax), variables))
    }

    fn from_atoms(syntax: Syntax, text: &str, atoms: Vec<Atom>) -> Pattern {
        let text = text.into();
        if atoms.iter().any(|atom| matches!(atom, Atom::Variable(_))) {
            return Pattern {
                text,
                syntax,
                tokens: Box::default(),
                prefix: Box::default(),
                prefix_tokens: 0,
                shape: Shape::Never,
                atoms: Some(atoms.into()),
            };
        }
        let tokens = tokens(syntax, &atoms);
        let literal = |token: &Token| match token {
            Token::Char(character) if !folds(syntax) => Some(*character),
            _ => None,
        };
        let prefix: String = tokens.iter().map_while(literal).collect();
        let prefix_tokens = prefix.chars().count();
        let shape = shape(syntax, &tokens, prefix_tokens);
        let prefix = prefix.into();
        Pattern {
            text,
            syntax,
            tokens: tokens.into(),
            prefix,
            prefix_tokens,
            shape,
            atoms: None,
        }
    }

    /// The text as written, variables included.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How the text is read.
    pub fn syntax(&self) -> Syntax {
        self.syntax
    }

    /// Whether a `*` or `?` in it is a wildcard.
    pub fn has_wildcard(&self) -> bool {
        match &self.atoms {
            Some(atoms) => atoms
                .iter()
                .any(|atom| matches!(atom, Atom::Star | Atom::Question)),
            None => self
                .tokens
                .iter()
                .any(|token| !matches!(token, Token::Char(_))),
        }
    }

    /// Whether it matches no text at all: an ARN of fewer than six parts, or a refused text. A
    /// pattern that waits for its variables is not one of these.
    pub fn is_never(&self) -> bool {
        self.shape == Shape::Never && self.atoms.is_none()
    }

    /// Whether policy variables stand in it.
    pub fn has_variables(&self) -> bool {
        self.atoms.is_some()
    }

    /// The policy variables in it, in the order of the text.
    pub fn variables(&self) -> impl Iterator<Item = &Variable> {
        self.atoms.iter().flatten().filter_map(|atom| match atom {
            Atom::Variable(variable) => Some(variable),
            _ => None,
        })
    }

    /// The pattern with its variables filled; nothing if one of them has no value. Text that is filled
    /// in is never a wildcard. Where anything may stand the result matches at least what it should.
    pub(super) fn substitute<'v>(
        &self,
        fill: impl Fn(&Variable) -> Filling<'v>,
    ) -> Option<Pattern> {
        let Some(atoms) = &self.atoms else {
            return Some(self.clone());
        };
        let mut syntax = self.syntax;
        let mut filled = Vec::with_capacity(atoms.len());
        for atom in atoms {
            let Atom::Variable(variable) = atom else {
                filled.push(atom.clone());
                continue;
            };
            match fill(variable) {
                Filling::Text(text) => filled.extend(text.chars().map(Atom::Char)),
                Filling::Anything => {
                    filled.push(Atom::Star);
                    // Wildcards of ARNs stop at colons, but a value may hold some.
                    if matches!(syntax, Syntax::Arn | Syntax::Resource) {
                        syntax = Syntax::Glob;
                    }
                }
                Filling::Account => {
                    filled.extend(std::iter::repeat_n(Atom::Digit, ACCOUNT_DIGITS));
                }
                Filling::Nothing => return None,
            }
        }
        Some(Pattern::from_atoms(syntax, &self.text, filled))
    }

    /// The pattern in which every part that is not known yet stands for its own name.
    pub(super) fn closed(&self) -> Pattern {
        let Some(atoms) = &self.atoms else {
            return self.clone();
        };
        let mut closed = Vec::with_capacity(atoms.len());
        for atom in atoms {
            match atom {
                Atom::Variable(variable) if is_unknown(&variable.key) => {
                    closed.extend(variable.key.chars().map(Atom::Char));
                }
                other => closed.push(other.clone()),
            }
        }
        Pattern::from_atoms(self.syntax, &self.text, closed)
    }

    /// The only text that it matches, if there is but one.
    pub(super) fn as_literal(&self) -> Option<&str> {
        (self.shape == Shape::Literal).then_some(&*self.prefix)
    }

    /// Whether the whole text matches.
    pub fn matches(&self, text: &str) -> bool {
        match self.shape {
            Shape::Never => false,
            Shape::Literal => *text == *self.prefix,
            Shape::Prefix => text.starts_with(&*self.prefix),
            Shape::Greedy => text
                .strip_prefix(&*self.prefix)
                .is_some_and(|rest| greedy(self.tail(), rest, folds(self.syntax))),
            Shape::General => {
                text.starts_with(&*self.prefix) && self.is_accepting(&self.run(&self.start(), text))
            }
        }
    }

    fn tail(&self) -> &[Token] {
        self.tokens.get(self.prefix_tokens..).unwrap_or_default()
    }

    /// The positions before any text.
    pub fn start(&self) -> States {
        let mut states = States::default();
        if self.shape != Shape::Never {
            self.enter(0, &mut states.0);
        }
        states
    }

    /// Whether its literal beginning already differs from a text, so that no continuation of the text
    /// can match. Only said when it is certain.
    pub(super) fn is_out_after(&self, text: &str) -> bool {
        let shorter = self.prefix.len().min(text.len());
        self.prefix.as_bytes().get(..shorter) != text.as_bytes().get(..shorter)
    }

    /// The positions after one more character.
    pub fn step(&self, states: &States, character: char) -> States {
        // Most patterns of a long list die at the next character, and a dead set takes no room.
        let mut next = Vec::new();
        self.step_into(&states.0, character, &mut next);
        States(next)
    }

    /// The positions after any account id.
    pub(super) fn run_account(&self, states: &States) -> States {
        let mut now = states.clone();
        for _ in 0..ACCOUNT_DIGITS {
            let mut next: Vec<usize> = Vec::new();
            for digit in '0'..='9' {
                next.extend(self.step(&now, digit).0);
            }
            next.sort_unstable();
            next.dedup();
            now = States(next);
        }
        now
    }

    /// The positions after more text; stops as soon as nothing can change any more.
    pub fn run(&self, states: &States, text: &str) -> States {
        let (mut now, rest) = match states.0.as_slice() {
            [0] if !self.prefix.is_empty() => self.skip_prefix(text),
            [position] => self.skip_literal(*position, text),
            _ => (states.clone(), text),
        };
        let mut next = Vec::new();
        for character in rest.chars() {
            if now.is_dead() || self.accepts_all_from(&now) {
                break;
            }
            next.clear();
            self.step_into(&now.0, character, &mut next);
            std::mem::swap(&mut now.0, &mut next);
        }
        now
    }

    /// From the start, the literal prefix is compared as a whole instead of being stepped through.
    fn skip_prefix<'t>(&self, text: &'t str) -> (States, &'t str) {
        let mut after = States::default();
        if let Some(rest) = text.strip_prefix(&*self.prefix) {
            self.enter(self.prefix_tokens, &mut after.0);
            return (after, rest);
        }
        if self.prefix.starts_with(text) {
            self.enter(text.chars().count(), &mut after.0);
        }
        (after, "")
    }

    /// Where one position is live and waits for a character, most patterns of a long list die at once;
    /// nothing is set up for them.
    fn skip_literal<'t>(&self, position: usize, text: &'t str) -> (States, &'t str) {
        let mut position = position;
        let mut rest = text.chars();
        while let Some(Token::Char(wanted)) = self.tokens.get(position) {
            let Some(character) = rest.clone().next() else {
                break;
            };
            let folded = if folds(self.syntax) {
                fold(character)
            } else {
                character
            };
            if folded != *wanted {
                return (States::default(), "");
            }
            rest.next();
            position += 1;
        }
        let mut after = States::default();
        self.enter(position, &mut after.0);
        (after, rest.as_str())
    }

    /// Positions come in ascending order, so one that is not beyond the last is already there.
    fn step_into(&self, positions: &[usize], character: char, next: &mut Vec<usize>) {
        let folded = if folds(self.syntax) {
            fold(character)
        } else {
            character
        };
        for &position in positions {
            match self.tokens.get(position) {
                Some(Token::Many(colon)) if passes(*colon, character) => self.enter(position, next),
                Some(Token::One(colon))
                    if passes(*colon, character) && !begins_unknown(character) =>
                {
                    self.enter(position + 1, next);
                }
                Some(Token::Char(wanted)) if *wanted == folded => self.enter(position + 1, next),
                Some(Token::Digit) if character.is_ascii_digit() => {
                    self.enter(position + 1, next);
                }
                _ => {}
            }
        }
    }

    /// Adds a position and those that follow it without text. A `*` that passes everything makes all
    /// earlier positions redundant: whatever they accept, it accepts too.
    fn enter(&self, mut position: usize, positions: &mut Vec<usize>) {
        loop {
            let token = self.tokens.get(position);
            if positions.last().is_none_or(|last| *last < position) {
                if matches!(token, Some(Token::Many(Colon::Passes))) {
                    positions.clear();
                }
                positions.push(position);
            }
            if !matches!(token, Some(Token::Many(_))) {
                return;
            }
            position += 1;
        }
    }

    /// Whether the text so far is a match.
    pub fn is_accepting(&self, states: &States) -> bool {
        self.shape != Shape::Never && states.0.last() == Some(&self.tokens.len())
    }

    /// Whether the text so far and every continuation of it match. Only said when it is certain.
    pub fn accepts_all_from(&self, states: &States) -> bool {
        matches!(self.tokens.last(), Some(Token::Many(Colon::Passes)))
            && states
                .0
                .iter()
                .rev()
                .take(2)
                .any(|position| position + 1 == self.tokens.len())
    }

    /// The characters that a live position tells from the rest, in order and without repetition; all
    /// others lead to one and the same set of positions.
    pub fn chars_of_interest(&self, states: &States) -> Vec<char> {
        let mut chars = Vec::new();
        self.add_chars_of_interest(states, &mut chars);
        chars.sort_unstable();
        chars.dedup();
        chars
    }

    /// The same, unsorted and added to others.
    pub(super) fn add_chars_of_interest(&self, states: &States, chars: &mut Vec<char>) {
        for &position in &states.0 {
            match self.tokens.get(position) {
                Some(Token::Char(wanted)) => {
                    chars.push(*wanted);
                    if folds(self.syntax) {
                        chars.extend(wanted.to_uppercase());
                    }
                }
                Some(Token::One(Colon::Stops) | Token::Many(Colon::Stops)) => chars.push(':'),
                Some(Token::Digit) => chars.extend('0'..='9'),
                _ => {}
            }
        }
    }

    /// How many characters of a text are read before no continuation could match any more.
    pub fn live_prefix(&self, text: &str) -> usize {
        if !self.is_never() {
            let pairs = self.prefix.chars().zip(text.chars());
            let shared = pairs.take_while(|(wanted, found)| wanted == found).count();
            if shared < self.prefix.chars().count() {
                return shared;
            }
        }
        let mut states = self.start();
        let mut read = 0;
        for character in text.chars() {
            states = self.step(&states, character);
            if states.is_dead() {
                return read;
            }
            read += 1;
        }
        read
    }
}

fn wildcards(syntax: Syntax) -> Wildcards {
    match syntax {
        Syntax::Literal | Syntax::LiteralIgnoreCase => Wildcards::Literal,
        Syntax::Glob | Syntax::Action | Syntax::Resource | Syntax::Arn => Wildcards::Special,
    }
}
