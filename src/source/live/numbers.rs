//! Numbers in the place of account ids. Ids that a person may have taken for one another, as rules point out,
//! keep that relation among their numbers; all other numbers are far from each other.

use std::collections::{BTreeMap, BTreeSet};

/// Digits in which two ids may differ and still look alike: see `diagnosis`, which compares them.
const ALIKE: usize = 2;

/// A number for every id, in the ids' own order, so that two readings of the same accounts agree; and for
/// runs of some more or fewer digits that are probably meant for one of the ids.
///
/// The numbers are those from 1000 on, written three times: `1000 1000 1000`, so that two of them differ in
/// three digits at least. Leading zeros are kept, as people lose them.
pub(super) fn numbers(
    ids: &BTreeSet<String>,
    others: &BTreeSet<String>,
) -> BTreeMap<String, String> {
    let mut numbers: BTreeMap<String, String> = BTreeMap::new();
    let mut taken = BTreeSet::new();
    let mut next = 1000_u64;
    for id in ids {
        let alike = numbers
            .iter()
            .find(|(known, _)| differences(known, id) <= ALIKE);
        let derived = alike.map(|(known, number)| follow(known, number, id));
        let number = derived.filter(|number| !taken.contains(number));
        let number = number.unwrap_or_else(|| {
            loop {
                let number = fresh(next, zeros(id));
                next += 1;
                if !taken.contains(&number) {
                    break number;
                }
            }
        });
        taken.insert(number.clone());
        numbers.insert(id.clone(), number);
    }
    let meant = others.iter().filter_map(|digits| {
        let (id, number) = numbers.iter().find(|(id, _)| is_meant(digits, id))?;
        let lost_zeros = significant(digits) == significant(id);
        let number = if lost_zeros {
            format!("{:0>width$}", significant(number), width = digits.len())
        } else {
            number.chars().cycle().take(digits.len()).collect()
        };
        Some((digits.clone(), number))
    });
    let meant: Vec<(String, String)> = meant.collect();
    numbers.extend(meant);
    numbers
}

fn fresh(number: u64, zeros: usize) -> String {
    // Twelve digits as long as there are fewer than nine thousand accounts; longer numbers lose their
    // regularity, and stay different.
    let part = format!("{number:04}");
    let digits: String = part.chars().cycle().take(12.max(part.len())).collect();
    let digits = if part.len() > 4 {
        format!("{number:012}")
    } else {
        digits
    };
    let put = |(at, digit): (usize, char)| match at {
        _ if at < zeros => '0',
        _ if at == zeros && digit == '0' => '5',
        _ => digit,
    };
    digits.chars().enumerate().map(put).collect()
}

/// The number that stands to another as one id stands to another.
fn follow(known: &str, number: &str, id: &str) -> String {
    let digits = known.bytes().zip(number.bytes()).zip(id.bytes());
    let digits = digits.map(|((known, number), id)| {
        let step = 10 + id - known;
        char::from(b'0' + (number - b'0' + step) % 10)
    });
    digits.collect()
}

fn differences(one: &str, other: &str) -> usize {
    one.bytes()
        .zip(other.bytes())
        .filter(|(a, b)| a != b)
        .count()
}

fn zeros(id: &str) -> usize {
    (id.len() - significant(id).len()).min(11)
}

fn significant(digits: &str) -> &str {
    digits.trim_start_matches('0')
}

/// Whether digits, too many or too few, are probably meant for an id.
fn is_meant(digits: &str, id: &str) -> bool {
    significant(digits) == significant(id) || strsim::levenshtein(digits, id) <= ALIKE
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(ids: &[&str], others: &[&str]) -> Vec<String> {
        let set = |texts: &[&str]| texts.iter().map(|it| (*it).to_owned()).collect();
        let numbers = numbers(&set(ids), &set(others));
        let all = ids.iter().chain(others);
        all.filter_map(|it| numbers.get(*it).cloned()).collect()
    }

    #[test]
    fn ids_that_look_alike_keep_doing_so_and_no_others_do() {
        let ids = [
            "210000000001",
            "210000000002",
            "333333333333",
            "444444444444",
        ];
        assert_eq!(
            of(&ids, &[]),
            [
                "100010001000",
                "100010001001",
                "100110011001",
                "100210021002"
            ]
        );
        let many: Vec<String> = (0..500)
            .map(|n| format!("{:012}", 7_919_u64.pow(2) * (n + 17_000)))
            .collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let numbers = of(&many, &[]);
        for (at, one) in many.iter().enumerate() {
            for (other_at, other) in many.iter().enumerate().take(at) {
                let alike = differences(one, other) <= ALIKE;
                let still = differences(&numbers[at], &numbers[other_at]) <= ALIKE;
                assert_eq!(alike, still, "{one} {other}");
            }
        }
        assert!(numbers.is_sorted());
    }

    #[test]
    fn lost_zeros_and_lost_digits_are_lost_again() {
        assert_eq!(
            of(
                &["012345678901"],
                &["12345678901", "01234567891", "99999999999"]
            ),
            ["050010001000", "50010001000", "05001000100"]
        );
    }
}
