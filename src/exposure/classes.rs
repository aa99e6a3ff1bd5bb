//! The requests of a family as classes: the accounts first, each class with its number, then for one
//! account of each class everything else. What a policy says to the example it says to the whole class.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::family::{ACCOUNT, CHOICES, LATE_CHOICES, MEMBER, OPEN, ORGANIZATION, Shape};
use crate::iam::{
    CharSet, Context, ContextValue, JointClasses, Pattern, Piece, Policy, Principal, Request,
    Template, WordClass, condition_patterns, joint_classes, possible, resource_patterns,
    word_classes,
};

/// The most classes before the answer is "cannot be said".
const MOST_CLASSES: usize = 4096;

/// Accounts and organizations that a question is not about.
#[derive(Debug, Default, Clone)]
pub(super) struct Known {
    pub(super) accounts: BTreeSet<String>,
    pub(super) organizations: BTreeSet<String>,
}

/// One class of requests, by an example.
#[derive(Debug, Clone)]
pub(super) struct Class {
    pub(super) principal: Principal,
    pub(super) resource: String,
    pub(super) context: Context,
    /// The words of the parameters.
    pub(super) chosen: BTreeMap<&'static str, String>,
}

impl Class {
    pub(super) fn request<'a>(&'a self, action: &'a str) -> Request<'a> {
        Request {
            principal: &self.principal,
            action,
            resource: &self.resource,
            context: &self.context,
        }
    }
}

/// A shape with its texts, each with the patterns that apply to it, and its choices cut down to one
/// word of each class.
pub(super) struct Prepared<'p> {
    shape: Shape,
    texts: Vec<(Template, Vec<Cow<'p, Pattern>>)>,
}

/// Prepares a shape; nothing if the patterns are too tangled.
pub(super) fn prepare<'p>(
    policies: &[&'p Policy],
    action: &str,
    shape: Shape,
    known: &Known,
) -> Option<Prepared<'p>> {
    gathered(policies, action, shape).thinned(known)
}

/// Prepares a shape for the trails of one account: of many patterns most are for others.
pub(super) fn prepare_for<'p>(
    policies: &[&'p Policy],
    action: &str,
    shape: &Shape,
    account: &str,
) -> Option<Prepared<'p>> {
    let mut prepared = gathered(policies, action, shape.of(account));
    prepared.leave_out_impossible();
    prepared.thinned(&Known::default())
}

/// A shape with the patterns that bear on its texts.
fn gathered<'p>(policies: &[&'p Policy], action: &str, shape: Shape) -> Prepared<'p> {
    let mut texts: Vec<(Template, Vec<Cow<'p, Pattern>>)> =
        vec![(shape.resource.clone(), Vec::new())];
    let keys = shape.varying.iter();
    texts.extend(keys.map(|(_, template)| (template.clone(), Vec::new())));
    for (at, context) in shape.contexts.iter().enumerate() {
        let mut context = context.clone();
        for (key, _) in &shape.varying {
            context.set(key, ContextValue::Unknown);
        }
        // Only patterns with variables differ from one context to the next.
        let is_new = |pattern: &Cow<'_, Pattern>| at == 0 || matches!(pattern, Cow::Owned(_));
        let keys = shape.varying.iter().map(|(key, _)| Some(*key));
        for ((_, known), key) in texts.iter_mut().zip(std::iter::once(None).chain(keys)) {
            for policy in policies {
                let patterns = match key {
                    None => resource_patterns(policy, Some(&shape.principal), action, &context),
                    Some(key) => condition_patterns(policy, key, action, &context),
                };
                known.extend(patterns.into_iter().filter(is_new));
            }
        }
    }
    Prepared { shape, texts }
}

