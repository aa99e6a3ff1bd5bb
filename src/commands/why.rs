//! `trail-lint why`: one trail's story.

use std::io::Write;

use trail_lint::audit::audit;
use trail_lint::delivery::simulate;
use trail_lint::diagnosis::diagnose;
use trail_lint::model::{Estate, Trail};
use trail_lint::report::why::{Why, write_json, write_text};
use trail_lint::report::{self, Filter, table};
use trail_lint::why::tell;

use super::inputs::{Asked, moment};
use super::screen::look;
use super::settings::{config, settle};
use super::{Failure, Status, format};
use crate::cli::{ColorChoice, RulesFormat, WhyArgs};

/// How many trails an error names.
const NAMED: usize = 10;

/// Tells the story of the trail that was asked for.
pub(crate) fn why(args: &WhyArgs, out: &mut dyn Write) -> Result<Status, Failure> {
    let asked = Asked {
        paths: &args.paths,
        args: &args.input,
    };
    let config = config(args.config.as_deref())?;
    let format = format::asked(args.format)?.unwrap_or(RulesFormat::Table);
    let mut color = args.color;
    settle(&mut color, config.options.color.as_ref(), &config.options)?;
    let mut estate = Estate::read(asked.read(&config)?.all)?;
    estate.expected_buckets = config.expected_buckets.iter().cloned().collect();
    let trail = chosen(&estate, &args.trail)?;
    let now = moment(args.at, &estate)?;
    let audit = audit(&estate, now);
    let report = report::build(&audit, &Filter::default());
    let delivery = simulate(&estate, trail, now);
    let diagnosis = diagnose(&delivery);
    let Some(view) = report.trails.iter().find(|view| view.arn == trail.arn) else {
        return Ok(Status::Incomplete);
    };
    let why = Why {
        estate: &estate,
        report: &report,
        trail: view,
        chapters: tell(&diagnosis),
    };
    match format {
        RulesFormat::Json => write_json(&why, out)?,
        RulesFormat::Table => {
            let style = table::Style {
                show_ok_requests: args.verbose || config.options.verbose,
                ..look(color.unwrap_or(ColorChoice::Auto), true)
            };
            write_text(&why, &style, out)?;
        }
    }
    Ok(match view.verdict {
        "delivers" => Status::Clean,
        "undecided" => Status::Incomplete,
        _ => Status::Findings,
    })
}

/// The trail of an ARN, of a name, or of `ACCOUNT/NAME`.
fn chosen<'e>(estate: &'e Estate, wanted: &str) -> Result<&'e Trail, Failure> {
    let is_meant = |trail: &&Trail| {
        let in_account = wanted.split_once('/');
        trail.arn == wanted
            || trail.name == wanted
            || in_account == Some((trail.account.as_str(), trail.name.as_str()))
    };
    let meant: Vec<&Trail> = estate.trails.iter().filter(is_meant).collect();
    let (message, candidates) = match meant.as_slice() {
        [only] => return Ok(only),
        [] => {
            if let Some(unseen) = estate.unseen_trails.iter().find(|it| it.arn == wanted) {
                return Err(Failure::Usage {
                    message: format!("trail `{wanted}` could not be read"),
                    help: format!("`{}` says why", unseen.why.document),
                });
            }
            let all: Vec<&Trail> = estate.trails.iter().collect();
            (format!("there is no trail `{wanted}`"), all)
        }
        several => (
            format!("`{wanted}` is the name of {} trails", several.len()),
            several.to_vec(),
        ),
    };
    Err(Failure::Usage {
        message,
        help: candidates_words(&candidates),
    })
}

fn candidates_words(trails: &[&Trail]) -> String {
    let named: Vec<&str> = trails
        .iter()
        .take(NAMED)
        .map(|it| it.arn.as_str())
        .collect();
    match trails.len().saturating_sub(NAMED) {
        _ if trails.is_empty() => "there is no trail in the input at all".to_owned(),
        0 => format!("name one of {}", named.join(", ")),
        more => format!("name one of {} and {more} more", named.join(", ")),
    }
}
