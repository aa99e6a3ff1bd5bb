//! A rule's page on a terminal: its prose wrapped to the width, its code as it stands.

use std::io;

use anstyle::{AnsiColor, Style as Paint};
use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use super::table::Style;
use super::table::screen::{Screen, severity_paint};
use crate::rules::Page;

/// Lines of prose that are longer than this are hard to read, however wide the terminal is.
const LONGEST_LINE: usize = 100;

/// How far code is indented.
const CODE_INDENT: usize = 4;

/// Writes a page without its head and its examples.
///
/// # Errors
/// Those of the writer.
pub fn write(page: &Page, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    let style = Style {
        width: style.width.min(LONGEST_LINE),
        ..*style
    };
    let mut screen = Screen::new(&style, out);
    let severity = screen.painted(severity_paint(page.severity), page.severity.name());
    let name = screen.painted(Paint::new().bold(), page.name);
    screen.line(&format!("{name}  {severity}"))?;
    screen.block(0, page.title)?;
    for (heading, text) in [
        ("What it checks", &page.what),
        ("Why it matters", &page.why),
        ("How to fix", &page.how),
    ] {
        self::heading(heading, &mut screen)?;
        Prose::new(&mut screen).write(text)?;
    }
    self::heading("Reads", &mut screen)?;
    screen.block(0, &page.reads.join(", "))?;
    if !page.references.is_empty() {
        self::heading("References", &mut screen)?;
        for reference in &page.references {
            screen.line(reference)?;
        }
    }
    Ok(())
}

fn heading(text: &str, screen: &mut Screen<'_>) -> io::Result<()> {
    screen.begin_section();
    let painted = screen.painted(Paint::new().bold().underline(), text);
    screen.line(&painted)?;
    if screen.style.color {
        return Ok(());
    }
    screen.line(&"-".repeat(text.len()))
}

/// Markdown being written: paragraphs, lists and code blocks, which is what pages consist of.
struct Prose<'s, 'o> {
    screen: &'s mut Screen<'o>,
    text: String,
    in_code: bool,
    /// Whether something has been written.
    begun: bool,
    /// What stands before the first line of the next paragraph.
    bullet: &'static str,
    /// Whether the item of a list has begun, whose lines stand close together.
    in_item: bool,
}

impl<'s, 'o> Prose<'s, 'o> {
    fn new(screen: &'s mut Screen<'o>) -> Prose<'s, 'o> {
        Prose {
            screen,
            text: String::new(),
            in_code: false,
            begun: false,
            bullet: "",
            in_item: false,
        }
    }

    fn write(&mut self, markdown: &str) -> io::Result<()> {
        for event in Parser::new(markdown) {
            self.event(event)?;
        }
        Ok(())
    }

    fn event(&mut self, event: Event<'_>) -> io::Result<()> {
        match event {
            Event::Start(Tag::Paragraph | Tag::List(_)) => self.stand_apart(),
            Event::Start(Tag::Item) => (self.bullet, self.in_item) = ("- ", true),
            Event::Start(Tag::CodeBlock(_)) => {
                self.stand_apart();
                self.in_code = true;
            }
            Event::End(TagEnd::Paragraph) => self.flush()?,
            Event::End(TagEnd::Item) => {
                self.flush()?;
                self.in_item = false;
            }
            Event::End(TagEnd::CodeBlock) => self.in_code = false,
            Event::Text(code) if self.in_code => self.code(&code)?,
            Event::Text(text) => self.text.push_str(&text),
            Event::Code(code) => {
                self.text.push('`');
                self.text.push_str(&code);
                self.text.push('`');
            }
            Event::SoftBreak | Event::HardBreak => self.text.push(' '),
            _ => {}
        }
        Ok(())
    }

    /// All but the first part of a section stand apart from what comes before them.
    fn stand_apart(&mut self) {
        if std::mem::replace(&mut self.begun, true) {
            self.screen.begin_section();
        }
    }

    fn code(&mut self, code: &str) -> io::Result<()> {
        for line in code.lines() {
            let line = self.screen.safe(line).into_owned();
            self.screen.line(&format!("{:CODE_INDENT$}{line}", ""))?;
        }
        Ok(())
    }

    /// Writes what has been gathered, its code in colour where there are colours.
    fn flush(&mut self) -> io::Result<()> {
        let text = std::mem::take(&mut self.text);
        let mut bullet = std::mem::take(&mut self.bullet);
        let indent = if self.in_item { 2 } else { 0 };
        let mut in_code = false;
        for line in self.screen.wrapped(indent, &text) {
            let painted = self.paint(&line, &mut in_code);
            self.screen.line(&format!("{bullet:indent$}{painted}"))?;
            bullet = "";
        }
        Ok(())
    }

    /// A line with the parts between backquotes painted; they may go on over the end of a line.
    fn paint(&self, line: &str, in_code: &mut bool) -> String {
        let mut parts = line.split('`');
        let mut painted = self.part(parts.next().unwrap_or_default(), *in_code);
        for part in parts {
            *in_code = !*in_code;
            painted.push('`');
            painted.push_str(&self.part(part, *in_code));
        }
        painted
    }

    fn part(&self, text: &str, is_code: bool) -> String {
        let paint = if is_code {
            AnsiColor::Cyan.on_default()
        } else {
            Paint::new()
        };
        self.screen.painted(paint, text)
    }
}
