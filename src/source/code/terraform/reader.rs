//! Reading the attributes of a plan's resources: as the plan has them, as the `.tf` files write them, or as
//! references lead to them. What becomes of them is in `made`, what can be foretold in `predict`.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use hcl_edit::expr::Expression;
use hcl_edit::structure::Block;

use super::super::answers::{Declared, Place};
use super::super::options::Places;
use super::Plan;
use super::budget::{Budget, steps};
use super::evaluate::{Scope, is_refused, open};
use super::policy::placed;
use super::resources::{Configured, Resource, Step, module_key};
use super::sources::{Code, block_spot, spot};
use super::values::settled;
use crate::iam::unknown::{is_unknown, unknown};
use crate::model::arn::Arn;
use crate::written::{Item, Spot, Written};

/// Reads one plan.
pub(super) struct Reader<'a> {
    pub(super) plan: &'a Plan,
    pub(super) places: &'a Places,
    /// Accounts and Regions by provider.
    pub(super) of_provider: RefCell<BTreeMap<String, Place>>,
    /// What was evaluated before.
    known: RefCell<BTreeMap<String, Rc<Written>>>,
    /// The work that it takes.
    pub(super) budget: Budget,
    /// What is being evaluated.
    pub(super) open: RefCell<BTreeSet<String>>,
    pub(super) keys: RefCell<BTreeMap<String, String>>,
    configured: Configured<'a>,
    /// Resources that stay, by whether they are data, by kind, name and module.
    by_name: BTreeMap<(bool, String, String, Vec<Step>), Vec<usize>>,
    /// The modules that hold some resource, or a module that does.
    pub(super) modules: BTreeSet<&'a [Step]>,
    /// Resources by kind, and by what they belong to.
    pub(super) named: RefCell<BTreeMap<&'static str, BTreeMap<String, usize>>>,
}

/// The steps that it takes to keep what is worth one.
const KEPT: usize = 4;

/// The longest chain of things that are evaluated one for another.
const DEEPEST: usize = 60;

/// Attributes that name a thing, so that a single reference to one is the whole of an expression.
const IDENTITIES: [&str; 9] = [
    "arn",
    "id",
    "bucket",
    "name",
    "key_id",
    "json",
    "target_key_arn",
    "target_key_id",
    "account_id",
];

