//! Reading a page from Markdown. Every rule of the page format is enforced here, with the line.

use serde::Deserialize;

use super::{Example, Page, Severity};
use crate::document::Kind;

/// A page that is not written as pages are.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("rules/{layer}/{name}.md:{line}: {problem}")]
pub(crate) struct PageError {
    layer: &'static str,
    name: &'static str,
    line: usize,
    problem: Problem,
}

/// What is wrong with a page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum Problem {
    #[error("expected `# ` and a title on the first line")]
    NoTitle,
    #[error("the title has {0} characters, expected at most {TITLE_LENGTH}")]
    LongTitle(usize),
    #[error("the title ends in a full stop")]
    TitleStop,
    #[error("expected one fenced `toml` head between title and first section")]
    NoHead,
    #[error("the head cannot be read: {0}")]
    Head(String),
    #[error("`{0}` is no document kind")]
    UnknownKind(String),
    #[error("expected an https address, found `{0}`")]
    Reference(String),
    #[error("expected the section `{0}` here")]
    NoSection(&'static str),
    #[error("the section is empty")]
    EmptySection,
    #[error("expected an example, found the section `{0}`")]
    NotAnExample(String),
    #[error("expected at least one example")]
    NoExample,
    #[error("a fence is opened and never closed")]
    OpenFence,
    #[error("expected a block `json KIND` or `findings`, found `{0}`")]
    Block(String),
    #[error("the example shows no document")]
    NoDocument,
    #[error("the example shows `{0}` twice")]
    KindTwice(String),
    #[error("the example has {0} findings blocks, expected one")]
    FindingsBlocks(usize),
    #[error("expected `RULE KIND POINTER`, found `{0}`")]
    Finding(String),
    #[error("the findings are not sorted at `{0}`")]
    FindingsOrder(String),
}

const TITLE_LENGTH: usize = 72;
const PROSE: [&str; 3] = ["What it checks", "Why it matters", "How to fix"];
const EXAMPLE: &str = "Example: ";
const FENCE: &str = "```";

/// The fenced block below a page's title.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    severity: Severity,
    reads: Vec<String>,
    since: String,
    tags: Vec<String>,
    references: Vec<String>,
    #[serde(default)]
    formerly: Vec<String>,
}

/// A problem and the line it is on.
type At = (usize, Problem);

/// A heading and the lines up to the next; the first section is what stands above all headings.
struct Section {
    heading: &'static str,
    line: usize,
    body: Vec<&'static str>,
}

/// A fenced block: its line, the words after the fence, and its text.
struct Block {
    line: usize,
    info: &'static str,
    text: String,
}

/// Reads a page; see [`Page::read`].
pub(super) fn read(
    name: &'static str,
    layer: &'static str,
    text: &'static str,
) -> Result<Page, PageError> {
    parts(name, layer, text).map_err(|(line, problem)| PageError {
        layer,
        name,
        line,
        problem,
    })
}

fn parts(name: &'static str, layer: &'static str, text: &'static str) -> Result<Page, At> {
    let mut sections = sections(text)?.into_iter();
    let top = sections.next().ok_or((1, Problem::NoTitle))?;
    let title = title(text)?;
    let head = head(&top)?;
    let [what, why, how] = PROSE.map(|heading| prose(sections.next(), heading));
    let (what, why, how) = (what?, why?, how?);
    let examples: Vec<Example> = sections
        .map(|section| example(&section))
        .collect::<Result<_, _>>()?;
    if examples.is_empty() {
        return Err((text.lines().count(), Problem::NoExample));
    }
    Ok(Page {
        name,
        layer,
        title,
        severity: head.severity,
        reads: head.reads,
        since: head.since,
        tags: head.tags,
        references: head.references,
        formerly: head.formerly,
        what,
        why,
        how,
        examples,
        text,
    })
}

/// Splits a page at its headings; what looks like one inside a fence is none.
fn sections(text: &'static str) -> Result<Vec<Section>, At> {
    let mut sections = Vec::new();
    let mut current = Section {
        heading: "",
        line: 1,
        body: Vec::new(),
    };
    let mut fence = None;
    for (number, line) in (1..).zip(text.lines()) {
        if line.starts_with(FENCE) {
            fence = if fence.is_none() { Some(number) } else { None };
        }
        match line.strip_prefix("## ") {
            Some(heading) if fence.is_none() => {
                sections.push(std::mem::replace(
                    &mut current,
                    Section {
                        heading,
                        line: number,
                        body: Vec::new(),
                    },
                ));
            }
            _ => current.body.push(line),
        }
    }
    sections.push(current);
    match fence {
        Some(line) => Err((line, Problem::OpenFence)),
        None => Ok(sections),
    }
}

