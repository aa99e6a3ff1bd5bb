//! `trail-lint compare`: two versions of the policies, and what CloudTrail gains or loses.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde_json::{Value, json};
use trail_lint::compare::{Comparison, Gone, PolicyChange, compare as compare_estates};
use trail_lint::document::{Document, InputError};
use trail_lint::exposure::{Change, Difference};
use trail_lint::model::{Estate, Trail};
use trail_lint::report::json::effect_value;
use trail_lint::report::text::{no_command, plain, width, wrap};
use trail_lint::source::{self, plain::PlainFiles};

use super::inputs::code_options;
use super::screen::look;
use super::{Failure, Status, format};
use crate::cli::{ColorChoice, CompareArgs, CompareFormat};

const SCOPE: &str = "Only CloudTrail's requests are compared, for any trail of any account; what users, roles and \
                     anonymous callers may do is not looked at.";

/// The account of trails that only stand in for others, and what their names begin with.
const NOBODY: &str = "000000000000";
const STAND_IN: &str = "stand-in";

/// Reads both sides, compares them and writes the differences.
pub(crate) fn compare(args: &CompareArgs, out: &mut dyn Write) -> Result<Status, Failure> {
    let format = format::asked(args.format)?.unwrap_or(CompareFormat::Table);
    let Sides { old, new, assumed } = sides(args)?;
    let now = match (args.at, new.taken_at.as_deref().map(str::parse)) {
        (Some(at), _) | (None, Some(Ok(at))) => at,
        (None, _) => Timestamp::now(),
    };
    let stand_ins = old.trails.iter().chain(&new.trails);
    let stand_ins =
        stand_ins.filter(|trail| trail.name.starts_with(STAND_IN) && trail.account == NOBODY);
    let left_out: BTreeSet<String> = stand_ins.map(|trail| trail.arn.clone()).collect();
    // Code speaks of its own trails alone: one that it never had is not one that it takes away.
    let gone = match (is_code(args, &args.old), is_code(args, &args.new)) {
        (true, true) => Gone::Deleted,
        _ => Gone::Unseen,
    };
    let comparison = compare_estates(&old, &new, now, &left_out, gone);
    match format {
        CompareFormat::Table => {
            let mut text = Vec::new();
            write_table(&comparison, &mut text)?;
            let is_replaced = !is_code(args, &args.old) && is_code(args, &args.new);
            write_unseen(&comparison, is_replaced, &mut text)?;
            for clause in &assumed {
                writeln!(text, "Assumed: {}.", plain(clause))?;
            }
            lay_out(&String::from_utf8_lossy(&text), out)?;
        }
        CompareFormat::Json => {
            trail_lint::report::json::print(&as_json(&comparison, &assumed), out)?;
        }
    }
    let worse = comparison.is_any_worse();
    Ok(
        match (
            comparison.grants_more() || worse,
            comparison.is_incomplete(),
        ) {
            (true, _) => Status::Findings,
            (false, true) => Status::Incomplete,
            (false, false) => Status::Clean,
        },
    )
}

/// A trail that no account has, for policy files that no trail is named with.
fn stand_in(args: &CompareArgs, partition: &str) -> String {
    let region = match partition {
        "aws-cn" => "cn-north-1",
        "aws-us-gov" => "us-gov-west-1",
        _ => "us-east-1",
    };
    let key = args
        .key_arn
        .as_deref()
        .and_then(|arn| arn.split(':').nth(3));
    let region = key.filter(|_| partition == "aws").unwrap_or(region);
    format!("arn:{partition}:cloudtrail:{region}:{NOBODY}:trail/{STAND_IN}")
}

/// Whether a side is infrastructure code.
fn is_code(args: &CompareArgs, path: &Path) -> bool {
    let names_policy = args.bucket.is_some() || args.key_arn.is_some() || args.topic_arn.is_some();
    if path.is_dir() {
        source::code::is_code(path)
    } else {
        !names_policy
    }
}

/// What is compared, and what was taken for granted of how the stacks of either go together.
struct Sides {
    old: Estate,
    new: Estate,
    assumed: BTreeSet<String>,
}

