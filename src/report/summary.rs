//! A report in one line: how many trails have which verdict, and how many findings which severity.

use super::Report;
use super::text::counted;
use super::view::AcceptedBy;
use crate::compare::Effect;

/// The verdicts, those first that need somebody.
pub(super) const WORST_FIRST: [&str; 5] = [
    "blocked",
    "partial",
    "setup-refused",
    "undecided",
    "delivers",
];

/// A verdict's place among them.
pub(super) fn rank(verdict: &str) -> usize {
    WORST_FIRST
        .iter()
        .position(|&known| known == verdict)
        .unwrap_or(0)
}

/// The answer in a few words.
pub(super) fn heading(report: &Report) -> String {
    let count = |verdict: &str| {
        let trails = report.named_trails();
        trails.filter(|trail| trail.verdict == verdict).count()
    };
    let [blocked, partial, setup, undecided, _] = WORST_FIRST.map(count);
    let unseen = report.accounts_not_seen();
    let of = |count| counted(count, "trail");
    let of_accounts = || counted(unseen, "account");
    match (blocked, partial, undecided, setup) {
        _ if report.trails.is_empty() => "There is no trail to check".to_owned(),
        (0, 0, 0, _) if unseen > 0 => {
            format!("Unsure whether the logs of {} arrive", of_accounts())
        }
        (0, 0, undecided, _) if unseen > 0 => format!(
            "Unsure whether the logs of {} and of {} arrive",
            of(undecided),
            of_accounts()
        ),
        (0, 0, 0, _) if has_gap(report) => {
            let trails = report.named_trails().count();
            format!(
                "The logs of {} arrive, and not everything could be seen",
                of(trails)
            )
        }
        (0, 0, 0, 0) => match worst_finding(report) {
            Some(worst) => format!("CloudTrail logs arrive, but {worst}"),
            None => "CloudTrail logs arrive".to_owned(),
        },
        (0, 0, 0, 1) => {
            "CloudTrail logs arrive, but 1 trail cannot be changed or tell a topic".to_owned()
        }
        (0, 0, 0, setup) => {
            format!("CloudTrail logs arrive, but {setup} trails cannot be changed or tell a topic")
        }
        (0, 0, undecided, _) => format!("Unsure whether the logs of {} arrive", of(undecided)),
        (0, partial, _, _) => format!("CloudTrail logs of {} arrive only in part", of(partial)),
        (blocked, _, _, _) => format!("CloudTrail logs of {} do not arrive", of(blocked)),
    }
}

/// The findings of the worst severity, counted, where nobody should be reassured beside them.
fn worst_finding(report: &Report) -> Option<String> {
    let counts = report.by_severity();
    let worst = ["critical", "high", "medium"]
        .into_iter()
        .find_map(|severity| Some((severity, *counts.get(severity)?)))?;
    let (severity, count) = worst;
    Some(match count {
        1 => format!("there is 1 {severity} finding"),
        count => format!("there are {count} {severity} findings"),
    })
}

/// Whether findings of medium or above stand beside trails that all deliver.
pub(super) fn is_worrying(report: &Report) -> bool {
    worst_finding(report).is_some()
}

/// Whether something could not be seen that no verdict and no account in the report stands for, such as
/// which further accounts there are.
pub(super) fn has_gap(report: &Report) -> bool {
    let is_told = report.trails.iter().any(|it| it.verdict == "undecided");
    !is_told && report.not_evaluated.iter().any(|unseen| unseen.decisive)
}

/// What merging does to the trails that there are, as a sentence; nothing where nobody asked.
pub(super) fn effect(report: &Report) -> Option<String> {
    report.effect.as_ref().map(Effect::sentence)
}

/// Trails and findings, counted.
pub(super) fn line(report: &Report) -> String {
    format!("{} {}", trail_counts(report), finding_counts(report))
}

/// The same, and what is accepted.
pub(super) fn whole(report: &Report) -> String {
    match accepted(report) {
        Some(accepted) => format!("{} {accepted}", line(report)),
        None => line(report),
    }
}

/// How many are accepted and by what, as a sentence; nothing if none is.
pub(super) fn accepted(report: &Report) -> Option<String> {
    let of = |kind: AcceptedBy| {
        report
            .accepted
            .iter()
            .filter(|it| it.suppression.kind == kind)
            .count()
    };
    let parts: Vec<String> = [
        (of(AcceptedBy::Config), "by the configuration file"),
        (of(AcceptedBy::Baseline), "by the baseline"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, by)| format!("{count} {by}"))
    .collect();
    (!parts.is_empty()).then(|| format!("Accepted: {}.", parts.join(", ")))
}

/// Whether every trail delivers, nothing was found, and nothing is missing for saying so.
pub(super) fn all_well(report: &Report) -> bool {
    !report.trails.is_empty()
        && report
            .trails
            .iter()
            .all(|trail| trail.verdict == "delivers")
        && report.findings.is_empty()
        && report.accepted.is_empty()
        && report.hidden == 0
        && report.not_evaluated.iter().all(|unseen| !unseen.decisive)
}

/// The trails by verdict, worst first, and the accounts that hold more, for all that anybody could see.
pub(super) fn trail_counts(report: &Report) -> String {
    let unseen = match report.accounts_not_seen() {
        0 if has_gap(report) => " Not everything could be seen.".to_owned(),
        0 => String::new(),
        unseen => format!(
            " {} whose trails could not all be seen.",
            counted(unseen, "account")
        ),
    };
    let trails = report.named_trails().count();
    if trails == 0 {
        return format!("No trail was checked.{unseen}");
    }
    let counts = report.by_verdict();
    let parts: Vec<String> = WORST_FIRST
        .iter()
        .filter_map(|verdict| {
            let count = *counts.get(verdict)?;
            let word = if *verdict == "delivers" && count != 1 {
                "deliver"
            } else {
                verdict
            };
            Some(format!("{count} {word}"))
        })
        .collect();
    format!(
        "{}: {}.{unseen}",
        counted(trails, "trail"),
        parts.join(", ")
    )
}

/// The findings by severity, worst first.
pub(super) fn finding_counts(report: &Report) -> String {
    let counts = report.by_severity();
    let parts: Vec<String> = ["critical", "high", "medium", "low"]
        .iter()
        .filter_map(|severity| Some(format!("{} {severity}", counts.get(severity)?)))
        .collect();
    let hidden = match report.hidden {
        0 => String::new(),
        hidden => format!(" {hidden} more not shown, as asked."),
    };
    let shown = match report.findings.len() {
        0 => "No findings.".to_owned(),
        1 => format!("{} finding.", parts.join(", ")),
        _ => format!("{} findings.", parts.join(", ")),
    };
    format!("{shown}{hidden}")
}
