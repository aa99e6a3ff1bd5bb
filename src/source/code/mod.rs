//! Infrastructure code as documents: CloudFormation templates, what `cdk synth` writes, and Terraform's
//! plans and states as JSON. What a file is, is told from what is in it.

mod answers;
mod cdk;
mod circle;
mod expand;
mod exports;
mod intrinsics;
mod nested;
mod options;
mod stack;
mod stack_set;
mod template;
mod terraform;
mod yaml;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use answers::{Answers, Declared, Place, object};
use exports::Exports;
use intrinsics::Answer;
pub use options::CodeOptions;
use template::{Budget, Stack, State, Template};

use super::{display, io_reason};
use crate::document::{Document, InputError, decode};
use crate::iam::unknown::{CLOSE, OPEN, is_unknown, unknown, unknown_account, with_label};
use crate::model::region::partition_of;
use crate::written::{Item, SourceFile, Written};

/// The largest template or plan that is read: plans of a few thousand resources have some ten megabytes.
const LARGEST: u64 = 1 << 26;

/// What the code makes, as far as one resource needs to know of another.
#[derive(Debug, Default)]
struct Made {
    /// The buckets.
    buckets: Vec<MadeBucket>,
    /// The names of buckets that some code gives a policy.
    policed: BTreeSet<String>,
    /// The policies that code gives to buckets, as resources of their own.
    policies: BTreeMap<String, Vec<MadePolicy>>,
    /// The ARNs of keys and topics by what only their stack calls them, as another gets to know it.
    named: BTreeMap<String, String>,
}

/// A bucket policy that some code makes.
#[derive(Debug)]
struct MadePolicy {
    by: Declared,
    place: Place,
    policy: Written,
}

impl Made {
    /// Adds a policy for a bucket.
    fn add_policy(&mut self, name: String, policy: MadePolicy) {
        self.policed.insert(name.clone());
        self.policies.entry(name).or_default().push(policy);
    }
}

/// A bucket that some code makes.
#[derive(Debug)]
struct MadeBucket {
    by: Declared,
    place: Place,
    name: String,
    /// Whether code that is out of sight may give it a policy.
    is_policy_hidden: bool,
}

/// One input, recognised.
enum Input {
    Template(Box<TemplateInput>),
    Terraform(Box<terraform::Plan>),
}

/// A template and what is told of the stacks to make from it.
struct TemplateInput {
    path: PathBuf,
    /// The folder that holds all that belongs to it.
    folder: PathBuf,
    template: Template,
    /// The names by which `--account` and `--region` may call it.
    names: Vec<String>,
    /// What the names of unknowns begin with.
    label: String,
    stack_name: Option<String>,
    account: Option<String>,
    region: Option<String>,
    parameters: BTreeMap<String, String>,
}

/// Whether a path is taken for infrastructure code: any file, a folder that `cdk synth` wrote, and one of code that
/// has yet to be made readable.
pub fn is_code(path: &Path) -> bool {
    path.is_file() || path.join(cdk::MANIFEST).is_file() || unmade(path).is_some()
}

/// What to try with a folder that holds code as people write it, and no snapshot.
fn unmade(path: &Path) -> Option<&'static str> {
    if path.join("accounts").is_dir() {
        return None;
    }
    if path.join("cdk.json").is_file() {
        return Some("run `cdk synth`, and give the folder that it writes, `cdk.out`");
    }
    let mut entries = std::fs::read_dir(path).ok()?.flatten();
    let found = entries.any(|entry| terraform::is_code(&entry.path()));
    found.then_some(TERRAFORM_PLAN)
}

const TERRAFORM_PLAN: &str =
    "`terraform plan -out tfplan && terraform show -json tfplan > plan.json`, and give `plan.json`";

/// What was read of code.
#[derive(Debug)]
pub struct Read {
    /// What AWS will answer.
    pub documents: Vec<Document>,
    /// What was taken for granted of how the stacks go together, each a clause.
    pub assumed: BTreeSet<String>,
}

/// Reads infrastructure code.
///
/// # Errors
/// A file that is none, or that the tool which runs it would refuse; options that fit none of the files.
pub fn read(paths: &[PathBuf], options: &CodeOptions) -> Result<Read, InputError> {
    documents(&inputs(paths, options)?, &[], paths, options)
}