fn sides(args: &CompareArgs) -> Result<Sides, Failure> {
    let paths = |path: &PathBuf, more: &[PathBuf]| [std::slice::from_ref(path), more].concat();
    let (old, new) = (
        paths(&args.old, &args.more_old),
        paths(&args.new, &args.more_new),
    );
    let options = code_options(&args.told, &args.region.code_regions)?;
    let [old_read, new_read] = match (is_code(args, &args.old), is_code(args, &args.new)) {
        (true, true) => source::code::read_versions([&old, &new], &options)?.map(Some),
        (true, false) => [Some(source::code::read(&old, &options)?), None],
        (false, true) => [None, Some(source::code::read(&new, &options)?)],
        (false, false) => [None, None],
    };
    let read = [&old_read, &new_read].into_iter().flatten();
    let assumed = read.flat_map(|read| read.assumed.iter().cloned());
    Ok(Sides {
        assumed: assumed.collect(),
        old: side(args, &args.old, &args.more_old, old_read)?,
        new: side(args, &args.new, &args.more_new, new_read)?,
    })
}

/// One side, of which code was read.
fn side(
    args: &CompareArgs,
    path: &Path,
    more: &[PathBuf],
    code: Option<source::code::Read>,
) -> Result<Estate, Failure> {
    let is_code = code.is_some();
    if let (false, Some(more)) = (is_code, more.first()) {
        return Err(Failure::Usage {
            message: format!(
                "`{}` is further code, and `{}` is none",
                more.display(),
                path.display()
            ),
            help: "`--old` and `--new` add templates or plans to templates or plans".to_owned(),
        });
    }
    let mut documents = if let Some(code) = code {
        code.documents
    } else if path.is_dir() {
        source::snapshot::read(path)?
    } else {
        files(args, path)?
    };
    let mut estate = Estate::read(documents.clone())?;
    if is_code {
        let more = stand_ins(args, &estate)?;
        if !more.is_empty() {
            documents.extend(more);
            estate = Estate::read(documents)?;
        }
    }
    if estate.trails.is_empty() {
        let shown = path.display().to_string();
        return Err(InputError::whole(&shown, "no trail in it, so there is nothing to compare")
            .with_help("give snapshots that hold the trails too, or single policy files with `--bucket NAME`")
            .into());
    }
    Ok(estate)
}

/// Trails that stand in for those of other code, for each bucket, key and topic with a policy that no trail
/// of this code uses: who may use them changes all the same.
fn stand_ins(args: &CompareArgs, estate: &Estate) -> Result<Vec<Document>, Failure> {
    let trails = &estate.trails;
    let is_used = |used: &dyn Fn(&Trail) -> Option<&String>, name: &String| {
        trails.iter().any(|trail| used(trail) == Some(name))
    };
    let buckets = estate
        .buckets
        .iter()
        .filter(|(_, bucket)| trails.is_empty() || bucket.policy.present().is_some())
        .map(|(name, _)| name)
        .filter(|name| !is_used(&|trail| Some(&trail.bucket), name));
    let keys = estate
        .keys
        .iter()
        .filter(|(_, key)| key.policy.present().is_some())
        .map(|(arn, _)| arn)
        .filter(|arn| !is_used(&|trail| trail.kms_key.as_ref(), arn));
    let topics = estate.topics.keys();
    let topics = topics.filter(|arn| !is_used(&|trail| trail.topic.as_ref(), arn));
    let (mut buckets, mut keys, mut topics) = (buckets.fuse(), keys.fuse(), topics.fuse());
    let mut documents = Vec::new();
    for number in 0_usize.. {
        let (bucket, key, topic) = (buckets.next(), keys.next(), topics.next());
        if bucket.is_none() && key.is_none() && topic.is_none() {
            break;
        }
        documents.extend(source::plain::read(&PlainFiles {
            bucket: Some(bucket.map_or("any-bucket", String::as_str).to_owned()),
            topic_arn: topic.cloned(),
            key_arn: key.cloned(),
            trails: vec![format!("{}-{number}", stand_in(args, "aws"))],
            ..PlainFiles::default()
        })?);
    }
    Ok(documents)
}

