//! The tokens into which a pattern is compiled, and matching them with one place to return to.
//!
//! Here are the colon rules of `Resource` and of the ARN operators; stepping is in `pattern`.

use super::unknown;
use super::variable::Atom;

/// How the text of a pattern is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Syntax {
    /// Every character is itself: `StringEquals`.
    Literal,
    /// The same, folding case: `StringEqualsIgnoreCase`.
    LiteralIgnoreCase,
    /// `*` is any text, `?` one character: `StringLike`.
    Glob,
    /// A glob that folds case: `Action`.
    Action,
    /// A glob with the colon rules of `Resource`.
    Resource,
    /// Six parts, each a glob of its own: `ArnLike` and `ArnEquals`.
    Arn,
}

/// Whether a wildcard may stand for a colon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Colon {
    Passes,
    Stops,
}

/// One step of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Token {
    Char(char),
    One(Colon),
    Many(Colon),
    /// One digit of an account id that is not known.
    Digit,
}

/// How a pattern is matched: the cheapest way that is right for its tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Shape {
    Never,
    Literal,
    Prefix,
    /// The last wildcard is the only one that ever needs another try.
    Greedy,
    /// All positions at once.
    General,
}

/// Whether case is folded.
pub(super) fn folds(syntax: Syntax) -> bool {
    matches!(syntax, Syntax::LiteralIgnoreCase | Syntax::Action)
}

/// Lower case, for the characters whose lower case is one character.
pub(super) fn fold(character: char) -> char {
    if character.is_ascii() {
        return character.to_ascii_lowercase();
    }
    let mut lower = character.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(folded), None) => folded,
        _ => character,
    }
}

/// Whether a wildcard may stand for a character.
pub(super) fn passes(colon: Colon, character: char) -> bool {
    colon == Colon::Passes || character != ':'
}

/// Whether a character begins a part that is not known, which need not be one character long.
pub(super) fn begins_unknown(character: char) -> bool {
    character == unknown::OPEN
}

/// Lays out the tokens of a pattern that has no variables.
pub(super) fn tokens(syntax: Syntax, atoms: &[Atom]) -> Vec<Token> {
    let mut tokens = Vec::with_capacity(atoms.len());
    let mut colons = 0;
    let mut rest = atoms;
    while let Some((atom, after)) = rest.split_first() {
        rest = after;
        let colon = match syntax {
            Syntax::Resource if colons < 5 => match atom {
                Atom::Star if ends_segment(after) => Colon::Passes,
                _ => Colon::Stops,
            },
            Syntax::Arn if colons < 5 => Colon::Stops,
            _ => Colon::Passes,
        };
        match (atom, tokens.last_mut()) {
            // Two stars in a row are one, the more permissive.
            (Atom::Star, Some(Token::Many(last))) => {
                if colon == Colon::Passes {
                    *last = colon;
                }
            }
            (Atom::Star, _) => tokens.push(Token::Many(colon)),
            (Atom::Question, _) => tokens.push(Token::One(colon)),
            (Atom::Digit, _) => tokens.push(Token::Digit),
            (Atom::Char(character), _) => {
                colons += usize::from(*character == ':');
                let folded = if folds(syntax) {
                    fold(*character)
                } else {
                    *character
                };
                tokens.push(Token::Char(folded));
            }
            // Patterns with variables are laid out only after substitution.
            (Atom::Variable(_), _) => {}
        }
    }
    tokens
}

fn ends_segment(after: &[Atom]) -> bool {
    let next = after.iter().find(|atom| !matches!(atom, Atom::Star));
    matches!(next, None | Some(Atom::Char(':')))
}

/// The cheapest way that is right for some tokens.
pub(super) fn shape(syntax: Syntax, tokens: &[Token], prefix_tokens: usize) -> Shape {
    let colons = tokens
        .iter()
        .filter(|token| matches!(token, Token::Char(':')))
        .count();
    if syntax == Syntax::Arn && colons < 5 {
        return Shape::Never;
    }
    if !folds(syntax) {
        match tokens.get(prefix_tokens..).unwrap_or_default() {
            [] => return Shape::Literal,
            [Token::Many(Colon::Passes)] => return Shape::Prefix,
            _ => {}
        }
    }
    // When the last `*` is stopped by a colon, an earlier one can only help if it may pass colons:
    // among wildcards that stop, every colon of the pattern has exactly one place in the text.
    let mut wildcards = tokens.iter().filter_map(|token| match token {
        Token::Many(colon) => Some(*colon),
        _ => None,
    });
    let passes_before_stops = wildcards.any(|colon| colon == Colon::Passes)
        && wildcards.any(|colon| colon == Colon::Stops);
    if passes_before_stops {
        Shape::General
    } else {
        Shape::Greedy
    }
}

/// Matches with one place to return to: the last `*` and the text after what it has taken.
pub(super) fn greedy(tokens: &[Token], text: &str, folding: bool) -> bool {
    let mut tokens = tokens;
    let mut rest = text.chars();
    let mut retry = None;
    loop {
        match tokens.split_first() {
            Some((Token::Many(Colon::Passes), [])) => return true,
            Some((Token::Many(colon), after)) => {
                retry = Some((*colon, after, rest.clone()));
                tokens = after;
                continue;
            }
            Some((token, after)) => {
                let mut ahead = rest.clone();
                if ahead
                    .next()
                    .is_some_and(|character| takes(*token, character, folding))
                {
                    (tokens, rest) = (after, ahead);
                    continue;
                }
            }
            None if rest.as_str().is_empty() => return true,
            None => {}
        }
        let Some((colon, after, from)) = &mut retry else {
            return false;
        };
        if !from
            .next()
            .is_some_and(|character| passes(*colon, character))
        {
            return false;
        }
        (tokens, rest) = (after, from.clone());
    }
}

fn takes(token: Token, character: char, folding: bool) -> bool {
    match token {
        Token::Char(wanted) => wanted == if folding { fold(character) } else { character },
        Token::Digit => character.is_ascii_digit(),
        Token::One(colon) | Token::Many(colon) => {
            passes(colon, character) && !begins_unknown(character)
        }
    }
}
