//! The resources of a plan that decide about CloudTrail's delivery, as answers; and what is predictable of
//! those that do not exist yet.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hcl_edit::expr::Expression;
use hcl_edit::structure::Block;

use super::super::answers::{Answers, BucketSettings, Declared, Place, is_account, object};
use super::super::options::Places;
use super::super::{Made, default_key_policy};
use super::evaluate::{Scope, open};
use super::resources::{Resource, configuration, module_key};
use super::sources::{block_spot, spot};
use super::{Plan, alias};
use crate::document::{InputError, Kind};
use crate::iam::unknown::{is_unknown, unknown};
use crate::model::arn::{Arn, is_account_id};
use crate::model::region::partition_of;
use crate::written::{Item, SourceFile, Written};

/// Reads one plan.
pub(super) struct Reader<'a> {
    pub(super) plan: &'a Plan,
    places: &'a Places,
    /// Accounts and Regions by provider.
    of_provider: RefCell<BTreeMap<String, Place>>,
    /// What was evaluated before.
    known: RefCell<BTreeMap<String, Written>>,
    /// What is being evaluated.
    open: RefCell<BTreeSet<String>>,
    keys: RefCell<BTreeMap<String, String>>,
    /// Resources by kind, and by what they belong to.
    named: RefCell<BTreeMap<&'static str, BTreeMap<String, usize>>>,
}

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
        Reader {
            plan,
            places,
            of_provider: RefCell::default(),
            known: RefCell::default(),
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
        if let Some(known) = self.known.borrow().get(&key) {
            return known.clone();
        }
        if self.open.borrow().len() > DEEPEST || !self.open.borrow_mut().insert(key.clone()) {
            return open(name);
        }
        let value = evaluate().unwrap_or_else(|| open(name));
        self.open.borrow_mut().remove(&key);
        self.known.borrow_mut().insert(key, value.clone());
        value
    }

    /// Adds what the plan makes.
    pub(super) fn add(&self, answers: &mut Answers, made: &mut Made) -> Result<(), InputError> {
        let managed = || {
            self.plan
                .resources
                .iter()
                .filter(|it| !it.is_data && !it.is_deleted)
        };
        let of = |kind: &'static str| managed().filter(move |it| it.kind == kind);
        for alias in of("aws_kms_alias") {
            let target = self.text(alias, "target_key_id");
            let place = self.place(alias);
            if let (Some(name), Some(target)) = (self.text(alias, "name"), target) {
                let arn = place.key_arn(&target);
                self.keys
                    .borrow_mut()
                    .insert(place.arn("kms", &name), arn.clone());
                self.keys.borrow_mut().insert(name, arn);
            }
        }
        for bucket in of("aws_s3_bucket") {
            self.bucket(bucket, answers, made)?;
        }
        for policy in of("aws_s3_bucket_policy") {
            if let (Some(name), Some(text)) =
                (self.text(policy, "bucket"), self.policy(policy, "policy")?)
            {
                answers.bucket_policy(&self.declared(policy), &self.place(policy), &name, &text)?;
                made.policed.insert(name);
            }
        }
        for kind in ["aws_kms_key", "aws_kms_external_key", "aws_kms_replica_key"] {
            for key in of(kind) {
                self.key(key, answers)?;
            }
        }
        for policy in of("aws_kms_key_policy") {
            self.foreign_key_policy(policy, answers)?;
        }
        for topic in of("aws_sns_topic") {
            self.topic(topic, answers)?;
        }
        for policy in of("aws_sns_topic_policy") {
            self.foreign_topic_policy(policy, answers)?;
        }
        for trail in of("aws_cloudtrail") {
            self.trail(trail, answers)?;
        }
        self.deleted(answers, made)?;
        self.organization(answers)
    }

    /// What the plan takes away from what there is.
    fn deleted(&self, answers: &mut Answers, made: &mut Made) -> Result<(), InputError> {
        for gone in self.plan.resources.iter().filter(|it| it.is_deleted) {
            let (by, place) = (self.declared(gone), self.place(gone));
            let value = |name: &str| gone.values.get(name).and_then(Written::as_text);
            match gone.kind.as_str() {
                "aws_s3_bucket_policy" => {
                    if let Some(name) = value("bucket").filter(|name| !made.policed.contains(*name))
                    {
                        answers.deleted_bucket_policy(&by, &place, name)?;
                        made.policed.insert(name.to_owned());
                    }
                }
                "aws_s3_bucket" => {
                    if let Some(name) = value("bucket") {
                        answers.deleted_bucket(&by, &place, name)?;
                    }
                }
                "aws_cloudtrail" => {
                    if let Some(arn) = value("arn") {
                        answers.deleted_trail(&by, arn)?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn declared(&self, resource: &Resource) -> Declared {
        let block = self
            .block(resource)
            .and_then(|(file, block)| Some((file, block_spot(file, block)?)));
        match block {
            Some((file, spot)) => Declared {
                label: resource.address.clone(),
                file: Arc::clone(file),
                at: Some(spot),
            },
            None => Declared {
                label: resource.address.clone(),
                file: Arc::clone(&self.plan.file),
                at: resource.at.clone(),
            },
        }
    }

    /// The block of a resource in the `.tf` files.
    pub(super) fn block(&self, resource: &Resource) -> Option<(&'a Arc<SourceFile>, &'a Block)> {
        let module = self.plan.sources.module(&module_key(&resource.module))?;
        let kind = if resource.is_data { "data" } else { "resource" };
        module.block(kind, &[&resource.kind, &resource.name])
    }

    /// The scope of a resource's block.
    pub(super) fn scope(
        resource: &Resource,
        file: &'a Arc<SourceFile>,
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

    fn expression(
        &self,
        resource: &Resource,
        name: &str,
    ) -> Option<(&'a Arc<SourceFile>, &'a Block, &'a Expression)> {
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
    fn get(&self, resource: &Resource, name: &str) -> Written {
        let planned = resource.values.get(name);
        let code = self.in_code(resource, name);
        match planned.map(|planned| &planned.value) {
            Some(Item::Unknown(_)) | None => {
                let told = code.filter(|code| !matches!(code.value, Item::Unknown(_)));
                let told = told.or_else(|| self.referred(resource, name));
                told.or_else(|| planned.cloned())
                    .unwrap_or_else(|| Written::implied(Item::Null))
            }
            Some(_) => {
                let planned = planned.cloned().unwrap_or_else(|| open(name));
                let at = code.and_then(|code| code.at).or_else(|| planned.at.clone());
                planned.at(at)
            }
        }
    }

    /// What the only thing stands for that an attribute refers to, as the plan's configuration says it.
    pub(super) fn referred(&self, resource: &Resource, name: &str) -> Option<Written> {
        let expression = self.configured(resource)?.path(&["expressions", name])?;
        self.by_references(expression, &Self::scope(resource, &self.plan.file, None))
    }

    fn configured(&self, resource: &Resource) -> Option<&'a Written> {
        let module = configuration(&self.plan.root, &resource.module)?;
        module.get("resources")?.items().iter().find(|it| {
            let text = |name: &str| it.get(name).and_then(Written::as_text);
            text("type") == Some(&resource.kind)
                && text("name") == Some(&resource.name)
                && (text("mode") == Some("data")) == resource.is_data
        })
    }

    /// The value of an expression of the plan's configuration: a constant, or a reference to one thing. The
    /// configuration does not say whether text stands around a reference; around one to a thing's identity
    /// there is none in an attribute that takes an identity.
    pub(super) fn by_references(&self, expression: &Written, scope: &Scope<'a>) -> Option<Written> {
        if let Some(constant) = expression.get("constant_value") {
            return Some(constant.clone());
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
    fn is_set(&self, resource: &Resource, name: &str) -> bool {
        match self.configured(resource) {
            Some(configured) => configured.path(&["expressions", name]).is_some(),
            None => true,
        }
    }

    /// An attribute as text, parts that are not known under their names; nothing for none.
    fn text(&self, resource: &Resource, name: &str) -> Option<String> {
        as_text(&self.get(resource, name))
    }

    fn field(&self, resource: &Resource, name: &str) -> Option<Written> {
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

    /// What an attribute that AWS will fill in is going to be, where that can be told.
    fn predicted(&self, resource: &Resource, name: &str) -> Option<Written> {
        let place = || self.place(resource);
        let named = || self.name(resource);
        Some(Written::text(match (resource.kind.as_str(), name) {
            ("aws_s3_bucket", "id" | "bucket") => named(),
            ("aws_s3_bucket", "arn") => place().bucket_arn(&named()),
            ("aws_kms_key" | "aws_kms_external_key" | "aws_kms_replica_key", "arn") => {
                self.key_arn(resource)
            }
            ("aws_kms_key" | "aws_kms_external_key" | "aws_kms_replica_key", "id" | "key_id") => {
                key_id(&self.key_arn(resource))
            }
            ("aws_kms_alias", "target_key_arn") => {
                place().key_arn(&self.text(resource, "target_key_id")?)
            }
            ("aws_kms_alias", "arn") => place().arn("kms", &named()),
            ("aws_sns_topic", "arn" | "id") => place().arn("sns", &named()),
            ("aws_cloudtrail", "arn") => place().arn("cloudtrail", &format!("trail/{}", named())),
            ("aws_cloudwatch_log_group", "arn") => {
                place().arn("logs", &format!("log-group:{}", named()))
            }
            ("aws_iam_role", "arn") => {
                let place = place();
                format!(
                    "arn:{}:iam::{}:role/{}",
                    place.partition,
                    place.account,
                    named()
                )
            }
            ("aws_caller_identity", "account_id" | "id") => place().account,
            ("aws_region", "name" | "region" | "id") | ("aws_cloudtrail", "home_region") => {
                place().region
            }
            ("aws_partition", "partition" | "id") => place().partition,
            ("aws_partition", "dns_suffix") => match place().partition.as_str() {
                "aws-cn" => "amazonaws.com.cn".to_owned(),
                _ => "amazonaws.com".to_owned(),
            },
            _ => return None,
        }))
    }

    /// A data source that the plan and the state before it do not show.
    pub(super) fn implied_data(&self, kind: &str, name: &str, scope: &Scope<'a>) -> Written {
        let resource = Resource {
            address: format!("data.{kind}.{name}"),
            module: scope.module.clone(),
            is_data: true,
            is_deleted: false,
            kind: kind.to_owned(),
            name: name.to_owned(),
            index: None,
            provider: self
                .data_provider(kind, name, scope)
                .unwrap_or_else(|| "aws".to_owned()),
            values: Written::implied(Item::Map(Vec::new())),
            at: None,
        };
        let names: &[&str] = match kind {
            "aws_caller_identity" => &["account_id", "id"],
            "aws_region" => &["name", "region", "id"],
            "aws_partition" => &["partition", "dns_suffix", "id"],
            _ => return open(&resource.address),
        };
        let entries = names
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), self.predicted(&resource, name)?)));
        Written::implied(Item::Map(entries.collect()))
    }

    fn data_provider(&self, kind: &str, name: &str, scope: &Scope<'a>) -> Option<String> {
        let (_, block) = self
            .plan
            .sources
            .module(&module_key(&scope.module))?
            .block("data", &[kind, name])?;
        let provider = block.body.get_attribute("provider")?;
        Some(provider.value.to_string().trim().to_owned())
    }

    /// What a resource will be called.
    fn name(&self, resource: &Resource) -> String {
        let name = match resource.kind.as_str() {
            "aws_s3_bucket" => "bucket",
            _ => "name",
        };
        let planned = resource
            .values
            .get(name)
            .filter(|value| !matches!(value.value, Item::Unknown(_)));
        let told = planned.cloned().or_else(|| self.in_code(resource, name));
        let told = told.filter(|value| !matches!(value.value, Item::Unknown(_) | Item::Null));
        told.as_ref()
            .and_then(as_text)
            .unwrap_or_else(|| unknown(&resource.address))
    }

    fn key_arn(&self, resource: &Resource) -> String {
        let known = resource
            .values
            .get("arn")
            .and_then(Written::as_text)
            .map(str::to_owned);
        known.unwrap_or_else(|| {
            self.place(resource)
                .arn("kms", &format!("key/{}", unknown(&resource.address)))
        })
    }

    /// The account and the Region of a resource: of its own ARN, else of its provider.
    pub(super) fn place(&self, resource: &Resource) -> Place {
        let mut place = self.place_of_provider(&resource.provider);
        let arn = resource
            .values
            .get("arn")
            .and_then(Written::as_text)
            .and_then(Arn::parse);
        if let Some(region) = resource.values.get("region").and_then(Written::as_text) {
            region.clone_into(&mut place.region);
        }
        if let Some(arn) = arn {
            if is_account_id(arn.account) {
                arn.account.clone_into(&mut place.account);
            }
            if !arn.region.is_empty() {
                arn.region.clone_into(&mut place.region);
            }
        }
        place.partition = partition_of(&place.region).to_owned();
        place
    }

    fn place_of_provider(&self, provider: &str) -> Place {
        if let Some(known) = self.of_provider.borrow().get(provider) {
            return known.clone();
        }
        let own = || {
            self.plan
                .resources
                .iter()
                .filter(|it| it.provider == provider)
        };
        let data = |kind: &str, names: &[&str]| {
            let mut found = own().filter(|it| it.is_data && it.kind == kind);
            found.find_map(|it| {
                names
                    .iter()
                    .find_map(|name| it.values.get(name)?.as_text().map(str::to_owned))
            })
        };
        let arns = || own().filter_map(|it| Arn::parse(it.values.get("arn")?.as_text()?));
        let configured =
            self.plan
                .root
                .path(&["configuration", "provider_config", provider, "expressions"]);
        let constant = |path: &[&str]| {
            let found = path
                .iter()
                .try_fold(configured?, |value, name| value.items().first()?.get(name));
            Some(found?.items().first()?.as_text()?.to_owned())
        };
        let role = constant(&["assume_role", "role_arn", "constant_value"]);
        let role = role
            .as_deref()
            .and_then(Arn::parse)
            .map(|arn| arn.account.to_owned());
        let told = |values: &[(Option<String>, String)]| {
            let is_meant = |name: &str| name == provider || Some(name) == alias(provider);
            let named = values
                .iter()
                .find(|(name, _)| name.as_deref().is_some_and(is_meant));
            named
                .or_else(|| values.iter().find(|(name, _)| name.is_none()))
                .map(|(_, value)| value.clone())
        };
        let account = data("aws_caller_identity", &["account_id"])
            .or_else(|| {
                arns()
                    .map(|arn| arn.account.to_owned())
                    .find(|id| is_account_id(id))
            })
            .or(role)
            .or_else(|| constant(&["allowed_account_ids", "constant_value"]))
            .filter(|account| is_account(account))
            .or_else(|| told(&self.places.accounts));
        let configured_region = configured.and_then(|it| {
            let region = it.get("region")?;
            let scope = Scope {
                file: &self.plan.file,
                module: Vec::new(),
                index: None,
                for_each: None,
                names: BTreeMap::new(),
                depth: 0,
            };
            self.by_references(region, &scope)?
                .as_text()
                .map(str::to_owned)
        });
        let region = configured_region
            .or_else(|| data("aws_region", &["region", "name"]))
            .or_else(|| told(&self.places.regions))
            .or_else(|| {
                arns()
                    .map(|arn| arn.region.to_owned())
                    .find(|region| !region.is_empty())
            });
        let label = alias(provider).map_or_else(String::new, |alias| format!("{alias}."));
        let place = super::super::place(account.as_deref(), region.as_deref(), &label);
        self.of_provider
            .borrow_mut()
            .insert(provider.to_owned(), place.clone());
        place
    }

    /// A key as GetTrail will name it.
    fn as_key_arn(&self, place: &Place, key: Option<Written>) -> Option<Written> {
        let key = key?;
        let text = as_text(&key)?;
        let known = self.keys.borrow().get(&text).cloned();
        Some(Written::text(known.unwrap_or_else(|| place.key_arn(&text))).at(key.at))
    }

    /// The resource of a kind that goes with a bucket, a key or a topic, which an attribute names.
    fn beside(
        &self,
        kind: &'static str,
        attribute: &'static str,
        name: &str,
    ) -> Option<&'a Resource> {
        if !self.named.borrow().contains_key(kind) {
            let all = self.plan.resources.iter().enumerate();
            let all = all.filter(|(_, it)| !it.is_data && !it.is_deleted && it.kind == kind);
            let named: BTreeMap<String, usize> = all
                .filter_map(|(at, it)| Some((self.text(it, attribute)?, at)))
                .collect();
            self.named.borrow_mut().insert(kind, named);
        }
        let at = *self.named.borrow().get(kind)?.get(name)?;
        self.plan.resources.get(at)
    }

    fn bucket(
        &self,
        bucket: &Resource,
        answers: &mut Answers,
        made: &mut Made,
    ) -> Result<(), InputError> {
        let (by, place, name) = (self.declared(bucket), self.place(bucket), self.name(bucket));
        let encryption = self.beside(
            "aws_s3_bucket_server_side_encryption_configuration",
            "bucket",
            &name,
        );
        let rule = encryption.map(|it| self.get(it, "rule")).or_else(|| {
            let block = bucket
                .values
                .get("server_side_encryption_configuration")?
                .items()
                .first()?;
            block.get("rule").cloned()
        });
        let rule = rule.as_ref().and_then(|rule| rule.items().first());
        let default = rule.and_then(|rule| {
            rule.get("apply_server_side_encryption_by_default")?
                .items()
                .first()
        });
        let default = |name: &str| default.and_then(|it| it.get(name).cloned());
        let ownership = self.beside("aws_s3_bucket_ownership_controls", "bucket", &name);
        let ownership = ownership.and_then(|it| {
            self.get(it, "rule")
                .items()
                .first()?
                .get("object_ownership")
                .cloned()
        });
        let payer = self.beside(
            "aws_s3_bucket_request_payment_configuration",
            "bucket",
            &name,
        );
        let payer = match payer {
            Some(it) => self.field(it, "payer"),
            None => bucket
                .values
                .get("request_payer")
                .filter(|it| it.as_text().is_some())
                .cloned(),
        };
        let settings = BucketSettings {
            algorithm: default("sse_algorithm"),
            key: self.as_key_arn(&place, default("kms_master_key_id")),
            bucket_key: rule
                .and_then(|rule| rule.get("bucket_key_enabled").cloned())
                .filter(|it| it.as_bool().is_some()),
            ownership,
            payer,
            ..self.protection(bucket, &name)
        };
        answers.bucket(&by, &place, &name, settings)?;
        let inline = self.is_set(bucket, "policy")
            && self
                .beside("aws_s3_bucket_policy", "bucket", &name)
                .is_none();
        if let Some(policy) = inline
            .then(|| self.policy(bucket, "policy"))
            .transpose()?
            .flatten()
        {
            answers.bucket_policy(&by, &place, &name, &policy)?;
            made.policed.insert(name.clone());
        }
        made.buckets.push((by, place, name));
        Ok(())
    }

    /// What guards a bucket's objects, or removes them. Older providers, and states, have it in the bucket.
    fn protection(&self, bucket: &Resource, name: &str) -> BucketSettings {
        let first = |resource: &Resource, block: &str, field: &str| {
            self.get(resource, block)
                .items()
                .first()?
                .get(field)
                .cloned()
        };
        let beside = |kind: &'static str| self.beside(kind, "bucket", name);
        let inline = || {
            let on = first(bucket, "versioning", "enabled")?;
            (on.as_bool()?).then(|| Written::text("Enabled").at(on.at))
        };
        let versioning = match beside("aws_s3_bucket_versioning") {
            Some(it) => first(it, "versioning_configuration", "status")
                .filter(|it| it.as_text() != Some("Disabled")),
            None => inline(),
        };
        let lock = beside("aws_s3_bucket_object_lock_configuration")
            .map(|_| Written::implied(Item::Bool(true)));
        let public = beside("aws_s3_bucket_public_access_block");
        let lifecycle = beside("aws_s3_bucket_lifecycle_configuration").map(|it| {
            let rules = self.get(it, "rule");
            let all = rules.items().iter().map(lifecycle_rule).collect();
            Written {
                value: Item::List(all),
                at: rules.at.clone(),
            }
        });
        BucketSettings {
            versioning,
            object_lock: lock.or_else(|| self.field(bucket, "object_lock_enabled")),
            restricted: public.map(|it| {
                self.field(it, "restrict_public_buckets")
                    .unwrap_or_else(|| Written::implied(Item::Bool(false)))
            }),
            lifecycle,
            ..BucketSettings::default()
        }
    }

    fn key(&self, key: &Resource, answers: &mut Answers) -> Result<(), InputError> {
        let place = self.place(key);
        let arn = self.key_arn(key);
        let ids = [arn.clone(), key_id(&arn)];
        let apart = ids
            .iter()
            .find_map(|id| self.beside("aws_kms_key_policy", "key_id", id));
        let policy = match apart {
            Some(apart) => self.policy(apart, "policy")?,
            None if self.is_set(key, "policy") => self.policy(key, "policy")?,
            None => None,
        };
        let policy = policy.unwrap_or_else(|| default_key_policy(&place));
        let by = self.declared(apart.unwrap_or(key));
        let enabled = self
            .field(key, "is_enabled")
            .or_else(|| self.field(key, "enabled"));
        let state = match enabled.as_ref().and_then(Written::as_bool) {
            Some(false) => "Disabled",
            _ => "Enabled",
        };
        let known = |name: &str| {
            self.field(key, name)
                .filter(|value| value.as_text().is_some())
        };
        let fields = vec![
            (
                "KeyState",
                Some(Written::text(state).at(enabled.and_then(|it| it.at))),
            ),
            ("KeySpec", known("customer_master_key_spec")),
            ("KeyUsage", known("key_usage")),
        ];
        answers.key(&by, &arn, Some(&policy), fields)
    }

    /// A policy for a key that the plan does not make.
    fn foreign_key_policy(
        &self,
        policy: &Resource,
        answers: &mut Answers,
    ) -> Result<(), InputError> {
        let Some(id) = self.text(policy, "key_id") else {
            return Ok(());
        };
        let kinds = ["aws_kms_key", "aws_kms_external_key", "aws_kms_replica_key"];
        let is_made = self.plan.resources.iter().any(|it| {
            !it.is_data && !it.is_deleted && kinds.contains(&it.kind.as_str()) && {
                let arn = self.key_arn(it);
                arn == id || key_id(&arn) == id
            }
        });
        match self.policy(policy, "policy")? {
            Some(text) if !is_made => answers.key_policy(
                &self.declared(policy),
                &self.place(policy).key_arn(&id),
                &text,
            ),
            _ => Ok(()),
        }
    }

    fn topic(&self, topic: &Resource, answers: &mut Answers) -> Result<(), InputError> {
        let place = self.place(topic);
        let arn = self.attribute(topic, "arn");
        let Some(arn) = as_text(&arn) else {
            return Ok(());
        };
        let apart = self.beside("aws_sns_topic_policy", "arn", &arn);
        let policy = match apart {
            Some(apart) => self.policy(apart, "policy")?,
            None if self.is_set(topic, "policy") => self.policy(topic, "policy")?,
            None => None,
        };
        let key = self.as_key_arn(&place, self.field(topic, "kms_master_key_id"));
        answers.topic(
            &self.declared(apart.unwrap_or(topic)),
            &arn,
            policy.as_ref(),
            key,
        )
    }

    fn foreign_topic_policy(
        &self,
        policy: &Resource,
        answers: &mut Answers,
    ) -> Result<(), InputError> {
        let Some(arn) = self.text(policy, "arn") else {
            return Ok(());
        };
        let is_made = self.plan.resources.iter().any(|it| {
            !it.is_data
                && !it.is_deleted
                && it.kind == "aws_sns_topic"
                && as_text(&self.attribute(it, "arn")).as_ref() == Some(&arn)
        });
        match self.policy(policy, "policy")? {
            Some(text) if !is_made => {
                answers.topic(&self.declared(policy), &arn, Some(&text), None)
            }
            _ => Ok(()),
        }
    }

    fn trail(&self, trail: &Resource, answers: &mut Answers) -> Result<(), InputError> {
        let (by, place) = (self.declared(trail), self.place(trail));
        let arn = as_text(&self.attribute(trail, "arn")).unwrap_or_default();
        let field = |name: &str| self.field(trail, name);
        let bucket = field("s3_bucket_name")
            .unwrap_or_else(|| open(&format!("{}.s3_bucket_name", trail.address)));
        // The ARN is AWS's answer, and there is one only where a topic is named.
        let topic = field("sns_topic_arn").filter(|it| it.as_text().is_some());
        let topic = topic.or_else(|| field("sns_topic_name"));
        let topic = topic
            .and_then(|topic| Some(Written::text(place.topic_arn(&as_text(&topic)?)).at(topic.at)));
        let fields = vec![
            ("S3BucketName", Some(bucket)),
            ("S3KeyPrefix", field("s3_key_prefix")),
            ("KmsKeyId", self.as_key_arn(&place, field("kms_key_id"))),
            ("SnsTopicARN", topic),
            ("IsMultiRegionTrail", field("is_multi_region_trail")),
            ("IsOrganizationTrail", field("is_organization_trail")),
            (
                "LogFileValidationEnabled",
                field("enable_log_file_validation"),
            ),
            (
                "IncludeGlobalServiceEvents",
                field("include_global_service_events"),
            ),
            (
                "CloudWatchLogsLogGroupArn",
                field("cloud_watch_logs_group_arn"),
            ),
            ("CloudWatchLogsRoleArn", field("cloud_watch_logs_role_arn")),
        ];
        answers.trail(&by, &arn, fields, field("enable_logging").as_ref())?;
        let list = |name: &str, convert: &dyn Fn(&Written) -> Written| {
            let value = field(name)?;
            let items: Vec<Written> = value.items().iter().map(convert).collect();
            let list = Written {
                value: Item::List(items),
                at: value.at.clone(),
            };
            (!list.items().is_empty()).then_some(list)
        };
        let selectors = vec![
            ("EventSelectors", list("event_selector", &basic_selector)),
            (
                "AdvancedEventSelectors",
                list("advanced_event_selector", &advanced_selector),
            ),
        ];
        answers.selectors(Kind::GetEventSelectors, &by, &arn, selectors)?;
        let insight = |it: &Written| renamed(it, &[("insight_type", "InsightType")]);
        let insights = vec![("InsightSelectors", list("insight_selector", &insight))];
        answers.selectors(Kind::GetInsightSelectors, &by, &arn, insights)
    }

    fn organization(&self, answers: &mut Answers) -> Result<(), InputError> {
        let found = self.plan.resources.iter().find(|it| {
            it.kind == "aws_organizations_organization"
                && it.values.get("id").is_some_and(|id| id.as_text().is_some())
        });
        let Some(found) = found else {
            return Ok(());
        };
        let known = |name: &str| {
            found
                .values
                .get(name)
                .filter(|value| value.as_text().is_some())
                .cloned()
        };
        let accounts = found.values.get("accounts").map_or(&[][..], Written::items);
        let accounts = accounts
            .iter()
            .filter_map(|it| it.get("id").cloned())
            .collect();
        let fields = vec![
            ("Id", known("id")),
            ("MasterAccountId", known("master_account_id")),
        ];
        answers.organization(&self.declared(found), fields, accounts)
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
fn key_id(arn: &str) -> String {
    let id = Arn::parse(arn).and_then(|arn| arn.key_id());
    id.filter(|_| !is_unknown(arn)).unwrap_or(arn).to_owned()
}

/// The fields of an object under AWS's names.
fn renamed(value: &Written, names: &[(&'static str, &'static str)]) -> Written {
    let fields = names
        .iter()
        .map(|(own, aws)| (*aws, value.get(own).cloned()));
    object(fields.collect()).at(value.at.clone())
}

/// A lifecycle rule as AWS's API has it.
fn lifecycle_rule(rule: &Written) -> Written {
    let first = |name: &str| rule.get(name).and_then(|block| block.items().first());
    let filter = first("filter");
    let both = filter.and_then(|it| it.get("and")?.items().first());
    let text = |it: &Written| it.as_text().is_some_and(|text| !text.is_empty());
    let prefix = [Some(rule), filter, both].into_iter().flatten();
    let prefix = prefix
        .filter_map(|it| it.get("prefix"))
        .find(|it| text(it))
        .cloned();
    let tag = filter.and_then(|it| it.get("tag")?.items().first());
    let tag = tag.or_else(|| {
        both.and_then(|it| it.get("tags"))
            .filter(|it| !it.entries().is_empty())
    });
    let days = first("expiration")
        .and_then(|it| it.get("days"))
        .filter(|days| days.as_text() != Some("0"));
    let days = days.filter(|days| !days.is_null()).cloned();
    object(vec![
        (
            "Status",
            rule.get("status")
                .cloned()
                .or_else(|| Some(Written::text("Enabled"))),
        ),
        (
            "Filter",
            Some(object(vec![("Prefix", prefix), ("Tag", tag.cloned())])),
        ),
        (
            "Expiration",
            days.map(|days| object(vec![("Days", Some(days))])),
        ),
    ])
    .at(rule.at.clone())
}

fn basic_selector(it: &Written) -> Written {
    renamed(
        it,
        &[
            ("read_write_type", "ReadWriteType"),
            ("include_management_events", "IncludeManagementEvents"),
            (
                "exclude_management_event_sources",
                "ExcludeManagementEventSources",
            ),
        ],
    )
}

fn advanced_selector(it: &Written) -> Written {
    let fields = it.get("field_selector").map_or(&[][..], Written::items);
    let field = |it: &Written| {
        renamed(
            it,
            &[
                ("field", "Field"),
                ("equals", "Equals"),
                ("not_equals", "NotEquals"),
                ("starts_with", "StartsWith"),
                ("not_starts_with", "NotStartsWith"),
                ("ends_with", "EndsWith"),
                ("not_ends_with", "NotEndsWith"),
            ],
        )
    };
    let fields = Written::implied(Item::List(fields.iter().map(field).collect()));
    object(vec![
        ("Name", it.get("name").cloned()),
        ("FieldSelectors", Some(fields)),
    ])
    .at(it.at.clone())
}
