//! The slow evaluator: plain JSON and plain texts, every rule as the page words it, nothing shared with
//! `src/iam`. It reads only what the generator writes, so that it need not judge odd documents.
//!
//! Source: IAM User Guide, the pages that `fixtures/iam` names.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde_json::Value;

use super::Case;

/// Yes, no, or not documented.
type Perhaps = Option<bool>;

fn all(parts: &[Perhaps]) -> Perhaps {
    if parts.contains(&Some(false)) {
        Some(false)
    } else if parts.contains(&None) {
        None
    } else {
        Some(true)
    }
}

/// The decision in one word.
pub(super) fn decide(case: &Case) -> &'static str {
    let mut by_effect: BTreeMap<&str, Vec<Perhaps>> = BTreeMap::new();
    let variables = case.policy["Version"] == "2012-10-17";
    for statement in case.policy["Statement"].as_array().into_iter().flatten() {
        let effect = statement["Effect"].as_str().unwrap_or_default();
        let applies = applies(statement, case, variables);
        by_effect.entry(effect).or_default().push(applies);
    }
    let none = Vec::new();
    let denies = by_effect.get("Deny").unwrap_or(&none);
    let allows = by_effect.get("Allow").unwrap_or(&none);
    let may_allow = allows.iter().any(|it| *it != Some(false));
    if denies.contains(&Some(true)) {
        "ExplicitDeny"
    } else if !may_allow {
        "ImplicitDeny"
    } else if denies.contains(&None) || !allows.contains(&Some(true)) {
        "Undecided"
    } else {
        "Allow"
    }
}

fn applies(statement: &Value, case: &Case, variables: bool) -> Perhaps {
    let element = |name: &str, matches: &dyn Fn(&Value) -> bool| {
        let complement = format!("Not{name}");
        match (statement.get(name), statement.get(&complement)) {
            (Some(value), None) => Some(matches(value)),
            (None, Some(value)) => Some(!matches(value)),
            _ => Some(false),
        }
    };
    let mut parts = vec![
        element("Principal", &|value| principal(value, &case.principal)),
        element("Action", &|value| {
            texts(value).iter().any(|it| action(it, &case.action))
        }),
        element("Resource", &|value| {
            let patterns = texts(value);
            patterns.iter().any(|it| resource(it, case, variables))
        }),
    ];
    if let Some(block) = statement.get("Condition") {
        for (operator, keys) in block.as_object().unwrap() {
            for (key, values) in keys.as_object().unwrap() {
                parts.push(condition(operator, key, &texts(values), case, variables));
            }
        }
    }
    all(&parts)
}

/// A value or a list of values, as texts.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::String(text) => vec![text.clone()],
        other => vec![other.to_string()],
    }
}

fn principal(value: &Value, (kind, caller): &(&'static str, String)) -> bool {
    let Some(kinds) = value.as_object() else {
        return value == "*";
    };
    kinds.iter().any(|(named_kind, values)| {
        texts(values)
            .iter()
            .any(|named| match (named_kind.as_str(), *kind) {
                ("AWS", _) if named == "*" => true,
                ("AWS", "AWS") => aws(named, caller),
                (one, other) => one != "AWS" && one == other && named == caller,
            })
    })
}

/// The generator's identities are all of one partition.
fn aws(named: &str, caller: &str) -> bool {
    if named.contains('*') || named.starts_with('A') {
        return false;
    }
    let account = |text: &str| text.split(':').nth(4).unwrap_or(text).to_owned();
    let whole_account = !named.contains(':') || named.ends_with(":root");
    if whole_account {
        return account(named) == account(caller);
    }
    if named == caller {
        return true;
    }
    // arn:aws:sts::ACCOUNT:assumed-role/NAME/SESSION and arn:aws:iam::ACCOUNT:role/PATH/NAME
    let last = |text: &str| text.rsplit('/').next().unwrap().to_owned();
    let middle = |text: &str| text.split('/').nth(1).unwrap_or_default().to_owned();
    let is = |text: &str, what: &str| text.contains(what);
    account(named) == account(caller)
        && ((is(named, ":role/")
            && is(caller, ":assumed-role/")
            && last(named).to_lowercase() == middle(caller).to_lowercase())
            || (is(named, ":user/")
                && is(caller, ":federated-user/")
                && last(named) == last(caller)))
}

fn action(pattern: &str, action: &str) -> bool {
    let well_formed = match pattern.split_once(':') {
        Some((service, name)) => {
            !service.is_empty() && !name.is_empty() && !pattern.contains([' ', ','])
        }
        None => !pattern.is_empty() && pattern.chars().all(|c| c == '*'),
    };
    let parts: Vec<Part> = pattern.to_lowercase().chars().map(wild).collect();
    well_formed && glob(&parts, &action.to_lowercase())
}

/// A part of a pattern: a character, `*` or `?`, and whether a wildcard may stand for a colon.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Part {
    Exactly(char),
    Star(bool),
    Question(bool),
}

