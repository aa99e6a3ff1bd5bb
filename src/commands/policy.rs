//! `trail-lint policy`: tight policies for a set of trails, from scratch.

use std::io::{self, Write};

use serde_json::{Map, Value};
use trail_lint::delivery::Target;
use trail_lint::document::InputError;
use trail_lint::model::Estate;
use trail_lint::report::text::plain;
use trail_lint::tight::{self, Tight, TightError, cloudformation, terraform};

use super::check::{moment, need_trails};
use super::inputs::{plain as plain_files, snapshots};
use super::{Failure, Status, format};
use crate::cli::{PolicyArgs, PolicyFormat, PolicyKind};

/// Writes the policies, and says on standard error what had to be given up.
pub(crate) fn policy(args: &PolicyArgs, out: &mut dyn Write) -> Result<Status, Failure> {
    let estate = Estate::read(snapshots(&args.paths, &plain_files(&args.plain))?)?;
    need_trails(&estate, &args.paths)?;
    let now = moment(None, &estate)?;
    let mut policies = Vec::new();
    let mut too_large = Vec::new();
    for (target, resource) in tight::resources(&estate) {
        if args.only.is_some_and(|only| only != kind(target)) {
            continue;
        }
        match tight::tight(&estate, now, (target, &resource), &args.readers) {
            Ok(policy) => policies.push(policy),
            Err(error @ TightError::NoOrganization { .. }) => {
                return Err(InputError::whole("--trail", error.to_string())
                    .with_help("say it with `org=o-…` in `--trail`, or add organizations/describe-organization.json to the snapshot")
                    .into());
            }
            Err(error) => too_large.push(error),
        }
    }
    if policies.is_empty() && too_large.is_empty() {
        return Err(Failure::Usage {
            message: "no trail needs such a policy".to_owned(),
            help: "a key is named with `kms=ARN` in `--trail` or with `--key-arn`, a topic with `--topic-arn`".to_owned(),
        });
    }
    let format = format::asked(args.format)?.unwrap_or(PolicyFormat::Json);
    write(&policies, format, out)?;
    explain(&policies, &too_large, &mut io::stderr().lock())?;
    Ok(if too_large.is_empty() {
        Status::Clean
    } else {
        Status::Findings
    })
}

fn kind(target: Target) -> PolicyKind {
    match target {
        Target::Bucket => PolicyKind::Bucket,
        Target::Topic => PolicyKind::Topic,
        Target::Key | Target::TopicKey | Target::LogRole => PolicyKind::Key,
    }
}

fn write(policies: &[Tight], format: PolicyFormat, out: &mut dyn Write) -> Result<(), Failure> {
    let text = match (format, policies) {
        (PolicyFormat::Terraform, policies) => terraform::write(policies),
        (PolicyFormat::Cloudformation, policies) => {
            format!("{:#}\n", cloudformation::write(policies))
        }
        (PolicyFormat::Json, []) => String::new(),
        (PolicyFormat::Json, [only]) => format!("{:#}\n", only.policy),
        (PolicyFormat::Json, policies) => format!("{:#}\n", Value::Object(by_resource(policies))),
    };
    out.write_all(text.as_bytes())?;
    Ok(())
}

/// By kind, and then by the name or ARN of what each is a policy of.
fn by_resource(policies: &[Tight]) -> Map<String, Value> {
    let mut kinds = Map::new();
    for policy in policies {
        let kind = match policy.target {
            Target::Bucket => "buckets",
            Target::Topic => "topics",
            Target::Key | Target::TopicKey | Target::LogRole => "keys",
        };
        let of_kind = kinds
            .entry(kind)
            .or_insert_with(|| Value::Object(Map::new()));
        if let Some(of_kind) = of_kind.as_object_mut() {
            of_kind.insert(policy.resource.clone(), policy.policy.clone());
        }
    }
    kinds
}

fn explain(policies: &[Tight], failed: &[TightError], out: &mut dyn Write) -> io::Result<()> {
    for policy in policies {
        let limit = policy.target.size_limit().unwrap_or_default();
        let (noun, resource) = (policy.target.noun(), plain(&policy.resource));
        writeln!(
            out,
            "{noun} of {resource}: {} of {limit} bytes",
            policy.size
        )?;
        for given_up in &policy.given_up {
            writeln!(out, "  given up to fit: {given_up}")?;
        }
        for note in &policy.notes {
            writeln!(out, "  note: {}", plain(note))?;
        }
    }
    for error in failed {
        writeln!(out, "error: {}", plain(&error.to_string()))?;
    }
    Ok(())
}
