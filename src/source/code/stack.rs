//! The resources of one stack that decide about CloudTrail's delivery, as answers.
//!
//! Source: AWS CloudFormation User Guide, "AWS resource and property types reference" (read 2026-11).

use std::collections::BTreeMap;
use std::sync::Arc;

use super::answers::{Answers, BucketSettings, Declared, Place, key_state, object};
use super::intrinsics::Answer;
use super::stack_set::STACK_SET;
use super::template::{NESTED, Stack, text};
use super::{Made, MadeBucket, MadePolicy};
use crate::document::{InputError, Kind};
use crate::iam::unknown::is_unknown;
use crate::written::{Item, Written};

/// Notes what the keys and topics of a stack are, and of those that it makes.
pub(super) fn note_names(stack: &Stack<'_>, made: &mut Made) -> Result<(), InputError> {
    for (id, _) in stack.template.resources() {
        let arn = match stack.type_of(id) {
            Some("AWS::KMS::Key") => |place: &Place, name: &str| place.key_arn_of(name),
            Some("AWS::SNS::Topic") => |place: &Place, name: &str| place.arn("sns", name),
            Some(NESTED) => {
                stack.with_nested(id, Answer::Yes, |nested| note_names(nested, made))?;
                continue;
            }
            Some(STACK_SET) => {
                stack.with_set(id, Answer::Yes, |one| note_names(one, made))?;
                continue;
            }
            _ => continue,
        };
        let name = text(&stack.physical(id, None)?);
        if is_unknown(&name) {
            made.named.insert(name.clone(), arn(&stack.place, &name));
        }
    }
    Ok(())
}

/// What one stack makes.
pub(super) fn add(
    stack: &Stack<'_>,
    answers: &mut Answers,
    made: &mut Made,
) -> Result<(), InputError> {
    stack.refuse_circles()?;
    let mut reader = Reader {
        keys: BTreeMap::new(),
        topics: BTreeMap::new(),
        topic_policies: BTreeMap::new(),
        stack,
        answers,
        made,
    };
    let mut resources = Vec::new();
    for (id, resource) in stack.template.resources() {
        let Some(kind) = resource.get("Type").and_then(Written::as_text) else {
            continue;
        };
        let made = match resource.get("Condition").and_then(Written::as_text) {
            Some(name) => stack.named_condition(name, resource.at.as_ref())?,
            None => Answer::Yes,
        };
        let made = if made == Answer::Yes {
            stack.made
        } else {
            made
        };
        if made != Answer::No {
            resources.push((id.as_str(), kind, made, reader.declared(id, resource)));
        }
    }
    // Keys and topic policies are looked up by what comes after them.
    for (id, kind, made, _) in &resources {
        match *kind {
            "AWS::KMS::Key" => reader.note_key(id)?,
            "AWS::SNS::Topic" => {
                let name = reader.name(id)?;
                let arn = stack.place.arn("sns", &name);
                reader.topics.insert(name, arn);
            }
            "AWS::SNS::TopicPolicy" => reader.note_topic_policy(id, *made)?,
            _ => {}
        }
    }
    for (id, kind, _, _) in &resources {
        if *kind == "AWS::KMS::Alias" {
            reader.note_alias(id)?;
        }
    }
    for (id, kind, made, by) in &resources {
        match *kind {
            "AWS::S3::Bucket" => reader.bucket(id, by)?,
            "AWS::S3::BucketPolicy" => reader.bucket_policy(id, by, *made)?,
            "AWS::KMS::Key" => reader.key(id, by, *made)?,
            "AWS::SNS::Topic" => reader.topic(id, by)?,
            "AWS::CloudTrail::Trail" => reader.trail(id, by)?,
            _ => {}
        }
    }
    reader.foreign_topics(&resources)?;
    for (id, kind, made, _) in &resources {
        match *kind {
            NESTED => {
                stack.with_nested(id, *made, |nested| add(nested, reader.answers, reader.made))?;
            }
            STACK_SET => {
                stack.with_set(id, *made, |one| add(one, reader.answers, reader.made))?;
            }
            _ => {}
        }
    }
    Ok(())
}

