//! What `cdk synth` writes: a folder with a manifest that names the templates, and where each is deployed.
//!
//! Source: the cloud assembly's schema, `@aws-cdk/cloud-assembly-schema` (read 2026-11).

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::template::Template;
use super::{TemplateInput, source, stem, yaml};
use crate::document::InputError;
use crate::model::arn::is_account_id;
use crate::source::display;
use crate::written::{SourceFile, Written};

/// The file that makes a folder one of `cdk synth`'s.
pub(super) const MANIFEST: &str = "manifest.json";

/// The deepest nesting of assemblies: a pipeline of stages has two.
const DEEPEST: usize = 8;

/// Reads the stacks of an assembly and of the assemblies in it.
pub(super) fn read(
    folder: &Path,
    told: &BTreeMap<String, String>,
) -> Result<Vec<TemplateInput>, InputError> {
    let mut stacks = Vec::new();
    add(folder, told, &mut stacks, 0)?;
    if stacks.is_empty() {
        return Err(
            InputError::whole(&display(folder), "the manifest names no stack")
                .with_help("run `cdk synth` anew"),
        );
    }
    for stack in &mut stacks {
        stack.folder = folder.to_path_buf();
    }
    stacks.sort_by(|one, other| one.names.cmp(&other.names));
    Ok(stacks)
}

fn add(
    folder: &Path,
    told: &BTreeMap<String, String>,
    stacks: &mut Vec<TemplateInput>,
    depth: usize,
) -> Result<(), InputError> {
    let path = folder.join(MANIFEST);
    let manifest = yaml::read(&own(&path)?)?;
    let artifacts = manifest.get("artifacts").map_or(&[][..], Written::entries);
    for (id, artifact) in artifacts {
        let property = |name: &str| {
            artifact
                .path(&["properties", name])
                .and_then(Written::as_text)
        };
        let inside = |name: &str| {
            let plain = Path::new(name)
                .components()
                .all(|part| matches!(part, Component::Normal(_)));
            plain.then(|| folder.join(name)).ok_or_else(|| {
                let message = format!("`{name}` leads out of the folder");
                InputError::whole(&display(&path), message)
            })
        };
        match (artifact.get("type").and_then(Written::as_text), depth) {
            (Some("aws:cloudformation:stack"), _) => {
                let Some(file) = property("templateFile") else {
                    continue;
                };
                let template = template(&inside(file)?, told)?;
                stacks.push(stack(id, artifact, template, property("stackName")));
            }
            (Some("cdk:cloud-assembly"), 0..DEEPEST) => {
                let Some(name) = property("directoryName") else {
                    continue;
                };
                add(&inside(name)?, told, stacks, depth + 1)?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// A file of the assembly. Reading anything else may never end.
fn own(path: &Path) -> Result<Arc<SourceFile>, InputError> {
    if path.exists() && !path.is_file() {
        return Err(
            InputError::whole(&display(path), "this is no file").with_help("run `cdk synth` anew")
        );
    }
    source(path)
}

fn template(
    path: &Path,
    told: &BTreeMap<String, String>,
) -> Result<(PathBuf, Template), InputError> {
    let file = own(path)?;
    let root = yaml::read(&file)?;
    Ok((path.to_path_buf(), Template::read(file, root, told)?))
}

fn stack(
    id: &str,
    artifact: &Written,
    (path, template): (PathBuf, Template),
    stack_name: Option<&str>,
) -> TemplateInput {
    // `aws://ACCOUNT/REGION`, with `unknown-account` and `unknown-region` where the app says nothing.
    let environment = artifact.get("environment").and_then(Written::as_text);
    let place = environment.and_then(|text| text.strip_prefix("aws://")?.split_once('/'));
    let parameters = artifact.path(&["properties", "parameters"]);
    let parameters: BTreeMap<String, String> = parameters
        .map_or(&[][..], Written::entries)
        .iter()
        .filter_map(|(name, value)| Some((name.clone(), value.as_text()?.to_owned())))
        .collect();
    let name = stack_name.unwrap_or(id).to_owned();
    TemplateInput {
        names: vec![display(&path), stem(&path), id.to_owned(), name.clone()],
        label: String::new(),
        folder: PathBuf::new(),
        path,
        template,
        stack_name: Some(name),
        account: place
            .map(|(account, _)| account.to_owned())
            .filter(|id| is_account_id(id)),
        region: place
            .map(|(_, region)| region.to_owned())
            .filter(|region| !region.starts_with("unknown")),
        parameters,
    }
}
