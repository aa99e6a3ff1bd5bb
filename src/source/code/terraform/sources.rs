//! The `.tf` files of a configuration and of the modules it calls. They are an addition: a file that is not
//! there, or that cannot be read, leaves findings to point into the plan.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, FuncCall, ObjectKey};
use hcl_edit::parser::{parse_body, parse_template};
use hcl_edit::structure::{Block, Body};
use hcl_edit::template::{Element, Template};
use hcl_edit::visit::{Visit, visit_func_call};

use super::super::display;
use super::json_syntax::Translated;
use super::resources::{Resource, module_key};
use crate::json::{self, Span};
use crate::written::{SourceFile, Spot, Written};

/// The largest `.tf` file that is read.
const LARGEST: u64 = 1 << 22;

/// The most lines of a file that are joined with the next.
const MOST_JOINED: usize = 50;

/// The most bytes of all files together.
const MOST_BYTES: u64 = 1 << 28;

/// The most files of one module.
const MOST_FILES: usize = 500;

/// The most modules of one configuration that are read, and how deep they call each other.
const MOST_MODULES: usize = 5_000;
const DEEPEST: usize = 30;

/// Whether a file is Terraform's code, in its own language or in JSON.
pub(in crate::source::code) fn is_code(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    let endings = [".tf", ".tofu", ".tf.json", ".tofu.json"];
    name.is_some_and(|name| endings.iter().any(|ending| name.ends_with(ending)))
}

/// Whether the blocks of a file change those of others (Terraform's documentation, "Override Files", read 2026-11).
fn is_override(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.unwrap_or_default().trim_end_matches(".json");
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    stem == "override" || stem.ends_with("_override")
}

/// The modules of a configuration.
#[derive(Debug, Default)]
pub(super) struct Sources {
    /// Their folders by their keys; the root module's key is empty.
    folders: BTreeMap<String, PathBuf>,
    modules: BTreeMap<PathBuf, Module>,
    /// The files that expressions read, by the paths that they say.
    texts: BTreeMap<String, Text>,
}

/// Reads files that may be of any kind and size.
struct Files {
    /// The bytes that may still be read.
    left: u64,
}

impl Files {
    /// The text of a file that is one, and not too large.
    fn read(&mut self, path: &Path) -> Option<String> {
        let file = std::fs::metadata(path).ok()?;
        let is_small = file.is_file() && file.len() <= LARGEST.min(self.left);
        let text = is_small.then(|| std::fs::read_to_string(path).ok())??;
        self.left = self.left.saturating_sub(file.len());
        Some(text)
    }
}

/// The files of one module.
#[derive(Debug, Default)]
pub(super) struct Module {
    /// `path.module`
    pub(super) folder: String,
    /// The files, and whether they override others; those that do are last.
    files: Vec<(Code, Body, bool)>,
    /// Files that are no code to the parser.
    unread: Vec<String>,
}

/// A file of code.
#[derive(Debug)]
pub(super) struct Code {
    pub(super) file: Arc<SourceFile>,
    /// What was parsed, where that is not the file's own text.
    translated: Option<Translated>,
}

impl Code {
    /// A file that is parsed as it is.
    pub(super) fn new(file: Arc<SourceFile>) -> Code {
        Code {
            file,
            translated: None,
        }
    }
}

/// A file that an expression reads.
#[derive(Debug)]
pub(super) struct Text {
    pub(super) code: Code,
    /// As a template, if it is one.
    pub(super) template: Option<Template>,
}

impl Sources {
    /// The files that could not be read, or not as code.
    pub(super) fn unread(&self) -> impl Iterator<Item = &str> {
        let modules = self.modules.values();
        modules.flat_map(|module| module.unread.iter().map(String::as_str))
    }

    /// Reads a configuration and the modules that it calls, as far as they are found.
    pub(super) fn read(folder: &Path) -> Sources {
        let mut sources = Sources::default();
        let mut files = Files { left: MOST_BYTES };
        let installed = installed(folder, &mut files);
        let mut open = vec![(String::new(), folder.to_path_buf(), Vec::new())];
        while let Some((key, own, callers)) = open.pop() {
            // One folder has many paths.
            let Ok(real) = own.canonicalize() else {
                continue;
            };
            // A module may not call itself.
            if callers.contains(&real) {
                continue;
            }
            let callers = [callers, vec![real.clone()]].concat();
            let module = sources
                .modules
                .entry(real.clone())
                .or_insert_with(|| Module::read(&own, &mut files));
            if key.is_empty() && module.files.is_empty() && module.unread.is_empty() {
                return Sources::default();
            }
            for (call, block) in module.calls() {
                let call = match key.as_str() {
                    "" => call.to_owned(),
                    key => format!("{key}.{call}"),
                };
                if call.matches('.').count() > DEEPEST || sources.folders.len() > MOST_MODULES {
                    continue;
                }
                let local = || {
                    let source = block.body.get_attribute("source")?.value.as_str()?;
                    let here = source.starts_with("./") || source.starts_with("../");
                    here.then(|| own.join(source))
                };
                if let Some(folder) = installed.get(&call).cloned().or_else(local) {
                    open.push((call, folder, callers.clone()));
                }
            }
            sources.folders.insert(key, real);
        }
        for (own, module) in &sources.modules {
            for path in module.read_by_expressions(&display(folder)) {
                if let Some(text) = Text::read(&path, [folder, own], &mut files) {
                    sources.texts.insert(path, text);
                }
            }
        }
        sources
    }

