//! The functions of texts and numbers.
//!
//! Source: Terraform Language Documentation, "Built-in Functions" (read 2026-11).

use regex_lite::{Captures, Regex, RegexBuilder};

use super::budget::{Budget, LONGEST_TEXT, MOST_ITEMS, steps};
use super::evaluate::refused;
use super::values::{is_open_set, number_of, plain_of, several};
use crate::iam::unknown::{has_unknown, unknown};
use crate::written::{Item, Written};

/// The longest regular expression that is tried.
const LONGEST_PATTERN: usize = 1 << 10;

/// The longest text that a regular expression is tried on.
const LONGEST_SEARCHED: usize = 1 << 18;

/// The bytes that a regular expression may take: most need the least.
const SIZES: [usize; 2] = [1 << 11, 1 << 15];

/// The bytes that a search reads in one step of the work.
const SEARCHED: usize = 8;

/// Functions that make texts, or look at them.
pub(super) fn of_texts(name: &str, arguments: &[Written], budget: &Budget) -> Option<Written> {
    let first = arguments.first();
    let text = |at: usize| arguments.get(at)?.as_text();
    // Functions of texts do not reach into a part that is not known.
    let plain = |at: usize| text(at).filter(|text| !has_unknown(text));
    let number = |at: usize| text(at)?.parse::<f64>().ok();
    let list = |items: Vec<Written>| Written::implied(Item::List(items));
    let flag = |value: bool| Written::implied(Item::Bool(value));
    Some(match name {
        "length" => {
            let length = match &first?.value {
                Item::Map(entries) if entries.iter().any(|(key, _)| has_unknown(key)) => {
                    return None;
                }
                Item::Map(entries) => entries.len(),
                Item::Set(_) if is_open_set(first?) => return None,
                Item::List(items) | Item::Set(items) => items.len(),
                Item::Json(_) => return None,
                _ => plain(0)?.chars().count(),
            };
            Written::implied(Item::Number(length.to_string().into()))
        }
        "join" => {
            let parts: Option<Vec<String>> = arguments.get(1)?.items().iter().map(part).collect();
            if is_open_set(arguments.get(1)?) {
                return None;
            }
            // One text alone is what it is.
            match arguments.get(1)?.items() {
                [only] if matches!(only.value, Item::Json(_)) => only.clone(),
                _ => {
                    let parts = parts?;
                    let all = parts.iter().map(String::len).sum::<usize>();
                    let between = parts.len().saturating_mul(text(0)?.len());
                    fits(all.saturating_add(between))?;
                    Written::text(parts.join(text(0)?))
                }
            }
        }
        "split" => {
            let parts = plain(1)?.split(plain(0)?).map(Written::text);
            let parts: Vec<Written> = parts.take(MOST_ITEMS + 1).collect();
            (parts.len() <= MOST_ITEMS).then(|| list(parts))?
        }
        "format" => Written::text(format(text(0)?, arguments.get(1..)?)?),
        "formatlist" => {
            let listed = arguments
                .iter()
                .position(|it| matches!(it.value, Item::List(_) | Item::Set(_)))?;
            let items = arguments.get(listed)?.items().iter().map(|item| {
                let mut arguments = arguments.get(1..)?.to_vec();
                *arguments.get_mut(listed.checked_sub(1)?)? = item.clone();
                budget.spend(arguments.iter().map(steps).fold(1, usize::saturating_add));
                if budget.is_spent() {
                    return None;
                }
                Some(Written::text(format(text(0)?, &arguments)?))
            });
            several(
                items.collect::<Option<_>>()?,
                is_open_set(arguments.get(listed)?),
            )
        }
        "lower" => Written::text(plain(0)?.to_lowercase()),
        "upper" => Written::text(plain(0)?.to_uppercase()),
        "title" => Written::text(title(plain(0)?)),
        "trim" => {
            let cut: Vec<char> = plain(1)?.chars().collect();
            Written::text(plain(0)?.trim_matches(cut.as_slice()))
        }
        "trimspace" => Written::text(plain(0)?.trim()),
        "chomp" => Written::text(plain(0)?.trim_end_matches(['\n', '\r'])),
        "trimsuffix" => Written::text(plain(0)?.strip_suffix(plain(1)?).unwrap_or(plain(0)?)),
        "trimprefix" => Written::text(plain(0)?.strip_prefix(plain(1)?).unwrap_or(plain(0)?)),
        "startswith" => flag(plain(0)?.starts_with(plain(1)?)),
        "endswith" => flag(plain(0)?.ends_with(plain(1)?)),
        "strcontains" => flag(plain(0)?.contains(plain(1)?)),
        "substr" => {
            let (start, length) = (text(1)?.parse::<isize>().ok()?, text(2)?.parse().ok());
            let characters = plain(0)?.chars();
            let all = characters.clone().count();
            let start = match usize::try_from(start) {
                Ok(start) => start,
                Err(_) => all.checked_sub(start.unsigned_abs())?,
            };
            // Less than none is all that there is.
            let length: usize = length.unwrap_or(all);
            Written::text(characters.skip(start).take(length).collect::<String>())
        }
        "max" => numbers(arguments)?
            .into_iter()
            .reduce(f64::max)
            .map(number_of)?,
        "min" => numbers(arguments)?
            .into_iter()
            .reduce(f64::min)
            .map(number_of)?,
        "abs" => number_of(number(0)?.abs()),
        "ceil" => number_of(number(0)?.ceil()),
        "floor" => number_of(number(0)?.floor()),
        _ => return of_patterns(name, arguments, budget),
    })
}

