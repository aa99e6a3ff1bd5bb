//! Terraform's plans and states, as `terraform show -json` prints them.
//!
//! Source: Terraform Language Documentation, "JSON Output Format", and the schemas of the AWS provider (read
//! 2026-11). What a plan leaves open is worked out from the `.tf` files where they lie beside it, with the
//! values that the plan tells.

mod budget;
mod evaluate;
mod files;
mod functions;
mod json_syntax;
mod made;
mod policy;
mod predict;
mod reader;
mod references;
mod resources;
mod sources;
mod templates;
mod texts;
mod types;
mod values;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hcl_edit::expr::Expression;
use hcl_edit::parser::parse_expr;

use super::answers::Answers;
use super::options::Places;
use super::{CodeOptions, Made};
use crate::document::InputError;
use crate::written::{Item, SourceFile, Written};
use resources::Resource;
pub(super) use sources::is_code;
use sources::{Code, Sources};

/// A plan or a state, and the files that it was made from.
pub(super) struct Plan {
    pub(super) path: PathBuf,
    /// What the names of unknowns get to begin with, once all is read.
    pub(super) label: String,
    file: Arc<SourceFile>,
    /// The same, as the file of what the plan itself says of expressions.
    code: Code,
    root: Written,
    resources: Vec<Resource>,
    sources: Sources,
    /// What the plan's configuration refers to, parsed.
    references: BTreeMap<String, Expression>,
    /// Whether everything that the configuration makes is in it.
    is_complete: bool,
}

impl Plan {
    /// The files beside the plan that could not be read as code.
    pub(super) fn unread(&self) -> Vec<&str> {
        self.sources.unread().collect()
    }

    /// Reads a plan or a state; the `.tf` files are looked for beside it.
    pub(super) fn read(
        path: &Path,
        file: Arc<SourceFile>,
        root: Written,
        options: &CodeOptions,
    ) -> Result<Plan, InputError> {
        if let Some(errored) = root.get("errored").filter(|it| it.as_bool() == Some(true)) {
            return Err(InputError {
                path: file.path.clone(),
                at: errored.at.as_ref().map(|at| file.position(at.span.start)),
                message: "Terraform ended with an error while it made this plan: what comes after is missing in it"
                    .to_owned(),
                help: Some("run `terraform plan` again once its error is mended".to_owned()),
            });
        }
        let mut resources = resources::read(&file, &root)?;
        let beside = path.parent().map_or(Path::new("."), |folder| {
            if folder.as_os_str().is_empty() {
                Path::new(".")
            } else {
                folder
            }
        });
        if let Some(named) = options
            .terraform_dir
            .as_deref()
            .filter(|named| !named.is_dir())
        {
            return Err(InputError::whole(&super::display(named), "no such folder")
                .with_help("`--terraform-dir` is the folder that `terraform plan` ran in"));
        }
        let folder = options.terraform_dir.as_deref().unwrap_or(beside);
        let sources = Sources::read(folder);
        if root.get("configuration").is_none() {
            for resource in &mut resources {
                resource.provider = sources.provider(resource);
            }
        }
        let mut references = BTreeMap::new();
        if let Some(configuration) = root.get("configuration") {
            note_references(configuration, &mut references);
        }
        let told = |name: &str| root.get(name).and_then(Written::as_bool);
        let deferred = root.get("deferred_changes").map_or(&[][..], Written::items);
        let is_complete = root.get("resource_changes").is_some()
            && told("complete") != Some(false)
            && deferred.is_empty();
        Ok(Plan {
            path: path.to_path_buf(),
            label: String::new(),
            code: Code::new(Arc::clone(&file)),
            file,
            root,
            resources,
            sources,
            references,
            is_complete,
        })
    }

    /// The plan of what there is before this one runs; nothing for a state, and for a plan that tells nothing.
    pub(super) fn before(&self) -> Option<Plan> {
        let values = self.root.path(&["prior_state", "values"])?.clone();
        let mut entries = vec![("values".to_owned(), values)];
        for name in ["configuration", "variables"] {
            entries.extend(self.root.get(name).map(|it| (name.to_owned(), it.clone())));
        }
        let root = Written::implied(Item::Map(entries));
        Some(Plan {
            path: self.path.clone(),
            label: self.label.clone(),
            code: Code::new(Arc::clone(&self.file)),
            file: Arc::clone(&self.file),
            resources: resources::read(&self.file, &root).ok()?,
            root,
            sources: Sources::default(),
            references: BTreeMap::new(),
            is_complete: false,
        })
    }

    /// The providers, by the names that `--account` and `--region` may use.
    pub(super) fn provider_names(&self) -> Vec<String> {
        let configured = self.root.path(&["configuration", "provider_config"]);
        let configured = configured
            .map_or(&[][..], Written::entries)
            .iter()
            .map(|(key, _)| key.clone());
        let used = self.resources.iter().map(|it| it.provider.clone());
        let mut names: Vec<String> = configured.chain(used).collect();
        let aliases: Vec<String> = names
            .iter()
            .filter_map(|name| alias(name))
            .map(str::to_owned)
            .collect();
        names.extend(aliases);
        names.sort();
        names.dedup();
        names.retain(|name| !name.is_empty());
        names
    }

    /// Adds what the plan makes.
    pub(super) fn add(
        &self,
        places: &Places,
        answers: &mut Answers,
        made: &mut Made,
    ) -> Result<(), InputError> {
        reader::Reader::new(self, places).add(answers, made)
    }
}

fn note_references(value: &Written, found: &mut BTreeMap<String, Expression>) {
    match &value.value {
        Item::List(items) => items.iter().for_each(|item| note_references(item, found)),
        Item::Map(entries) => {
            for (key, value) in entries {
                // Of the JSON syntax the plan takes an interpolation for a constant.
                if let Some(text) = value.as_text().filter(|_| key == "constant_value")
                    && let Some(inner) = interpolated(text)
                    && let Ok(parsed) = parse_expr(inner)
                {
                    found.insert(text.to_owned(), parsed);
                }
                if key != "references" {
                    note_references(value, found);
                    continue;
                }
                for text in value.items().iter().filter_map(Written::as_text) {
                    if let (false, Ok(parsed)) = (found.contains_key(text), parse_expr(text)) {
                        found.insert(text.to_owned(), parsed);
                    }
                }
            }
        }
        _ => {}
    }
}

/// The expression of a text that is one interpolation and nothing else.
fn interpolated(text: &str) -> Option<&str> {
    text.strip_prefix("${")?.strip_suffix('}')
}

/// The alias of a provider key: `audit` of `aws.audit` and of `module.x:aws.audit`.
fn alias(key: &str) -> Option<&str> {
    let own = key.rsplit(':').next().unwrap_or(key);
    own.split_once('.').map(|(_, alias)| alias)
}