/// Reads two versions of infrastructure code. What one of them lacks may be named in the options all the same, and what
/// both have is called alike.
///
/// # Errors
/// As for [`read`].
pub fn read_versions(
    [old, new]: [&[PathBuf]; 2],
    options: &CodeOptions,
) -> Result<[Read; 2], InputError> {
    let mut sides = [inputs(old, options)?, inputs(new, options)?];
    tell_apart(&mut sides);
    let [before, after] = &sides;
    Ok([
        documents(before, after, old, options)?,
        documents(after, before, new, options)?,
    ])
}

/// Reads what there is before the code runs, as plans tell it; templates do not.
///
/// # Errors
/// As for [`read`].
pub fn read_before(paths: &[PathBuf], options: &CodeOptions) -> Result<Vec<Document>, InputError> {
    let before = inputs(paths, options)?
        .into_iter()
        .filter_map(|input| match input {
            Input::Terraform(plan) => Some(Input::Terraform(Box::new(plan.before()?))),
            Input::Template(_) => None,
        });
    let before: Vec<Input> = before.collect();
    if before.is_empty() {
        return Ok(Vec::new());
    }
    Ok(documents(&before, &[], paths, options)?.documents)
}

fn inputs(paths: &[PathBuf], options: &CodeOptions) -> Result<Vec<Input>, InputError> {
    let told = options.parameters.iter().cloned().collect();
    let (mut templates, mut plans) = (Vec::new(), Vec::new());
    for path in paths {
        if path.is_dir() {
            if let (false, Some(help)) = (path.join(cdk::MANIFEST).is_file(), unmade(path)) {
                let message = "a folder of code as it is written, expected what is made of it";
                return Err(InputError::whole(&display(path), message).with_help(help));
            }
            templates.extend(cdk::read(path, &told)?);
            continue;
        }
        match recognise(path, options, &told)? {
            Input::Template(template) => templates.push(*template),
            plan @ Input::Terraform(_) => plans.push(plan),
        }
    }
    nested::attach(&mut templates, &told)?;
    plans.extend(
        templates
            .into_iter()
            .map(|it| Input::Template(Box::new(it))),
    );
    let mut sides = [plans];
    tell_apart(&mut sides);
    let [inputs] = sides;
    Ok(inputs)
}

/// Gives each of several inputs a label that no other of its side has: its name, and where another is called so too, as
/// much of its path as tells them apart. Of two versions of one code both are called alike.
fn tell_apart(sides: &mut [Vec<Input>]) {
    if sides.iter().all(|inputs| inputs.len() < 2) {
        return;
    }
    // How many parts of their paths those of one name get.
    let mut lengths: BTreeMap<String, usize> = BTreeMap::new();
    loop {
        let mut is_longer = false;
        for inputs in &mut *sides {
            let mut called: BTreeMap<String, BTreeMap<PathBuf, String>> = BTreeMap::new();
            for input in inputs {
                let (name, path) = (input.name().to_owned(), input.path());
                let path = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
                let length = lengths.get(&name).copied().unwrap_or(0);
                let label = label(&name, &path, length);
                input.set_label(label.clone());
                called.entry(label).or_default().insert(path, name);
            }
            for paths in called.values().filter(|paths| paths.len() > 1) {
                for (path, name) in paths {
                    let length = lengths.entry(name.clone()).or_default();
                    if *length < path.components().count() {
                        *length += 1;
                        is_longer = true;
                    }
                }
            }
        }
        if !is_longer {
            return;
        }
    }
}

/// A name as the names of unknowns begin, or so many parts of a path's end.
fn label(name: &str, path: &Path, length: usize) -> String {
    let parts: Vec<_> = path.components().collect();
    let end = parts.get(parts.len().saturating_sub(length)..);
    let end: PathBuf = end.unwrap_or_default().iter().collect();
    let name = match length {
        0 => name.into(),
        _ => end.to_string_lossy(),
    };
    // As it will stand in a part that is not known.
    let part = unknown(&format!("{name}."));
    let inside = part.strip_prefix(OPEN).unwrap_or(&part);
    inside.strip_suffix(CLOSE).unwrap_or(inside).to_owned()
}