/// Functions that search texts.
fn of_patterns(name: &str, arguments: &[Written], budget: &Budget) -> Option<Written> {
    let plain = |at: usize| plain_of(arguments.get(at)?);
    Some(match name {
        "replace" => replaced(arguments, budget)?,
        "regex" => {
            let (pattern, text) = (regex(plain(0)?, plain(1)?, budget)?, plain(1)?);
            let Some(found) = pattern.captures(text) else {
                return Some(refused("no match"));
            };
            captured(&pattern, &found)
        }
        "regexall" => {
            let (pattern, text) = (regex(plain(0)?, plain(1)?, budget)?, plain(1)?);
            let mut all = Vec::new();
            for found in pattern.captures_iter(text) {
                all.push(captured(&pattern, &found));
                goes_on(text, found.get(0)?.end(), budget)?;
            }
            Written::implied(Item::List(all))
        }
        _ => return None,
    })
}

fn numbers(arguments: &[Written]) -> Option<Vec<f64>> {
    let all = arguments.iter().map(|it| it.as_text()?.parse().ok());
    all.collect()
}

/// A regular expression for a text. The size of the one times the length of the other is the work.
fn regex(pattern: &str, text: &str, budget: &Budget) -> Option<Regex> {
    if pattern.len() > LONGEST_PATTERN || text.len() > LONGEST_SEARCHED {
        return None;
    }
    let (size, regex) = SIZES.into_iter().find_map(|size| {
        let built = RegexBuilder::new(pattern).size_limit(size).build();
        Some((size, built.ok()?))
    })?;
    budget.spend_bytes(text.len().saturating_mul(size / SIZES[0]));
    (!budget.is_spent()).then_some(regex)
}

/// Looks for the next of many: what is left of the text may be read to its end.
fn goes_on(text: &str, from: usize, budget: &Budget) -> Option<()> {
    budget.spend(1 + text.len().saturating_sub(from) / SEARCHED);
    (!budget.is_spent()).then_some(())
}

/// Whether a text is one that may be made.
fn fits(length: usize) -> Option<()> {
    (length <= LONGEST_TEXT).then_some(())
}

/// What a regular expression found: its groups by name or in a list, else the whole.
fn captured(pattern: &Regex, found: &Captures<'_>) -> Written {
    let of = |at: usize| {
        let group = found.get(at).map(|it| Written::text(it.as_str()));
        group.unwrap_or_else(|| Written::implied(Item::Null))
    };
    let groups: Vec<Option<&str>> = pattern.capture_names().skip(1).collect();
    if groups.is_empty() {
        return of(0);
    }
    let by_name: Vec<(String, Written)> = (1..)
        .zip(&groups)
        .filter_map(|(at, name)| Some(((*name)?.to_owned(), of(at))))
        .collect();
    Written::implied(if by_name.is_empty() {
        Item::List((1..=groups.len()).map(of).collect())
    } else {
        Item::Map(by_name)
    })
}

fn replaced(arguments: &[Written], budget: &Budget) -> Option<Written> {
    let [text, wanted, new] = arguments else {
        return None;
    };
    let wanted = wanted.as_text().filter(|wanted| !has_unknown(wanted))?;
    let new = part(new);
    if let Item::Json(tree) = &text.value {
        return replaced_in(tree, wanted, new.as_deref(), budget)
            .map(|tree| Written::implied(Item::Json(Box::new(tree))).at(text.at.clone()));
    }
    let plain = text.as_text().filter(|text| !has_unknown(text))?;
    Some(Written::text(replaced_text(
        plain,
        wanted,
        new.as_deref(),
        budget,
    )?))
}

