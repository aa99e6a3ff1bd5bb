//! The hash by which GitHub's code scanning recognises a line that has moved.
//!
//! Source: github/codeql-action, `src/fingerprints.ts` (read 2026-11). An upload with another hash
//! for a file of the checkout gets a warning per result.

use std::collections::BTreeMap;

/// How many UTF-16 units from a line's start are hashed; other lines follow into it.
const WINDOW: usize = 100;

/// The multiplier of the rolling hash.
const MULTIPLIER: u64 = 37;

/// Stands for the end of the file.
const END: u16 = 0xFFFF;

/// The hash of every line of a text, as `HASH:N` for the N-th line with that hash.
///
/// Blanks and tabs count for nothing, CR and CR LF as LF, so that neither another indentation nor
/// another line ending changes it.
pub(super) fn lines(text: &str) -> Vec<String> {
    let units = units(text);
    let mut seen: BTreeMap<u64, usize> = BTreeMap::new();
    let starts = std::iter::once(0).chain(
        units
            .iter()
            .enumerate()
            .filter(|&(_, &unit)| unit == u16::from(b'\n'))
            .map(|(at, _)| at + 1),
    );
    starts
        .map(|start| {
            let hash = hash(units.get(start..).unwrap_or_default());
            let count = seen.entry(hash).or_insert(0);
            *count += 1;
            format!("{hash:x}:{count}")
        })
        .collect()
}

/// The first line's hash of a text of its own.
pub(super) fn of_text(text: &str) -> String {
    format!("{:x}:1", hash(&units(text)))
}

fn units(text: &str) -> Vec<u16> {
    let mut units = Vec::with_capacity(text.len() + 1);
    let mut after_return = false;
    for unit in text.encode_utf16() {
        let is_feed = unit == u16::from(b'\n');
        let is_return = unit == u16::from(b'\r');
        let is_blank = unit == u16::from(b' ') || unit == u16::from(b'\t');
        if is_return {
            units.push(u16::from(b'\n'));
        } else if !(is_blank || is_feed && after_return) {
            units.push(unit);
        }
        after_return = is_return;
    }
    units.push(END);
    units
}

/// Beyond the text there are zeros, as many as the window still has room for.
fn hash(units: &[u16]) -> u64 {
    let zeros = std::iter::repeat(&0);
    units
        .iter()
        .chain(zeros)
        .take(WINDOW)
        .fold(0, |hash: u64, &unit| {
            hash.wrapping_mul(MULTIPLIER).wrapping_add(u64::from(unit))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_of_the_upload_action_hold() {
        assert_eq!(lines(""), ["c129715d7a2bc9a3:1"]);
        assert_eq!(
            lines(" a\nb\n  \t\tc\n d"),
            [
                "271789c17abda88f:1",
                "54703d4cd895b18:1",
                "180aee12dab6264:1",
                "a23a3dc5e078b07b:1"
            ]
        );
        let program = "x = 2\nx = 1\nprint(x)\nx = 3\nprint(x)\nx = 4\nprint(x)\n";
        assert_eq!(lines(program).first().unwrap(), "e54938cc54b302f1:1");
        assert_eq!(of_text(program), "e54938cc54b302f1:1");
    }

    #[test]
    fn line_endings_and_indentation_do_not_matter() {
        let hashes = lines("a\nb\n\nc\n");
        for text in ["a\r\nb\r\n\r\nc\r\n", "a\rb\r\rc\r", "\ta\n  b\n \nc \n"] {
            assert_eq!(lines(text), hashes, "{text:?}");
        }
    }

    #[test]
    fn equal_lines_are_numbered() {
        let text = "x\n".repeat(200);
        let hashes = lines(&text);
        assert_eq!(hashes.len(), 201);
        let (first, second) = (hashes.first().unwrap(), hashes.get(1).unwrap());
        assert_eq!(
            first.strip_suffix(":1").unwrap(),
            second.strip_suffix(":2").unwrap()
        );
    }
}
