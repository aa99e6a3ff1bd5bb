//! `trail-lint check`: read, audit, report.

use std::collections::BTreeSet;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use trail_lint::audit::{Audit, audit};
use trail_lint::config::{Config, DEFAULT_FILE};
use trail_lint::document::{Document, InputError};
use trail_lint::model::Estate;
use trail_lint::report::{self, Accept, Baseline, Filter, Report, table};
use trail_lint::source::{self, plain::PlainFiles};

use super::{Failure, Status, known_rule};
use crate::cli::{AcceptArgs, CheckArgs, ColorChoice, Format, OutputArgs, PlainArgs};

/// Runs the audit and writes every report that was asked for.
pub(crate) fn check(args: &CheckArgs, out: &mut dyn Write) -> Result<Status, Failure> {
    let config = config(args.accept.config.as_deref())?;
    let outputs = outputs(&args.output)?;
    let (documents, scope) = gather(args, &config)?;
    let mut estate = Estate::read(documents)?;
    estate.expected_buckets = expected_buckets(&args.accept, &config);
    if scope.is_none() && estate.trails.is_empty() && estate.unseen_trails.is_empty() {
        let shown = args
            .paths
            .iter()
            .map(|path| path.display().to_string())
            .collect::<Vec<_>>()
            .join(", ");
        return Err(InputError::whole(&shown, "no trail in it, so there is nothing to audit")
            .with_help("a trail is accounts/ACCOUNT/cloudtrail/REGION/NAME/get-trail.json; or name one with `--trail ARN --bucket NAME`")
            .into());
    }
    let now = moment(args.at, &estate)?;
    let audit = audit(&estate, now);
    let mut filter = Filter {
        accept: accept(&args.accept, config, now)?,
        ..filter(args)?
    };
    if args.accept.write_baseline {
        filter.accept.baseline = Some(write_baseline(&args.accept, &audit, &filter)?);
    }
    let report = report::build(&audit, &filter);
    let worst = report.findings.iter().map(|finding| finding.severity).max();
    let fails = args
        .fail_on
        .threshold()
        .is_some_and(|threshold| worst.is_some_and(|worst| worst >= threshold));
    let status = match (fails, audit.is_incomplete() && !args.allow_partial) {
        (true, _) => Status::Findings,
        (false, true) => Status::Incomplete,
        (false, false) => Status::Clean,
    };
    let run = report::sarif::Run {
        category: scope.map_or("trail-lint/files/".to_owned(), |scope| {
            format!("trail-lint/live/{scope}/")
        }),
        success: args.allow_partial || !audit.is_incomplete(),
        exit_code: status as u8,
    };
    for (format, path) in outputs {
        let mut bytes = Vec::new();
        write(
            format,
            &report,
            &run,
            &table::Style {
                width: 120,
                ..style(&args.output, false)
            },
            &mut bytes,
        )?;
        std::fs::write(&path, bytes).map_err(|error| Failure::Write { path, error })?;
    }
    write(
        args.output.format,
        &report,
        &run,
        &style(&args.output, true),
        out,
    )?;
    Ok(status)
}

/// All documents, and whose they are if some are live.
#[cfg(feature = "live")]
fn gather(args: &CheckArgs, config: &Config) -> Result<(Vec<Document>, Option<String>), Failure> {
    let mut documents = documents(&args.paths, &args.plain)?;
    let live = super::live::documents(&args.live, args.plain.bucket.as_ref(), config)?;
    let (live, scope) = live.map_or((Vec::new(), None), |(live, scope)| (live, Some(scope)));
    documents.extend(live);
    Ok((documents, scope))
}

/// All documents; none of them is live.
#[cfg(not(feature = "live"))]
fn gather(args: &CheckArgs, _: &Config) -> Result<(Vec<Document>, Option<String>), Failure> {
    Ok((documents(&args.paths, &args.plain)?, None))
}

fn filter(args: &CheckArgs) -> Result<Filter, Failure> {
    let names = |names: &[String]| -> Result<BTreeSet<String>, Failure> {
        names
            .iter()
            .map(|name| known_rule(name).map(|page| page.name.to_owned()))
            .collect()
    };
    Ok(Filter {
        select: names(&args.filter.select)?,
        ignore: names(&args.filter.ignore)?,
        min_severity: args.filter.min_severity.map(Into::into),
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

/// The documents that a command's arguments name.
pub(super) fn documents(paths: &[PathBuf], files: &PlainArgs) -> Result<Vec<Document>, Failure> {
    let mut documents = Vec::new();
    for path in paths {
        documents.extend(source::snapshot::read(path)?);
    }
    documents.extend(source::plain::read(&plain(files))?);
    Ok(documents)
}

fn plain(args: &PlainArgs) -> PlainFiles {
    PlainFiles {
        bucket: args.bucket.clone(),
        bucket_policy: args.bucket_policy.clone(),
        bucket_region: args.bucket_region.clone(),
        key_policy: args.key_policy.clone(),
        key_arn: args.key_arn.clone(),
        topic_policy: args.topic_policy.clone(),
        topic_arn: args.topic_arn.clone(),
        trails: args.trails.clone(),
    }
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

/// The files to write, each with its format.
fn outputs(args: &OutputArgs) -> Result<Vec<(Format, String)>, Failure> {
    let parse = |output: &String| {
        let (format, path) = match output.split_once('=') {
            Some((name, path)) => (
                <Format as clap::ValueEnum>::from_str(name, false).ok(),
                path,
            ),
            None => (Some(args.format), output.as_str()),
        };
        match format {
            Some(format) if !path.is_empty() => Ok((format, path.to_owned())),
            _ => Err(Failure::Usage {
                message: format!("`--output {output}` names no format that there is"),
                help: "write `table=FILE`, `json=FILE` or `sarif=FILE`".to_owned(),
            }),
        }
    };
    args.output.iter().map(parse).collect()
}

fn write(
    format: Format,
    report: &Report<'_>,
    run: &report::sarif::Run,
    style: &table::Style,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    match format {
        Format::Table => table::write(report, style, out)?,
        Format::Json => report::json::write(report, out)?,
        Format::Sarif => report::sarif::write(report, run, out)?,
    }
    Ok(())
}

/// How the table looks on standard output, or in a file.
fn style(args: &OutputArgs, standard_output: bool) -> table::Style {
    table::Style {
        show_ok_requests: args.verbose,
        quiet: args.quiet,
        ..look(args.color, standard_output)
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
        ColorChoice::Auto => terminal && !no_color && !dumb,
    };
    table::Style {
        width: width(terminal),
        color,
        unicode: speaks_unicode(),
        show_ok_requests: false,
        quiet: false,
    }
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
