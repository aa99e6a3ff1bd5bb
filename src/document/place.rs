//! Where the values of a document stand: lines and columns, of the file that a person wrote them in.

use super::{Document, InputError, Region, Sources, line_and_column};
use crate::json::{self, Node, Span, pointer};
use crate::written::Spot;

impl Document {
    /// Line and column of the value at a pointer; of the nearest enclosing value that exists where
    /// the pointer itself does not, as for an element that is missing.
    pub fn region(&self, pointer: &str) -> Region {
        self.spot(pointer).1
    }

    /// The file that a value is written in, and where.
    pub fn spot(&self, pointer: &str) -> (&str, Region) {
        match &self.sources {
            None => (&self.path, self.own_region(pointer)),
            Some(sources) => match sources.nearest(pointer) {
                Some(spot) => (&spot.file.path, spot.region()),
                None => (&self.path, START),
            },
        }
    }

    fn own_region(&self, pointer: &str) -> Region {
        let mut pointer = pointer;
        loop {
            match (self.at(pointer), pointer.rsplit_once('/')) {
                (Some(node), _) => return self.region_of(node.span),
                (None, Some((parent, _))) => pointer = parent,
                (None, None) => return self.region_of(self.root.span),
            }
        }
    }

    /// Line and column of a span of the answer.
    pub fn region_of(&self, span: Span) -> Region {
        let (line, column) = line_and_column(&self.text, &self.line_starts, span.start);
        let (end_line, end_column) = line_and_column(&self.text, &self.line_starts, span.end);
        Region {
            line,
            column,
            end_line,
            end_column,
        }
    }

    /// A line of [`text`](Self::text), counting from 1, without what ends it.
    pub fn line(&self, number: usize) -> Option<&str> {
        let (text, starts) = self.lines();
        let start = *starts.get(number.checked_sub(1)?)?;
        let next = starts.get(number).copied();
        let line = text.get(start..next.unwrap_or(text.len()))?;
        Some(line.trim_end_matches(['\r', '\n']))
    }

    /// The part of [`text`](Self::text) in a region; nothing for one that does not lie in it.
    pub fn text_of(&self, region: Region) -> Option<&str> {
        if let Some(sources) = &self.sources {
            let file = &sources.file;
            let offset = |line: usize, column: usize| {
                let is_there = line <= file.line_starts().len();
                is_there.then(|| file.offset(line, column.saturating_sub(1)))
            };
            let start = offset(region.line, region.column)?;
            return file
                .text()
                .get(start..offset(region.end_line, region.end_column)?);
        }
        let (text, starts) = self.lines();
        let offset = |line: usize, column: usize| {
            let start = *starts.get(line.checked_sub(1)?)?;
            let rest = text.get(start..)?;
            let mut offsets = rest.char_indices().map(|(at, _)| at);
            let within = offsets.nth(column.checked_sub(1)?);
            Some(start + within.unwrap_or(rest.len()))
        };
        let start = offset(region.line, region.column)?;
        text.get(start..offset(region.end_line, region.end_column)?)
    }

    /// The text that a user can open, and where its lines begin.
    fn lines(&self) -> (&str, &[usize]) {
        match &self.sources {
            Some(sources) => (sources.file.text(), sources.file.line_starts()),
            None => (&self.text, &self.line_starts),
        }
    }

    /// An error about one value of this document.
    pub fn error(&self, node: &Node, message: impl Into<String>) -> InputError {
        self.error_at(node.span, message)
    }

    /// An error about one place of this document.
    pub fn error_at(&self, span: Span, message: impl Into<String>) -> InputError {
        let (path, region, help) = match &self.sources {
            None => {
                let kind = self.kind.name();
                let help = format!("this file is the JSON that `aws … {kind}` prints");
                (&*self.path, self.region_of(span), help)
            }
            Some(sources) => {
                let of_policy = self.policy().and_then(|policy| find(policy, span, ""));
                let pointer = of_policy.or_else(|| find(&self.root, span, ""));
                let (path, region) = self.spot(&pointer.unwrap_or_default());
                let help = format!("it is read as a part of `{}`", sources.label);
                (path, region, help)
            }
        };
        InputError {
            path: path.to_owned(),
            at: Some((region.line, region.column)),
            message: message.into(),
            help: Some(help),
        }
    }
}

/// The beginning of a file, for what is written nowhere in it.
const START: Region = Region {
    line: 1,
    column: 1,
    end_line: 1,
    end_column: 1,
};

impl Sources {
    /// The place of a value, or of the nearest enclosing one that somebody wrote.
    fn nearest(&self, pointer: &str) -> Option<&Spot> {
        let mut pointer = pointer;
        loop {
            if let Some(spot) = self.places.get(pointer) {
                return Some(spot);
            }
            pointer = pointer.rsplit_once('/')?.0;
        }
    }
}

/// The pointer of the value at a span.
fn find(node: &Node, span: Span, at: &str) -> Option<String> {
    if node.span == span {
        return Some(at.to_owned());
    }
    if span.start < node.span.start || span.end > node.span.end {
        return None;
    }
    match &node.value {
        json::Value::Array(items) => (0..)
            .zip(items)
            .find_map(|(index, item): (usize, _)| find(item, span, &format!("{at}/{index}"))),
        json::Value::Object(members) => members
            .iter()
            .find_map(|member| find(&member.value, span, &pointer(at, &member.key))),
        _ => None,
    }
}