/// The classes of accounts over all shapes; those of `apart` are each a class of its own.
pub(super) fn accounts(
    prepared: &[Prepared<'_>],
    apart: &BTreeSet<String>,
) -> Option<Vec<WordClass>> {
    let mut texts: Vec<&(Template, Vec<Cow<'_, Pattern>>)> = Vec::new();
    for text in prepared.iter().flat_map(|prepared| &prepared.texts) {
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    let texts: Vec<_> = texts.into_iter().cloned().collect();
    let literals: Vec<Pattern> = apart.iter().map(|id| Pattern::literal(id)).collect();
    classes_of(&texts, ACCOUNT, &literals)
}

impl<'p> Prepared<'p> {
    /// With the choices cut down; nothing if the patterns are too tangled.
    fn thinned(mut self, known: &Known) -> Option<Prepared<'p>> {
        for name in CHOICES {
            self.thin_out(name, known)?;
        }
        for (name, set, len) in OPEN {
            self.complete(name, set, len)?;
        }
        for name in LATE_CHOICES {
            self.thin_out(name, known)?;
        }
        Some(self)
    }

    /// Leaves out patterns that match no request of the shape, as most do where that is of one account. No
    /// text has two open names, so each is tried as it is and with its name open.
    fn leave_out_impossible(&mut self) {
        let mut opened = self.texts.clone();
        for (name, set, len) in OPEN {
            open(&mut opened, name, set, len);
        }
        let [as_is, opened] = [&self.texts, &opened].map(|texts| possible_in(texts));
        for (((_, patterns), one), other) in self.texts.iter_mut().zip(as_is).zip(opened) {
            let mut flags = one.into_iter().zip(other);
            patterns.retain(|_| flags.next().is_none_or(|(one, other)| one || other));
        }
    }

    /// Adds to the words of a choice one of each class of all texts of so many characters.
    fn complete(&mut self, name: &'static str, set: CharSet, len: usize) -> Option<()> {
        let mut opened = self.texts.clone();
        open(&mut opened, name, set, len);
        let more = classes_of(&opened, name, &[])?;
        replace(&mut self.texts, name, |piece| {
            let mut words = words(piece);
            words.extend(more.iter().map(|class| class.example.clone()));
            Some(Piece::Choice { name, words })
        });
        Some(())
    }

    /// Leaves one word of each class, and none that is known.
    fn thin_out(&mut self, name: &'static str, known: &Known) -> Option<()> {
        let is_known = |word: &str| match name {
            MEMBER => known.accounts.contains(word),
            ORGANIZATION => known.organizations.contains(&format!("o-{word}")),
            _ => false,
        };
        if name == ORGANIZATION {
            // A class must not be told by a word that is left out.
            replace(&mut self.texts, name, |piece| {
                let words = words(piece).into_iter().filter(|word| !is_known(word));
                let words = words.collect();
                Some(Piece::Choice { name, words })
            });
        }
        let literals = known.accounts.iter().filter(|_| name == MEMBER);
        let literals: Vec<Pattern> = literals.map(|id| Pattern::literal(id)).collect();
        let classes = classes_of(&self.texts, name, &literals)?.into_iter();
        let words = classes.map(|class| class.example);
        let words: Vec<String> = words.filter(|word| !is_known(word)).collect();
        replace(&mut self.texts, name, |_| {
            let words = words.clone();
            Some(Piece::Choice { name, words })
        });
        Some(())
    }

    /// A shape with the first word of each choice and no pattern: a single request.
    pub(super) fn plain(shape: Shape) -> Prepared<'p> {
        let keys = shape.varying.iter().map(|(_, template)| template);
        let templates = std::iter::once(&shape.resource).chain(keys);
        let texts = templates
            .map(|template| (template.clone(), Vec::new()))
            .collect();
        Prepared { shape, texts }
    }

    /// One request for a trail of one account.
    pub(super) fn single(&self, account: &str) -> Vec<Class> {
        let plain = Prepared::plain(self.shape.clone());
        plain.classes(account).unwrap_or_default()
    }

    /// The classes of requests for trails of one account.
    pub(super) fn classes(&self, account: &str) -> Option<Vec<Class>> {
        let mut texts = self.texts.clone();
        replace(&mut texts, ACCOUNT, |_| None);
        for (template, _) in &mut texts {
            for piece in &mut template.pieces {
                if piece.name() == Some(ACCOUNT) {
                    *piece = Piece::Text(account.to_owned());
                }
            }
        }
        let patterns: Vec<Vec<&Pattern>> = texts
            .iter()
            .map(|(_, patterns)| patterns.iter().map(AsRef::as_ref).collect())
            .collect();
        let joint: Vec<(&Template, &[&Pattern])> = texts
            .iter()
            .zip(&patterns)
            .map(|((template, _), patterns)| (template, patterns.as_slice()))
            .collect();
        let JointClasses::All(classes) = joint_classes(&joint, MOST_CLASSES) else {
            return None;
        };
        let class = |class: crate::iam::JointClass| {
            let mut examples = class.examples.into_iter();
            let resource = examples.next().unwrap_or_default();
            let examples: Vec<String> = examples.collect();
            let mut chosen = class.chosen;
            chosen.insert(ACCOUNT, account.to_owned());
            let in_context = move |context: &Context| {
                let mut context = context.clone();
                for ((key, _), example) in self.shape.varying.iter().zip(&examples) {
                    context.set(key, ContextValue::one(example));
                }
                Class {
                    principal: self.shape.principal.clone(),
                    resource: resource.clone(),
                    context,
                    chosen: chosen.clone(),
                }
            };
            self.shape.contexts.iter().map(in_context)
        };
        Some(classes.into_iter().flat_map(class).collect())
    }
}

/// Lets any characters stand for a name.
fn open(
    texts: &mut [(Template, Vec<Cow<'_, Pattern>>)],
    name: &'static str,
    set: CharSet,
    len: usize,
) {
    replace(texts, name, |_| {
        Some(Piece::Chars {
            name: Some(name),
            set,
            len,
        })
    });
}

fn possible_in(texts: &[(Template, Vec<Cow<'_, Pattern>>)]) -> Vec<Vec<bool>> {
    let patterns: Vec<Vec<&Pattern>> = texts
        .iter()
        .map(|(_, patterns)| patterns.iter().map(AsRef::as_ref).collect())
        .collect();
    let texts: Vec<(&Template, &[&Pattern])> = texts
        .iter()
        .zip(&patterns)
        .map(|((template, _), patterns)| (template, patterns.as_slice()))
        .collect();
    possible(&texts, MOST_CLASSES)
}

/// The classes of one word, told apart by further texts that must be met whole as well.
fn classes_of(
    texts: &[(Template, Vec<Cow<'_, Pattern>>)],
    name: &'static str,
    literals: &[Pattern],
) -> Option<Vec<WordClass>> {
    let patterns: Vec<Vec<&Pattern>> = texts
        .iter()
        .map(|(_, patterns)| patterns.iter().map(AsRef::as_ref).collect())
        .collect();
    let mut all: Vec<(&Template, &[&Pattern])> = texts
        .iter()
        .zip(&patterns)
        .map(|((template, _), patterns)| (template, patterns.as_slice()))
        .collect();
    let alone = Template {
        pieces: vec![Piece::Again(name)],
    };
    let literals: Vec<&Pattern> = literals.iter().collect();
    if !literals.is_empty() {
        all.push((&alone, &literals));
    }
    word_classes(&all, name, MOST_CLASSES)
}

fn words(piece: &Piece) -> Vec<String> {
    match piece {
        Piece::Choice { words, .. } => words.clone(),
        _ => Vec::new(),
    }
}

/// Replaces the pieces that introduce a name.
fn replace(
    texts: &mut [(Template, Vec<Cow<'_, Pattern>>)],
    name: &str,
    by: impl Fn(&Piece) -> Option<Piece>,
) {
    for piece in texts
        .iter_mut()
        .flat_map(|(template, _)| &mut template.pieces)
    {
        let introduces = match piece {
            Piece::Choice { name: known, .. }
            | Piece::Chars {
                name: Some(known), ..
            } => *known == name,
            _ => false,
        };
        if introduces && let Some(other) = by(piece) {
            *piece = other;
        }
    }
}