fn title(text: &'static str) -> Result<&'static str, At> {
    let title = text
        .lines()
        .next()
        .and_then(|line| line.strip_prefix("# "))
        .map_or("", str::trim);
    match title.chars().count() {
        0 => Err((1, Problem::NoTitle)),
        length if length > TITLE_LENGTH => Err((1, Problem::LongTitle(length))),
        _ if title.ends_with('.') => Err((1, Problem::TitleStop)),
        _ => Ok(title),
    }
}

fn head(top: &Section) -> Result<Head, At> {
    let blocks = blocks(top);
    let [block] = blocks.as_slice() else {
        return Err((top.line, Problem::NoHead));
    };
    if block.info != "toml" {
        return Err((block.line, Problem::NoHead));
    }
    let head: Head = toml::from_str(&block.text)
        .map_err(|error| (block.line, Problem::Head(error.message().to_owned())))?;
    if let Some(unknown) = head
        .reads
        .iter()
        .find(|kind| Kind::from_name(kind).is_none())
    {
        return Err((block.line, Problem::UnknownKind(unknown.clone())));
    }
    if let Some(odd) = head
        .references
        .iter()
        .find(|address| !address.starts_with("https://"))
    {
        return Err((block.line, Problem::Reference(odd.clone())));
    }
    Ok(head)
}

fn prose(section: Option<Section>, heading: &'static str) -> Result<String, At> {
    let section = section.ok_or((1, Problem::NoSection(heading)))?;
    if section.heading != heading {
        return Err((section.line, Problem::NoSection(heading)));
    }
    let text = section.body.join("\n").trim().to_owned();
    if text.is_empty() {
        Err((section.line, Problem::EmptySection))
    } else {
        Ok(text)
    }
}

fn example(section: &Section) -> Result<Example, At> {
    let title = section.heading.strip_prefix(EXAMPLE).map_or("", str::trim);
    if title.is_empty() {
        return Err((
            section.line,
            Problem::NotAnExample(section.heading.to_owned()),
        ));
    }
    let mut documents: Vec<(String, String)> = Vec::new();
    let mut findings = Vec::new();
    for block in blocks(section) {
        match (block.info, block.info.strip_prefix("json ")) {
            ("findings", _) => findings.push((block.line, block.text)),
            (_, Some(kind)) if Kind::from_name(kind).is_none() => {
                return Err((block.line, Problem::UnknownKind(kind.to_owned())));
            }
            (_, Some(kind)) if documents.iter().any(|(shown, _)| shown == kind) => {
                return Err((block.line, Problem::KindTwice(kind.to_owned())));
            }
            (_, Some(kind)) => documents.push((kind.to_owned(), block.text)),
            (info, None) => return Err((block.line, Problem::Block(info.to_owned()))),
        }
    }
    if documents.is_empty() {
        return Err((section.line, Problem::NoDocument));
    }
    let [(line, lines)] = findings.as_slice() else {
        return Err((section.line, Problem::FindingsBlocks(findings.len())));
    };
    Ok(Example {
        title: title.to_owned(),
        documents,
        findings: finding_lines(*line, lines)?,
    })
}

/// The lines of a findings block, each checked for its shape. A pointer may be left out: it is then
/// the whole document.
fn finding_lines(line: usize, text: &str) -> Result<Vec<String>, At> {
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for (number, finding) in (line + 1..).zip(&lines) {
        let words: Vec<&str> = finding.split(' ').collect();
        let (kind, pointer) = match words.as_slice() {
            [_, kind] => (kind, "/"),
            [_, kind, pointer] => (kind, *pointer),
            _ => return Err((number, Problem::Finding(finding.clone()))),
        };
        if Kind::from_name(kind).is_none() || !pointer.starts_with('/') {
            return Err((number, Problem::Finding(finding.clone())));
        }
    }
    let unsorted = lines
        .iter()
        .zip(lines.iter().skip(1))
        .zip(line + 2..)
        .find(|((a, b), _)| a >= b);
    match unsorted {
        Some(((_, second), number)) => Err((number, Problem::FindingsOrder(second.clone()))),
        None => Ok(lines),
    }
}

/// The fenced blocks of a section. `sections` has seen to it that every fence is closed.
fn blocks(section: &Section) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (number, line) in (section.line..).zip(lines_from_heading(section)) {
        open = match (open, line.strip_prefix(FENCE)) {
            (None, Some(info)) => Some(Block {
                line: number,
                info: info.trim(),
                text: String::new(),
            }),
            (None, None) => None,
            (Some(block), Some(_)) => {
                blocks.push(block);
                None
            }
            (Some(block), None) => Some(Block {
                text: block.text + line + "\n",
                ..block
            }),
        };
    }
    blocks
}

/// The lines of a section with its heading's own, so that they count from `Section::line`.
fn lines_from_heading(section: &Section) -> impl Iterator<Item = &'static str> {
    let heading = (!section.heading.is_empty()).then_some(section.heading);
    heading.into_iter().chain(section.body.iter().copied())
}