struct Reader<'a, 't> {
    stack: &'a Stack<'t>,
    answers: &'a mut Answers,
    made: &'a mut Made,
    /// Key ARNs by what templates may call a key: its id, its alias.
    keys: BTreeMap<String, String>,
    /// Topic ARNs by the topics' names.
    topics: BTreeMap<String, String>,
    /// Topic policies by topic ARN; the logical id, for one that no topic of the stack takes.
    topic_policies: BTreeMap<String, (String, Written)>,
}

impl Reader<'_, '_> {
    fn declared(&self, id: &str, resource: &Written) -> Declared {
        Declared {
            label: format!("{}{id}", self.stack.label),
            file: Arc::clone(&self.stack.template.file),
            at: resource.at.clone(),
        }
    }

    fn name(&self, id: &str) -> Result<String, InputError> {
        Ok(text(&self.stack.physical(id, None)?))
    }

    fn note_key(&mut self, id: &str) -> Result<(), InputError> {
        let name = self.name(id)?;
        let arn = self.stack.place.key_arn_of(&name);
        self.keys.insert(name, arn);
        Ok(())
    }

    fn note_alias(&mut self, id: &str) -> Result<(), InputError> {
        let Some(target) = self.stack.property(id, "TargetKeyId")? else {
            return Ok(());
        };
        let (name, arn) = (self.name(id)?, self.key_arn(&text(&target)));
        self.keys
            .insert(self.stack.place.arn("kms", &name), arn.clone());
        self.keys.insert(name, arn);
        Ok(())
    }

    fn note_topic_policy(&mut self, id: &str, made: Answer) -> Result<(), InputError> {
        let topics = self.stack.property(id, "Topics")?;
        let policy = self.policy(id, "PolicyDocument", made)?;
        for topic in topics.iter().flat_map(Written::items) {
            let arn = self.stack.place.topic_arn(&text(topic));
            self.topic_policies
                .insert(arn, (id.to_owned(), policy.clone()));
        }
        Ok(())
    }

    /// A policy; one that may not come to be is not known.
    fn policy(&self, id: &str, property: &str, made: Answer) -> Result<Written, InputError> {
        let policy = self.stack.property(id, property)?;
        let policy = policy.unwrap_or_else(|| object(Vec::new()));
        Ok(match made {
            Answer::Open => self.stack.open(id).at(policy.at),
            _ => from_json_text(policy),
        })
    }

    /// A topic's ARN, of its name or of itself.
    fn topic_arn(&self, topic: &str) -> String {
        let known = self
            .topics
            .get(topic)
            .or_else(|| self.made.named.get(topic));
        known
            .cloned()
            .unwrap_or_else(|| self.stack.place.topic_arn(topic))
    }

    fn key_arn(&self, key: &str) -> String {
        let known = self.keys.get(key).or_else(|| self.made.named.get(key));
        known
            .cloned()
            .unwrap_or_else(|| self.stack.place.key_arn(key))
    }

    /// A key's name as its ARN, at its place.
    fn as_key_arn(&self, key: Option<Written>) -> Option<Written> {
        let key = key?;
        Some(Written::text(self.key_arn(&text(&key))).at(key.at))
    }

    /// A value inside of a property.
    fn inside(&self, id: &str, path: &[&str]) -> Result<Option<Written>, InputError> {
        let Some((property, rest)) = path.split_first() else {
            return Ok(None);
        };
        let property = self.stack.property(id, property)?;
        Ok(property.and_then(|it| it.path(rest).cloned()))
    }

