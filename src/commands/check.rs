//! `trail-lint check`: read, audit, report.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use trail_lint::audit::{Audit, audit};
use trail_lint::compare::{Effect, effect};
use trail_lint::config::Config;
use trail_lint::document::{InputError, Kind, Subject};
use trail_lint::model::Estate;
use trail_lint::report::{self, Accept, Baseline, Filter, Run};

use super::inputs::{Asked, moment, need_trails};
use super::settings::{config, filter, settled};
use super::{Failure, Status, format, outputs};
use crate::cli::{AcceptArgs, CheckArgs, FailOn};

/// Runs the audit and writes every report that was asked for.
pub(crate) fn check(args: &CheckArgs, out: &mut dyn Write) -> Result<Status, Failure> {
    let config = config(args.accept.config.as_deref())?;
    let mut args = args.clone();
    args.output.format = format::asked(args.output.format)?;
    let args = &settled(args, &config.options)?;
    outputs::files(&args.output)?;
    let category = outputs::category(args.output.category.as_deref())?;
    let security_hub = outputs::security_hub(args.output.security_hub.as_deref())?;
    let declared = outputs::declarations(args.output.map.as_deref())?;
    let asked = Asked {
        paths: &args.paths,
        args: &args.input,
    };
    let documents = asked.read(&config)?;
    let scope = documents.scope;
    let mut estate = Estate::read(documents.all)?;
    let before = documents.before.map(Estate::read).transpose()?;
    estate.expected_buckets = expected_buckets(&args.accept, &config);
    // A change that takes the last trail away leaves none, and says what it does to that one.
    let had_trails = (before.as_ref()).is_some_and(|before| !before.trails.is_empty());
    if scope.is_none() && !had_trails && !was_looked(&estate) {
        need_trails(&estate, asked.named(&config))?;
    }
    let now = moment(args.at, &estate)?;
    let audit = audit(&estate, now);
    let mut filter = Filter {
        accept: accept(&args.accept, config, now)?,
        ..filter(&args.filter)?
    };
    if args.accept.write_baseline {
        if args.accept.baseline.is_none() {
            return Err(Failure::Usage {
                message: "`--write-baseline` needs a file to write to".to_owned(),
                help: "name it with `--baseline FILE`, or as `baseline` in the configuration file"
                    .to_owned(),
            });
        }
        filter.accept.baseline = Some(write_baseline(&args.accept, &audit, &filter)?);
    }
    let mut report = report::build(&audit, &filter);
    report.assumptions = documents.assumed.into_iter().collect();
    report.effect = before.as_ref().map(|before| effect(before, &estate, now));
    let worsens = report.effect.as_ref().is_some_and(Effect::is_worse);
    let worst = report.findings.iter().map(|finding| finding.severity).max();
    let fail_on = args.fail_on.unwrap_or(FailOn::Medium).threshold();
    let fails =
        fail_on.is_some_and(|threshold| worsens || worst.is_some_and(|worst| worst >= threshold));
    let status = match (fails, audit.is_incomplete() && !args.allow_partial) {
        (true, _) => Status::Findings,
        (false, true) => Status::Incomplete,
        (false, false) => Status::Clean,
    };
    let of_scope = scope.map(|scope| format!("trail-lint/live/{scope}/"));
    let run = Run {
        category: category.or(of_scope).unwrap_or(Run::default().category),
        success: args.allow_partial || !audit.is_incomplete(),
        exit_code: status as u8,
        fail_on,
        as_of: now,
        security_hub,
        declared,
    };
    outputs::write(&report, &run, &args.output, out)?;
    Ok(status)
}

/// Whether somebody looked for trails: that there are none, or that nobody could tell, is an answer then.
fn was_looked(estate: &Estate) -> bool {
    estate.documents.iter().any(|document| {
        let subject = &document.subject;
        matches!(subject, Subject::Account { .. } | Subject::Caller { .. })
            || document.kind == Kind::ListAccounts && document.refusal().is_some()
    })
}

fn expected_buckets(args: &AcceptArgs, config: &Config) -> BTreeSet<String> {
    let said = match args.expected_buckets.as_slice() {
        [] => &config.expected_buckets,
        said => said,
    };
    said.iter().cloned().collect()
}

/// What is accepted at a moment. A baseline that is only now to be written knows nothing yet.
fn accept(args: &AcceptArgs, config: Config, now: Timestamp) -> Result<Accept, Failure> {
    let baseline = match &args.baseline {
        Some(path) if !args.write_baseline => {
            let shown = path.display().to_string();
            let text = std::fs::read_to_string(path).map_err(|error| {
                InputError::whole(&shown, format!("cannot be read: {error}"))
                    .with_help("`--write-baseline` writes one")
            })?;
            Some(Baseline::parse(&shown, &text)?)
        }
        _ => None,
    };
    Ok(Accept {
        suppressions: config.suppressions,
        today: Some(now.to_zoned(TimeZone::UTC).date()),
        baseline,
    })
}

/// Writes the findings that are open, whatever their severity, and gives them back as a baseline.
fn write_baseline(
    args: &AcceptArgs,
    audit: &Audit<'_>,
    filter: &Filter,
) -> Result<Baseline, Failure> {
    let path = args
        .baseline
        .as_deref()
        .unwrap_or(Path::new(""))
        .display()
        .to_string();
    let all = Filter {
        min_severity: None,
        ..filter.clone()
    };
    let text = Baseline::write(&report::build(audit, &all).findings);
    std::fs::write(&path, &text).map_err(|error| Failure::Write {
        path: path.clone(),
        error,
    })?;
    Ok(Baseline::parse(&path, &text)?)
}