/// What AWS will answer of some inputs; what the options name may be in others beside them.
fn documents(
    inputs: &[Input],
    beside: &[Input],
    paths: &[PathBuf],
    options: &CodeOptions,
) -> Result<Read, InputError> {
    let mut answers = Answers::default();
    let mut made = Made::default();
    let budget = Budget::default();
    let chosen = options.resolve(inputs, beside)?;
    let mut deployments = Vec::new();
    for (input, places) in inputs.iter().zip(&chosen) {
        match input {
            Input::Terraform(plan) => {
                let (mut own, mut makes) = (Answers::of(plan.label.clone()), Made::default());
                plan.add(places, &mut own, &mut makes)?;
                policies(&mut own, &makes)?;
                answers.documents.append(&mut own.documents);
                made.add(makes, &plan.label);
            }
            Input::Template(input) => {
                deployments.extend(places.stacks.iter().map(|place| Deployment {
                    input,
                    place: place.clone(),
                    label: input.label_of(places.stacks.len(), place),
                    given: given(input, options),
                    budget: &budget,
                }));
            }
        }
    }
    let templates = inputs.iter().chain(beside).filter_map(|input| match input {
        Input::Template(input) => Some(input.template.all()),
        Input::Terraform(_) => None,
    });
    options.check_parameters(&templates.flatten().collect::<Vec<_>>())?;
    let (exports, mut assumed) = exports::link(&mut deployments)?;
    for input in inputs {
        let unread = match input {
            Input::Terraform(plan) => plan.unread(),
            Input::Template(_) => Vec::new(),
        };
        assumed.extend(unread.into_iter().map(|path| {
            format!(
                "`{path}`, which could not be read as code, says nothing that the plan leaves open"
            )
        }));
    }
    for deployment in &deployments {
        stack::note_names(&deployment.stack(&exports), &mut made)?;
    }
    for deployment in &deployments {
        stack::add(&deployment.stack(&exports), &mut answers, &mut made)?;
    }
    policies(&mut answers, &made)?;
    no_policies(&mut answers, &made)?;
    options.add_organization(&mut answers, paths)?;
    Ok(Read {
        documents: answers.documents,
        assumed,
    })
}

/// One stack to be made from a template.
struct Deployment<'i> {
    input: &'i TemplateInput,
    place: Place,
    label: String,
    given: BTreeMap<String, String>,
    budget: &'i Budget,
}

impl TemplateInput {
    /// What it is called: its stack's name, or its file's.
    fn name(&self) -> &str {
        self.names.last().map_or("", String::as_str)
    }

    /// What the names of a stack's unknowns begin with, so that those of several stacks are not taken for one.
    fn label_of(&self, stacks: usize, place: &Place) -> String {
        match stacks {
            2.. => format!("{}{}.", self.label, place.account),
            _ => self.label.clone(),
        }
    }
}

impl Input {
    fn path(&self) -> &Path {
        match self {
            Input::Template(input) => &input.path,
            Input::Terraform(plan) => &plan.path,
        }
    }

    fn name(&self) -> &str {
        match self {
            Input::Template(input) => input.name(),
            Input::Terraform(plan) => plan
                .path
                .file_stem()
                .and_then(|it| it.to_str())
                .unwrap_or(""),
        }
    }

    fn label(&self) -> &str {
        match self {
            Input::Template(input) => &input.label,
            Input::Terraform(plan) => &plan.label,
        }
    }

    fn set_label(&mut self, label: String) {
        match self {
            Input::Template(input) => input.label = label,
            Input::Terraform(plan) => plan.label = label,
        }
    }
}

impl Made {
    /// Adds what a plan makes, whose unknowns get a label.
    fn add(&mut self, other: Made, label: &str) {
        let labelled = |name: &String| with_label(name, label);
        self.policed.extend(other.policed.iter().map(labelled));
        let named = other.named.iter();
        self.named
            .extend(named.map(|(name, arn)| (labelled(name), labelled(arn))));
        self.buckets
            .extend(other.buckets.into_iter().map(|bucket| MadeBucket {
                name: labelled(&bucket.name),
                place: Place {
                    account: labelled(&bucket.place.account),
                    region: labelled(&bucket.place.region),
                    partition: bucket.place.partition,
                },
                ..bucket
            }));
    }
}

impl Deployment<'_> {
    fn stack<'s>(&'s self, exports: &'s Exports) -> Stack<'s> {
        let unnamed = || unknown(&format!("{}StackName", self.label));
        Stack {
            template: &self.input.template,
            name: self.input.stack_name.clone().unwrap_or_else(unnamed),
            place: self.place.clone(),
            label: self.label.clone(),
            given: &self.given,
            exports,
            budget: self.budget,
            is_partial: self.input.template.is_partial(),
            made: Answer::Yes,
            state: State::default(),
        }
    }
}

