//! `trail-lint collect` and `trail-lint iam-policy`, and what `--live` reads for the others.

use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::time::Duration;

use trail_lint::config::{self, Config};
use trail_lint::document::Document;
use trail_lint::report::text::{counted, for_log};
use trail_lint::report::view::NotEvaluated;
use trail_lint::source::live::operation::Side;
use trail_lint::source::live::{
    FOLDER, Options, Reading, iam_policy as policies, is_snapshot, may_save, read, save,
};

use super::{Failure, Status};
use crate::cli::{AwsArgs, CollectArgs, IamPolicyArgs, LiveArgs, PolicySide};

/// What `--live` reads, and whose it is; nothing without `--live`.
pub(super) fn documents(
    args: &LiveArgs,
    region: Option<&String>,
    bucket: Option<&String>,
    config: &Config,
) -> Result<Option<(Vec<Document>, String)>, Failure> {
    if !args.live {
        return Ok(None);
    }
    if let Some(folder) = &args.save {
        may_save(folder)?;
    }
    let reading = read(&options(
        &args.aws,
        region,
        bucket.into_iter().cloned().collect(),
        &config.live,
    ))?;
    let folder = match &args.save {
        Some(folder) if reading.is_blind() && is_snapshot(folder) => {
            tell(&kept(&shown(folder)))?;
            FOLDER.to_owned()
        }
        Some(folder) => {
            save(&reading, folder)?;
            shown(folder)
        }
        None => FOLDER.to_owned(),
    };
    Ok(Some((reading.documents(&folder)?, reading.scope)))
}

/// Reads AWS and saves a snapshot.
pub(crate) fn collect(args: &CollectArgs) -> Result<Status, Failure> {
    let config = super::settings::config(args.config.as_deref())?;
    may_save(&args.to)?;
    let reading = read(&options(
        &args.aws,
        args.region.as_ref(),
        args.buckets.clone(),
        &config.live,
    ))?;
    let folder = shown(&args.to);
    let unread = unread(&reading, &folder)?;
    let saved = if reading.is_blind() && is_snapshot(&args.to) {
        None
    } else {
        Some(save(&reading, &args.to)?)
    };
    for line in summary(&reading, &unread, saved, &folder, args.quiet) {
        tell(&line)?;
    }
    let is_complete = !unread.iter().any(|unread| unread.decisive);
    Ok(if is_complete || args.allow_partial {
        Status::Clean
    } else {
        Status::Incomplete
    })
}

/// Prints the policy of one side.
pub(crate) fn iam_policy(args: &IamPolicyArgs, out: &mut dyn Write) -> Result<Status, Failure> {
    let sides: &[Side] = match args.side {
        PolicySide::All => &[Side::Caller, Side::Source, Side::Audit],
        PolicySide::Caller => &[Side::Caller],
        PolicySide::Source => &[Side::Source],
        PolicySide::Audit => &[Side::Audit],
    };
    let policy = policies::policy(sides, &args.partition, &args.role_name);
    out.write_all(policy.as_bytes())?;
    Ok(Status::Clean)
}

/// What the command line says, and where it is silent the configuration file. Accounts are named by one or
/// the other: a command line that names some means those.
fn options(
    args: &AwsArgs,
    region: Option<&String>,
    mut buckets: Vec<String>,
    file: &config::Live,
) -> Options {
    let names_accounts =
        !args.accounts.is_empty() || !args.profiles.is_empty() || args.organization;
    let named = |said: &[String], file: &[String]| {
        if names_accounts {
            said.to_vec()
        } else {
            file.to_vec()
        }
    };
    let either = |said: &Option<String>, file: &Option<String>| said.clone().or(file.clone());
    buckets.extend(file.buckets.iter().cloned());
    let defaults = Options::default();
    Options {
        profile: either(&args.profile, &file.profile),
        region: either(&region.cloned(), &file.region),
        profiles: named(&args.profiles, &file.profiles),
        accounts: named(&args.accounts, &file.accounts),
        organization: args.organization || (file.organization && !names_accounts),
        role_name: either(&args.role_name, &file.role_name).unwrap_or(defaults.role_name),
        external_id: either(&args.external_id, &file.external_id),
        audit_account: either(&args.audit_account, &file.audit_account),
        buckets,
        regions: [&args.regions[..], &file.regions].concat(),
        all_regions: args.all_regions || file.all_regions,
        concurrency: usize::from(args.concurrency),
        timeout: Duration::from_secs(u64::from(args.timeout)),
        redact_accounts: args.redact_accounts,
        progress: !args.no_progress && io::stderr().is_terminal(),
    }
}

/// A folder as reports print it.
fn shown(folder: &Path) -> String {
    folder.to_string_lossy().replace('\\', "/")
}

/// An answer that could not be had.
struct Unread {
    /// Which, why, and what to try.
    words: String,
    /// Whether the reading is incomplete for it.
    decisive: bool,
}

/// The answers that could not be had: those that a verdict needs, and those that were refused.
fn unread(reading: &Reading, folder: &str) -> Result<Vec<Unread>, Failure> {
    let estate = trail_lint::model::Estate::read(reading.documents(folder)?)?;
    let audit = trail_lint::audit::audit(&estate, jiff::Timestamp::now());
    let report = trail_lint::report::build(&audit, &trail_lint::report::Filter::default());
    let of_policies = ["undocumented", "too-complex"];
    let unseen = report.not_evaluated.iter().filter(|unseen| {
        let was_refused = unseen.reason != "no-document";
        !of_policies.contains(&unseen.reason) && (unseen.decisive || was_refused)
    });
    let told = |unseen: &NotEvaluated| {
        let after = |sign: &str, text: &Option<String>| {
            let text = text.as_deref().map(|text| format!("{sign} {text}"));
            text.unwrap_or_default()
        };
        let (said, help) = (after(":", &unseen.said), after(";", &unseen.help));
        let reason = unseen.reason.replace('-', " ");
        Unread {
            words: format!("{} ({reason}){said}{help}", unseen.document),
            decisive: unseen.decisive,
        }
    };
    Ok(unseen.map(told).collect())
}

fn summary(
    reading: &Reading,
    unread: &[Unread],
    saved: Option<usize>,
    folder: &str,
    quiet: bool,
) -> Vec<String> {
    let told = unread.iter().filter(|unread| unread.decisive || !quiet);
    let mut lines: Vec<String> = told
        .map(|unread| {
            let clause = if unread.decisive {
                "could not be seen"
            } else {
                "no verdict depends on it"
            };
            format!("{clause}: {}", unread.words)
        })
        .collect();
    match saved {
        None => lines.push(kept(folder)),
        Some(saved) if !quiet => {
            let counts = [
                counted(saved, "document"),
                counted(reading.accounts, "account"),
                counted(reading.calls, "call"),
            ];
            let [documents, accounts, calls] = counts;
            lines.push(format!("{folder}: {documents} from {accounts}, {calls}"));
        }
        Some(_) => {}
    }
    lines
}

/// What is said where an earlier snapshot is better than what could be read.
fn kept(folder: &str) -> String {
    format!("{folder}: left as it was, as no account could be read this time")
}

fn tell(line: &str) -> io::Result<()> {
    writeln!(io::stderr(), "{}", for_log(line))
}