    pub(super) fn module(&self, key: &str) -> Option<&Module> {
        self.modules.get(self.folders.get(key)?)
    }

    /// The key of the provider that makes a resource, as the files hand it down to its module.
    pub(super) fn provider(&self, resource: &Resource) -> String {
        let name = |expression: &Expression| expression.to_string().trim().to_owned();
        let kind = if resource.is_data { "data" } else { "resource" };
        let own = self
            .module(&resource.module_key())
            .and_then(|it| it.attribute(kind, &[&resource.kind, &resource.name], "provider"));
        let mut provider = own.map_or_else(|| "aws".to_owned(), name);
        let mut module = resource.module.as_slice();
        while let Some((last, before)) = module.split_last() {
            let call = self.module(&module_key(before));
            let handed = call.and_then(|it| {
                let all = it
                    .attribute("module", &[&last.call], "providers")?
                    .as_object()?;
                let found = all.iter().find(|(key, _)| {
                    let key = match key {
                        ObjectKey::Ident(key) => key.as_str().to_owned(),
                        ObjectKey::Expression(key) => name(key),
                    };
                    key == provider
                });
                Some(name(found?.1.expr()))
            });
            provider = handed.unwrap_or(provider);
            module = before;
        }
        provider
    }

    /// A file that an expression reads.
    pub(super) fn text(&self, path: &str) -> Option<&Text> {
        self.texts.get(path)
    }
}

/// Where `terraform init` put the modules.
fn installed(folder: &Path, files: &mut Files) -> BTreeMap<String, PathBuf> {
    let path = folder.join(".terraform/modules/modules.json");
    let text = files.read(&path).unwrap_or_default();
    let Ok(node) = json::parse(&text) else {
        return BTreeMap::new();
    };
    let file = Arc::new(SourceFile::new(display(&path), text));
    let list = Written::from_json(&node, &file);
    let modules = list.get("Modules").map_or(&[][..], Written::items);
    let Ok(root) = folder.canonicalize() else {
        return BTreeMap::new();
    };
    modules
        .iter()
        .filter_map(|module| {
            let key = module.get("Key")?.as_text()?.to_owned();
            let own = folder.join(module.get("Dir")?.as_text()?);
            // What lies elsewhere was not put there by `terraform init`: the code says where it is.
            let is_inside = own.canonicalize().ok()?.starts_with(&root);
            is_inside.then_some((key, own))
        })
        .collect()
}

impl Module {
    fn read(folder: &Path, files: &mut Files) -> Module {
        let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
            .into_iter()
            .flatten()
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| is_code(path))
            .collect();
        paths.sort_by_key(|path| (is_override(path), path.clone()));
        let mut read = |path: &PathBuf| {
            let text = files.read(path)?;
            if path
                .extension()
                .is_some_and(|extension| extension == "json")
            {
                let translated = Some(Translated::of(&json::parse(&text).ok()?)?);
                let body = parsed(&translated.as_ref()?.text)?;
                let file = Arc::new(SourceFile::new(display(path), text));
                return Some((Code { file, translated }, body));
            }
            let body = parsed(&text)?;
            let file = Arc::new(SourceFile::new(display(path), text));
            Some((Code::new(file), body))
        };
        let mut module = Module {
            folder: display(folder),
            ..Module::default()
        };
        for path in paths.iter().take(MOST_FILES) {
            match read(path) {
                Some((code, body)) => module.files.push((code, body, is_override(path))),
                None => module.unread.push(display(path)),
            }
        }
        module
    }

    /// The paths of `file` and `templatefile`, as far as they do not depend on values.
    fn read_by_expressions(&self, root: &str) -> BTreeSet<String> {
        let mut reads = Reads {
            module: &self.folder,
            root,
            paths: BTreeSet::new(),
        };
        for (_, body, _) in &self.files {
            reads.visit_body(body);
        }
        reads.paths
    }

    /// The calls of other modules.
    fn calls(&self) -> Vec<(&str, &Block)> {
        let blocks = self
            .files
            .iter()
            .flat_map(|(_, body, _)| body.get_blocks("module"));
        blocks
            .filter_map(|block| Some((block.labels.first()?.as_str(), block)))
            .filter(|(name, _)| self.block("module", &[name]).is_some())
            .collect()
    }

    /// A block by its kind and its labels; nothing for one that an override file changes, which no file has as it is.
    pub(super) fn block<'s>(
        &'s self,
        kind: &str,
        labels: &[&str],
    ) -> Option<(&'s Code, &'s Block)> {
        let mut found = self.files.iter().filter_map(|(file, body, overrides)| {
            let mut blocks = body.blocks();
            let found = blocks.find(|it| it.has_ident(kind) && it.has_exact_labels(labels))?;
            Some((file, found, *overrides))
        });
        let (file, block, _) = found.next()?;
        let is_changed = found.any(|(_, _, overrides)| overrides);
        (!is_changed).then_some((file, block))
    }

    /// An attribute of a block, as the last file has it.
    fn attribute(&self, kind: &str, labels: &[&str], name: &str) -> Option<&Expression> {
        self.files.iter().rev().find_map(|(_, body, _)| {
            let mut blocks = body.blocks();
            let own = blocks.find(|it| it.has_ident(kind) && it.has_exact_labels(labels))?;
            Some(&own.body.get_attribute(name)?.value)
        })
    }

    /// The expression of a local value, as the last file has it.
    pub(super) fn local(&self, name: &str) -> Option<(&Code, &Expression)> {
        self.files.iter().rev().find_map(|(file, body, _)| {
            let mut blocks = body.get_blocks("locals");
            let found = blocks.find_map(|block| block.body.get_attribute(name))?;
            Some((file, &found.value))
        })
    }
}

