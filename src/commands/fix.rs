//! `trail-lint fix`: the change of the policies that mends what is found, shown or made.

use std::collections::BTreeSet;
use std::io::{self, IsTerminal, Write};
use std::path::Path;

use jiff::tz::TimeZone;
use trail_lint::audit::{Audit, audit};
use trail_lint::document::{Document, Origin, Subject};
use trail_lint::fix::{Plan, diff, plan};
use trail_lint::model::Estate;
use trail_lint::report::text::{for_log, no_command, plain};
use trail_lint::report::{self, Accept, Filter};
use trail_lint::rules::{Finding, Severity};

use super::inputs::{Asked, moment, need_trails};
use super::settings::{config, filter};
use super::{Failure, Status};
use crate::cli::FixArgs;

/// Plans the change and shows it, makes it, or writes it out for review.
pub(crate) fn fix(args: &FixArgs, out: &mut dyn Write) -> Result<Status, Failure> {
    #[cfg(feature = "live")]
    if args.write && args.input.live.live {
        return Err(Failure::Usage {
            message: "`--write` changes files, and what `--live` reads is in AWS".to_owned(),
            help: "`--aws-commands FOLDER` writes the changed policies, and prints the commands that put them".to_owned(),
        });
    }
    let config = config(args.config.as_deref())?;
    let asked = Asked {
        paths: &args.paths,
        args: &args.input,
    };
    let documents = asked.read(&config)?;
    let is_live = documents.scope.is_some();
    let mut estate = Estate::read(documents.all)?;
    estate.expected_buckets = config.expected_buckets.iter().cloned().collect();
    if !is_live {
        need_trails(&estate, asked.named(&config))?;
    }
    let now = moment(args.at, &estate)?;
    let filter = filter(&args.filter)?;
    let filter = Filter {
        min_severity: Some(filter.min_severity.unwrap_or(Severity::Medium)),
        accept: Accept {
            suppressions: config.suppressions,
            today: Some(now.to_zoned(TimeZone::UTC).date()),
            baseline: None,
        },
        ..filter
    };
    let wanted = |audit: &Audit<'_>| report::open(audit, &filter);
    let plan = plan(&estate, now, &wanted);
    let mut shown = true;
    match &args.aws_commands {
        Some(folder) => print_commands(&plan, &estate, folder, out)?,
        None if args.write => write_files(&plan, &estate, out)?,
        None => shown = show_diff(&plan, &estate, args, out)?,
    }
    if !args.quiet {
        summarize(&plan, &estate, &mut io::stderr().lock())?;
    }
    let incomplete = audit(&plan.estate, now).is_incomplete();
    Ok(match (plan.unfixed.is_empty() && shown, incomplete) {
        (false, _) => Status::Findings,
        (true, true) => Status::Incomplete,
        (true, false) => Status::Clean,
    })
}

/// Prints the diff, and says where to apply it unless that is here; whether it could be printed.
fn show_diff(
    plan: &Plan,
    estate: &Estate,
    args: &FixArgs,
    out: &mut dyn Write,
) -> io::Result<bool> {
    let names = if args.no_prefix {
        diff::Names::Plain
    } else {
        diff::Names::Prefixed
    };
    let base = plan.base(estate);
    let diff = plan.diff(estate, names, &base);
    let mut err = io::stderr().lock();
    if io::stdout().is_terminal() {
        // For eyes: what a terminal would obey is shown, not sent.
        for line in diff.lines() {
            writeln!(out, "{}", plain(line))?;
        }
    } else if is_ci_log() && diff.lines().any(|line| no_command(line) != line) {
        // Escaped it could not be applied, and as it is the log's reader would obey it.
        writeln!(
            err,
            "The diff holds text that this CI system would take for a command, so it is not printed into the log: send it \
             to a file (`> fix.patch`), or use `--write`."
        )?;
        return Ok(false);
    } else {
        out.write_all(diff.as_bytes())?;
    }
    if !args.quiet && !diff.is_empty() && base != std::env::current_dir().unwrap_or_default() {
        let folder = base.display().to_string();
        let how = if base.join(".git").exists() && !args.no_prefix {
            format!("git -C {} apply", quoted(&folder))
        } else {
            let strip = if args.no_prefix { "-p0" } else { "-p1" };
            format!("patch -d {} {strip}", quoted(&folder))
        };
        let said = format!("The names in the diff start at `{folder}`: apply it with `{how}`.");
        writeln!(err, "{}", for_log(&said))?;
    }
    Ok(true)
}

/// Whether standard output may be the log of a CI system that obeys commands in it; a file is none.
fn is_ci_log() -> bool {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    (is_set("GITHUB_ACTIONS") || is_set("TF_BUILD")) && !is_file(&io::stdout())
}

#[cfg(unix)]
fn is_file(stdout: &io::Stdout) -> bool {
    use std::os::fd::AsFd;
    let handle = stdout.as_fd().try_clone_to_owned();
    let metadata = handle.and_then(|it| std::fs::File::from(it).metadata());
    metadata.is_ok_and(|metadata| metadata.is_file())
}

#[cfg(not(unix))]
fn is_file(_: &io::Stdout) -> bool {
    false
}

/// Says what the change mends, and what is left and why.
fn summarize(plan: &Plan, estate: &Estate, out: &mut dyn Write) -> io::Result<()> {
    if plan.fixed.is_empty() && plan.unfixed.is_empty() {
        return writeln!(out, "Nothing to mend.");
    }
    for fixed in &plan.fixed {
        let about = about(&fixed.finding, estate);
        writeln!(
            out,
            "mends  {about}\n       {}",
            for_log(&fixed.description)
        )?;
    }
    for left in &plan.unfixed {
        let about = about(&left.finding, estate);
        let missing = left
            .missing
            .as_deref()
            .unwrap_or("no change of a policy is what it takes: see `trail-lint explain`");
        writeln!(out, "leaves {about}\n       {}", for_log(missing))?;
    }
    if !plan.verified {
        writeln!(
            out,
            "AWS would refuse a changed policy as it is, for a reason that is left: see `policy-not-accepted`."
        )?;
    }
    Ok(())
}

