//! `trail-lint check`: read, audit, report.

use std::collections::BTreeSet;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use trail_lint::audit::{Audit, audit};
use trail_lint::compare::{Effect, effect};
use trail_lint::config::{Config, DEFAULT_FILE};
use trail_lint::document::{InputError, Kind, Origin, Subject};
use trail_lint::model::Estate;
use trail_lint::report::{self, Accept, Baseline, Filter, Run, table};

use super::inputs::Asked;
use super::settings::settled;
use super::{Failure, Status, format, known_rule, outputs};
use crate::cli::{AcceptArgs, CheckArgs, ColorChoice, FailOn, FilterArgs};

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
        code: &args.code,
        plain: &args.plain,
        #[cfg(feature = "live")]
        live: &args.live,
    };
    let documents = asked.read(&config)?;
    let scope = documents.scope;
    let mut estate = Estate::read(documents.all)?;
    let before = documents.before.map(Estate::read).transpose()?;
    estate.expected_buckets = expected_buckets(&args.accept, &config);
    if scope.is_none() && !was_looked(&estate) {
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

/// There is something to look at.
pub(super) fn need_trails(estate: &Estate, paths: &[PathBuf]) -> Result<(), InputError> {
    if !estate.trails.is_empty() || !estate.unseen_trails.is_empty() {
        return Ok(());
    }
    let shown: Vec<String> = paths
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    Err(InputError::whole(
        &shown.join(", "),
        "no trail in it, so there is nothing to audit",
    )
    .with_help(no_trail_help(estate)))
}

/// What to try where there is no trail: in code that makes only the bucket, its trails are elsewhere.
fn no_trail_help(estate: &Estate) -> String {
    let is_code = estate.documents.iter().any(|it| it.origin == Origin::Code);
    let bucket = estate.buckets.keys().next();
    match bucket.filter(|_| is_code) {
        Some(bucket) => format!("name one that writes to the bucket: `--trail ARN --bucket {bucket}`; or give a snapshot of the trails as well, with `--replace`"),
        None => "a trail is accounts/ACCOUNT/cloudtrail/REGION/NAME/get-trail.json; or name one with `--trail ARN --bucket NAME`".to_owned(),
    }
}

/// The findings that are asked for.
pub(super) fn filter(args: &FilterArgs) -> Result<Filter, Failure> {
    let names = |names: &[String]| -> Result<BTreeSet<String>, Failure> {
        names
            .iter()
            .map(|name| known_rule(name).map(|page| page.name.to_owned()))
            .collect()
    };
    Ok(Filter {
        select: names(&args.select)?,
        ignore: names(&args.ignore)?,
        min_severity: args.min_severity.map(Into::into),
        accept: Accept::default(),
    })
}

/// The configuration file that was named, or the usual one if it is there.
pub(super) fn config(named: Option<&Path>) -> Result<Config, InputError> {
    let usual = Path::new(DEFAULT_FILE);
    match named {
        Some(path) => Config::read(path),
        None if usual.is_file() => Config::read(usual),
        None => Ok(Config::default()),
    }
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

/// The moment that dates are compared with: the one that was asked for, else the snapshot's, else now.
pub(super) fn moment(at: Option<Timestamp>, estate: &Estate) -> Result<Timestamp, Failure> {
    match (at, &estate.taken_at) {
        (Some(at), _) => Ok(at),
        (None, Some(taken_at)) => taken_at.parse().map_err(|_| Failure::Usage {
            message: format!("`taken_at` of the snapshot is `{taken_at}`, which is no time"),
            help: "write it as 2026-01-31T12:00:00Z, or give `--at TIME`".to_owned(),
        }),
        (None, None) => Ok(Timestamp::now()),
    }
}

/// What the terminal, or a file, can show.
pub(super) fn look(color: ColorChoice, standard_output: bool) -> table::Style {
    let terminal = standard_output && io::stdout().is_terminal();
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    let color = match color {
        ColorChoice::Always => standard_output,
        ColorChoice::Never => false,
        ColorChoice::Auto => terminal && !no_color && !dumb && obeys_escapes(),
    };
    table::Style {
        width: width(terminal),
        color,
        unicode: speaks_unicode(),
        // `--color never` means no escapes at all, and a file is opened elsewhere.
        links: terminal && color && supports_hyperlinks::supports_hyperlinks(),
        show_ok_requests: false,
        quiet: false,
    }
}

/// Whether escapes are obeyed. The console of older Windows has to be told to first.
fn obeys_escapes() -> bool {
    anstyle_query::windows::enable_ansi_colors().unwrap_or(true)
}

fn width(terminal: bool) -> usize {
    let columns = || std::env::var("COLUMNS").ok()?.parse().ok();
    let of_terminal = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    let width = if terminal { of_terminal() } else { columns() };
    width.unwrap_or(120).clamp(20, 400)
}

/// Whether the locale says that the terminal can show more than ASCII.
pub(super) fn speaks_unicode() -> bool {
    let set = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()));
    match set {
        Some(locale) => locale
            .to_ascii_lowercase()
            .replace('-', "")
            .contains("utf8"),
        None => cfg!(windows) || std::env::var_os("WT_SESSION").is_some(),
    }
}
