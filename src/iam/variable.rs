//! A pattern's text taken apart: literal characters, wildcards and policy variables.
//!
//! Source: IAM User Guide, `reference_policies_variables`. Where a value comes from is not decided here.

use super::unknown;

/// A policy variable: `${key}` or `${key, 'default'}`; or a part of the text that is not known yet.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Variable {
    /// The context key, in lower case: key names fold case. A part that is not known yet stands here as
    /// it is written, brackets included.
    pub key: Box<str>,
    /// The text to use when the request does not carry the key.
    pub default: Option<Box<str>>,
}

/// The smallest part of a pattern's text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Atom {
    /// A character that stands for itself.
    Char(char),
    /// `*`
    Star,
    /// `?`
    Question,
    /// One digit of an account id that is not known.
    Digit,
    /// A variable whose value is not known yet.
    Variable(Variable),
}

/// Whether `*` and `?` are special.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wildcards {
    /// They are wildcards.
    Special,
    /// They are themselves, as in `StringEquals`.
    Literal,
}

/// Where `${…}` is special.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Variables {
    /// Nowhere: before version 2012-10-17, and in elements that take none.
    Literal,
    /// Everywhere.
    Everywhere,
    /// In the last part of an ARN only.
    AfterFifthColon,
}

/// Takes a text apart.
pub(super) fn atoms(text: &str, wildcards: Wildcards, variables: Variables) -> Vec<Atom> {
    let mut atoms = Vec::with_capacity(text.len());
    let mut colons = 0;
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let special = match variables {
            Variables::Literal => false,
            Variables::Everywhere => true,
            Variables::AfterFifthColon => colons >= 5,
        };
        if special && let Some((atom, after)) = variable(rest) {
            atoms.push(atom);
            rest = after;
            continue;
        }
        if character == unknown::OPEN
            && let Some((part, after)) = unknown::at_start(rest)
        {
            atoms.push(Atom::Variable(Variable {
                key: part.into(),
                default: None,
            }));
            rest = after;
            continue;
        }
        colons += usize::from(character == ':');
        atoms.push(match (wildcards, character) {
            (Wildcards::Special, '*') => Atom::Star,
            (Wildcards::Special, '?') => Atom::Question,
            (_, other) => Atom::Char(other),
        });
        rest = rest.get(character.len_utf8()..).unwrap_or_default();
    }
    atoms
}

/// Reads `${…}` at the start of a text. What is not closed or has no name is ordinary text.
fn variable(text: &str) -> Option<(Atom, &str)> {
    let inside = text.strip_prefix("${")?;
    for escaped in ['*', '?', '$'] {
        if let Some(after) = inside
            .strip_prefix(escaped)
            .and_then(|rest| rest.strip_prefix('}'))
        {
            return Some((Atom::Char(escaped), after));
        }
    }
    let (name, default, after) = with_default(inside).or_else(|| {
        let (name, after) = inside.split_once('}')?;
        Some((name, None, after))
    })?;
    if name.is_empty() {
        return None;
    }
    let key = name.trim().to_ascii_lowercase().into();
    Some((
        Atom::Variable(Variable {
            key,
            default: default.map(Into::into),
        }),
        after,
    ))
}

/// Reads `key, 'default'}`: a comma, one space, single quotes.
fn with_default(inside: &str) -> Option<(&str, Option<&str>, &str)> {
    let (name, rest) = inside.split_once(", '")?;
    if name.contains('}') {
        return None;
    }
    let (default, after) = rest.split_once("'}")?;
    Some((name, Some(default), after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Vec<(String, Option<String>)> {
        atoms(text, Wildcards::Special, Variables::Everywhere)
            .into_iter()
            .filter_map(|atom| match atom {
                Atom::Variable(Variable { key, default }) => {
                    Some((key.into(), default.map(Into::into)))
                }
                _ => None,
            })
            .collect()
    }

    #[test]
    fn variables_fold_their_key_and_keep_their_default() {
        assert_eq!(keys("a/${AWS:UserName}/b"), [("aws:username".into(), None)]);
        assert_eq!(keys("${k, 'd}e'}x"), [("k".into(), Some("d}e".into()))]);
        assert_eq!(
            keys("${a}${b, 'c'}"),
            [("a".into(), None), ("b".into(), Some("c".into()))]
        );
    }

    #[test]
    fn what_is_not_a_variable_is_text() {
        for text in ["${", "${a", "${}", "$", "$a}", "${*", "{a}"] {
            assert_eq!(keys(text), [], "{text}");
        }
        let escaped = atoms("${*}${?}${$}", Wildcards::Special, Variables::Everywhere);
        assert_eq!(escaped, [Atom::Char('*'), Atom::Char('?'), Atom::Char('$')]);
    }

    #[test]
    fn a_variable_before_the_fifth_colon_of_a_resource_is_text() {
        let atoms = atoms(
            "arn:${a}:s3:::${b}",
            Wildcards::Special,
            Variables::AfterFifthColon,
        );
        let found: Vec<_> = atoms
            .iter()
            .filter(|atom| matches!(atom, Atom::Variable(_)))
            .collect();
        assert_eq!(found.len(), 1);
    }
}
