//! The change that mends a finding: what it does, and its lines; or what is missing to name one.

use std::io;

use anstyle::AnsiColor;

use super::super::text;
use super::super::view::FindingView;
use super::screen::Screen;
use crate::fix::TOO_MUCH;
use crate::fix::diff::Edit;

/// How many lines of a change are shown.
const SHOWN: usize = 12;

pub(in crate::report) fn write(
    finding: &FindingView,
    indent: usize,
    screen: &mut Screen,
) -> io::Result<()> {
    if finding.fix_missing.as_deref() == Some(TOO_MUCH) {
        return screen.block(indent, "fix: `trail-lint fix` mends all of these together");
    }
    if let Some(missing) = &finding.fix_missing {
        return screen.block(indent, &format!("no fix: {missing}"));
    }
    let Some(fix) = &finding.fix else {
        return Ok(());
    };
    screen.block(indent, &format!("fix: {}", fix.description))?;
    if !fix.verified {
        screen.block(indent, "not verified in full")?;
    }
    if screen.is_narrow() {
        return Ok(());
    }
    let limit = screen.style.width.saturating_sub(indent + 4);
    let (mut shown, mut more) = lines(&fix.diff);
    if shown.iter().any(|line| text::width(line) > 2 * limit) {
        // A policy on one line: only the pieces that change.
        (shown, more) = pieces(&fix.edits, screen.mark());
    }
    for line in &shown {
        let (paint, sign) = match line.strip_prefix('+') {
            Some(_) => (AnsiColor::Green.on_default(), '+'),
            None => (AnsiColor::Red.on_default(), '-'),
        };
        let rest = line.get(1..).unwrap_or_default().replace('\t', "  ");
        let mark = text::width(screen.mark());
        let cut = text::width(&screen.safe(&rest)) > limit;
        let rest = screen.name(
            &rest,
            if cut {
                limit.saturating_sub(mark)
            } else {
                limit
            },
        );
        let line = screen.painted(paint, &format!("{sign} {rest}"));
        screen.line(&format!("{:indent$}  {line}", ""))?;
    }
    if more > 0 {
        let lines = text::counted(more, "more line");
        screen.block(indent + 2, &format!("{lines}: see `trail-lint fix`"))?;
    }
    Ok(())
}

/// The lines that go and come, and how many more there are.
fn lines(diff: &str) -> (Vec<String>, usize) {
    let changed = |line: &&str| line.starts_with(['+', '-']);
    // The first two lines name the file.
    first(diff.split('\n').skip(2).filter(changed).map(str::to_owned))
}

/// The same of pieces of text, with `mark` where one begins within a line.
fn pieces(edits: &[Edit], mark: &str) -> (Vec<String>, usize) {
    let piece = |sign: char, text: &str, begins: &str| {
        let lines = text.split_terminator('\n').enumerate();
        let lines: Vec<String> = lines
            .map(|(at, it)| format!("{sign}{}{it}", if at == 0 { begins } else { "" }))
            .collect();
        lines
    };
    let of = |edit: &Edit| {
        let begins = if edit.region.column > 1 { mark } else { "" };
        let (old, new) = (&edit.replaces, &edit.text);
        [piece('-', old, begins), piece('+', new, begins)].concat()
    };
    first(edits.iter().flat_map(of))
}

fn first(all: impl Iterator<Item = String>) -> (Vec<String>, usize) {
    let mut shown: Vec<String> = all.collect();
    let more = shown.len().saturating_sub(SHOWN);
    shown.truncate(SHOWN);
    (shown, more)
}
