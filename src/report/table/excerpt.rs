//! The line of a document that a finding is about, with its range underlined.

use std::io;

use anstyle::Style as Paint;

use super::super::text;
use super::screen::Screen;
use crate::document::{Document, Region};

/// A line of a document and the carets below it, both within `limit` columns.
pub(in crate::report) struct Excerpt {
    pub(in crate::report) line: String,
    pub(in crate::report) carets: String,
}

/// Writes the line with its number, and the carets below it; nothing where there is no room.
pub(in crate::report) fn write(
    document: &Document,
    region: Region,
    indent: usize,
    paint: Paint,
    screen: &mut Screen,
) -> io::Result<()> {
    let number = region.line.to_string();
    let gutter = indent + 2 + number.len() + 3;
    let limit = screen.style.width.saturating_sub(gutter);
    let Some(excerpt) = of(document, region, limit, screen).filter(|_| !screen.is_narrow()) else {
        return Ok(());
    };
    let carets = screen.painted(paint, excerpt.carets.trim_start());
    let lead = excerpt.carets.len() - excerpt.carets.trim_start().len();
    let width = number.len();
    screen.line(&format!("{:indent$}  {number} | {}", "", excerpt.line))?;
    screen.line(&format!(
        "{:indent$}  {:width$} | {:lead$}{carets}",
        "", "", ""
    ))
}

/// Cuts a line around a range. Of a range of several lines, the first is shown.
pub(in crate::report) fn of(
    document: &Document,
    region: Region,
    limit: usize,
    screen: &Screen,
) -> Option<Excerpt> {
    let line = text::line(document.text(), region.line)?;
    let start = region.column.saturating_sub(1);
    let end = if region.end_line == region.line {
        region.end_column.saturating_sub(1).max(start + 1)
    } else {
        usize::MAX
    };
    let blanks = line.chars().take_while(|c| c.is_whitespace()).count();
    let from = if fits(line, limit, screen) {
        0
    } else {
        start.saturating_sub(limit / 3).max(blanks.min(start))
    };
    let mark = screen.mark();
    let room = limit.saturating_sub(text::width(mark));
    let cut = from > blanks;
    let mut excerpt = Excerpt {
        line: if cut { mark.to_owned() } else { String::new() },
        carets: String::new(),
    };
    let mut used = text::width(&excerpt.line);
    excerpt.carets.push_str(&" ".repeat(used));
    let mut characters = line.chars().enumerate().skip(from).peekable();
    while let Some((at, character)) = characters.next() {
        let shown = shown(character, screen);
        let columns = text::width(&shown);
        let last = characters.peek().is_none();
        if used + columns > if last { limit } else { room } {
            excerpt.line.push_str(mark);
            break;
        }
        let caret = if (start..end).contains(&at) { "^" } else { " " };
        excerpt.carets.push_str(&caret.repeat(columns));
        excerpt.line.push_str(&shown);
        used += columns;
    }
    // A range behind the last character, as of an element that is missing.
    if !excerpt.carets.contains('^') {
        excerpt.carets.push('^');
    }
    excerpt.carets.truncate(excerpt.carets.trim_end().len());
    Some(excerpt)
}

/// Whether a whole line can be shown. Looks at no more of it than could fit: a policy on one line
/// may be long.
fn fits(line: &str, limit: usize, screen: &Screen) -> bool {
    let start: Vec<char> = line.chars().take(limit + 1).collect();
    let columns: usize = start
        .iter()
        .map(|&character| text::width(&shown(character, screen)))
        .sum();
    start.len() <= limit && columns <= limit
}

/// A tab takes one column here, so that the carets stand where they should on every terminal.
fn shown(character: char, screen: &Screen) -> String {
    if character == '\t' {
        return " ".to_owned();
    }
    screen.safe(character.encode_utf8(&mut [0; 4])).into_owned()
}