/// One policy file, with the trails named on the command line or one that stands in for all.
fn files(args: &CompareArgs, path: &Path) -> Result<Vec<Document>, Failure> {
    let bucket = args.bucket.clone();
    let bucket = bucket.unwrap_or_else(|| "any-bucket".to_owned());
    let file = Some(path.to_path_buf());
    let (key, topic) = (args.key_arn.is_some(), args.topic_arn.is_some());
    let mut plain = PlainFiles {
        bucket: Some(bucket),
        bucket_policy: file.clone().filter(|_| !key && !topic),
        key_policy: file.clone().filter(|_| key),
        key_arn: args.key_arn.clone(),
        topic_policy: file.filter(|_| topic),
        topic_arn: args.topic_arn.clone(),
        trails: args.trails.clone(),
        ..PlainFiles::default()
    };
    if plain.trails.is_empty() {
        // A file that cannot be read is reported when it is read for good.
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let owners = [args.key_arn.as_deref(), args.topic_arn.as_deref()];
        let is_in = |partition: &&str| {
            let arn = format!("arn:{partition}:");
            text.contains(&arn) || owners.iter().flatten().any(|text| text.starts_with(&arn))
        };
        let partition = ["aws-cn", "aws-us-gov"].into_iter().find(is_in);
        plain
            .trails
            .push(stand_in(args, partition.unwrap_or("aws")));
    }
    Ok(source::plain::read(&plain)?)
}

/// Breaks what is wider than the terminal, and leaves no line that a CI system would obey.
fn lay_out(text: &str, out: &mut dyn Write) -> Result<(), Failure> {
    let columns = look(ColorChoice::Never, true).width;
    for line in text.lines() {
        let words = line.trim_start();
        let indent = line.len() - words.len();
        // A name that fits nowhere is not helped by breaking the line before it.
        let longest = words.split(' ').map(width).max().unwrap_or(0);
        if width(line) <= columns || indent + longest > columns {
            writeln!(out, "{}", no_command(line))?;
            continue;
        }
        // What is continued stands deeper than what it continues.
        let deeper = if indent == 0 { 0 } else { indent + 2 };
        let limit = columns.saturating_sub(deeper).max(1);
        for (number, part) in wrap(words, limit, "…").iter().enumerate() {
            let indent = if number == 0 { indent } else { deeper };
            let part = format!("{:indent$}{part}", "");
            writeln!(out, "{}", no_command(&part))?;
        }
    }
    Ok(())
}

fn write_table(comparison: &Comparison, out: &mut dyn Write) -> Result<(), Failure> {
    for policy in &comparison.policies {
        writeln!(
            out,
            "{} of {}",
            capital(policy.target.noun()),
            plain(&policy.resource)
        )?;
        for change in &policy.changes {
            write_change(policy, change, out)?;
        }
        writeln!(out)?;
    }
    if !comparison.trails.is_empty() {
        writeln!(out, "Trails")?;
        for (arn, change) in &comparison.trails {
            let name = |verdict: Option<trail_lint::delivery::Verdict>| {
                verdict.map_or("not there", trail_lint::delivery::Verdict::name)
            };
            let is_less = change.new.is_none() || comparison.is_worse(arn);
            let sign = if is_less { "-" } else { "+" };
            writeln!(
                out,
                "  {sign} {}: {}, was {}",
                plain(arn),
                name(change.new),
                name(change.old)
            )?;
        }
        writeln!(out)?;
    }
    for missing in &comparison.not_compared {
        writeln!(
            out,
            "Not compared: {} could not be seen on one side.",
            plain(missing)
        )?;
    }
    writeln!(out, "{}\n{SCOPE}", summary(comparison))?;
    Ok(())
}

/// The trails of which the new side says nothing, and what does say it where code is compared with what there is.
fn write_unseen(
    comparison: &Comparison,
    is_replaced: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let trails = match comparison.unseen.len() {
        0 => return Ok(()),
        1 => "1 trail".to_owned(),
        many => format!("{many} trails"),
    };
    let more = if is_replaced {
        " For what the code does to the trails that there are: `trail-lint check NEW OLD --replace`."
    } else {
        ""
    };
    writeln!(
        out,
        "NEW does not show {trails} of OLD: what becomes of {} is not said.{more}",
        if comparison.unseen.len() == 1 {
            "it"
        } else {
            "them"
        }
    )?;
    Ok(())
}

