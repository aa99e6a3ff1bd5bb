//! The typed values of conditions: decimals, dates, networks and base64, read without losing digits.
//!
//! Source: IAM User Guide, `reference_policies_elements_condition_operators`. What is not of its type
//! is nothing here; `read` reports it.

use std::cmp::Ordering;
use std::net::IpAddr;

use jiff::civil::DateTime;
use jiff::tz::Offset;

/// A decimal number of any length; `16` and `16.0` are one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Decimal {
    negative: bool,
    whole: Box<str>,
    fraction: Box<str>,
}

impl Decimal {
    /// Reads digits with an optional sign and point. There is no exponent.
    pub(super) fn parse(text: &str) -> Option<Decimal> {
        let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = whole
            .bytes()
            .chain(fraction.bytes())
            .all(|byte| byte.is_ascii_digit());
        if !all_digits || (whole.is_empty() && fraction.is_empty()) {
            return None;
        }
        let whole = whole.trim_start_matches('0');
        let fraction = fraction.trim_end_matches('0');
        let zero = whole.is_empty() && fraction.is_empty();
        Some(Decimal {
            negative: text.starts_with('-') && !zero,
            whole: whole.into(),
            fraction: fraction.into(),
        })
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Decimal) -> Ordering {
        let size = |a: &Decimal, b: &Decimal| {
            a.whole
                .len()
                .cmp(&b.whole.len())
                .then_with(|| a.whole.cmp(&b.whole))
                .then_with(|| a.fraction.cmp(&b.fraction))
        };
        match (self.negative, other.negative) {
            (false, false) => size(self, other),
            (true, true) => size(other, self),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Decimal) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A point in time, in nanoseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Instant(i128);

/// How sure the reading of a date is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DateForm {
    /// A form that AWS's page names.
    Documented,
    /// Four digits: a year for W3C, a count of seconds for others.
    BareYear,
    /// A time without a zone, read as UTC.
    NoZone,
}

impl Instant {
    /// Reads an ISO 8601 date in the W3C profile, or UNIX seconds.
    pub(super) fn parse(text: &str) -> Option<(Instant, DateForm)> {
        if number::<i16>(text, 4).is_none()
            && let Some(instant) = epoch_seconds(text)
        {
            return Some((instant, DateForm::Documented));
        }
        let (date, time) = text
            .split_once(['T', 't'])
            .map_or((text, None), |(d, t)| (d, Some(t)));
        let mut parts = date.splitn(3, '-');
        let year = number::<i16>(parts.next()?, 4)?;
        let month = parts.next().map_or(Some(1), |part| number::<i8>(part, 2))?;
        let day = parts.next().map_or(Some(1), |part| number::<i8>(part, 2))?;
        let (clock, offset, form) = match time {
            Some(time) if date.len() == 10 => {
                let (clock, offset, form) = zone(time)?;
                (time_of_day(clock)?, offset, form)
            }
            Some(_) => return None,
            None if date.len() == 4 => ((0, 0, 0, 0), Offset::UTC, DateForm::BareYear),
            None => ((0, 0, 0, 0), Offset::UTC, DateForm::Documented),
        };
        let (hour, minute, second, nanosecond) = clock;
        let moment = DateTime::new(year, month, day, hour, minute, second, nanosecond).ok()?;
        let timestamp = offset.to_timestamp(moment).ok()?;
        Some((Instant(timestamp.as_nanosecond()), form))
    }
}

/// Seconds, not milliseconds, with or without a fraction.
fn epoch_seconds(text: &str) -> Option<Instant> {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (seconds, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(seconds) || !digits(fraction) || seconds.len() > 20 {
        return None;
    }
    let nanoseconds: i128 = format!("{fraction:0<9}").get(..9)?.parse().ok()?;
    Some(Instant(
        sign * (seconds.parse::<i128>().ok()? * 1_000_000_000 + nanoseconds),
    ))
}

/// A number of exactly so many digits.
fn number<T: std::str::FromStr>(text: &str, digits: usize) -> Option<T> {
    let right = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    right.then(|| text.parse().ok()).flatten()
}

/// Takes the zone designator off a time.
fn zone(time: &str) -> Option<(&str, Offset, DateForm)> {
    if let Some(clock) = time.strip_suffix(['Z', 'z']) {
        return Some((clock, Offset::UTC, DateForm::Documented));
    }
    let Some(at) = time.rfind(['+', '-']) else {
        return Some((time, Offset::UTC, DateForm::NoZone));
    };
    let (clock, designator) = time.split_at_checked(at)?;
    let (hours, minutes) = designator.get(1..)?.split_once(':')?;
    let seconds = number::<i32>(hours, 2)? * 3600 + number::<i32>(minutes, 2)? * 60;
    let sign = if designator.starts_with('-') { -1 } else { 1 };
    Some((
        clock,
        Offset::from_seconds(sign * seconds).ok()?,
        DateForm::Documented,
    ))
}

fn time_of_day(clock: &str) -> Option<(i8, i8, i8, i32)> {
    let mut parts = clock.splitn(3, ':');
    let hour = number(parts.next()?, 2)?;
    let minute = number(parts.next()?, 2)?;
    let Some(seconds) = parts.next() else {
        return Some((hour, minute, 0, 0));
    };
    let (second, fraction) = seconds.split_once('.').unwrap_or((seconds, "0"));
    if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let nanosecond = format!("{fraction:0<9}").get(..9)?.parse().ok()?;
    Some((hour, minute, number(second, 2)?, nanosecond))
}

/// An address range; a bare address is a range of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Network {
    address: IpAddr,
    bits: u32,
}

impl Network {
    /// Reads `address` or `address/bits`.
    pub(super) fn parse(text: &str) -> Option<Network> {
        let (address, bits) = text
            .split_once('/')
            .map_or((text, None), |(a, b)| (a, Some(b)));
        let address: IpAddr = address.parse().ok()?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            None => most,
            Some(bits) if bits.bytes().all(|byte| byte.is_ascii_digit()) => bits.parse().ok()?,
            Some(_) => return None,
        };
        (bits <= most).then_some(Network { address, bits })
    }