    fn bucket(&mut self, id: &str, by: &Declared) -> Result<(), InputError> {
        let name = self.name(id)?;
        let encryption = self.stack.property(id, "BucketEncryption")?;
        let rule = encryption
            .as_ref()
            .and_then(|it| it.get("ServerSideEncryptionConfiguration")?.items().first());
        let default = |field: &str| {
            rule?
                .path(&["ServerSideEncryptionByDefault", field])
                .cloned()
        };
        let ownership = self.stack.property(id, "OwnershipControls")?;
        let ownership = ownership
            .as_ref()
            .and_then(|it| it.get("Rules")?.items().first());
        let settings = BucketSettings {
            algorithm: default("SSEAlgorithm"),
            key: default("KMSMasterKeyID"),
            bucket_key: rule.and_then(|rule| rule.get("BucketKeyEnabled").cloned()),
            ownership: ownership.and_then(|rule| rule.get("ObjectOwnership").cloned()),
            payer: None,
            versioning: self.inside(id, &["VersioningConfiguration", "Status"])?,
            object_lock: self.stack.property(id, "ObjectLockEnabled")?,
            restricted: match self.stack.property(id, "PublicAccessBlockConfiguration")? {
                Some(block) => {
                    let on = block.get("RestrictPublicBuckets").cloned();
                    on.or_else(|| Some(Written::implied(Item::Bool(false)).at(block.at)))
                }
                None => None,
            },
            lifecycle: self
                .inside(id, &["LifecycleConfiguration", "Rules"])?
                .map(|rules| {
                    let rules_at = rules.at.clone();
                    let all = rules.items().iter().map(lifecycle_rule).collect();
                    Written::implied(Item::List(all)).at(rules_at)
                }),
        };
        let key = self.as_key_arn(settings.key.clone());
        let settings = BucketSettings { key, ..settings };
        self.answers
            .bucket(by, &self.stack.place, &name, settings)?;
        self.made.buckets.push(MadeBucket {
            by: by.clone(),
            place: self.stack.place.clone(),
            name,
            is_policy_hidden: self.stack.is_partial,
        });
        Ok(())
    }

    fn bucket_policy(&mut self, id: &str, by: &Declared, made: Answer) -> Result<(), InputError> {
        let Some(bucket) = self.stack.property(id, "Bucket")? else {
            return Ok(());
        };
        let policy = self.policy(id, "PolicyDocument", made)?;
        let name = text(&bucket);
        let policy = MadePolicy {
            by: by.clone(),
            place: self.stack.place.clone(),
            policy,
        };
        self.made.add_policy(name, policy);
        Ok(())
    }

    fn key(&mut self, id: &str, by: &Declared, made: Answer) -> Result<(), InputError> {
        let place = &self.stack.place;
        let arn = place.key_arn_of(&self.name(id)?);
        let policy = match self.stack.property(id, "KeyPolicy")? {
            Some(_) => self.policy(id, "KeyPolicy", made)?,
            None => super::default_key_policy(place),
        };
        let enabled = self.stack.property(id, "Enabled")?;
        let state = key_state(enabled);
        let fields = vec![
            ("KeyState", Some(state)),
            ("KeySpec", self.stack.property(id, "KeySpec")?),
            ("KeyUsage", self.stack.property(id, "KeyUsage")?),
        ];
        self.answers.key(by, &arn, Some(&policy), fields)
    }

    fn topic(&mut self, id: &str, by: &Declared) -> Result<(), InputError> {
        let arn = self.topic_arn(&self.name(id)?);
        let policy = self.topic_policies.remove(&arn).map(|(_, policy)| policy);
        let key = self.as_key_arn(self.stack.property(id, "KmsMasterKeyId")?);
        self.answers.topic(by, &arn, policy.as_ref(), key)
    }

    /// Policies for topics that the stack does not make.
    fn foreign_topics(
        &mut self,
        resources: &[(&str, &str, Answer, Declared)],
    ) -> Result<(), InputError> {
        for (arn, (id, policy)) in std::mem::take(&mut self.topic_policies) {
            if let Some((.., by)) = resources.iter().find(|(other, ..)| *other == id) {
                self.answers.topic(by, &arn, Some(&policy), None)?;
            }
        }
        Ok(())
    }

