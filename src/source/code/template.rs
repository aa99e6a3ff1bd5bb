//! A CloudFormation template, and a stack made from it: parameters, names and attributes.
//!
//! Source: AWS CloudFormation User Guide, "Template anatomy" and the return values of the resource types
//! (read 2026-11).

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use super::answers::Place;
use super::expand::{self, LOOP};
use super::exports::Exports;
use super::intrinsics::Answer;
use crate::document::InputError;
use crate::iam::unknown::unknown;
use crate::written::{Item, SourceFile, Spot, Written};

/// The longest chain of references that is followed; templates that people write have a handful.
const LONGEST_CHAIN: usize = 100;

/// A template as read.
#[derive(Debug)]
pub(super) struct Template {
    pub(super) file: Arc<SourceFile>,
    pub(super) root: Written,
    /// Where the entries of the sections stand that are looked up by name.
    index: BTreeMap<(&'static str, String), usize>,
    /// The templates of nested stacks, as far as they are found, by logical id.
    pub(super) nested: BTreeMap<String, Rc<Template>>,
}

/// The sections whose entries are looked up by name.
const INDEXED: [&str; 3] = ["Parameters", "Conditions", "Resources"];

impl Template {
    /// A template with its loops written out.
    ///
    /// # Errors
    /// Loops that make too much.
    pub(super) fn read(
        file: Arc<SourceFile>,
        root: Written,
        given: &BTreeMap<String, String>,
    ) -> Result<Template, InputError> {
        match expand::loops(root, given) {
            Ok(root) => Ok(Template::new(file, root)),
            Err(expand::TooMuch) => {
                let message = format!("the loops `{LOOP}…` make too many resources");
                Err(InputError::whole(&file.path, message)
                    .with_help("CloudFormation takes 500 resources in a template"))
            }
        }
    }

    fn new(file: Arc<SourceFile>, root: Written) -> Template {
        let mut index = BTreeMap::new();
        for section in INDEXED {
            let entries = root.get(section).map_or(&[][..], Written::entries);
            for (at, (name, _)) in entries.iter().enumerate() {
                index.insert((section, name.clone()), at);
            }
        }
        Template {
            file,
            root,
            index,
            nested: BTreeMap::new(),
        }
    }

    fn entry(&self, section: &'static str, name: &str) -> Option<&Written> {
        let at = *self.index.get(&(section, name.to_owned()))?;
        Some(&self.root.get(section)?.entries().get(at)?.1)
    }

    pub(super) fn section(&self, name: &str) -> Option<&Written> {
        self.root.get(name)
    }

    /// The resources by logical id.
    pub(super) fn resources(&self) -> &[(String, Written)] {
        self.section("Resources").map_or(&[], Written::entries)
    }

    pub(super) fn resource(&self, id: &str) -> Option<&Written> {
        self.entry("Resources", id)
    }

    /// Macros may bring resources and functions that the text does not show.
    fn is_transformed(&self) -> bool {
        self.section("Transform").is_some()
    }

    /// Whether a transform makes another template of it than the text shows.
    pub(super) fn is_rewritten(&self) -> bool {
        let transforms = self.section("Transform").map_or(&[][..], Written::items);
        let rewrites = |name: &Written| name.as_text() != Some("AWS::LanguageExtensions");
        let is_open = |id: &str| id.starts_with(LOOP) || id == "Fn::Transform";
        transforms.iter().any(rewrites) || self.resources().iter().any(|(id, _)| is_open(id))
    }

    /// Whether there may be resources that decide about delivery and that the text does not show: those of a
    /// macro of somebody's own, of a loop over what is not known, or of a nested stack that is not found.
    pub(super) fn is_partial(&self) -> bool {
        let transforms = self.section("Transform").map_or(&[][..], Written::items);
        let is_own = |name: &Written| {
            name.as_text()
                .is_none_or(|name| !TRANSFORMS.iter().any(|known| name.starts_with(known)))
        };
        let hides = |(id, resource): &(String, Written)| {
            id.starts_with(LOOP)
                || id == "Fn::Transform"
                || resource.get("Type").and_then(Written::as_text) == Some(NESTED)
                    && !self.nested.contains_key(id)
        };
        transforms.iter().any(is_own)
            || self.resources().iter().any(hides)
            || self.nested.values().any(|nested| nested.is_partial())
    }

    /// The template and those of its nested stacks.
    pub(super) fn all(&self) -> Vec<&Template> {
        let nested = self.nested.values().flat_map(|nested| nested.all());
        std::iter::once(self).chain(nested).collect()
    }