    /// Whether an address lies in the range. The two families never match each other.
    pub(super) fn contains(&self, text: &str) -> bool {
        match (self.address, text.parse()) {
            (IpAddr::V4(network), Ok(IpAddr::V4(address))) => {
                let ignored = 32_u32.saturating_sub(self.bits);
                (network.to_bits() ^ address.to_bits())
                    .checked_shr(ignored)
                    .unwrap_or(0)
                    == 0
            }
            (IpAddr::V6(network), Ok(IpAddr::V6(address))) => {
                let ignored = 128_u32.saturating_sub(self.bits);
                (network.to_bits() ^ address.to_bits())
                    .checked_shr(ignored)
                    .unwrap_or(0)
                    == 0
            }
            _ => false,
        }
    }
}

/// The bytes that base64 text stands for.
pub(super) fn base64(text: &str) -> Option<Vec<u8>> {
    let digits = text.trim_end_matches('=');
    let padding = text.len() - digits.len();
    let expected = (4 - digits.len() % 4) % 4;
    if padding != expected || padding > 2 {
        return None;
    }
    let mut bytes = Vec::with_capacity(digits.len() * 3 / 4);
    let (mut bits, mut held) = (0_u32, 0);
    for digit in digits.bytes() {
        bits = (bits << 6) | u32::from(sextet(digit)?);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from((bits >> held) & 0xFF).ok()?);
            bits &= (1 << held) - 1;
        }
    }
    // Bits that no byte takes must be zero, or two texts would stand for the same bytes.
    (bits == 0).then_some(bytes)
}

