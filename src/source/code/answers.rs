//! What AWS will answer about the resources that infrastructure code declares, as documents. Templates and
//! plans both end here.

use std::sync::Arc;

use crate::document::{DELETED_BY_CODE, Document, InputError, KNOWN_AFTER_APPLY, Kind, Subject};
use crate::iam::unknown::{has_unknown, is_unknown, unknown, with_label};
use crate::model::arn::{Arn, is_account_id};
use crate::written::{Item, SourceFile, Spot, Written};

/// A resource that code declares.
#[derive(Debug, Clone)]
pub(super) struct Declared {
    /// Its logical id, or its address.
    pub(super) label: String,
    /// The file that declares it.
    pub(super) file: Arc<SourceFile>,
    /// Where.
    pub(super) at: Option<Spot>,
}

/// The account and the Region that a resource is made in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) account: String,
    pub(super) region: String,
    pub(super) partition: String,
}

/// The settings of a bucket besides its policy; what the code leaves out is AWS's default.
#[derive(Debug, Default)]
pub(super) struct BucketSettings {
    pub(super) algorithm: Option<Written>,
    pub(super) key: Option<Written>,
    pub(super) bucket_key: Option<Written>,
    pub(super) ownership: Option<Written>,
    pub(super) payer: Option<Written>,
    /// `Enabled` or `Suspended`.
    pub(super) versioning: Option<Written>,
    /// Whether Object Lock is on.
    pub(super) object_lock: Option<Written>,
    /// `RestrictPublicBuckets`, if the code says anything about public access.
    pub(super) restricted: Option<Written>,
    /// The lifecycle rules as AWS's API has them, if there are any.
    pub(super) lifecycle: Option<Written>,
}

/// The documents so far.
#[derive(Debug, Default)]
pub(super) struct Answers {
    pub(super) documents: Vec<Document>,
    /// What the names of unknowns get to begin with.
    label: String,
}

