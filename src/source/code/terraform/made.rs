//! The resources of a plan that decide about CloudTrail's delivery, as answers.

use std::collections::{BTreeMap, BTreeSet};

use super::super::answers::{Answers, BucketSettings, Place, key_state, object};
use super::super::{Made, MadeBucket, MadePolicy, default_key_policy};
use super::evaluate::open;
use super::reader::{Reader, as_text, key_id};
use super::resources::Resource;
use crate::document::{InputError, Kind};
use crate::written::{Item, Written};

/// The kinds of resources that make a key.
const KEYS: [&str; 3] = ["aws_kms_key", "aws_kms_external_key", "aws_kms_replica_key"];

impl<'a> Reader<'a> {
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
                // A key of the plan has no id yet, and is known by what stands for that.
                let mut made = KEYS.into_iter().flat_map(of).map(|key| self.key_arn(key));
                let made = made.find(|arn| *arn == target || key_id(arn) == target);
                let arn = made.unwrap_or_else(|| place.key_arn(&target));
                self.keys
                    .borrow_mut()
                    .insert(place.arn("kms", &name), arn.clone());
                self.keys.borrow_mut().insert(name, arn);
            }
        }
        for bucket in of("aws_s3_bucket") {
            self.bucket(bucket, answers, made)?;
        }
        for resource in of("aws_s3_bucket_policy") {
            let name = self.text(resource, "bucket");
            if let (Some(name), Some(policy)) = (name, self.policy(resource, "policy")?) {
                let (by, place) = (self.declared(resource), self.place(resource));
                made.add_policy(name, MadePolicy { by, place, policy });
            }
        }
        // What keys and topics may be called by a policy that stands apart.
        let mut own = BTreeSet::new();
        for kind in KEYS {
            for key in of(kind) {
                let arn = self.key_arn(key);
                own.extend([key_id(&arn), arn]);
                self.key(key, answers)?;
            }
        }
        for policy in of("aws_kms_key_policy") {
            self.foreign_key_policy(policy, &own, answers)?;
        }
        for topic in of("aws_sns_topic") {
            own.extend(as_text(&self.attribute(topic, "arn")));
            self.topic(topic, answers)?;
        }
        for policy in of("aws_sns_topic_policy") {
            self.foreign_topic_policy(policy, &own, answers)?;
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
                // A key is not deleted at once, but from now on nobody can use it.
                "aws_kms_key" | "aws_kms_replica_key" => {
                    if let Some(arn) = value("arn") {
                        let state = Written::text("PendingDeletion").at(by.at.clone());
                        answers.key(&by, arn, None, vec![("KeyState", Some(state))])?;
                    }
                }
                "aws_sns_topic" => {
                    if let Some(arn) = value("arn") {
                        answers.deleted_topic(&by, arn)?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
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
                .filter_map(|(at, it)| Some((as_text(&self.told(it, attribute))?, at)))
                .collect();
            self.named.borrow_mut().insert(kind, named);
        }
        let at = *self.named.borrow().get(kind)?.get(name)?;
        self.plan.resources.get(at)
    }

    /// An attribute as it is told, or else foretold.
    fn told(&self, resource: &Resource, name: &str) -> Written {
        match self.get(resource, name) {
            Written {
                value: Item::Unknown(_) | Item::Null,
                ..
            } => self.attribute(resource, name),
            told => told,
        }
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
        made.buckets.push(MadeBucket {
            by,
            place,
            name,
            is_policy_hidden: self.may_leave_out("aws_s3_bucket_policy"),
        });
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
            None if self.may_leave_out("aws_s3_bucket_versioning") => {
                Some(open(&format!("{}.versioning", bucket.address)))
            }
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
        let state = key_state(enabled);
        let known = |name: &str| {
            self.field(key, name)
                .filter(|value| value.as_text().is_some())
        };
        let fields = vec![
            ("KeyState", Some(state)),
            ("KeySpec", known("customer_master_key_spec")),
            ("KeyUsage", known("key_usage")),
        ];
        answers.key(&by, &arn, Some(&policy), fields)
    }

    /// The log group of a trail. A plan without its files names what an attribute refers to, and not what it
    /// makes of that: the `:*` that belongs behind the ARN is not seen there.
    fn log_group(&self, trail: &Resource) -> Option<Written> {
        let name = "cloud_watch_logs_group_arn";
        let group = self.field(trail, name)?;
        let is_said = self.in_code(trail, name).is_some()
            || (trail.values.get(name)).is_some_and(|it| !matches!(it.value, Item::Unknown(_)));
        let is_whole = as_text(&group).is_some_and(|text| text.ends_with(":*"));
        Some(if is_said || is_whole {
            group
        } else {
            open(&format!("{}.{name}", trail.address)).at(group.at)
        })
    }

    /// A policy for a key that the plan does not make.
    fn foreign_key_policy(
        &self,
        policy: &Resource,
        made: &BTreeSet<String>,
        answers: &mut Answers,
    ) -> Result<(), InputError> {
        let Some(id) = self.text(policy, "key_id") else {
            return Ok(());
        };
        let is_made = made.contains(&id);
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
        made: &BTreeSet<String>,
        answers: &mut Answers,
    ) -> Result<(), InputError> {
        let Some(arn) = self.text(policy, "arn") else {
            return Ok(());
        };
        let is_made = made.contains(&arn);
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
        let topic = topic.and_then(|topic| {
            let name = as_text(&topic)?;
            // What a topic is called may not be known, and which it is all the same.
            let made = self.beside("aws_sns_topic", "name", &name);
            let made = made.and_then(|made| as_text(&self.attribute(made, "arn")));
            let arn = made.unwrap_or_else(|| place.topic_arn(&name));
            Some(Written::text(arn).at(topic.at))
        });
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
            ("CloudWatchLogsLogGroupArn", self.log_group(trail)),
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