fn wild(character: char) -> Part {
    match character {
        '*' => Part::Star(true),
        '?' => Part::Question(true),
        other => Part::Exactly(other),
    }
}

fn glob(pattern: &[Part], text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let mut memo = vec![vec![None; text.len() + 1]; pattern.len() + 1];
    from(pattern, &text, &mut memo)
}

/// By what is left of the pattern and of the text.
type Memo = [Vec<Option<bool>>];

fn from(pattern: &[Part], text: &[char], memo: &mut Memo) -> bool {
    if let Some(known) = memo[pattern.len()][text.len()] {
        return known;
    }
    let may = |colons: bool| text.first().is_some_and(|c| colons || *c != ':');
    let matches = match pattern.first() {
        None => text.is_empty(),
        Some(Part::Exactly(wanted)) => {
            text.first() == Some(wanted) && from(&pattern[1..], &text[1..], memo)
        }
        Some(Part::Question(colons)) => may(*colons) && from(&pattern[1..], &text[1..], memo),
        Some(Part::Star(colons)) => {
            from(&pattern[1..], text, memo) || (may(*colons) && from(pattern, &text[1..], memo))
        }
    };
    memo[pattern.len()][text.len()] = Some(matches);
    matches
}

/// Replaces variables: nothing if one has no value. What is replaced is never a wildcard.
fn fill(text: &str, case: &Case, from_colon: Option<usize>, wildcards: bool) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    let mut rest = text;
    let mut colons = 0;
    while let Some(first) = rest.chars().next() {
        if from_colon.is_some_and(|from| colons >= from)
            && let Some((inside, after)) = variable(rest)
        {
            let filled = match inside {
                "*" | "?" | "$" => inside.to_owned(),
                _ => value_of(inside, case)?,
            };
            parts.extend(filled.chars().map(Part::Exactly));
            rest = after;
            continue;
        }
        colons += usize::from(first == ':');
        parts.push(if wildcards {
            wild(first)
        } else {
            Part::Exactly(first)
        });
        rest = &rest[first.len_utf8()..];
    }
    Some(parts)
}

/// What stands in `${…}`, and what follows.
fn variable(text: &str) -> Option<(&str, &str)> {
    let inside = text.strip_prefix("${")?;
    let end = match (inside.find(", '"), inside.find('}')?) {
        // A brace inside the quotes of a default does not end it.
        (Some(comma), brace) if comma < brace => comma + inside[comma..].find("'}")? + 1,
        (_, brace) => brace,
    };
    (end > 0).then(|| (&inside[..end], &inside[end + 1..]))
}

fn value_of(inside: &str, case: &Case) -> Option<String> {
    let (key, default) = match inside.split_once(", '") {
        Some((key, default)) => (key, Some(default.strip_suffix('\'')?.to_owned())),
        None => (inside, None),
    };
    match lookup(key, case) {
        Some([value]) => Some(value.clone()),
        None | Some([]) => default,
        Some(_) => None,
    }
}