/// What is told of a template's parameters: by its deployment, and by the command line.
fn given(input: &TemplateInput, options: &CodeOptions) -> BTreeMap<String, String> {
    let mut given = input.parameters.clone();
    given.extend(options.parameters.iter().cloned());
    given
}

/// The policies of buckets. Where two resources give one bucket different ones, each would take the place of
/// the other's, in an order that nobody knows, or is refused.
fn policies(answers: &mut Answers, made: &Made) -> Result<(), InputError> {
    for (name, all) in &made.policies {
        let texts: BTreeSet<String> = all.iter().map(|it| it.policy.to_json(&unknown).0).collect();
        for MadePolicy { by, place, policy } in all {
            if texts.len() == 1 {
                answers.bucket_policy(by, place, name, policy)?;
            } else {
                answers.unseen_bucket_policy(by, place, name)?;
            }
        }
    }
    Ok(())
}

/// A bucket that the code makes, and no policy for it anywhere, has none. Where some policy's bucket is not
/// known it may be that one's.
fn no_policies(answers: &mut Answers, made: &Made) -> Result<(), InputError> {
    let names: BTreeSet<&String> = made.buckets.iter().map(|bucket| &bucket.name).collect();
    if made
        .policed
        .iter()
        .any(|name| is_unknown(name) && !names.contains(name))
    {
        return Ok(());
    }
    for bucket in &made.buckets {
        let MadeBucket {
            by, place, name, ..
        } = bucket;
        if made.policed.contains(name) {
            continue;
        }
        if bucket.is_policy_hidden {
            answers.unseen_bucket_policy(by, place, name)?;
        } else {
            answers.no_bucket_policy(by, place, name)?;
        }
    }
    Ok(())
}

/// The key policy that AWS gives a key which is made without one (AWS KMS Developer Guide, "Default key
/// policy", read 2026-11).
fn default_key_policy(place: &Place) -> Written {
    let root = format!("arn:{}:iam::{}:root", place.partition, place.account);
    let statement = object(vec![
        ("Effect", Some(Written::text("Allow"))),
        (
            "Principal",
            Some(object(vec![("AWS", Some(Written::text(root)))])),
        ),
        ("Action", Some(Written::text("kms:*"))),
        ("Resource", Some(Written::text("*"))),
    ]);
    object(vec![
        ("Version", Some(Written::text("2012-10-17"))),
        (
            "Statement",
            Some(Written::implied(Item::List(vec![statement]))),
        ),
    ])
}

/// Reads a file's text.
fn source(path: &Path) -> Result<Arc<SourceFile>, InputError> {
    let shown = display(path);
    let io = |error: &std::io::Error| {
        InputError::whole(&shown, format!("cannot be read: {}", io_reason(error)))
            .with_help("check that the file exists and that you may read it")
    };
    let size = std::fs::metadata(path).map_err(|error| io(&error))?.len();
    if size > LARGEST {
        let message = format!("the file has {size} bytes, more than the {LARGEST} that are read");
        return Err(InputError::whole(&shown, message)
            .with_help("CloudFormation takes templates of 1 MB at most: is this the right file?"));
    }
    let bytes = std::fs::read(path).map_err(|error| io(&error))?;
    if bytes.starts_with(b"PK") {
        return Err(InputError::whole(
            &shown,
            "a binary file, such as `terraform plan -out` writes",
        )
        .with_help(format!(
            "give its JSON: `terraform show -json {shown} > plan.json`"
        )));
    }
    let text = decode(&shown, &bytes)?;
    Ok(Arc::new(SourceFile::new(shown, text)))
}

const FORMS: &str = "expected a snapshot folder, a CloudFormation template (JSON or YAML), a folder that `cdk synth` wrote, or what `terraform show -json` prints of a plan or a state";