    /// The parameters by name.
    pub(super) fn parameters(&self) -> &[(String, Written)] {
        self.section("Parameters").map_or(&[], Written::entries)
    }

    pub(super) fn error(&self, at: Option<&Spot>, message: String) -> InputError {
        InputError {
            path: self.file.path.clone(),
            at: at.map(|spot| self.file.position(spot.span.start)),
            message,
            help: Some(
                "CloudFormation would refuse this template, or it needs a `--parameter NAME=VALUE`"
                    .to_owned(),
            ),
        }
    }
}

/// The type of a nested stack.
pub(super) const NESTED: &str = "AWS::CloudFormation::Stack";

/// The resource by which CDK reads in one Region what [`CDK_WRITER`] of another stack hands on from another.
const CDK_READER: &str = "Custom::CrossRegionExportReader";

/// The resource by which CDK hands values on to another Region (`aws-cdk-lib`, README of the module `core`, "Reference
/// strength", read 2026-11).
pub(super) const CDK_WRITER: &str = "Custom::CrossRegionExportWriter";

/// Transforms of AWS's that bring no bucket, key, topic or trail of their own.
const TRANSFORMS: [&str; 4] = [
    "AWS::LanguageExtensions",
    "AWS::Serverless-",
    "AWS::SecretsManager-",
    "AWS::CodeDeployBlueGreen",
];

/// One stack of a template.
pub(super) struct Stack<'t> {
    pub(super) template: &'t Template,
    pub(super) name: String,
    pub(super) place: Place,
    /// What the names of unknowns begin with, where several stacks are read at once.
    pub(super) label: String,
    /// What `--parameter` says: of parameters, and of what resources are called.
    pub(super) given: &'t BTreeMap<String, String>,
    /// What other stacks hand on.
    pub(super) exports: &'t Exports,
    /// What may still be made in this run.
    pub(super) budget: &'t Budget,
    /// Whether resources of the stack, or of one that it is nested in, may be out of sight.
    pub(super) is_partial: bool,
    /// Whether it is made at all, of a nested one.
    pub(super) made: Answer,
    pub(super) state: State,
}

/// How much a run makes of a little that is written: stacks of stack sets, and values of functions that are long lists.
#[derive(Default)]
pub(super) struct Budget {
    pub(super) stacks: Cell<usize>,
    pub(super) values: Cell<usize>,
}

/// What was evaluated before, so that a chain of references is followed once, and what is being
/// evaluated, so that a circle of them is found.
#[derive(Default)]
pub(super) struct State {
    names: RefCell<BTreeMap<String, Written>>,
    conditions: RefCell<BTreeMap<String, Answer>>,
    open: RefCell<BTreeSet<String>>,
    outputs: RefCell<BTreeMap<String, Written>>,
}

