//! Keys and topics: read with the credentials of the account that owns them, as nobody else's word counts.

use serde_json::{Value, json};

use super::answers::{Answers, Asked, from_text, policy};
use super::operation::Operation;
use super::reader::Reader;
use super::refusal::{Refusal, UNREADABLE};
use crate::document::{Kind, Subject};
use crate::model::Arn;

/// A key as a trail or topic names it: by ARN, alias, or id; and where that name is valid.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct NamedKey {
    /// The owner.
    pub(super) account: String,
    pub(super) region: String,
    /// `key/…` without the word, or `alias/…`.
    pub(super) name: String,
}

impl NamedKey {
    /// What a name means that stands in a trail or topic of this account and Region.
    pub(super) fn of(name: &str, account: &str, region: &str) -> NamedKey {
        let arn = Arn::parse(name).filter(|arn| arn.service == "kms");
        let (account, region, name) = arn.map_or((account, region, name), |arn| {
            (
                arn.account,
                arn.region,
                arn.key_id().unwrap_or(arn.resource),
            )
        });
        NamedKey {
            account: account.to_owned(),
            region: region.to_owned(),
            name: name.to_owned(),
        }
    }

    /// The folder of its answers. An alias is called `alias+NAME` there; a multi-Region key, whose id is the
    /// same in all its Regions, has its Region behind it.
    fn subject(&self) -> Subject {
        let id = if self.name.starts_with("mrk-") {
            format!("{}@{}", self.name, self.region)
        } else {
            self.name.replace('/', "+")
        };
        Subject::Key {
            account: Some(self.account.clone()),
            id,
        }
    }
}

/// Reads a key's state and policy. Two calls; one if it does not exist.
pub(super) async fn read_key(reader: &Reader, key: &NamedKey, answers: &Answers) {
    let region = &key.region;
    let client = reader.kms(region);
    let operation = Operation::DescribeKey;
    let request = client.describe_key().key_id(&key.name).send();
    let described = match reader.call(operation, region, request).await {
        Ok(answer) => {
            let text = from_text(&answer.text).unwrap_or(Value::Null);
            answers.keep(Kind::DescribeKey, key.subject(), &text);
            answer
                .output
                .key_metadata()
                .map(|it| it.key_id().to_owned())
        }
        Err(refusal) => {
            let asked = Asked::new(operation, reader, region);
            answers.refuse(Kind::DescribeKey, key.subject(), &refusal, &asked);
            if refusal.code == "NotFoundException" {
                return;
            }
            None
        }
    };
    // A policy is asked for by the key's id: KMS takes no alias there.
    let is_alias = key.name.starts_with("alias/");
    let Some(id) = described.or_else(|| (!is_alias).then(|| key.name.clone())) else {
        return;
    };
    let operation = Operation::GetKeyPolicy;
    let request = client
        .get_key_policy()
        .key_id(id)
        .policy_name("default")
        .send();
    match reader.call(operation, region, request).await {
        Ok(answer) => {
            let text = policy(answer.output.policy().unwrap_or_default());
            answers.keep_text(Kind::GetKeyPolicy, key.subject(), text);
        }
        Err(refusal) => {
            let asked = Asked::new(operation, reader, region);
            answers.refuse(Kind::GetKeyPolicy, key.subject(), &refusal, &asked);
        }
    }
}

/// A topic by its ARN.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct NamedTopic {
    arn: String,
    pub(super) account: String,
    region: String,
    name: String,
}

impl NamedTopic {
    /// The topic of an ARN, if it is one.
    pub(super) fn of(arn: &str) -> Option<NamedTopic> {
        let parsed = Arn::parse(arn).filter(|arn| arn.service == "sns")?;
        Some(NamedTopic {
            arn: arn.to_owned(),
            account: parsed.account.to_owned(),
            region: parsed.region.to_owned(),
            name: parsed.resource.to_owned(),
        })
    }
}

/// Reads a topic's attributes; the key that encrypts it, if one does.
pub(super) async fn read_topic(
    reader: &Reader,
    topic: &NamedTopic,
    answers: &Answers,
) -> Option<NamedKey> {
    let region = &topic.region;
    let subject = Subject::Topic {
        account: topic.account.clone(),
        region: region.clone(),
        name: topic.name.clone(),
    };
    let operation = Operation::GetTopicAttributes;
    let request = reader
        .sns(region)
        .get_topic_attributes()
        .topic_arn(&topic.arn)
        .send();
    match reader.call(operation, region, request).await {
        Ok(answer) => {
            let mut attributes: Vec<(&String, &String)> =
                answer.output.attributes().into_iter().flatten().collect();
            attributes.sort();
            let attributes: serde_json::Map<String, Value> = attributes
                .into_iter()
                .map(|(name, value)| (name.clone(), json!(value)))
                .collect();
            // SNS names the topic in every answer, and gives every topic a policy when it is made.
            if !attributes.contains_key("TopicArn") {
                let refusal = Refusal::new(UNREADABLE, "expected `TopicArn` among the attributes");
                let asked = Asked::new(operation, reader, region);
                answers.refuse(Kind::GetTopicAttributes, subject, &refusal, &asked);
                return None;
            }
            answers.keep(
                Kind::GetTopicAttributes,
                subject,
                &json!({ "Attributes": attributes }),
            );
            let key = answer.output.attributes()?.get("KmsMasterKeyId")?;
            // The policy of the key that AWS manages for SNS is known: it admits no service.
            (!key.is_empty() && !key.ends_with("alias/aws/sns"))
                .then(|| NamedKey::of(key, &topic.account, region))
        }
        Err(refusal) => {
            let asked = Asked::new(operation, reader, region);
            answers.refuse(Kind::GetTopicAttributes, subject, &refusal, &asked);
            None
        }
    }
}