/// Tells what a file is, and reads it.
fn recognise(
    path: &Path,
    options: &CodeOptions,
    told: &BTreeMap<String, String>,
) -> Result<Input, InputError> {
    let extension = path.extension().and_then(|extension| extension.to_str());
    let shown = display(path);
    if terraform::is_code(path) || matches!(extension, Some("tfvars" | "hcl")) {
        let message = "Terraform's own language, expected a plan or a state as JSON";
        return Err(InputError::whole(&shown, message)
            .with_help("`terraform plan -out tfplan && terraform show -json tfplan > plan.json`"));
    }
    let file = source(path)?;
    if let Some(wrong) = not_json(file.text()) {
        return Err(InputError::whole(&shown, wrong).with_help(TERRAFORM_PLAN));
    }
    let root = yaml::read(&file)?;
    let whole = |message: &str| InputError::whole(&shown, message);
    if root.get("format_version").is_some()
        && ["planned_values", "values", "resource_changes"]
            .iter()
            .any(|it| root.get(it).is_some())
    {
        return Ok(Input::Terraform(Box::new(terraform::Plan::read(
            path, file, root, options,
        )?)));
    }
    let version = root
        .get("AWSTemplateFormatVersion")
        .and_then(Written::as_text);
    if version.is_some_and(|version| version.ends_with("-OC")) {
        let message = "a template for several accounts, as org-formation reads it; expected those that it makes of it";
        return Err(whole(message).with_help(format!(
            "`org-formation print-stacks {shown}`, and give each account's with `--account`"
        )));
    }
    if root
        .get("Resources")
        .is_some_and(|it| matches!(it.value, Item::Map(_)))
    {
        return Ok(Input::Template(Box::new(TemplateInput {
            path: path.to_path_buf(),
            folder: path.parent().unwrap_or(Path::new("")).to_path_buf(),
            names: vec![shown.clone(), stem(path)],
            label: String::new(),
            template: Template::read(file, root, told)?,
            stack_name: None,
            account: None,
            region: None,
            parameters: BTreeMap::new(),
        })));
    }
    Err(
        if root.get("Statement").is_some() || root.get("Policy").is_some() {
            whole("a policy, and nothing says whose policy it is").with_help(
            "for single policy files use `--bucket NAME --bucket-policy FILE --trail ARN`; to compare two, say `--bucket NAME`, `--key-arn ARN` or `--topic-arn ARN`",
        )
        } else if root.get("terraform_version").is_some() && root.get("lineage").is_some() {
            whole("Terraform's state file, expected what `terraform show -json` prints")
                .with_help("`terraform show -json > state.json`")
        } else if root.get("format_version").is_some() || root.get("@level").is_some() {
            whole("no values in it: expected a plan or a state that `terraform show -json` prints")
                .with_help(
                    "`terraform plan -out tfplan && terraform show -json tfplan > plan.json`",
                )
        } else {
            whole("it is neither a template nor a plan: no `Resources`, no `planned_values`")
                .with_help(FORMS)
        },
    )
}

/// What `terraform plan` prints, taken for what `terraform show -json` does.
fn not_json(text: &str) -> Option<&'static str> {
    let first = text.lines().find(|line| !line.trim().is_empty())?;
    let first = first.trim_start_matches("\u{1b}[0m");
    let for_people = [
        "Terraform used the selected providers",
        "OpenTofu used the selected providers",
        "Terraform will perform the following actions",
        "No changes. Your infrastructure matches",
    ];
    if for_people.iter().any(|begin| first.starts_with(begin)) {
        return Some("a plan as people read it, expected its JSON");
    }
    let is_log = first.starts_with('{') && first.contains("\"@level\"") && first.ends_with('}');
    is_log.then_some("the log that `terraform plan -json` writes, expected the plan's JSON")
}

/// A name for what some expression will give: what it does, and a digest of its text, so that two names are alike
/// only where the expressions are.
fn named_for(what: &str, text: &str) -> String {
    let digest = Sha256::digest(text);
    let start = digest.iter().take(4);
    let digest = start.fold(0_u32, |all, byte| (all << 8) | u32::from(*byte));
    format!("{what}.{digest:08x}")
}

/// A file's name up to its first dot.
fn stem(path: &Path) -> String {
    let name = path
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    name.split('.').next().unwrap_or(name).to_owned()
}

/// The place of a stack, of what is told about it.
fn place(account: Option<&str>, region: Option<&str>, label: &str) -> Place {
    let region = region.map_or_else(|| unknown(&format!("{label}region")), str::to_owned);
    Place {
        account: account.map_or_else(|| unknown_account(label), str::to_owned),
        partition: partition_of(&region).to_owned(),
        region,
    }
}
