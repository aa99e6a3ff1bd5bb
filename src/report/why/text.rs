//! The story as text for a terminal.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::io;

use anstyle::Style as Paint;

use super::super::table::screen::{Screen, severity_paint, verdict_paint};
use super::super::table::{Style, excerpt, fix};
use super::super::text::{counted, shortfall};
use super::super::view::{FindingView, RequestView};
use super::{Why, context};
use crate::document::{Document, DocumentId, Origin, Region};
use crate::iam::{Element, Truth};
use crate::model::Arn;
use crate::rules::Severity;
use crate::simulate::element_name;
use crate::simulate::examined::{Examined, caller, compared, pointer};
use crate::why::{Answer, Asked, Chapter, Part};

/// Policies with more statements than this get only those that play a part, and a count of the rest.
const STATEMENTS_SHOWN: usize = 6;

/// A Sid longer than this is cut: its number is named too.
const SID_SHOWN: usize = 64;

/// The keys that are shown although the policy does not ask for them: what a grant is tied to.
const TELLING: &[&str] = &["aws:SourceArn", "s3:x-amz-acl"];

/// Columns before what belongs to a request.
const INDENT: usize = 3;

/// Writes the story.
///
/// # Errors
/// Those of the writer.
pub fn write(why: &Why<'_, '_>, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    let mut screen = Screen::new(style, out);
    write_head(why, &mut screen)?;
    // What stops the trail as a whole comes first, what could be better last.
    let of_trail = why.findings().filter(|finding| finding.requests.is_empty());
    let (grave, others): (Vec<_>, Vec<_>) =
        of_trail.partition(|finding| finding.severity >= Severity::High);
    for finding in grave {
        screen.begin_section();
        write_finding(finding, 0, &mut screen)?;
    }
    write_unseen(why, &mut screen)?;
    let mut told = Told::default();
    for (number, (chapter, view)) in why.chapters.iter().zip(&why.trail.requests).enumerate() {
        screen.begin_section();
        write_chapter(why, number + 1, chapter, view, &mut told, &mut screen)?;
    }
    for finding in others {
        screen.begin_section();
        write_finding(finding, 0, &mut screen)?;
    }
    Ok(())
}

/// What has been told already, and need not be told again.
#[derive(Default)]
struct Told<'r> {
    /// Findings, by fingerprint.
    findings: BTreeSet<&'r str>,
    /// The answers of a policy's statements, and under which number they stand.
    answers: BTreeMap<Answers, usize>,
}

/// The policy, and of every statement the part it plays and how its elements match.
type Answers = (DocumentId, Vec<(Part, Vec<Truth>)>);

fn answers(asked: &Asked<'_>) -> Answers {
    let of = |answer: &Answer<'_>| {
        let truths = answer.elements.iter().map(|it| it.truth).collect();
        (answer.part, truths)
    };
    let answers = asked.answers.iter().map(of).collect();
    (asked.policy.document, answers)
}

fn write_head(why: &Why<'_, '_>, screen: &mut Screen<'_>) -> io::Result<()> {
    let trail = why.trail;
    screen.block(0, &format!("Trail {}", trail.arn))?;
    write_verdict(why, screen)?;
    let of = |text: &Option<String>| text.clone().unwrap_or_else(|| "none".to_owned());
    let bucket = match (&trail.bucket, &trail.key_prefix) {
        (Some(bucket), Some(prefix)) => format!("{bucket}, under {prefix}/"),
        (bucket, _) => of(bucket),
    };
    for (name, value) in [
        ("bucket", bucket),
        ("key", of(&trail.kms_key)),
        ("topic", of(&trail.topic)),
    ] {
        screen.block(2, &format!("{name}: {value}"))?;
    }
    Ok(())
}

fn write_verdict(why: &Why<'_, '_>, screen: &mut Screen<'_>) -> io::Result<()> {
    let verdict = why.trail.verdict;
    let words = match verdict {
        "delivers" => "every request is allowed, and the trail is logging.",
        "setup-refused" => {
            "log files arrive, but the trail cannot be created or changed, or its notifications fail."
        }
        "partial" => "a part of the files does not arrive.",
        "blocked" => "log files do not arrive.",
        _ => "it cannot be said for sure; what is missing is named below.",
    };
    let painted = screen.painted(verdict_paint(verdict), verdict);
    screen.line(&format!("{painted}: {words}"))
}