impl<'a> Reader<'a> {
    pub(super) fn new(plan: &'a Plan, places: &'a Places) -> Reader<'a> {
        let mut by_name: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        let mut modules = BTreeSet::new();
        for (at, it) in plan.resources.iter().enumerate() {
            modules.extend((1..=it.module.len()).filter_map(|end| it.module.get(..end)));
            if !it.is_deleted {
                let key = (
                    it.is_data,
                    it.kind.clone(),
                    it.name.clone(),
                    it.module.clone(),
                );
                by_name.entry(key).or_default().push(at);
            }
        }
        Reader {
            plan,
            places,
            configured: Configured::of(&plan.root),
            by_name,
            modules,
            of_provider: RefCell::default(),
            known: RefCell::default(),
            budget: Budget::default(),
            open: RefCell::default(),
            keys: RefCell::default(),
            named: RefCell::default(),
        }
    }

    /// Evaluates something once; what leads back to itself, or too far, is unknown.
    pub(super) fn once(
        &self,
        key: String,
        name: &str,
        evaluate: impl FnOnce() -> Option<Written>,
    ) -> Written {
        self.shared(key, name, evaluate).as_ref().clone()
    }

    /// The same, for what is large and of which many want a part.
    pub(super) fn shared(
        &self,
        key: String,
        name: &str,
        evaluate: impl FnOnce() -> Option<Written>,
    ) -> Rc<Written> {
        if let Some(known) = self.known.borrow().get(&key) {
            return Rc::clone(known);
        }
        if self.open.borrow().len() > DEEPEST || !self.open.borrow_mut().insert(key.clone()) {
            return Rc::new(open(name));
        }
        let value = evaluate().filter(|value| !is_refused(value));
        let value = Rc::new(value.unwrap_or_else(|| open(name)));
        // What stays takes room.
        self.budget.spend(steps(&value).saturating_mul(KEPT));
        self.open.borrow_mut().remove(&key);
        self.known.borrow_mut().insert(key, Rc::clone(&value));
        value
    }

    pub(super) fn declared(&self, resource: &Resource) -> Declared {
        let at = self.spot_of_block(resource);
        let file = at.as_ref().map_or(&self.plan.file, |at| &at.file);
        Declared {
            label: resource.address.clone(),
            file: Arc::clone(file),
            at: at.clone().or_else(|| resource.at.clone()),
        }
    }

    /// The block of a resource in the `.tf` files.
    pub(super) fn block(&self, resource: &Resource) -> Option<(&'a Code, &'a Block)> {
        let module = self.plan.sources.module(&module_key(&resource.module))?;
        let kind = if resource.is_data { "data" } else { "resource" };
        module.block(kind, &[&resource.kind, &resource.name])
    }

    /// The scope of a resource's block.
    pub(super) fn scope(
        resource: &Resource,
        file: &'a Code,
        block: Option<&'a Block>,
    ) -> Scope<'a> {
        Scope {
            file,
            module: resource.module.clone(),
            index: resource.index.clone(),
            for_each: block
                .and_then(|block| block.body.get_attribute("for_each"))
                .map(|it| &it.value),
            names: BTreeMap::new(),
            depth: 0,
        }
    }

    pub(super) fn expression(
        &self,
        resource: &Resource,
        name: &str,
    ) -> Option<(&'a Code, &'a Block, &'a Expression)> {
        let (file, block) = self.block(resource)?;
        Some((file, block, &block.body.get_attribute(name)?.value))
    }

    /// What the `.tf` files say of an attribute.
    pub(super) fn in_code(&self, resource: &Resource, name: &str) -> Option<Written> {
        let (file, block, expression) = self.expression(resource, name)?;
        let key = format!("{} {name}", resource.address);
        let value = self.once(key, &format!("{}.{name}", resource.address), || {
            Some(self.evaluate(expression, &Self::scope(resource, file, Some(block))))
        });
        // Where the attribute stands, and not what it refers to.
        let own = spot(file, hcl_edit::Span::span(expression));
        Some(value.at(own))
    }

    /// An attribute: as the plan has it, at its place in the `.tf` files; what the plan leaves open, as
    /// the files or the references say.
    pub(super) fn get(&self, resource: &Resource, name: &str) -> Written {
        let planned = resource.values.get(name);
        let code = self.in_code(resource, name).map(settled);
        match planned.map(|planned| &planned.value) {
            Some(Item::Unknown(_)) | None => {
                let (open, known): (Vec<_>, Vec<_>) = code
                    .into_iter()
                    .partition(|code| matches!(code.value, Item::Unknown(_)));
                let told = known.into_iter().next();
                let told = told.or_else(|| self.referred(resource, name));
                // Of two names for what is not known, the one that others have for it too.
                told.or_else(|| open.into_iter().next())
                    .or_else(|| planned.cloned())
                    .unwrap_or_else(|| Written::implied(Item::Null))
            }
            Some(Item::List(_)) if code.is_none() => {
                let planned = planned.cloned().unwrap_or_else(|| open(name));
                let blocks = self.blocks_in_code(resource, name);
                blocks.map_or(planned.clone(), |blocks| {
                    placed(planned, Some(&blocks), None)
                })
            }
            Some(_) => {
                let planned = planned.cloned().unwrap_or_else(|| open(name));
                // A default stands nowhere, so that the block is what is to be changed.
                let at = code.and_then(|code| code.at);
                let at = at.or_else(|| self.spot_of_block(resource));
                let at = at.or_else(|| planned.at.clone());
                planned.at(at)
            }
        }
    }

    /// Where the block of a resource stands in the code.
    pub(super) fn spot_of_block(&self, resource: &Resource) -> Option<Spot> {
        let (file, block) = self.block(resource)?;
        block_spot(file, block)
    }

    /// What the only thing stands for that an attribute refers to, as the plan's configuration says it.
    pub(super) fn referred(&self, resource: &Resource, name: &str) -> Option<Written> {
        let expression = self.configured(resource)?.path(&["expressions", name])?;
        self.by_references(expression, &Self::scope(resource, &self.plan.code, None))
    }

    pub(super) fn configured(&self, resource: &Resource) -> Option<&'a Written> {
        self.configured.get(resource)
    }

    /// Whether a plan that leaves things out may leave out some of a kind.
    pub(super) fn may_leave_out(&self, kind: &str) -> bool {
        !self.plan.is_complete
            && self
                .configured
                .has_without_instance(kind, &self.plan.resources)
    }

    /// The instances of a resource in a module.
    pub(super) fn instances_of(
        &self,
        is_data: bool,
        kind: &str,
        name: &str,
        module: &[Step],
    ) -> impl Iterator<Item = &'a Resource> {
        let key = (is_data, kind.to_owned(), name.to_owned(), module.to_vec());
        let found = self.by_name.get(&key).map_or(&[][..], Vec::as_slice);
        found.iter().filter_map(|at| self.plan.resources.get(*at))
    }

    /// The value of an expression of the plan's configuration: a constant, or a reference to one thing. The
    /// configuration does not say whether text stands around a reference; around one to a thing's identity
    /// there is none in an attribute that takes an identity.
    pub(super) fn by_references(&self, expression: &Written, scope: &Scope<'a>) -> Option<Written> {
        if let Some(constant) = expression.get("constant_value") {
            // A constant refers to nothing; in the JSON syntax an interpolation is called one all the same.
            if expression.get("references").is_none() {
                return Some(constant.clone());
            }
            let text = constant.as_text()?;
            let value = self.evaluate(self.plan.references.get(text)?, scope);
            return (!matches!(value.value, Item::Unknown(_))).then(|| value.at(None));
        }
        let references = expression.get("references")?.items();
        let first = references.first()?.as_text()?;
        let single = references
            .iter()
            .filter_map(Written::as_text)
            .all(|it| first.starts_with(it));
        let last = first.rsplit('.').next().unwrap_or(first);
        let through = first.starts_with("var.") || first.starts_with("module.");
        if !single || !(through || IDENTITIES.contains(&last)) {
            return None;
        }
        let parsed = self.plan.references.get(first)?;
        let value = self.evaluate(parsed, scope).at(None);
        (!matches!(value.value, Item::Unknown(_))).then_some(value)
    }

    /// Whether the configuration gives an attribute a value at all; yes where there is no configuration.
    pub(super) fn is_set(&self, resource: &Resource, name: &str) -> bool {
        match self.configured(resource) {
            Some(configured) => configured.path(&["expressions", name]).is_some(),
            None => true,
        }
    }

    /// An attribute as text, parts that are not known under their names; nothing for none.
    pub(super) fn text(&self, resource: &Resource, name: &str) -> Option<String> {
        as_text(&self.get(resource, name))
    }

    pub(super) fn field(&self, resource: &Resource, name: &str) -> Option<Written> {
        Some(self.get(resource, name)).filter(|value| !value.is_null())
    }

    /// An attribute of a resource as other expressions see it.
    pub(super) fn attribute(&self, resource: &Resource, name: &str) -> Written {
        if resource.is_data
            && resource.kind == "aws_iam_policy_document"
            && matches!(name, "json" | "minified_json")
        {
            return self.policy_document(resource);
        }
        match resource.values.get(name) {
            Some(value) if !matches!(value.value, Item::Unknown(_)) => value.clone().at(None),
            planned => {
                let key = format!("{} predicted {name}", resource.address);
                let predicted = self.once(key, name, || self.predicted(resource, name));
                if !matches!(predicted.value, Item::Unknown(_)) {
                    return predicted;
                }
                // What a resource is told is what it will have.
                let code = self.in_code(resource, name).filter(|_| planned.is_some());
                code.map_or_else(
                    || open(&format!("{}.{name}", resource.address)),
                    |code| code.at(None),
                )
            }
        }
    }
}

/// The text of a value; of one that is not known, its name.
pub(super) fn as_text(value: &Written) -> Option<String> {
    match &value.value {
        Item::Unknown(name) => Some(unknown(name)),
        _ => value
            .as_text()
            .filter(|text| !text.is_empty())
            .map(str::to_owned),
    }
}

/// The key id in a key's ARN.
pub(super) fn key_id(arn: &str) -> String {
    let id = Arn::parse(arn).and_then(|arn| arn.key_id());
    id.filter(|_| !is_unknown(arn)).unwrap_or(arn).to_owned()
}
