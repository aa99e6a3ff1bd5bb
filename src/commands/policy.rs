//! `trail-lint policy`: tight policies for a set of trails, from scratch.

use std::fmt::Write as _;
use std::io::{self, Write};

use serde_json::{Map, Value};
use trail_lint::delivery::Target;
use trail_lint::document::InputError;
use trail_lint::model::{Arn, Estate};
use trail_lint::report::text::{for_log, is_hidden};
use trail_lint::tight::{self, Tight, TightError, cloudformation, terraform};

use super::inputs::{Asked, moment, need_trails};
use super::settings::config;
use super::{Failure, Status, format};
use crate::cli::{PolicyArgs, PolicyFormat, PolicyKind};

/// Writes the policies, and says on standard error what had to be given up.
pub(crate) fn policy(args: &PolicyArgs, out: &mut dyn Write) -> Result<Status, Failure> {
    let config = config(args.config.as_deref())?;
    let asked = Asked {
        paths: &args.paths,
        args: &args.input,
    };
    let documents = asked.read(&config)?;
    let is_live = documents.scope.is_some();
    let estate = Estate::read(documents.all)?;
    if !is_live {
        need_trails(&estate, asked.named(&config))?;
    }
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
    explain(&policies, &too_large, format, &mut io::stderr().lock())?;
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
        (PolicyFormat::Terraform, policies) => escaped(&terraform::write(policies), in_hcl),
        (PolicyFormat::Cloudformation, policies) => {
            escaped(&format!("{:#}\n", cloudformation::write(policies)), in_json)
        }
        (PolicyFormat::Json, []) => String::new(),
        (PolicyFormat::Json, [only]) => escaped(&alone(only), in_json),
        (PolicyFormat::Json, policies) => {
            let policies = Value::Object(by_resource(policies));
            escaped(&format!("{policies:#}\n"), in_json)
        }
    };
    out.write_all(text.as_bytes())?;
    Ok(())
}

/// One policy, to be handed to `aws` as it is. Whether white space counts against the limit is not
/// documented for every service, so that there is none if it would take the text beyond.
fn alone(policy: &Tight) -> String {
    let laid_out = format!("{:#}\n", policy.policy);
    match policy.target.size_limit() {
        Some(limit) if laid_out.len() > limit => format!("{}\n", policy.policy),
        _ => laid_out,
    }
}

/// A text whose strings say the same to whoever parses it, and nothing to a terminal or a log: hidden
/// characters, and what a CI system would take for a command, stand there escaped.
fn escaped(text: &str, escape: fn(char) -> String) -> String {
    let lines = text.lines().map(|line| {
        let visible: String = line
            .chars()
            .map(|c| {
                if is_hidden(c) {
                    escape(c)
                } else {
                    c.to_string()
                }
            })
            .collect();
        let visible = visible.replace("##[", &format!("#{}[", escape('#')));
        visible.replace("##vso[", &format!("#{}vso[", escape('#'))) + "\n"
    });
    lines.collect()
}

fn in_json(character: char) -> String {
    let mut out = String::new();
    for unit in character.encode_utf16(&mut [0; 2]) {
        // Writing to a string cannot fail.
        let _ = write!(out, "\\u{unit:04x}");
    }
    out
}

fn in_hcl(character: char) -> String {
    let code = u32::from(character);
    if code > 0xffff {
        format!("\\U{code:08x}")
    } else {
        format!("\\u{code:04x}")
    }
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

fn explain(
    policies: &[Tight],
    failed: &[TightError],
    format: PolicyFormat,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut lines = Vec::new();
    for policy in policies {
        let limit = policy.target.size_limit().unwrap_or_default();
        let (noun, resource) = (policy.target.noun(), &policy.resource);
        lines.push(format!(
            "{noun} of {resource}: {} of {limit} bytes",
            policy.size
        ));
        let given_up = policy.given_up.iter();
        lines.extend(given_up.map(|given_up| format!("  given up to fit: {given_up}")));
        lines.extend(policy.notes.iter().map(|note| format!("  note: {note}")));
        if format == PolicyFormat::Json {
            let put = put(policy);
            lines.push(format!("  to put it in place of the whole policy: {put}"));
        }
    }
    lines.extend(failed.iter().map(|error| format!("error: {error}")));
    for line in lines {
        writeln!(out, "{}", for_log(&line))?;
    }
    Ok(())
}

/// The command with which a person who may would set the policy, from a file that holds it alone.
fn put(policy: &Tight) -> String {
    let resource = &policy.resource;
    let region = Arn::parse(&policy.resource).map_or("", |arn| arn.region);
    match policy.target {
        Target::Bucket => {
            format!("aws s3api put-bucket-policy --bucket {resource} --policy file://bucket.json")
        }
        Target::Topic => format!(
            "aws sns set-topic-attributes --region {region} --topic-arn {resource} --attribute-name Policy \
             --attribute-value file://topic.json"
        ),
        Target::Key | Target::TopicKey | Target::LogRole => format!(
            "aws kms put-key-policy --region {region} --key-id {resource} --policy-name default --policy \
             file://key.json"
        ),
    }
}