/// The fields of an answer.
pub(super) type Fields = Vec<(&'static str, Option<Written>)>;

impl Answers {
    /// None yet, of an input whose unknowns get a label.
    pub(super) fn of(label: String) -> Answers {
        Answers {
            label,
            ..Answers::default()
        }
    }

    /// A bucket that the code makes.
    pub(super) fn bucket(
        &mut self,
        by: &Declared,
        place: &Place,
        name: &str,
        settings: BucketSettings,
    ) -> Result<(), InputError> {
        let region = object(vec![("BucketRegion", Some(Written::text(&*place.region)))]);
        self.of_bucket(Kind::HeadBucket, by, place, name, region)?;
        // Since January 2023 S3 encrypts with its own keys unless told otherwise (Amazon S3 User Guide,
        // "Setting default server-side encryption behavior for Amazon S3 buckets", read 2026-11).
        let by_default = object(vec![
            (
                "SSEAlgorithm",
                settings.algorithm.or_else(|| Some(Written::text("AES256"))),
            ),
            ("KMSMasterKeyID", settings.key),
        ]);
        let rule = object(vec![
            ("ApplyServerSideEncryptionByDefault", Some(by_default)),
            ("BucketKeyEnabled", settings.bucket_key.map(boolean)),
        ]);
        let encryption = wrapped("ServerSideEncryptionConfiguration", "Rules", rule);
        self.of_bucket(Kind::GetBucketEncryption, by, place, name, encryption)?;
        // Since April 2023 (Amazon S3 User Guide, "Controlling ownership of objects", read 2026-11).
        let ownership = settings.ownership;
        let rule = object(vec![(
            "ObjectOwnership",
            ownership.or_else(|| Some(Written::text("BucketOwnerEnforced"))),
        )]);
        let ownership = wrapped("OwnershipControls", "Rules", rule);
        self.of_bucket(Kind::GetBucketOwnershipControls, by, place, name, ownership)?;
        let payer = settings
            .payer
            .or_else(|| Some(Written::text("BucketOwner")));
        let payer = object(vec![("Payer", payer)]);
        self.of_bucket(Kind::GetBucketRequestPayment, by, place, name, payer)?;
        let state = match settings.versioning {
            Some(state) if !is_known(&state) => refused(KNOWN_AFTER_APPLY),
            state => object(vec![("Status", state)]),
        };
        self.of_bucket(Kind::GetBucketVersioning, by, place, name, state)?;
        let lock = match settings.object_lock.as_ref().and_then(Written::as_bool) {
            Some(true) => {
                let on = object(vec![("ObjectLockEnabled", Some(Written::text("Enabled")))]);
                object(vec![("ObjectLockConfiguration", Some(on))])
            }
            _ => refused("ObjectLockConfigurationNotFoundError"),
        };
        self.of_bucket(Kind::GetObjectLockConfiguration, by, place, name, lock)?;
        if let Some(restricted) = settings.restricted.filter(|it| it.as_bool().is_some()) {
            let on = object(vec![("RestrictPublicBuckets", Some(boolean(restricted)))]);
            let block = object(vec![("PublicAccessBlockConfiguration", Some(on))]);
            self.of_bucket(Kind::GetPublicAccessBlock, by, place, name, block)?;
        }
        let lifecycle = match settings.lifecycle {
            Some(rules) if !is_known(&rules) => return Ok(()),
            Some(rules) => object(vec![("Rules", Some(rules))]),
            None => refused("NoSuchLifecycleConfiguration"),
        };
        self.of_bucket(
            Kind::GetBucketLifecycleConfiguration,
            by,
            place,
            name,
            lifecycle,
        )
    }

    /// A bucket policy.
    pub(super) fn bucket_policy(
        &mut self,
        by: &Declared,
        place: &Place,
        name: &str,
        policy: &Written,
    ) -> Result<(), InputError> {
        let policy = policy_or_unknown(policy).at(by.place_of(policy));
        self.of_bucket(Kind::GetBucketPolicy, by, place, name, policy)
    }

    /// A bucket for which no code gives a policy.
    pub(super) fn no_bucket_policy(
        &mut self,
        by: &Declared,
        place: &Place,
        name: &str,
    ) -> Result<(), InputError> {
        self.of_bucket(
            Kind::GetBucketPolicy,
            by,
            place,
            name,
            refused("NoSuchBucketPolicy"),
        )
    }

    /// A bucket to which code out of sight may give a policy.
    pub(super) fn unseen_bucket_policy(
        &mut self,
        by: &Declared,
        place: &Place,
        name: &str,
    ) -> Result<(), InputError> {
        let unseen = refused(KNOWN_AFTER_APPLY);
        self.of_bucket(Kind::GetBucketPolicy, by, place, name, unseen)
    }

    /// A bucket policy that the code deletes.
    pub(super) fn deleted_bucket_policy(
        &mut self,
        by: &Declared,
        place: &Place,
        name: &str,
    ) -> Result<(), InputError> {
        self.of_bucket(
            Kind::GetBucketPolicy,
            by,
            place,
            name,
            refused(DELETED_BY_CODE),
        )
    }

    /// A bucket that the code deletes.
    pub(super) fn deleted_bucket(
        &mut self,
        by: &Declared,
        place: &Place,
        name: &str,
    ) -> Result<(), InputError> {
        self.of_bucket(Kind::HeadBucket, by, place, name, refused(DELETED_BY_CODE))
    }

    /// A trail that the code deletes.
    pub(super) fn deleted_trail(&mut self, by: &Declared, arn: &str) -> Result<(), InputError> {
        match trail_subject(arn) {
            Some(subject) => self.add(Kind::GetTrail, subject, by, refused(DELETED_BY_CODE)),
            None => Ok(()),
        }
    }

    fn of_bucket(
        &mut self,
        kind: Kind,
        by: &Declared,
        place: &Place,
        name: &str,
        answer: Written,
    ) -> Result<(), InputError> {
        let account = Some(place.account.clone());
        let name = name.to_owned();
        self.add(kind, Subject::Bucket { account, name }, by, answer)
    }

    /// A key: its policy, and what DescribeKey will say.
    pub(super) fn key(
        &mut self,
        by: &Declared,
        arn: &str,
        policy: Option<&Written>,
        fields: Fields,
    ) -> Result<(), InputError> {
        let account = Arn::parse(arn).map(|arn| arn.account.to_owned());
        let subject = || Subject::Key {
            account: account.clone(),
            id: arn.to_owned(),
        };
        let mut metadata = vec![
            ("Arn", Some(Written::text(arn))),
            ("KeyManager", Some(Written::text("CUSTOMER"))),
        ];
        let is_open = |(name, value): &(&str, Option<Written>)| {
            let value = value.as_ref().map(|value| &value.value);
            *name == "KeyState" && matches!(value, Some(Item::Unknown(_)))
        };
        let answer = if fields.iter().any(is_open) {
            refused(KNOWN_AFTER_APPLY)
        } else {
            metadata.extend(fields);
            object(vec![("KeyMetadata", Some(object(metadata)))])
        };
        self.add(Kind::DescribeKey, subject(), by, answer)?;
        let Some(policy) = policy else { return Ok(()) };
        let policy = policy_or_unknown(policy).at(by.place_of(policy));
        self.add(Kind::GetKeyPolicy, subject(), by, policy)
    }

    /// The policy of a key that is made elsewhere.
    pub(super) fn key_policy(
        &mut self,
        by: &Declared,
        arn: &str,
        policy: &Written,
    ) -> Result<(), InputError> {
        let subject = Subject::Key {
            account: Arn::parse(arn).map(|arn| arn.account.to_owned()),
            id: arn.to_owned(),
        };
        let policy = policy_or_unknown(policy).at(by.place_of(policy));
        self.add(Kind::GetKeyPolicy, subject, by, policy)
    }

    /// A topic: its policy and its key.
    pub(super) fn topic(
        &mut self,
        by: &Declared,
        arn: &str,
        policy: Option<&Written>,
        key: Option<Written>,
    ) -> Result<(), InputError> {
        let Some(parsed) = Arn::parse(arn) else {
            return Ok(());
        };
        let subject = Subject::Topic {
            account: parsed.account.to_owned(),
            region: parsed.region.to_owned(),
            name: parsed.resource.to_owned(),
        };
        let policy = policy.map(|policy| policy_or_unknown(policy).at(by.place_of(policy)));
        if let Some(unseen) = policy
            .as_ref()
            .filter(|policy| policy.get("Error").is_some())
        {
            return self.add(Kind::GetTopicAttributes, subject, by, unseen.clone());
        }
        let policy = policy.map(|policy| Written::implied(Item::Json(Box::new(policy))));
        let attributes = object(vec![("Policy", policy), ("KmsMasterKeyId", key)]);
        let answer = object(vec![("Attributes", Some(attributes))]);
        self.add(Kind::GetTopicAttributes, subject, by, answer)
    }

    /// A topic that the code deletes.
    pub(super) fn deleted_topic(&mut self, by: &Declared, arn: &str) -> Result<(), InputError> {
        let Some(parsed) = Arn::parse(arn) else {
            return Ok(());
        };
        let subject = Subject::Topic {
            account: parsed.account.to_owned(),
            region: parsed.region.to_owned(),
            name: parsed.resource.to_owned(),
        };
        self.add(
            Kind::GetTopicAttributes,
            subject,
            by,
            refused(DELETED_BY_CODE),
        )
    }

    /// A trail; `is_logging` is nothing for what the code leaves to AWS's default, which is to log.
    pub(super) fn trail(
        &mut self,
        by: &Declared,
        arn: &str,
        fields: Fields,
        is_logging: Option<&Written>,
    ) -> Result<(), InputError> {
        let Some(subject) = trail_subject(arn) else {
            return Ok(());
        };
        // A Boolean that is not known would make another trail of it.
        let open = |(name, value): &(&str, Option<Written>)| {
            let value = value.as_ref().map(|value| &value.value);
            let decides = name.starts_with("Is") || *name == "LogFileValidationEnabled";
            decides && matches!(value, Some(Item::Unknown(_)))
        };
        let answer = if fields.iter().any(open) {
            refused(KNOWN_AFTER_APPLY)
        } else {
            let mut all = vec![("TrailARN", Some(Written::text(arn).at(by.at.clone())))];
            all.extend(fields.into_iter().filter_map(|(name, value)| {
                let flag = name.starts_with("Is") || name.starts_with("Include");
                let flag = flag || name == "LogFileValidationEnabled";
                let value = value.filter(|value| !flag || value.as_bool().is_some())?;
                Some((name, Some(if flag { boolean(value) } else { value })))
            }));
            object(vec![("Trail", Some(object(all)))])
        };
        self.add(Kind::GetTrail, subject.clone(), by, answer)?;
        if let Some(off) = is_logging.filter(|value| value.as_bool() == Some(false)) {
            let status = object(vec![("IsLogging", Some(boolean(off.clone())))]);
            self.add(Kind::GetTrailStatus, subject, by, status)?;
        } else if let Some(Item::Unknown(_)) = is_logging.map(|value| &value.value) {
            self.add(
                Kind::GetTrailStatus,
                subject,
                by,
                refused(KNOWN_AFTER_APPLY),
            )?;
        }
        Ok(())
    }

    /// What a trail records. Selectors of which something is not known are left out.
    pub(super) fn selectors(
        &mut self,
        kind: Kind,
        by: &Declared,
        arn: &str,
        fields: Fields,
    ) -> Result<(), InputError> {
        let Some(subject) = trail_subject(arn) else {
            return Ok(());
        };
        let known = fields.iter().flat_map(|(_, value)| value).all(is_known);
        let answer = object(fields);
        if !known || answer.entries().is_empty() {
            return Ok(());
        }
        self.add(kind, subject, by, answer)
    }

    /// The organization that the accounts belong to.
    pub(super) fn organization(
        &mut self,
        by: &Declared,
        fields: Fields,
        accounts: Vec<Written>,
    ) -> Result<(), InputError> {
        let answer = object(vec![("Organization", Some(object(fields)))]);
        self.add(
            Kind::DescribeOrganization,
            Subject::Organization,
            by,
            answer,
        )?;
        if accounts.is_empty() {
            return Ok(());
        }
        let id = |id: Written| object(vec![("Id", Some(id))]);
        let accounts = Written::implied(Item::List(accounts.into_iter().map(id).collect()));
        let answer = object(vec![("Accounts", Some(accounts))]);
        self.add(Kind::ListAccounts, Subject::Organization, by, answer)
    }

    fn add(
        &mut self,
        kind: Kind,
        subject: Subject,
        by: &Declared,
        answer: Written,
    ) -> Result<(), InputError> {
        let at = answer.at.clone().or_else(|| by.at.clone());
        // A policy may be written in another file than the resource that holds it.
        let file = at.as_ref().map_or(&by.file, |spot| &spot.file);
        let file = Arc::clone(file);
        let mut answer = answer.at(at);
        let mut subject = subject;
        if !self.label.is_empty() {
            answer = labelled(answer, &self.label);
            for text in names_in(&mut subject) {
                *text = with_label(text, &self.label);
            }
        }
        let document = Document::of_code(kind, subject, &by.label, &file, &answer)?;
        self.documents.push(document);
        Ok(())
    }
}

impl Declared {
    /// Where a value stands: where it is written, else where the resource is declared.
    fn place_of(&self, value: &Written) -> Option<Spot> {
        value.at.clone().or_else(|| self.at.clone())
    }
}

impl Place {
    /// The ARN of a bucket.
    pub(super) fn bucket_arn(&self, name: &str) -> String {
        format!("arn:{}:s3:::{name}", self.partition)
    }

    /// The ARN of something in this account and Region.
    pub(super) fn arn(&self, service: &str, resource: &str) -> String {
        let Place {
            account,
            region,
            partition,
        } = self;
        format!("arn:{partition}:{service}:{region}:{account}:{resource}")
    }

    /// A trail's key as GetTrail will give it, an ARN: a key id alone, or an alias, is one of this account
    /// and Region. Which key an alias stands for is not known here.
    pub(super) fn key_arn(&self, key: &str) -> String {
        if is_unknown(key) {
            return key.to_owned();
        }
        match Arn::parse(key) {
            Some(arn) if arn.key_id().is_some() => key.to_owned(),
            Some(arn) => {
                let place = Place {
                    account: arn.account.to_owned(),
                    region: arn.region.to_owned(),
                    partition: arn.partition.to_owned(),
                };
                place.arn("kms", &format!("key/{}", unknown(arn.resource)))
            }
            None if key.starts_with("alias/") => self.arn("kms", &format!("key/{}", unknown(key))),
            None => self.arn("kms", &format!("key/{key}")),
        }
    }

    /// The ARN of a key that is made here, by its id; the id may be an ARN that the user told.
    pub(super) fn key_arn_of(&self, id: &str) -> String {
        if id.starts_with("arn:") {
            id.to_owned()
        } else {
            self.arn("kms", &format!("key/{id}"))
        }
    }

    /// A topic as GetTrail will give it, an ARN: a name alone is one of this account and Region.
    pub(super) fn topic_arn(&self, topic: &str) -> String {
        if topic.starts_with("arn:") || is_unknown(topic) {
            topic.to_owned()
        } else {
            self.arn("sns", topic)
        }
    }
}

/// The trail that an ARN names.
fn trail_subject(arn: &str) -> Option<Subject> {
    let parsed = Arn::parse(arn)?;
    Some(Subject::Trail {
        account: parsed.account.to_owned(),
        home_region: parsed.region.to_owned(),
        name: parsed.trail_name()?.to_owned(),
        shadow_region: None,
    })
}

/// An object of the fields that there are.
pub(super) fn object(fields: Fields) -> Written {
    let there = fields.into_iter().filter_map(|(name, value)| {
        let value = value.filter(|value| !value.is_null())?;
        Some((name.to_owned(), value))
    });
    Written::implied(Item::Map(there.collect()))
}

fn wrapped(outer: &'static str, inner: &'static str, item: Written) -> Written {
    let list = Written::implied(Item::List(vec![item]));
    object(vec![(outer, Some(object(vec![(inner, Some(list))])))])
}

/// An answer that AWS refuses.
fn refused(code: &str) -> Written {
    let error = object(vec![("Code", Some(Written::text(code)))]);
    object(vec![("Error", Some(error))])
}

/// A Boolean, also one that is written as text; anything else stays for its reader to complain about.
fn boolean(value: Written) -> Written {
    match value.as_bool() {
        Some(known) => Written {
            value: Item::Bool(known),
            at: value.at,
        },
        None => value,
    }
}

/// A value, the names of its unknowns begun with a label.
fn labelled(value: Written, label: &str) -> Written {
    let of = |text: String| with_label(&text, label);
    let read = match value.value {
        // It is said in a text, or for a whole value.
        Item::Unknown(name) => Item::Unknown(format!("{label}{name}")),
        Item::Text(text) => Item::Text(of(text)),
        Item::List(items) => Item::List(items.into_iter().map(|it| labelled(it, label)).collect()),
        Item::Map(entries) => Item::Map(
            entries
                .into_iter()
                .map(|(key, value)| (of(key), labelled(value, label)))
                .collect(),
        ),
        Item::Json(inner) => Item::Json(Box::new(labelled(*inner, label))),
        other => other,
    };
    Written {
        value: read,
        at: value.at,
    }
}

/// The texts in what an answer is about.
fn names_in(subject: &mut Subject) -> Vec<&mut String> {
    match subject {
        Subject::Bucket { account, name } => account.iter_mut().chain([name]).collect(),
        Subject::Key { account, id } => account.iter_mut().chain([id]).collect(),
        Subject::Topic {
            account,
            region,
            name,
        } => vec![account, region, name],
        Subject::Trail {
            account,
            home_region,
            name,
            ..
        } => vec![account, home_region, name],
        // Of nothing else does code speak.
        _ => Vec::new(),
    }
}

/// Whether nothing in a value is unknown.
pub(super) fn is_known(value: &Written) -> bool {
    match &value.value {
        Item::Unknown(_) => false,
        Item::Text(text) => !has_unknown(text),
        Item::List(items) | Item::Set(items) => items.iter().all(is_known),
        Item::Map(entries) => entries
            .iter()
            .all(|(key, value)| !has_unknown(key) && is_known(value)),
        Item::Json(inner) => is_known(inner),
        Item::Null | Item::Bool(_) | Item::Number(_) => true,
    }
}

/// A policy whose shape is known: only texts in it may be open. Of one with an open Effect, an open list
/// of statements, or an open block of conditions nothing can be said, so it stands as unseen.
///
/// The alternative, to go on with the statements that are known, was rejected: an open statement may
/// allow what the others refuse, and deny what they allow.
fn policy_or_unknown(policy: &Written) -> Written {
    if has_known_shape(policy) {
        as_texts(policy)
    } else {
        refused(KNOWN_AFTER_APPLY)
    }
}

fn has_known_shape(policy: &Written) -> bool {
    let is_object = |value: &Written| !matches!(value.value, Item::Unknown(_));
    let fixed = |value: Option<&Written>| value.is_none_or(is_known);
    let statement = |statement: &Written| {
        is_object(statement)
            && ["Effect", "Action", "NotAction"]
                .iter()
                .all(|name| fixed(statement.get(name)))
            && ["Principal", "NotPrincipal"].iter().all(|name| {
                statement.get(name).is_none_or(|principal| {
                    is_object(principal)
                        && principal.entries().iter().all(|(key, _)| !has_unknown(key))
                })
            })
            && statement.get("Condition").is_none_or(|block| {
                is_object(block)
                    && block.entries().iter().all(|(operator, keys)| {
                        !has_unknown(operator)
                            && is_object(keys)
                            && keys.entries().iter().all(|(key, _)| !has_unknown(key))
                    })
            })
    };
    is_object(policy)
        && fixed(policy.get("Version"))
        && policy
            .get("Statement")
            .is_none_or(|list| is_object(list) && list.items().iter().all(statement))
}

/// Numbers and Booleans of a policy as texts, as a template's reader hands them on: an account id that
/// is written without quotes is no number.
fn as_texts(value: &Written) -> Written {
    let read = match &value.value {
        Item::Number(text) => Item::Text(text.to_string()),
        Item::Bool(flag) => Item::Text(flag.to_string()),
        Item::List(items) => Item::List(items.iter().map(as_texts).collect()),
        Item::Map(entries) => Item::Map(
            entries
                .iter()
                .map(|(key, value)| (key.clone(), as_texts(value)))
                .collect(),
        ),
        other => other.clone(),
    };
    Written {
        value: read,
        at: value.at.clone(),
    }
}

/// Whether a text can be an account: twelve digits, or not known.
pub(super) fn is_account(text: &str) -> bool {
    is_account_id(text) || has_unknown(text)
}

/// What DescribeKey will say of a key that code enables, disables, or leaves open; AWS enables it.
pub(super) fn key_state(enabled: Option<Written>) -> Written {
    let Some(enabled) = enabled else {
        return Written::text("Enabled");
    };
    match (&enabled.value, enabled.as_bool()) {
        (Item::Unknown(_), _) => enabled,
        (_, Some(false)) => Written::text("Disabled").at(enabled.at),
        _ => Written::text("Enabled").at(enabled.at),
    }
}