fn write_change(
    policy: &PolicyChange,
    change: &Change,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    if change.tangled {
        writeln!(
            out,
            "  ? {}: the patterns are too tangled to be compared",
            change.action
        )?;
    }
    for (sign, difference, statements, says) in [
        (
            "+",
            &change.gained,
            &policy.new_statements,
            "now allowed for",
        ),
        (
            "-",
            &change.lost,
            &policy.old_statements,
            "no longer allowed for",
        ),
    ] {
        let Some(difference) = difference else {
            continue;
        };
        let reach = &difference.reach;
        writeln!(
            out,
            "  {sign} {} {says} a trail of {}",
            change.action,
            plain(&reach.whose())
        )?;
        writeln!(out, "      for example {}", plain(&reach.witness.trail))?;
        writeln!(out, "      on {}", plain(&reach.witness.resource))?;
        if let Some(name) = difference.by.and_then(|by| statements.get(by)) {
            writeln!(out, "      by {}", plain(name))?;
        }
    }
    Ok(())
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(chars).collect()
}

/// What it comes to, in a few sentences.
fn summary(comparison: &Comparison) -> String {
    let mut changes = comparison
        .policies
        .iter()
        .flat_map(|policy| &policy.changes);
    let less = changes.any(|change| change.lost.is_some());
    let grants = match (comparison.grants_more(), less) {
        (true, true) => "NEW lets CloudTrail do more than OLD, and less",
        (true, false) => "NEW lets CloudTrail do more than OLD",
        (false, true) => "NEW lets CloudTrail do less than OLD, and nothing more",
        (false, false) if comparison.is_incomplete() => {
            "no difference was found in what could be compared"
        }
        (false, false) => "NEW lets CloudTrail do the same as OLD",
    };
    match effect(comparison) {
        Some(effect) => format!("{}. {effect}", capital(grants)),
        None => format!("{}.", capital(grants)),
    }
}

/// What becomes of the trails, if some end, fare worse, or nobody can say.
fn effect(comparison: &Comparison) -> Option<String> {
    let effect = &comparison.effect;
    let says = !effect.stops.is_empty() || effect.is_worse() || effect.is_open();
    says.then(|| effect.sentence_of("NEW", "NEW"))
}

fn as_json(comparison: &Comparison, assumed: &BTreeSet<String>) -> Value {
    let policies = comparison.policies.iter().map(|policy| {
        let changes = policy.changes.iter().map(|change| {
            json!({
                "action": change.action,
                "gained": difference(change.gained.as_ref(), &policy.new_statements),
                "lost": difference(change.lost.as_ref(), &policy.old_statements),
                "decided": !change.tangled,
            })
        });
        json!({
            "policy": policy.target.noun(),
            "resource": policy.resource,
            "changes": changes.collect::<Vec<_>>(),
        })
    });
    let trails = comparison.trails.iter().map(|(arn, change)| {
        json!({
            "arn": arn,
            "old": change.old.map(trail_lint::delivery::Verdict::name),
            "new": change.new.map(trail_lint::delivery::Verdict::name),
            "worse": comparison.is_worse(arn),
        })
    });
    json!({
        "schema_version": 1,
        "scope": "cloudtrail-requests",
        "grants_more": comparison.grants_more(),
        "policies_compared": comparison.compared,
        "policies": policies.collect::<Vec<_>>(),
        "trails": trails.collect::<Vec<_>>(),
        "not_compared": comparison.not_compared,
        "unseen_trails": comparison.unseen,
        "assumptions": assumed,
        "effect": effect_value(&comparison.effect, comparison.effect.sentence_of("NEW", "NEW")),
    })
}

fn difference(difference: Option<&Difference>, statements: &[String]) -> Value {
    let Some(difference) = difference else {
        return Value::Null;
    };
    let witness = &difference.reach.witness;
    let accounts = difference
        .reach
        .accounts
        .and_then(|accounts| u64::try_from(accounts).ok());
    json!({
        "accounts": accounts,
        "witness": {
            "account": witness.account,
            "trail": witness.trail,
            "resource": witness.resource,
        },
        "statement": difference.by,
        "statement_name": difference.by.and_then(|by| statements.get(by)),
    })
}