fn about(finding: &Finding, estate: &Estate) -> String {
    let document = estate.document(finding.place.document);
    let trail = finding.trail.as_ref();
    let trail = trail.map_or_else(String::new, |trail| format!("  {trail}"));
    for_log(&format!("{}  {}{trail}", finding.rule, document.path))
}

/// Changes the files: each is written beside itself and then put in its place, so that nobody ever reads
/// half of one.
fn write_files(plan: &Plan, estate: &Estate, out: &mut dyn Write) -> Result<(), Failure> {
    for (old, new) in plan.changes(estate) {
        if old.origin != Origin::File {
            continue;
        }
        let failure = |error| Failure::Write {
            path: old.path.clone(),
            error,
        };
        // A link stays a link: what it leads to is changed.
        let path = std::fs::canonicalize(&old.path).map_err(failure)?;
        let found = std::fs::read(&path).map_err(failure)?;
        if found != old.bytes() {
            return Err(failure(io::Error::other(
                "it was changed by somebody else in the meantime",
            )));
        }
        replace(&path, &new.bytes()).map_err(failure)?;
        writeln!(out, "changed {}", for_log(&old.path))?;
    }
    Ok(())
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let beside = folder.join(format!(".{name}.trail-lint-{}", std::process::id()));
    let permissions = std::fs::metadata(path)?.permissions();
    let mut file = std::fs::File::create_new(&beside)?;
    let written = file
        .write_all(bytes)
        .and_then(|()| file.set_permissions(permissions))
        .and_then(|()| file.sync_all())
        .and_then(|()| std::fs::rename(&beside, path));
    if written.is_err() {
        // What could not be put in place is of no use.
        drop(std::fs::remove_file(&beside));
    }
    written
}

/// The changed policies, bare, and the commands that put them.
fn print_commands(
    plan: &Plan,
    estate: &Estate,
    folder: &Path,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let mut taken = BTreeSet::new();
    for (_, new) in plan.changes(estate) {
        let Some(policy) = bare(new) else { continue };
        let Some((name, command)) = put(new, &plan.estate) else {
            continue;
        };
        std::fs::create_dir_all(folder).map_err(|error| Failure::Write {
            path: folder.display().to_string(),
            error,
        })?;
        let numbered = (2..).map(|number| format!("{name}-{number}"));
        let mut names = std::iter::once(name.clone()).chain(numbered);
        let free = names.find(|name| taken.insert(name.clone()));
        let path = folder.join(format!("{}.json", free.unwrap_or(name)));
        std::fs::write(&path, policy).map_err(|error| Failure::Write {
            path: path.display().to_string(),
            error,
        })?;
        let file = quoted(&format!("file://{}", path.display()));
        // AWS has no name with a hidden character or `##[` in it, so that no command that works is lost.
        writeln!(out, "{}", for_log(&format!("{command} {file}")))?;
    }
    Ok(())
}

/// The policy of a document as a file of its own.
fn bare(document: &Document) -> Option<String> {
    match document.embedded() {
        Some(holder) => {
            let value: serde_json::Value = serde_json::from_str(holder.as_str()?).ok()?;
            Some(format!("{value:#}\n"))
        }
        None => document.policy().map(|_| document.answer().to_owned()),
    }
}

/// A file name, and the command up to the policy.
fn put(document: &Document, estate: &Estate) -> Option<(String, String)> {
    Some(match &document.subject {
        Subject::Bucket { account, name } => {
            let owner = account.as_ref().map_or_else(String::new, |account| {
                format!(" --expected-bucket-owner {}", quoted(account))
            });
            let command = format!(
                "aws s3api put-bucket-policy --bucket {}{owner} --policy",
                quoted(name)
            );
            (format!("bucket-policy-{}", file_name(name)), command)
        }
        Subject::Key { id, .. } => {
            let arns = estate.keys.values().filter(|key| {
                let policy = key.policy.present();
                policy.is_some_and(|policy| estate.document(policy.document).path == document.path)
            });
            let arn = arns.map(|key| key.arn.as_str()).next().unwrap_or(id);
            let command = format!(
                "aws kms put-key-policy --key-id {} --policy-name default --policy",
                quoted(arn)
            );
            let id = arn.rsplit('/').next().unwrap_or(arn);
            (format!("key-policy-{}", file_name(id)), command)
        }
        Subject::Topic { region, name, .. } => {
            let arn = estate.topics.values().find(|topic| {
                let attributes = topic.attributes.present();
                attributes.is_some_and(|it| estate.document(it.document).path == document.path)
            })?;
            let command = format!(
                "aws sns set-topic-attributes --region {} --topic-arn {} --attribute-name Policy --attribute-value",
                quoted(region),
                quoted(&arn.arn)
            );
            (format!("topic-policy-{}", file_name(name)), command)
        }
        _ => return None,
    })
}

/// Letters that are safe in a file name.
fn file_name(text: &str) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    let name = text.chars().map(|c| if safe(c) { c } else { '_' });
    name.collect::<String>().trim_start_matches('.').to_owned()
}

/// A word for a POSIX shell.
fn quoted(text: &str) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || "-._/:@=+".contains(c);
    if !text.is_empty() && text.chars().all(safe) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}