/// What could not be seen of the trail itself; what a request depends on is told where it stands.
fn write_unseen(why: &Why<'_, '_>, screen: &mut Screen<'_>) -> io::Result<()> {
    let arn = Arn::parse(&why.trail.arn);
    let Some((arn, name)) = arn.and_then(|arn| Some((arn, arn.trail_name()?))) else {
        return Ok(());
    };
    let folder = format!("/{}/cloudtrail/{}/{name}/", arn.account, arn.region);
    let mut unseen = why.report.not_evaluated.iter();
    for unseen in unseen
        .by_ref()
        .filter(|it| it.decisive && it.document.contains(&folder))
    {
        let (clause, reason) = shortfall(unseen.reason);
        screen.begin_section();
        screen.hanging(2, &format!("{clause}: {} ({reason})", unseen.document))?;
        if let Some(said) = &unseen.said {
            screen.block(2, &format!("{}: {said}", unseen.who_said()))?;
        }
        if let Some(help) = &unseen.help {
            screen.block(2, &format!("help: {help}"))?;
        }
    }
    Ok(())
}

fn write_chapter<'r>(
    why: &Why<'r, '_>,
    number: usize,
    chapter: &Chapter<'_>,
    view: &RequestView,
    told: &mut Told<'r>,
    screen: &mut Screen<'_>,
) -> io::Result<()> {
    let advised = if view.advised { ", only advised" } else { "" };
    let title = screen.painted(Paint::new().bold(), view.id);
    let decision = screen.painted(decision_paint(view.decision), view.decision);
    screen.line(&format!(
        "{number}. {title} ({}{advised}): {decision}",
        view.phase
    ))?;
    screen.block(INDENT, &format!("{} on {}", view.action, view.resource))?;
    screen.block(INDENT, &sentence(&view.because))?;
    let brief = view.decision == "allowed" && !screen.style.show_ok_requests;
    if let Some(asked) = chapter.asked.as_ref().filter(|_| !brief) {
        write_asked(asked, screen)?;
        match told.answers.entry(answers(asked)) {
            Entry::Occupied(before) => {
                let before = before.get();
                screen.block(INDENT, &format!("The statements answer as under {before}."))?;
            }
            Entry::Vacant(first) => {
                first.insert(number);
                write_answers(why, asked, screen)?;
            }
        }
    }
    for finding in why.findings_of(view.id) {
        if told.findings.insert(&finding.fingerprint) {
            write_finding(finding, INDENT, screen)?;
        } else {
            screen.block(INDENT, &format!("Found: {}, as above.", finding.rule))?;
        }
    }
    Ok(())
}

fn decision_paint(decision: &str) -> Paint {
    verdict_paint(match decision {
        "allowed" => "delivers",
        "denied" => "blocked",
        "partly" => "partial",
        _ => "undecided",
    })
}

/// A clause as a sentence.
fn sentence(clause: &str) -> String {
    let mut characters = clause.chars();
    match characters.next() {
        Some(first) => format!("{}{}.", first.to_uppercase(), characters.as_str()),
        None => String::new(),
    }
}

/// One concrete request and where the policy stands that answers it.
struct Evidence<'a> {
    request: crate::iam::Request<'a>,
    document: &'a Document,
}

/// The example, and the context keys that matter to the policy; with `-v` all that are known.
fn write_asked(asked: &Asked<'_>, screen: &mut Screen<'_>) -> io::Result<()> {
    let request = asked.request();
    let caller = caller(request.principal);
    screen.block(INDENT, &format!("{caller} asks, for example:"))?;
    screen.block(
        INDENT + 2,
        &format!("{} {}", request.action, request.resource),
    )?;
    let mut left_out = 0;
    for (key, has) in context(asked) {
        if screen.style.show_ok_requests || asked.looks_at(&key) || TELLING.contains(&&*key) {
            screen.block(INDENT + 4, &format!("{key}: {}", has.words()))?;
        } else {
            left_out += 1;
        }
    }
    if left_out == 0 {
        return Ok(());
    }
    let more = counted(left_out, "more key");
    screen.block(
        INDENT + 4,
        &format!("and {more} that the policy does not ask for (-v lists them)"),
    )
}