/// Replaces in a text; a replacement that nobody knows may be none where nothing is to be replaced.
fn replaced_text(text: &str, wanted: &str, new: Option<&str>, budget: &Budget) -> Option<String> {
    let pattern = wanted.strip_prefix('/').and_then(|it| it.strip_suffix('/'));
    // Between slashes the pattern is a regular expression.
    if let Some(pattern) = pattern {
        let new = new?.replace("$$", "$");
        let pattern = regex(pattern, text, budget)?;
        let mut length = text.len();
        for found in pattern.find_iter(text) {
            // A replacement may have what was found in it, as often as it is short.
            let most = new.len().saturating_mul(1 + found.len());
            length = length.saturating_add(most);
            fits(length)?;
            goes_on(text, found.end(), budget)?;
        }
        return Some(pattern.replace_all(text, new.as_str()).into_owned());
    }
    if !text.contains(wanted) {
        return Some(text.to_owned());
    }
    let times = text.matches(wanted).count();
    fits(text.len().saturating_add(times.saturating_mul(new?.len())))?;
    Some(text.replace(wanted, new?))
}

/// Replaces in the texts of a policy that is put together: a word that stands for a name, and is in no name.
fn replaced_in(
    tree: &Written,
    wanted: &str,
    new: Option<&str>,
    budget: &Budget,
) -> Option<Written> {
    let text = |text: &str| replaced_text(text, wanted, new, budget);
    let value = match &tree.value {
        Item::Text(value) => Item::Text(text(value)?),
        Item::List(items) | Item::Set(items) => {
            let items = items
                .iter()
                .map(|item| replaced_in(item, wanted, new, budget));
            Item::List(items.collect::<Option<_>>()?)
        }
        Item::Map(entries) => {
            let entries = entries
                .iter()
                .map(|(key, value)| Some((text(key)?, replaced_in(value, wanted, new, budget)?)));
            Item::Map(entries.collect::<Option<_>>()?)
        }
        Item::Json(inner) => Item::Json(Box::new(replaced_in(inner, wanted, new, budget)?)),
        other => other.clone(),
    };
    Some(Written {
        value,
        at: tree.at.clone(),
    })
}

fn title(text: &str) -> String {
    let mut after_letter = false;
    let letters = text.chars().flat_map(|letter| {
        let upper = !after_letter;
        after_letter = letter.is_alphanumeric() || letter == '\'' || letter == '_';
        let changed: Vec<char> = if upper {
            letter.to_uppercase().collect()
        } else {
            vec![letter]
        };
        changed
    });
    letters.collect()
}

/// A value inside of a text.
fn part(value: &Written) -> Option<String> {
    match &value.value {
        Item::Unknown(name) => Some(unknown(name)),
        Item::Json(inner) => Some(inner.to_json(&unknown).0),
        _ => value.as_text().map(str::to_owned),
    }
}

/// `format` with `%s`, `%v`, `%d`, `%q`, `%%`, and numbers with leading zeros.
fn format(pattern: &str, arguments: &[Written]) -> Option<String> {
    let mut text = String::new();
    let mut arguments = arguments.iter();
    let mut characters = pattern.chars().peekable();
    while let Some(character) = characters.next() {
        if character != '%' {
            text.push(character);
            continue;
        }
        let mut width = String::new();
        while let Some(digit) = characters.next_if(char::is_ascii_digit) {
            width.push(digit);
        }
        match characters.next()? {
            '%' if width.is_empty() => text.push('%'),
            's' | 'v' if width.is_empty() => text.push_str(&part(arguments.next()?)?),
            'd' => {
                let number = part(arguments.next()?)?;
                let wide: usize = match width.strip_prefix('0') {
                    Some(wide) => wide.parse().ok().filter(|wide| *wide < 100)?,
                    None if width.is_empty() => 0,
                    None => return None,
                };
                let zeros = wide.saturating_sub(number.len());
                text.extend(std::iter::repeat_n('0', zeros));
                text.push_str(&number);
            }
            'q' if width.is_empty() => {
                text.push('"');
                text.push_str(&part(arguments.next()?)?);
                text.push('"');
            }
            _ => return None,
        }
    }
    Some(text)
}
