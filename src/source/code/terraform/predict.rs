//! What is predictable of resources that do not exist yet: names, ARNs, and the account and the Region that
//! a provider works in.

use std::collections::{BTreeMap, BTreeSet};

use super::super::answers::{Place, is_account};
use super::alias;
use super::evaluate::{Scope, open};
use super::reader::{Reader, as_text, key_id};
use super::resources::{Resource, module_key};
use crate::iam::unknown::unknown;
use crate::model::arn::{Arn, is_account_id};
use crate::model::region::partition_of;
use crate::written::{Item, Written};

impl<'a> Reader<'a> {
    /// What an attribute that AWS will fill in is going to be, where that can be told.
    pub(super) fn predicted(&self, resource: &Resource, name: &str) -> Option<Written> {
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
            ("aws_sns_topic" | "aws_cloudtrail", "name")
            | ("aws_kms_alias" | "aws_iam_role" | "aws_cloudwatch_log_group", "name" | "id") => {
                named()
            }
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
            is_keyed: false,
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
            "aws_iam_policy_document" => {
                let json = self.policy_document(&resource);
                return Written::implied(Item::Map(vec![("json".to_owned(), json)]));
            }
            _ => return open(&resource.address),
        };
        let entries = names
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), self.predicted(&resource, name)?)));
        Written::implied(Item::Map(entries.collect()))
    }

    pub(super) fn data_provider(
        &self,
        kind: &str,
        name: &str,
        scope: &Scope<'a>,
    ) -> Option<String> {
        let (_, block) = self
            .plan
            .sources
            .module(&module_key(&scope.module))?
            .block("data", &[kind, name])?;
        let provider = block.body.get_attribute("provider")?;
        Some(provider.value.to_string().trim().to_owned())
    }

    /// What a resource will be called.
    pub(super) fn name(&self, resource: &Resource) -> String {
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

    pub(super) fn key_arn(&self, resource: &Resource) -> String {
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

    pub(super) fn place_of_provider(&self, provider: &str) -> Place {
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
        let scope = Scope {
            file: &self.plan.code,
            module: Vec::new(),
            index: None,
            for_each: None,
            names: BTreeMap::new(),
            depth: 0,
        };
        let role = configured.and_then(|it| {
            let role = it.get("assume_role")?.items().first()?.get("role_arn")?;
            let value = self.by_references(role, &scope)?;
            // Of a role's ARN that is put together, the configuration tells what it is put together from.
            let text = value.as_text()?;
            let account = Arn::parse(text).map_or(text, |arn| arn.account);
            is_account_id(account).then(|| account.to_owned())
        });
        let told = |values: &[(Option<String>, String)]| {
            let is_meant = |name: &str| name == provider || Some(name) == alias(provider);
            let named = values
                .iter()
                .find(|(name, _)| name.as_deref().is_some_and(is_meant));
            named
                .or_else(|| values.iter().find(|(name, _)| name.is_none()))
                .map(|(_, value)| value.clone())
        };
        let identity = data("aws_caller_identity", &["account_id"]);
        let identity = if self.plan.root.get("configuration").is_some() {
            identity.or_else(|| {
                arns()
                    .map(|arn| arn.account.to_owned())
                    .find(|id| is_account_id(id))
            })
        } else {
            // A state does not say which provider made what: what several accounts have may be of any.
            let made = own().filter(|it| !it.is_data);
            let made = made.filter_map(|it| Arn::parse(it.values.get("arn")?.as_text()?));
            let made = made.filter(|arn| arn.service != "organizations");
            let identities = own().filter(|it| it.is_data && it.kind == "aws_caller_identity");
            let identities = identities.filter_map(|it| it.values.get("account_id")?.as_text());
            let all = made.map(|arn| arn.account).chain(identities);
            let all: BTreeSet<&str> = all.filter(|id| is_account_id(id)).collect();
            all.first()
                .filter(|_| all.len() == 1)
                .map(|id| (*id).to_owned())
        };
        let account = identity
            .or(role)
            .or_else(|| constant(&["allowed_account_ids", "constant_value"]))
            .filter(|account| is_account(account))
            .or_else(|| told(&self.places.accounts));
        let configured_region = configured.and_then(|it| {
            let region = it.get("region")?;
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
}
