//! Lines on a terminal: every text made safe, wrapped at spaces, indented, painted where asked, and
//! never with blanks at the end.

use std::borrow::Cow;
use std::io;

use anstyle::{AnsiColor, Style as Paint};

use super::super::paths::percent_encoded;
use super::super::text;
use super::{NARROW, Style};
use crate::rules::Severity;

/// Where the lines go.
pub(in crate::report) struct Screen<'a> {
    pub(in crate::report) style: &'a Style,
    out: &'a mut dyn io::Write,
    /// Whether anything has been written, and a blank line is due before what comes next.
    written: bool,
    blank_due: bool,
}

impl<'a> Screen<'a> {
    pub(in crate::report) fn new(style: &'a Style, out: &'a mut dyn io::Write) -> Screen<'a> {
        Screen {
            style,
            out,
            written: false,
            blank_due: false,
        }
    }

    /// What stands where text was cut.
    pub(in crate::report) fn mark(&self) -> &'static str {
        if self.style.unicode { "…" } else { "..." }
    }

    /// Whether there is no room for columns.
    pub(in crate::report) fn is_narrow(&self) -> bool {
        self.style.width < NARROW
    }

    /// Text from a document, as it may be shown.
    pub(in crate::report) fn safe<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.style.unicode {
            text::plain(text)
        } else {
            text::ascii(text)
        }
    }

    /// A short name from a document: safe, and cut at `limit` columns.
    pub(in crate::report) fn name(&self, name: &str, limit: usize) -> String {
        let safe = self.safe(name);
        let start = text::fitting(&safe, limit);
        let mark = if start.len() == safe.len() {
            ""
        } else {
            self.mark()
        };
        format!("{start}{mark}")
    }

    /// The text in a paint, if there are colours.
    pub(in crate::report) fn painted(&self, paint: Paint, text: &str) -> String {
        if self.style.color && !text.is_empty() {
            format!("{paint}{text}{paint:#}")
        } else {
            text.to_owned()
        }
    }

    /// The next line stands apart from what came before it.
    pub(in crate::report) fn begin_section(&mut self) {
        self.blank_due = self.written;
    }

    /// One line that is safe already.
    pub(in crate::report) fn line(&mut self, line: &str) -> io::Result<()> {
        if std::mem::take(&mut self.blank_due) {
            self.out.write_all(b"\n")?;
        }
        self.written = true;
        let line = text::no_command(line.trim_end_matches(' '));
        writeln!(self.out, "{line}")
    }

    /// A text, wrapped, each line indented.
    pub(in crate::report) fn block(&mut self, indent: usize, text: &str) -> io::Result<()> {
        for line in self.wrapped(indent, text) {
            self.line(&format!("{:indent$}{line}", ""))?;
        }
        Ok(())
    }

    /// A text, wrapped, each line but the first indented.
    pub(in crate::report) fn hanging(&mut self, indent: usize, text: &str) -> io::Result<()> {
        let lines = self.wrapped(indent, text);
        for (number, line) in lines.iter().enumerate() {
            let indent = if number == 0 { 0 } else { indent };
            self.line(&format!("{:indent$}{line}", ""))?;
        }
        Ok(())
    }

    /// Two texts beside each other if they fit in one line, else below each other.
    pub(in crate::report) fn pair(
        &mut self,
        indent: usize,
        first: &str,
        second: &str,
    ) -> io::Result<()> {
        self.linked_pair(indent, first, None, second)
    }

    /// The same; the first text may be a link.
    pub(in crate::report) fn linked_pair(
        &mut self,
        indent: usize,
        first: &str,
        target: Option<&str>,
        second: &str,
    ) -> io::Result<()> {
        let (first, second) = (
            self.safe(first).into_owned(),
            self.safe(second).into_owned(),
        );
        let columns = indent + text::width(&first) + 2 + text::width(&second);
        if !first.is_empty() && !second.is_empty() && columns <= self.style.width {
            let first = self.linked(target, &first);
            return self.line(&format!("{:indent$}{first}  {second}", ""));
        }
        // A text that may be broken into lines is no link: a terminal takes each for its own.
        if target.is_some() && !first.contains(' ') && text::width(&first) <= self.style.width * 4 {
            let first = self.linked(target, &first);
            self.line(&format!("{:indent$}{first}", ""))?;
        } else {
            self.block(indent, &first)?;
        }
        self.block(indent, &second)
    }

    /// A text that is safe already as a link, if the terminal opens links.
    pub(in crate::report) fn linked(&self, target: Option<&str>, text: &str) -> String {
        match target {
            Some(target) if self.style.links && target.chars().all(|it| it.is_ascii_graphic()) => {
                format!("\u{1b}]8;;{target}\u{1b}\\{text}\u{1b}]8;;\u{1b}\\")
            }
            _ => text.to_owned(),
        }
    }

    /// Where a file lies, for a link.
    pub(in crate::report) fn file_url(&self, path: &str) -> Option<String> {
        if !self.style.links {
            return None;
        }
        let absolute = std::path::absolute(path).ok()?;
        let absolute = absolute.to_str()?.replace('\\', "/");
        let names: Vec<String> = absolute.split('/').map(percent_encoded).collect();
        Some(format!(
            "file:///{}",
            names.join("/").trim_start_matches('/')
        ))
    }

    /// A text broken into lines that leave room for an indentation.
    pub(in crate::report) fn wrapped(&self, indent: usize, text: &str) -> Vec<String> {
        let limit = self.style.width.saturating_sub(indent).max(1);
        text::wrap(&self.safe(text), limit, self.mark())
    }
}

/// The paint of a severity.
pub(in crate::report) fn severity_paint(severity: Severity) -> Paint {
    match severity {
        Severity::Critical => AnsiColor::Red.on_default().bold(),
        Severity::High => AnsiColor::Red.on_default(),
        Severity::Medium => AnsiColor::Yellow.on_default(),
        Severity::Low => AnsiColor::Cyan.on_default(),
    }
}

/// The paint of a verdict.
pub(in crate::report) fn verdict_paint(verdict: &str) -> Paint {
    match verdict {
        "delivers" => AnsiColor::Green.on_default(),
        "blocked" => AnsiColor::Red.on_default().bold(),
        "partial" => AnsiColor::Red.on_default(),
        _ => AnsiColor::Yellow.on_default(),
    }
}
