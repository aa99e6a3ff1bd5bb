//! Lines of a stream, none of them kept beyond its greatest length.

use std::io::{self, BufRead, BufReader, Read};

use trail_lint::simulate::LONGEST_LINE;

/// What comes next.
pub(super) enum Next<'l> {
    /// A line without its line feed.
    Line(&'l [u8]),
    /// The beginning of a line that is too long; the rest of it was passed over.
    TooLong(&'l [u8]),
    /// Nothing more.
    End,
}

/// Why reading stopped.
#[derive(Debug)]
pub(super) enum Stopped {
    Input(io::Error),
    Output(io::Error),
}

/// A stream of lines.
pub(super) struct Lines<R> {
    reader: BufReader<R>,
    line: Vec<u8>,
}

impl<R: Read> Lines<R> {
    pub(super) fn new(reader: BufReader<R>) -> Lines<R> {
        Lines {
            reader,
            line: Vec::new(),
        }
    }

    /// Reads the next line. Before it waits for input it calls `flush`, so that whoever writes the
    /// requests and waits for the answers gets them.
    pub(super) fn next(
        &mut self,
        mut flush: impl FnMut() -> io::Result<()>,
    ) -> Result<Next<'_>, Stopped> {
        self.line.clear();
        let mut too_long = false;
        let mut started = false;
        loop {
            if self.reader.buffer().is_empty() {
                flush().map_err(Stopped::Output)?;
            }
            let chunk = match self.reader.fill_buf() {
                Ok(chunk) => chunk,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(Stopped::Input(error)),
            };
            let end = chunk.iter().position(|byte| *byte == b'\n');
            let part = chunk.get(..end.unwrap_or(chunk.len())).unwrap_or_default();
            let room = LONGEST_LINE.saturating_sub(self.line.len());
            too_long |= part.len() > room;
            self.line
                .extend_from_slice(part.get(..room.min(part.len())).unwrap_or_default());
            let used = part.len() + usize::from(end.is_some());
            started |= used > 0;
            self.reader.consume(used);
            match (end, used) {
                (None, 0) if !started => return Ok(Next::End),
                (Some(_), _) | (None, 0) => break,
                (None, _) => {}
            }
        }
        Ok(if too_long {
            Next::TooLong(&self.line)
        } else {
            Next::Line(&self.line)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lengths(text: &[u8]) -> Vec<(usize, bool)> {
        let mut lines = Lines::new(BufReader::with_capacity(7, text));
        let mut found = Vec::new();
        loop {
            match lines.next(|| Ok(())).unwrap() {
                Next::Line(line) => found.push((line.len(), false)),
                Next::TooLong(line) => found.push((line.len(), true)),
                Next::End => return found,
            }
        }
    }

    #[test]
    fn lines_end_at_line_feeds_and_at_the_end() {
        assert_eq!(lengths(b""), []);
        assert_eq!(lengths(b"\n"), [(0, false)]);
        assert_eq!(
            lengths(b"ab\n\nabcdefghijk"),
            [(2, false), (0, false), (11, false)]
        );
    }

    #[test]
    fn of_a_line_that_is_too_long_only_the_beginning_is_kept() {
        let exact = [vec![b'x'; LONGEST_LINE], b"\nab\n".to_vec()].concat();
        assert_eq!(lengths(&exact), [(LONGEST_LINE, false), (2, false)]);
        let long = [vec![b'x'; LONGEST_LINE + 1], b"\nab\n".to_vec()].concat();
        assert_eq!(lengths(&long), [(LONGEST_LINE, true), (2, false)]);
    }
}
