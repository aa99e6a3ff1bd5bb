//! Which line of infrastructure code gives a bucket, a trail or a topic its name. Nothing is evaluated: a
//! name stands there in full or is not found, and a key has none.

use crate::model::arn::Arn;

/// A service and the name of a resource in it.
pub(super) type Name = (&'static str, String);

/// The name that an ARN ends with, of a resource that code gives a name.
pub(super) fn of_arn(arn: &str) -> Option<Name> {
    let parsed = Arn::parse(arn)?;
    let last = arn.rsplit([':', '/']).next()?;
    let service = ["s3", "cloudtrail", "sns"]
        .into_iter()
        .find(|it| *it == parsed.service)?;
    Some((service, last.to_owned()))
}

/// What the lines of a file name, each with its number from 1.
pub(super) fn names<'t>(
    path: &str,
    text: &'t str,
) -> impl Iterator<Item = (usize, Name)> + use<'t> {
    let ends = |endings: [&str; 2]| endings.iter().any(|ending| path.ends_with(ending));
    let is_json = ends([".tf.json", ".tofu.json"]);
    let is_terraform = is_json || ends([".tf", ".tofu"]);
    let mut block = String::new();
    (1..).zip(text.lines()).filter_map(move |(number, line)| {
        let line = line.trim();
        let Some((key, value)) = key_and_value(line) else {
            // In Terraform what a `name` is of stands at the head of its block.
            if line.ends_with('{') && line.contains('"') {
                match is_json.then(|| in_json(line, &block)) {
                    Some(None) => {}
                    Some(Some(opened)) => block = opened,
                    None => line.clone_into(&mut block),
                }
            }
            return None;
        };
        let service = if is_terraform {
            of_terraform(key, &block)
        } else {
            of_template(key)
        };
        Some((number, (service?, value.to_owned())))
    })
}

/// The head of the block that a line of the JSON syntax opens, as the other syntax writes it; nothing where it opens none
/// of another kind.
fn in_json(line: &str, block: &str) -> Option<String> {
    let (_, rest) = line.split_once('"')?;
    let (key, _) = rest.split_once('"')?;
    match key {
        "resource" | "data" | "module" | "locals" | "variable" | "output" | "provider"
        | "terraform" => Some(format!("{key} ")),
        kind if kind.starts_with("aws_") && block.starts_with("resource ") => {
            Some(format!("resource \"{kind}\""))
        }
        _ => None,
    }
}

fn of_terraform(key: &str, block: &str) -> Option<&'static str> {
    let declares = block.starts_with("resource ") || block.starts_with("module ");
    match key {
        "bucket" if declares => Some("s3"),
        "name" if block.starts_with("resource \"aws_cloudtrail\"") => Some("cloudtrail"),
        "name" if block.starts_with("resource \"aws_sns_topic\"") => Some("sns"),
        _ => None,
    }
}

fn of_template(key: &str) -> Option<&'static str> {
    match key {
        "BucketName" => Some("s3"),
        "TrailName" => Some("cloudtrail"),
        "TopicName" => Some("sns"),
        _ => None,
    }
}

/// `key = "value"`, `key: value` and `"key": "value",`, with nothing in the value to be worked out.
fn key_and_value(line: &str) -> Option<(&str, &str)> {
    let at = line.find(['=', ':'])?;
    let (key, value) = (line.get(..at)?, line.get(at + 1..)?);
    let key = key.trim().trim_matches('"');
    let value = value.split(" #").next()?.trim().trim_end_matches(',');
    let value = value.trim().trim_matches(['"', '\'']);
    let is_name = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
    (!value.is_empty() && value.chars().all(is_name)).then_some((key, value))
}