impl Stack<'_> {
    /// The value of `Ref`.
    pub(super) fn reference(&self, name: &str, at: Option<&Spot>) -> Result<Written, InputError> {
        if let Some(value) = self.pseudo(name) {
            return Ok(value);
        }
        if let Some(parameter) = self.template.entry("Parameters", name) {
            return Ok(self.parameter(name, parameter));
        }
        if self.template.resource(name).is_none() {
            if self.template.is_transformed() {
                return Ok(self.open(name));
            }
            let message = format!("there is no parameter or resource `{name}`");
            return Err(self.template.error(at, message));
        }
        let physical = self.physical(name, at)?;
        Ok(match self.type_of(name) {
            Some("AWS::SNS::Topic") => Written::text(self.topic_arn(&text(&physical))),
            _ => physical,
        })
    }

    /// The ARN of a topic that the stack makes, by its name; the name may be an ARN that the user told.
    fn topic_arn(&self, name: &str) -> String {
        if name.starts_with("arn:") {
            name.to_owned()
        } else {
            self.place.arn("sns", name)
        }
    }

    fn pseudo(&self, name: &str) -> Option<Written> {
        let Place {
            account,
            region,
            partition,
        } = &self.place;
        Some(match name {
            "AWS::AccountId" => Written::text(&**account),
            "AWS::Region" => Written::text(&**region),
            "AWS::Partition" => Written::text(&**partition),
            "AWS::URLSuffix" => Written::text(match partition.as_str() {
                "aws-cn" => "amazonaws.com.cn",
                "aws-eusc" => "amazonaws.eu",
                _ => "amazonaws.com",
            }),
            "AWS::NoValue" => Written::implied(Item::Null),
            "AWS::StackName" => Written::text(&*self.name),
            _ if name.starts_with("AWS::") => self.open(name),
            _ => return None,
        })
    }

    fn parameter(&self, name: &str, parameter: &Written) -> Written {
        let kind = parameter
            .get("Type")
            .and_then(Written::as_text)
            .unwrap_or("String");
        let default = parameter.get("Default");
        let value = match (self.given.get(name), default) {
            (Some(given), _) => Written::text(&**given),
            // The default of such a parameter is the name of another one, in Systems Manager.
            (None, _) if kind.starts_with("AWS::SSM::Parameter::Value") => return self.open(name),
            (None, Some(default)) => default.clone(),
            (None, None) => return self.open(name),
        };
        if kind != "CommaDelimitedList" && !kind.starts_with("List<") {
            return value;
        }
        let listed = value.as_text().map(|text| {
            let parts = text.split(',').map(|part| Written::text(part.trim()));
            Written::implied(Item::List(parts.collect()))
        });
        listed.unwrap_or(value)
    }

    pub(super) fn type_of(&self, id: &str) -> Option<&str> {
        self.template.resource(id)?.get("Type")?.as_text()
    }

    pub(super) fn property(&self, id: &str, name: &str) -> Result<Option<Written>, InputError> {
        let found = self
            .template
            .resource(id)
            .and_then(|it| it.path(&["Properties", name]));
        let value = found.map(|value| self.evaluate(value)).transpose()?;
        Ok(value.filter(|value| !value.is_null()))
    }

    /// Notes that something is being evaluated: what leads back to itself, or too far, is refused.
    fn begin(&self, what: &str, at: Option<&Spot>) -> Result<(), InputError> {
        let mut open = self.state.open.borrow_mut();
        if !open.insert(what.to_owned()) {
            return Err(self
                .template
                .error(at, format!("the {what} refers to itself in a circle")));
        }
        if open.len() > LONGEST_CHAIN {
            let message = format!("a chain of more than {LONGEST_CHAIN} references");
            return Err(self.template.error(at, message));
        }
        Ok(())
    }

    /// What a resource is called: as `--parameter` says, as its name property says, else unknown.
    pub(super) fn physical(&self, id: &str, at: Option<&Spot>) -> Result<Written, InputError> {
        if let Some(known) = self.state.names.borrow().get(id) {
            return Ok(known.clone());
        }
        let what = format!("resource `{id}`");
        self.begin(&what, at)?;
        let property = match self.type_of(id) {
            Some("AWS::S3::Bucket") => Some("BucketName"),
            Some("AWS::SNS::Topic") => Some("TopicName"),
            Some("AWS::CloudTrail::Trail") => Some("TrailName"),
            Some("AWS::KMS::Alias") => Some("AliasName"),
            Some("AWS::IAM::Role") => Some("RoleName"),
            Some("AWS::Logs::LogGroup") => Some("LogGroupName"),
            _ => None,
        };
        let named = match (self.given.get(id), property) {
            (Some(given), _) => Some(Written::text(&**given)),
            (None, Some(property)) => self.property(id, property)?,
            (None, None) => None,
        };
        let name = match named {
            Some(Written {
                value: Item::Unknown(name),
                at,
            }) => Written {
                value: Item::Text(unknown(&name)),
                at,
            },
            Some(named) => named,
            None => Written::text(unknown(&format!("{}{id}", self.label))),
        };
        self.state.open.borrow_mut().remove(&what);
        self.state
            .names
            .borrow_mut()
            .insert(id.to_owned(), name.clone());
        Ok(name)
    }

    /// The value of `Fn::GetAtt`.
    pub(super) fn attribute(
        &self,
        id: &str,
        attribute: &str,
        at: Option<&Spot>,
    ) -> Result<Written, InputError> {
        let Some(kind) = self.type_of(id) else {
            if self.template.is_transformed() {
                return Ok(self.open(&format!("{id}.{attribute}")));
            }
            return Err(self
                .template
                .error(at, format!("there is no resource `{id}`")));
        };
        if let (NESTED, Some(output)) = (kind, attribute.strip_prefix("Outputs.")) {
            return self.output(id, output, at);
        }
        let name = || self.physical(id, at).map(|name| text(&name));
        let place = &self.place;
        Ok(Written::text(match (kind, attribute) {
            ("AWS::S3::Bucket", "Arn") => place.bucket_arn(&name()?),
            ("AWS::KMS::Key", "Arn") => place.key_arn_of(&name()?),
            ("AWS::SNS::Topic", "TopicArn") => self.topic_arn(&name()?),
            ("AWS::KMS::Key", "KeyId") | ("AWS::SNS::Topic", "TopicName") => name()?,
            ("AWS::CloudTrail::Trail", "Arn") => {
                place.arn("cloudtrail", &format!("trail/{}", name()?))
            }
            ("AWS::Logs::LogGroup", "Arn") => {
                place.arn("logs", &format!("log-group:{}:*", name()?))
            }
            (CDK_READER, _) => {
                let asked = Written::text(attribute);
                let found = self.of_another("Fn::ImportValue", &asked)?;
                return Ok(found.unwrap_or_else(|| self.open(&format!("{id}.{attribute}"))));
            }
            ("AWS::IAM::Role", "Arn") => {
                let path = self.property(id, "Path")?;
                let path = path.as_ref().and_then(Written::as_text).unwrap_or("/");
                let Place {
                    account, partition, ..
                } = place;
                format!("arn:{partition}:iam::{account}:role{path}{}", name()?)
            }
            _ => return Ok(self.open(&format!("{id}.{attribute}"))),
        }))
    }

    /// An output of a nested stack.
    fn output(&self, id: &str, name: &str, at: Option<&Spot>) -> Result<Written, InputError> {
        let key = format!("{id}.Outputs.{name}");
        if let Some(known) = self.state.outputs.borrow().get(&key) {
            return Ok(known.clone());
        }
        let what = format!("stack `{id}`");
        self.begin(&what, at)?;
        let value = self.with_nested(id, Answer::Yes, |nested| {
            let output = nested.template.root.path(&["Outputs", name, "Value"]);
            output.map(|value| nested.evaluate(value)).transpose()
        })?;
        self.state.open.borrow_mut().remove(&what);
        let value = value.flatten().unwrap_or_else(|| self.open(&key));
        self.state.outputs.borrow_mut().insert(key, value.clone());
        Ok(value)
    }

    /// Does something with a nested stack; nothing if its template was not found.
    pub(super) fn with_nested<T>(
        &self,
        id: &str,
        made: Answer,
        action: impl FnOnce(&Stack<'_>) -> Result<T, InputError>,
    ) -> Result<Option<T>, InputError> {
        let Some(template) = self.template.nested.get(id) else {
            return Ok(None);
        };
        let label = format!("{}{id}.", self.label);
        let mut given = BTreeMap::new();
        if let Some(parameters) = self.property(id, "Parameters")? {
            for (name, value) in parameters.entries() {
                let parts: Vec<String> = value.items().iter().map(text).collect();
                given.insert(name.clone(), parts.join(","));
            }
        }
        self.with_template(template, label, self.place.clone(), given, made, action)
            .map(Some)
    }

    /// Does something with a stack of another template that this one makes.
    pub(super) fn with_template<T>(
        &self,
        template: &Template,
        label: String,
        place: Place,
        mut given: BTreeMap<String, String>,
        made: Answer,
        action: impl FnOnce(&Stack<'_>) -> Result<T, InputError>,
    ) -> Result<T, InputError> {
        // What the user told of resources holds in nested stacks too.
        let told = self.given.iter();
        for (name, value) in told.filter(|(name, _)| template.resource(name).is_some()) {
            given.entry(name.clone()).or_insert_with(|| value.clone());
        }
        action(&Stack {
            template,
            name: unknown(&format!("{label}StackName")),
            place,
            label,
            given: &given,
            exports: self.exports,
            budget: self.budget,
            is_partial: self.is_partial || template.is_partial(),
            made,
            state: State::default(),
        })
    }

    /// Whether a condition of the template holds.
    pub(super) fn named_condition(
        &self,
        name: &str,
        at: Option<&Spot>,
    ) -> Result<Answer, InputError> {
        if let Some(known) = self.state.conditions.borrow().get(name) {
            return Ok(*known);
        }
        let Some(value) = self.template.entry("Conditions", name) else {
            return Err(self
                .template
                .error(at, format!("there is no condition `{name}`")));
        };
        let what = format!("condition `{name}`");
        self.begin(&what, at)?;
        let answer = self.condition_value(value)?;
        self.state.open.borrow_mut().remove(&what);
        self.state
            .conditions
            .borrow_mut()
            .insert(name.to_owned(), answer);
        Ok(answer)
    }
}

/// The text of a name; one that is not known stands under its own.
pub(super) fn text(value: &Written) -> String {
    match &value.value {
        Item::Unknown(name) => unknown(name),
        _ => value.as_text().unwrap_or_default().to_owned(),
    }
}
