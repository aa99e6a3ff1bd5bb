//! Finding the templates of nested stacks: in the folder of the input, or among the inputs. What is not found is no
//! error, since a template may well lie in a bucket; its stack's outputs are then not known.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::stack_set::STACK_SET;
use super::template::{NESTED, Template};
use super::{TemplateInput, source, yaml};
use crate::document::InputError;
use crate::written::{Item, Written};

/// The deepest nesting of stacks that is followed.
const DEEPEST: usize = 8;

/// The most templates that are looked up for one input.
const MOST: usize = 200;

/// Finds the templates of nested stacks, and takes those of the inputs away that are one.
pub(super) fn attach(
    inputs: &mut Vec<TemplateInput>,
    given: &BTreeMap<String, String>,
) -> Result<(), InputError> {
    let paths: Vec<PathBuf> = inputs.iter().map(|input| input.path.clone()).collect();
    let mut search = Search {
        inputs: &paths,
        folder: None,
        given,
        used: Vec::new(),
        left: MOST,
        assets: BTreeMap::new(),
    };
    for input in inputs.iter_mut() {
        if !search.used.contains(&input.path) {
            search.folder = or_here(&input.folder).canonicalize().ok();
            search.attach(&mut input.template, std::slice::from_ref(&input.path))?;
        }
    }
    let used = search.used;
    inputs.retain(|input| !used.contains(&input.path));
    Ok(())
}

struct Search<'a> {
    inputs: &'a [PathBuf],
    /// The folder out of which no template leads, without symbolic links in its path.
    folder: Option<PathBuf>,
    given: &'a BTreeMap<String, String>,
    used: Vec<PathBuf>,
    left: usize,
    /// What `cdk synth` will upload from a folder: the file, by the name that the upload gets.
    assets: BTreeMap<PathBuf, BTreeMap<String, String>>,
}

impl Search<'_> {
    fn attach(&mut self, template: &mut Template, parents: &[PathBuf]) -> Result<(), InputError> {
        let mut found = BTreeMap::new();
        for (id, resource) in template.resources() {
            let kind = resource.get("Type").and_then(Written::as_text);
            let is_nested = matches!(kind, Some(NESTED | STACK_SET));
            if !is_nested || parents.len() > DEEPEST || self.left == 0 {
                continue;
            }
            let Some(file) = self.file(resource, parents) else {
                continue;
            };
            let Some(root) = source(&file)
                .and_then(|file| Ok((yaml::read(&file)?, file)))
                .ok()
                .filter(|(root, _)| root.get("Resources").is_some())
            else {
                continue;
            };
            self.left -= 1;
            let mut nested = Template::read(root.1, root.0, self.given)?;
            self.attach(
                &mut nested,
                &[parents, std::slice::from_ref(&file)].concat(),
            )?;
            if let Some(input) = self.inputs.iter().find(|input| is_same(input, &file)) {
                self.used.push(input.clone());
            }
            found.insert(id.clone(), Rc::new(nested));
        }
        template.nested = found;
        Ok(())
    }

    /// The file in a folder that is uploaded under a name.
    fn uploaded(&mut self, folder: &Path, name: &str) -> Option<String> {
        if !self.assets.contains_key(folder) {
            self.assets.insert(folder.to_path_buf(), assets(folder));
        }
        self.assets.get(folder)?.get(name).cloned()
    }

    /// The file of a nested stack's template.
    fn file(&mut self, resource: &Written, parents: &[PathBuf]) -> Option<PathBuf> {
        // One that nests itself is none.
        let is_parent = |file: &Path| parents.iter().any(|parent| is_same(parent, file));
        let folder = parents.last()?.parent().unwrap_or(Path::new(""));
        let own = self.folder.clone();
        let beside = |name: &str| {
            let file = folder.join(name);
            let real = file.canonicalize().ok()?;
            let is_inside = own.as_ref().is_some_and(|own| real.starts_with(own));
            // An absolute path is one on another machine.
            let is_inside = is_inside && !Path::new(name).is_absolute();
            Some(file).filter(|file| is_inside && file.is_file() && !is_parent(file))
        };
        // `cdk synth` writes where the template lies that it will upload.
        let asset = resource.path(&["Metadata", "aws:asset:path"]);
        if let Some(file) = asset.and_then(Written::as_text).and_then(beside) {
            return Some(file);
        }
        let url = last_text(resource.path(&["Properties", "TemplateURL"])?)?;
        if !url.contains("://")
            && let Some(file) = beside(url)
        {
            return Some(file);
        }
        // One that is uploaded keeps its file's name.
        let name = url.split(['?', '#']).next()?.rsplit('/').next()?;
        let uploaded = self.uploaded(folder, name);
        if let Some(file) = uploaded.as_deref().and_then(beside) {
            return Some(file);
        }
        let is_named = |input: &&PathBuf| {
            input.file_name().and_then(|own| own.to_str()) == Some(name) && !is_parent(input)
        };
        let input = self.inputs.iter().find(is_named).cloned();
        input.or_else(|| beside(name).filter(|_| !name.is_empty()))
    }
}

/// A folder's path, which is empty for the current one.
fn or_here(folder: &Path) -> &Path {
    if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    }
}

/// What the manifests of assets in a folder say: which file is uploaded under which name. A manifest that cannot be read
/// names none.
fn assets(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let entries = std::fs::read_dir(or_here(folder))
        .into_iter()
        .flatten()
        .flatten();
    let manifests = entries.map(|entry| entry.path()).filter(|path| {
        let name = path.file_name().and_then(|name| name.to_str());
        // Reading anything but a file may never end.
        name.is_some_and(|name| name.ends_with(".assets.json")) && path.is_file()
    });
    for manifest in manifests {
        let Ok(root) = source(&manifest).and_then(|file| yaml::read(&file)) else {
            continue;
        };
        let files = root.get("files").map_or(&[][..], Written::entries);
        for (_, file) in files {
            let path = file.path(&["source", "path"]).and_then(Written::as_text);
            let destinations = file.get("destinations").map_or(&[][..], Written::entries);
            for (_, destination) in destinations {
                let key = destination.get("objectKey").and_then(Written::as_text);
                let name = key.and_then(|key| key.rsplit('/').next());
                if let (Some(name), Some(path)) = (name, path) {
                    found.insert(name.to_owned(), path.to_owned());
                }
            }
        }
    }
    found
}

/// The text of a value, or the last in what a function puts together.
fn last_text(value: &Written) -> Option<&str> {
    match &value.value {
        Item::Text(text) => Some(text),
        Item::List(items) => items.iter().rev().find_map(last_text),
        Item::Map(entries) => match entries.as_slice() {
            [(name, argument)] if name == "Fn::Sub" => last_text(argument.items().first()?),
            [(name, argument)] if name == "Fn::Join" => last_text(argument),
            _ => None,
        },
        _ => None,
    }
}

fn is_same(one: &Path, other: &Path) -> bool {
    one == other
        || match (one.canonicalize(), other.canonicalize()) {
            (Ok(one), Ok(other)) => one == other,
            _ => false,
        }
}