fn sextet(digit: u8) -> Option<u8> {
    match digit {
        b'A'..=b'Z' => Some(digit - b'A'),
        b'a'..=b'z' => Some(digit - b'a' + 26),
        b'0'..=b'9' => Some(digit - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

/// `true` or `false`; other case is accepted, as other implementations do.
pub(super) fn boolean(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_compare_by_value() {
        let compare = |a, b| Decimal::parse(a).unwrap().cmp(&Decimal::parse(b).unwrap());
        for (less, more) in [
            ("1", "2"),
            ("9", "10"),
            ("-2", "1"),
            ("-10", "-9"),
            ("1.2", "1.21"),
            ("0.5", "1"),
        ] {
            assert_eq!(compare(less, more), Ordering::Less, "{less} {more}");
            assert_eq!(compare(more, less), Ordering::Greater, "{more} {less}");
        }
        for (a, b) in [
            ("16", "16.0"),
            ("-0", "0"),
            ("007", "7"),
            (".5", "0.50"),
            ("+3", "3."),
        ] {
            assert_eq!(compare(a, b), Ordering::Equal, "{a} {b}");
        }
        // More digits than a float keeps.
        assert_eq!(
            compare("9007199254740993", "9007199254740992"),
            Ordering::Greater
        );
        for text in [
            "", "-", ".", "1e3", "0x1", "NaN", "inf", "1.2.3", " 1", "1,0", "--1",
        ] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }

    #[test]
    fn every_w3c_form_of_a_date_is_read() {
        let same = [
            "2024-01-01",
            "2024-01",
            "2024-01-01T00:00Z",
            "2024-01-01T00:00:00Z",
            "2024-01-01T00:00:00.000Z",
            "2024-01-01T02:00:00+02:00",
            "2023-12-31T19:30:00-04:30",
            "1704067200",
            "1704067200.0",
            "2024",
            "2024-01-01T00:00:00",
        ];
        let expected = Instant::parse(same[0]).unwrap().0;
        for text in same {
            assert_eq!(Instant::parse(text).unwrap().0, expected, "{text}");
        }
        assert_eq!(Instant::parse("2024").unwrap().1, DateForm::BareYear);
        assert_eq!(
            Instant::parse("2024-01-01T00:00:00").unwrap().1,
            DateForm::NoZone
        );
        assert_eq!(Instant::parse("0").unwrap().0, Instant(0));
        assert_eq!(Instant::parse("-1.5").unwrap().0, Instant(-1_500_000_000));
    }

    #[test]
    fn what_is_no_date_is_refused() {
        let texts = [
            "",
            "not a date",
            "2024-1-1",
            "2024-13-01",
            "2024-02-30",
            "2024-01-01T",
            "2024-01T00:00Z",
            "2024-01-01T24:00Z",
            "2024-01-01T00Z",
            "2024-01-01 00:00:00Z",
            "2024-01-01T00:00:00.Z",
            "2024-01-01T00:00+2",
            "20240101T000000Z",
            "é024",
            "2024-01-01T00:00:00é",
            "--1",
            "1.",
        ];
        for text in texts {
            assert_eq!(Instant::parse(text), None, "{text}");
        }
    }

    #[test]
    fn networks_contain_their_addresses() {
        let contains = |network: &str, address| Network::parse(network).unwrap().contains(address);
        assert!(contains("203.0.113.0/24", "203.0.113.255"));
        assert!(
            contains("203.0.113.77/24", "203.0.113.1"),
            "host bits are ignored"
        );
        assert!(!contains("203.0.113.0/24", "203.0.114.0"));
        assert!(contains("203.0.113.5", "203.0.113.5"));
        assert!(!contains("203.0.113.5", "203.0.113.6"));
        assert!(contains("0.0.0.0/0", "8.8.8.8"));
        assert!(contains("2001:DB8::/32", "2001:db8:1::1"));
        assert!(contains("::/0", "::1"));
        assert!(!contains("::/0", "1.2.3.4"));
        assert!(!contains("0.0.0.0/0", "::ffff:1.2.3.4"));
        for text in [
            "",
            "1.2.3",
            "1.2.3.4/33",
            "::/129",
            "1.2.3.4/",
            "1.2.3.4/+1",
            "1.2.3.4/a",
            "300.1.1.1",
        ] {
            assert_eq!(Network::parse(text), None, "{text}");
        }
    }

    #[test]
    fn base64_is_strict() {
        assert_eq!(base64("aGk="), Some(b"hi".to_vec()));
        assert_eq!(base64("aGVsbG8="), Some(b"hello".to_vec()));
        assert_eq!(base64(""), Some(Vec::new()));
        assert_eq!(base64("+/+/"), Some(vec![0xFB, 0xFF, 0xBF]));
        for text in ["a", "aGk", "aG=k", "aGl=", "====", "aGk*", "é==="] {
            assert_eq!(base64(text), None, "{text}");
        }
    }
}