/// Parses a file. The parser takes no end of a line within an operation inside of braces, where Terraform does; with
/// a blank in its place everything keeps its offset.
fn parsed(text: &str) -> Option<Body> {
    // A byte order mark is no code, and has three bytes.
    let mut text = match text.strip_prefix('\u{feff}') {
        Some(code) => format!("   {code}"),
        None => text.to_owned(),
    };
    for _ in 0..MOST_JOINED {
        let error = match parse_body(&text) {
            Ok(body) => return Some(body),
            Err(error) => error,
        };
        let at = error.location().offset();
        let rest = text.get(at..)?;
        let end = at + rest.find('\n')?;
        if !text.get(at..end)?.trim().is_empty() {
            return None;
        }
        text.replace_range(end..=end, " ");
    }
    None
}

impl Text {
    /// Reads a file below one of these folders; a module of the code may lie beside the root.
    fn read(path: &str, folders: [&Path; 2], files: &mut Files) -> Option<Text> {
        // Terraform runs in the first of them; `path.module` has a folder in it already.
        let [root, _] = folders;
        let paths = [PathBuf::from(path), root.join(path)];
        let found = paths.iter().find_map(|path| {
            let real = path.canonicalize().ok()?;
            let is_inside = |folder: &Path| {
                let folder = folder.canonicalize();
                folder.is_ok_and(|folder| real.starts_with(folder))
            };
            folders.into_iter().any(is_inside).then_some(path)
        })?;
        let text = files.read(found)?;
        let template = parse_template(&text).ok();
        let code = Code::new(Arc::new(SourceFile::new(display(found), text)));
        Some(Text { code, template })
    }
}

/// Looks for the files that expressions read.
struct Reads<'s> {
    module: &'s str,
    root: &'s str,
    paths: BTreeSet<String>,
}

impl Reads<'_> {
    /// A path that is written out, but for the folders.
    fn path(&self, expression: &Expression) -> Option<String> {
        if let Some(text) = expression.as_str() {
            return Some(text.to_owned());
        }
        let mut path = String::new();
        for element in expression.as_string_template()? {
            match element {
                Element::Literal(literal) => path.push_str(literal),
                Element::Interpolation(it) => match it.expr.to_string().trim() {
                    "path.module" => path.push_str(self.module),
                    "path.root" => path.push_str(self.root),
                    _ => return None,
                },
                Element::Directive(_) => return None,
            }
        }
        Some(path)
    }
}

impl Visit for Reads<'_> {
    fn visit_func_call(&mut self, call: &FuncCall) {
        let name = call.name.name.as_str();
        if matches!(name, "file" | "templatefile")
            && let Some(path) = call.args.iter().next().and_then(|path| self.path(path))
            && self.paths.len() < MOST_FILES
        {
            self.paths.insert(path);
        }
        visit_func_call(self, call);
    }
}

/// The place of something in a file.
pub(super) fn spot(code: &Code, span: Option<std::ops::Range<usize>>) -> Option<Spot> {
    let span = span?;
    let text = match &code.translated {
        Some(translated) => &translated.text,
        None => code.file.text(),
    };
    // Spans may take in the blanks around.
    let text = text.get(span.clone())?;
    let start = span.start + (text.len() - text.trim_start().len());
    let end = (span.start + text.trim_end().len()).max(start);
    let span = match &code.translated {
        Some(translated) => translated.origin(&(start..end))?,
        None => Span { start, end },
    };
    Some(Spot {
        file: Arc::clone(&code.file),
        span,
    })
}

/// The place of a block.
pub(super) fn block_spot(code: &Code, block: &Block) -> Option<Spot> {
    spot(code, block.span())
}