fn lookup<'c>(key: &str, case: &'c Case) -> Option<&'c [String]> {
    case.context
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(key))
        .map(|(_, values)| values.as_slice())
}

/// In the first five segments `?`, and a `*` that does not end its segment, refuse colons.
fn resource(pattern: &str, case: &Case, variables: bool) -> bool {
    let Some(parts) = fill(pattern, case, variables.then_some(5), true) else {
        return false;
    };
    let colon = |part: &&Part| matches!(part, Part::Exactly(':'));
    let bounded = parts.iter().enumerate().map(|(at, part)| {
        let fixed = parts[..at].iter().filter(colon).count() >= 5;
        let next = parts[at..]
            .iter()
            .find(|part| !matches!(part, Part::Star(_)));
        let ends = next.is_none_or(|next| *next == Part::Exactly(':'));
        match part {
            Part::Star(_) => Part::Star(fixed || ends),
            Part::Question(_) => Part::Question(fixed),
            Part::Exactly(character) => Part::Exactly(*character),
        }
    });
    glob(&bounded.collect::<Vec<_>>(), &case.resource)
}

/// Six parts one by one.
fn arn(pattern: &[Part], text: &str) -> bool {
    let patterns: Vec<&[Part]> = pattern
        .splitn(6, |part| *part == Part::Exactly(':'))
        .collect();
    let texts: Vec<&str> = text.splitn(6, ':').collect();
    patterns.len() == 6 && texts.len() == 6 && patterns.iter().zip(texts).all(|(p, t)| glob(p, t))
}

fn condition(
    operator: &str,
    key: &str,
    listed: &[String],
    case: &Case,
    variables: bool,
) -> Perhaps {
    let (set, name) = match operator.split_once(':') {
        Some((set @ ("ForAllValues" | "ForAnyValue"), name)) => (set, name),
        _ => ("", operator),
    };
    let (name, if_exists) = match name.strip_suffix("IfExists") {
        Some(name) if name != "Null" => (name, true),
        _ => (name, false),
    };
    if name == "Null" {
        let asks = |word: &str| listed.iter().any(|it| it.eq_ignore_ascii_case(word));
        let there = lookup(key, case).is_some_and(|values| !values.is_empty());
        return Some(match set {
            "ForAllValues" => true,
            "ForAnyValue" => false,
            _ => asks(if there { "false" } else { "true" }),
        });
    }
    let negated = name.contains("Not");
    let positive = name.replace("Not", "");
    if !KNOWN.contains(&positive.as_str()) || (negated && !NEGATED.contains(&positive.as_str())) {
        return Some(false);
    }
    let passes = |value: &String| {
        let equal = |wanted: &String| compare(&positive, wanted, value, case, variables);
        listed.iter().any(equal) != negated
    };
    let Some(values) = lookup(key, case) else {
        return Some(match set {
            "ForAllValues" => true,
            "ForAnyValue" => if_exists,
            _ => if_exists || negated,
        });
    };
    match (set, values) {
        ("ForAllValues", values) => {
            Some(values.iter().all(String::is_empty) || values.iter().all(passes))
        }
        ("ForAnyValue", values) => Some(values.iter().any(passes)),
        (_, []) => Some(negated),
        (_, [value]) => Some(passes(value)),
        (_, values) if values.iter().any(passes) => None,
        _ => Some(false),
    }
}

const KNOWN: [&str; 18] = [
    "StringEquals",
    "StringEqualsIgnoreCase",
    "StringLike",
    "NumericEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "DateEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
    "Bool",
    "BinaryEquals",
    "IpAddress",
    "ArnEquals",
    "ArnLike",
];
const NEGATED: [&str; 8] = [
    "StringEquals",
    "StringEqualsIgnoreCase",
    "StringLike",
    "NumericEquals",
    "DateEquals",
    "IpAddress",
    "ArnEquals",
    "ArnLike",
];