    fn trail(&mut self, id: &str, by: &Declared) -> Result<(), InputError> {
        let stack = self.stack;
        let place = &stack.place;
        let property = |name: &str| stack.property(id, name);
        let arn = place.arn("cloudtrail", &format!("trail/{}", self.name(id)?));
        let topic = property("SnsTopicName")?;
        let topic = topic.map(|topic| Written::text(self.topic_arn(&text(&topic))).at(topic.at));
        let insights = property("InsightSelectors")?;
        let fields = vec![
            ("S3BucketName", property("S3BucketName")?.map(as_text)),
            ("S3KeyPrefix", property("S3KeyPrefix")?.map(as_text)),
            ("KmsKeyId", self.as_key_arn(property("KMSKeyId")?)),
            ("SnsTopicARN", topic),
            ("IsMultiRegionTrail", property("IsMultiRegionTrail")?),
            ("IsOrganizationTrail", property("IsOrganizationTrail")?),
            (
                "LogFileValidationEnabled",
                property("EnableLogFileValidation")?,
            ),
            (
                "IncludeGlobalServiceEvents",
                property("IncludeGlobalServiceEvents")?,
            ),
            (
                "CloudWatchLogsLogGroupArn",
                property("CloudWatchLogsLogGroupArn")?.map(as_text),
            ),
            (
                "CloudWatchLogsRoleArn",
                property("CloudWatchLogsRoleArn")?.map(as_text),
            ),
        ];
        if fields.first().is_none_or(|(_, bucket)| bucket.is_none()) {
            let message = format!("the trail `{id}` has no `S3BucketName`");
            return Err(stack.template.error(by.at.as_ref(), message));
        }
        self.answers
            .trail(by, &arn, fields, property("IsLogging")?.as_ref())?;
        let selectors = vec![
            ("EventSelectors", property("EventSelectors")?.map(booleans)),
            (
                "AdvancedEventSelectors",
                property("AdvancedEventSelectors")?.map(booleans),
            ),
        ];
        self.answers
            .selectors(Kind::GetEventSelectors, by, &arn, selectors)?;
        let insights = vec![("InsightSelectors", insights)];
        self.answers
            .selectors(Kind::GetInsightSelectors, by, &arn, insights)
    }
}

/// A lifecycle rule as AWS's API has it.
fn lifecycle_rule(rule: &Written) -> Written {
    let field = |name: &str| rule.get(name).cloned();
    let days = field("ExpirationInDays");
    let days = days.map(|days| object(vec![("Days", Some(days))]));
    let tags = field("TagFilters").filter(|tags| !tags.items().is_empty());
    let filter = object(vec![("Prefix", field("Prefix")), ("Tag", tags)]);
    object(vec![
        (
            "Status",
            field("Status").or_else(|| Some(Written::text("Enabled"))),
        ),
        ("Filter", Some(filter)),
        ("Expiration", days),
    ])
    .at(rule.at.clone())
}

/// A text property that may be written as a number.
fn as_text(value: Written) -> Written {
    match value.as_text().map(str::to_owned) {
        Some(text) => Written {
            value: Item::Text(text),
            at: value.at,
        },
        None => value,
    }
}

/// The flags of selectors as Booleans: templates may write them as texts.
fn booleans(value: Written) -> Written {
    let read = match value.value {
        Item::List(items) => Item::List(items.into_iter().map(booleans).collect()),
        Item::Map(entries) => {
            let flag = |(key, value): (String, Written)| {
                let known = value.as_bool().filter(|_| key.starts_with("Include"));
                let value = match known {
                    Some(known) => Written {
                        value: Item::Bool(known),
                        at: value.at,
                    },
                    None => booleans(value),
                };
                (key, value)
            };
            Item::Map(entries.into_iter().map(flag).collect())
        }
        other => other,
    };
    Written {
        value: read,
        at: value.at,
    }
}

/// A policy that is given as a text which holds JSON. Its parts all stand where the text does.
pub(super) fn from_json_text(policy: Written) -> Written {
    match policy.value {
        Item::Json(inner) => *inner,
        Item::Text(ref text) if !is_unknown(text) => {
            let Ok(node) = crate::json::parse(text) else {
                return policy;
            };
            let file = Arc::new(crate::written::SourceFile::new("", String::new()));
            without_places(Written::from_json(&node, &file)).at(policy.at)
        }
        Item::Text(ref text) => Written {
            value: Item::Unknown(text.clone()),
            at: policy.at,
        },
        _ => policy,
    }
}

fn without_places(value: Written) -> Written {
    let read = match value.value {
        Item::List(items) => Item::List(items.into_iter().map(without_places).collect()),
        Item::Map(entries) => Item::Map(
            entries
                .into_iter()
                .map(|(key, value)| (key, without_places(value)))
                .collect(),
        ),
        other => other,
    };
    Written::implied(read)
}