fn write_answers(why: &Why<'_, '_>, asked: &Asked<'_>, screen: &mut Screen<'_>) -> io::Result<()> {
    let evidence = Evidence {
        request: asked.request(),
        document: why.estate.document(asked.policy.document),
    };
    screen.block(INDENT, "The statements answer:")?;
    let all = asked.answers.len() <= STATEMENTS_SHOWN || screen.style.show_ok_requests;
    let mut left_out = 0;
    for answer in &asked.answers {
        if all || answer.part != Part::Bystander {
            write_answer(&evidence, answer, screen)?;
        } else {
            left_out += 1;
        }
    }
    if left_out == 0 {
        return Ok(());
    }
    let more = counted(left_out, "more statement");
    let verb = if left_out == 1 { "does" } else { "do" };
    screen.block(
        INDENT + 2,
        &format!("{more} {verb} not apply (-v lists them)"),
    )
}

fn write_answer(
    evidence: &Evidence<'_>,
    answer: &Answer<'_>,
    screen: &mut Screen<'_>,
) -> io::Result<()> {
    let statement = answer.statement;
    let name = match &statement.sid {
        Some(sid) => format!("{} {}", statement.index, screen.name(sid, SID_SHOWN)),
        None => statement.index.to_string(),
    };
    let failing = answer
        .failing()
        .map(|it| element_name(statement, it.element));
    let names = match answer.part {
        Part::Bystander => format!(": {}", failing.collect::<Vec<_>>().join(", ")),
        _ => String::new(),
    };
    let (effect, part) = (statement.effect, answer.part.words());
    screen.block(INDENT + 2, &format!("{name} ({effect:?}) {part}{names}"))?;
    let telling = |it: &&Examined| match answer.part {
        Part::Nearest | Part::Unsure => it.truth != Truth::True,
        // A Deny is told by its conditions: they are what could be changed.
        Part::Denies => matches!(it.element, Element::Condition(_)),
        Part::Allows | Part::Bystander => false,
    };
    for examined in answer.elements.iter().filter(telling) {
        write_element(evidence, answer, *examined, screen)?;
    }
    Ok(())
}

fn write_element(
    evidence: &Evidence<'_>,
    answer: &Answer<'_>,
    examined: Examined,
    screen: &mut Screen<'_>,
) -> io::Result<()> {
    let (statement, document) = (answer.statement, evidence.document);
    let compared = compared(statement, examined.element, &evidence.request);
    let words = match examined.truth {
        Truth::True => "matches",
        Truth::False => "does not match",
        Truth::Unknown => "may match",
    };
    let name = element_name(statement, examined.element);
    let indent = INDENT + 4;
    screen.block(indent, &format!("{name} {words}"))?;
    screen.block(indent + 2, &format!("policy: {}", compared.policy_words()))?;
    screen.block(
        indent + 2,
        &format!("request: {}", compared.request.words()),
    )?;
    if document.origin == Origin::CommandLine {
        return Ok(());
    }
    let region = region(document, pointer(statement, examined.element));
    let path = document.spot(pointer(statement, examined.element)).0;
    let place = format!("{path}:{}:{}", region.line, region.column);
    screen.block(indent + 2, &place)?;
    let paint = verdict_paint("blocked");
    excerpt::write(document, region, indent + 2, paint, screen)
}

/// The range of an element; of a list of several lines its first value, as its first line is a
/// bracket only.
fn region(document: &Document, pointer: &str) -> Region {
    let whole = document.region(pointer);
    if whole.line == whole.end_line {
        return whole;
    }
    let first = document.at(&format!("{pointer}/0"));
    first.map_or(whole, |_| document.region(&format!("{pointer}/0")))
}

fn write_finding(finding: &FindingView, indent: usize, screen: &mut Screen<'_>) -> io::Result<()> {
    let severity = finding.severity.name();
    let painted = screen.painted(severity_paint(finding.severity), severity);
    let rule = screen.painted(Paint::new().bold(), finding.rule);
    screen.line(&format!("{:indent$}Found: {rule} ({painted})", ""))?;
    screen.block(indent + 2, &finding.message)?;
    fix::write(finding, indent + 2, screen)
}