fn compare(operator: &str, wanted: &str, value: &str, case: &Case, variables: bool) -> bool {
    let filled = |wildcards, text: &str| fill(text, case, variables.then_some(0), wildcards);
    match operator {
        "StringEquals" => filled(false, wanted).is_some_and(|it| glob(&it, value)),
        "StringEqualsIgnoreCase" => filled(false, wanted).is_some_and(|it| {
            let lower = it.iter().map(|part| match part {
                Part::Exactly(c) => Part::Exactly(c.to_ascii_lowercase()),
                other => *other,
            });
            glob(&lower.collect::<Vec<_>>(), &value.to_lowercase())
        }),
        "StringLike" => filled(true, wanted).is_some_and(|it| glob(&it, value)),
        "ArnEquals" | "ArnLike" => filled(true, wanted).is_some_and(|it| arn(&it, value)),
        "Bool" => {
            let (wanted, value) = (wanted.to_lowercase(), value.to_lowercase());
            wanted == value && (wanted == "true" || wanted == "false")
        }
        // Of the generator's texts these are base64.
        "BinaryEquals" => wanted == value && wanted.len().is_multiple_of(4),
        "IpAddress" => network(wanted, value),
        _ => {
            let (kind, relation) = operator.split_at(if operator.starts_with("Date") {
                4
            } else {
                "Numeric".len()
            });
            let read = if kind == "Date" { seconds } else { number };
            let (Some(wanted), Some(value)) = (read(wanted), read(value)) else {
                return false;
            };
            match relation {
                "Equals" => value == wanted,
                "LessThan" => value < wanted,
                "LessThanEquals" => value <= wanted,
                "GreaterThan" => value > wanted,
                "GreaterThanEquals" => value >= wanted,
                other => panic!("{other}"),
            }
        }
    }
}

/// Thousandths; the generator writes no more digits.
fn number(text: &str) -> Option<i64> {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let only_digits = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    if !only_digits(whole) || !only_digits(fraction) {
        return None;
    }
    Some(sign * format!("{whole}{fraction:0<3}").parse::<i64>().ok()?)
}

/// Thousandths of seconds since 1970, of `YYYY-MM-DD`, `YYYY-MM-DDThh:mm:ssZ` or a count of seconds.
fn seconds(text: &str) -> Option<i64> {
    if let Some(count) = number(text) {
        return Some(count);
    }
    let (date, clock) = text.split_once('T').unwrap_or((text, "00:00:00Z"));
    let numbers = |text: &str, separator: char| -> Option<Vec<i64>> {
        text.split(separator).map(|it| it.parse().ok()).collect()
    };
    let date = numbers(date, '-')?;
    let clock = numbers(clock.strip_suffix('Z')?, ':')?;
    let [year, month, day] = date[..] else {
        return None;
    };
    let leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let mut days = day - 1;
    for earlier in 1970..year {
        days += 365 + i64::from(leap(earlier));
    }
    for earlier in 1..month {
        days += match earlier {
            2 => 28 + i64::from(leap(year)),
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
    }
    Some((((days * 24 + clock[0]) * 60 + clock[1]) * 60 + clock[2]) * 1000)
}

/// Whether the first bits agree, bit by bit.
fn network(range: &str, address: &str) -> bool {
    let (base, length) = range.split_once('/').unwrap_or((range, "128"));
    let bits = |text: &str| -> Option<Vec<bool>> {
        let bytes = match text.parse::<IpAddr>().ok()? {
            IpAddr::V4(address) => address.octets().to_vec(),
            IpAddr::V6(address) => address.octets().to_vec(),
        };
        let each = |byte: u8| (0..8).rev().map(move |bit| byte >> bit & 1 == 1);
        Some(bytes.into_iter().flat_map(each).collect())
    };
    let (Some(base), Some(address), Ok(length)) = (bits(base), bits(address), length.parse())
    else {
        return false;
    };
    let fits = !range.contains('/') || length <= base.len();
    let same = base.iter().zip(&address).take(length).all(|(a, b)| a == b);
    fits && same && base.len() == address.len()
}
