//! The estate: every trail, bucket, key and topic that the documents of a run speak of, joined.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::arn::Arn;
use super::bucket::{self, Bucket};
use super::coverage::Coverage;
use super::evidence::{Evidence, Reason, Unknown, refused};
use super::key::{self, Key, KeyFolder};
use super::organization::{self, Membership, Organization};
use super::read::Fields;
use super::role::{self, LogGroups, Role};
use super::selectors::Selectors;
use super::topic::{self, Topic};
use super::trail::{self, Trail, UnseenTrail};
use super::trail_status::{self, DeliveryError, TrailStatus};
use crate::document::{Document, DocumentId, EVERY_ACCOUNT, InputError, Kind, Subject};
use crate::json::Value;

/// Everything that one run audits.
#[derive(Debug, Clone)]
pub struct Estate {
    /// The documents, in the order of their paths; a [`DocumentId`] is an index.
    pub documents: Vec<Arc<Document>>,
    /// When the snapshot was taken, as `snapshot.json` says it (RFC 3339).
    pub taken_at: Option<String>,
    /// The organization.
    pub organization: Evidence<Organization>,
    /// Buckets by name: those with documents, and those that trails point to.
    pub buckets: BTreeMap<String, Bucket>,
    /// Keys by ARN: those with documents, and those that trails name.
    pub keys: BTreeMap<String, Key>,
    /// Topics by ARN: those with documents, and those that trails name.
    pub topics: BTreeMap<String, Topic>,
    /// Roles by account and name: those with documents.
    pub roles: BTreeMap<(String, String), Role>,
    /// Log groups by account and Region: those with documents.
    pub log_groups: BTreeMap<(String, String), LogGroups>,
    /// Trails, sorted by ARN; shadow trails and copies in member accounts are one trail.
    pub trails: Vec<Trail>,
    /// Trails that could not be read.
    pub unseen_trails: Vec<UnseenTrail>,
    /// Answers that say that a trail does not exist.
    pub missing_trails: Vec<DocumentId>,
    /// The buckets that trails are meant to deliver to, where somebody said so. No document says it.
    pub expected_buckets: BTreeSet<String>,
    /// How much of the accounts could be looked at.
    pub coverage: Coverage,
}

/// Where a trail's documents lie: account, Region folder, name.
type TrailFolder = (String, String, String);

impl Estate {
    /// Joins documents to an estate.
    ///
    /// # Errors
    /// The first document whose JSON is not what its kind says.
    pub fn read(mut documents: Vec<Document>) -> Result<Estate, InputError> {
        documents.sort_by(|a, b| (&a.path, a.kind).cmp(&(&b.path, b.kind)));
        Estate::join(documents.into_iter().map(Arc::new).collect())
    }

    /// Joins sorted documents.
    fn join(documents: Vec<Arc<Document>>) -> Result<Estate, InputError> {
        let mut estate = Estate {
            taken_at: None,
            organization: Evidence::no_document("organizations/describe-organization.json"),
            buckets: BTreeMap::new(),
            keys: BTreeMap::new(),
            topics: BTreeMap::new(),
            roles: BTreeMap::new(),
            log_groups: BTreeMap::new(),
            trails: Vec::new(),
            unseen_trails: Vec::new(),
            missing_trails: Vec::new(),
            expected_buckets: BTreeSet::new(),
            coverage: Coverage::default(),
            documents: Vec::new(),
        };
        let mut folders: Vec<KeyFolder> = Vec::new();
        for (index, document) in documents.iter().enumerate() {
            let id = DocumentId(index);
            match &document.subject {
                Subject::Snapshot => estate.read_snapshot(document)?,
                Subject::Organization => estate.read_organization(id, document)?,
                Subject::Bucket { account, name } => {
                    let bucket = estate
                        .buckets
                        .entry(name.clone())
                        .or_insert_with(|| Bucket::unseen(name));
                    bucket::read(bucket, account.as_deref(), id, document)?;
                }
                Subject::Key {
                    account,
                    id: key_id,
                } => {
                    key::read(&mut folders, account.as_deref(), key_id, id, document)?;
                }
                Subject::Role { account, name } => {
                    let role = estate.roles.entry((account.clone(), name.clone()));
                    let role = role.or_insert_with(|| Role::unseen(account, name, id));
                    role::read(role, id, document)?;
                }
                Subject::LogGroups { account, region } => {
                    let groups = estate.log_groups.entry((account.clone(), region.clone()));
                    role::read_log_groups(groups.or_default(), id, document)?;
                }
                Subject::Caller { .. } | Subject::Account { .. } => {
                    estate.coverage.read(id, document)?;
                }
                Subject::Topic { .. } | Subject::Trail { .. } => {}
            }
        }
        estate.read_topics(&documents)?;
        estate.read_trails(&documents)?;
        estate.join_keys(folders);
        estate.add_what_trails_name();
        estate.add_doubtful_accounts();
        estate.note_named_buckets(&documents);
        estate.documents = documents;
        Ok(estate)
    }

    /// A bucket that nobody delivers to was asked for by its name: that there is none is no answer.
    fn note_named_buckets(&mut self, documents: &[Arc<Document>]) {
        let missing = self.buckets.values().filter_map(|bucket| {
            let Evidence::Absent(id) = bucket.exists else {
                return None;
            };
            let is_used = self.trails.iter().any(|trail| trail.bucket == bucket.name);
            documents
                .get(id.0)
                .filter(|it| !is_used && it.origin.is_answer())
        });
        let unseen = missing.map(|document| Unknown {
            reason: Reason::OtherError,
            document: document.path.clone(),
        });
        self.coverage.unseen.extend(unseen.collect::<Vec<_>>());
    }

    /// A document by its id.
    ///
    /// # Panics
    /// Never for an id of this estate.
    pub fn document(&self, id: DocumentId) -> &Document {
        self.documents
            .get(id.0)
            .expect("document ids are made from this list")
    }

    /// The role of an ARN, if there are answers about it.
    pub fn role(&self, arn: &str) -> Option<&Role> {
        let arn = Arn::parse(arn)?;
        // The path of a role is no part of its name: `role/service-role/NAME`.
        let name = arn.resource.strip_prefix("role/")?.rsplit('/').next()?;
        self.roles.get(&(arn.account.to_owned(), name.to_owned()))
    }

    /// The same estate with another text for one document.
    ///
    /// # Errors
    /// As [`Estate::read`], and as [`Document::read`](crate::document::Document::read).
    pub fn with_text(&self, id: DocumentId, text: &str) -> Result<Estate, InputError> {
        let mut documents = self.documents.clone();
        if let Some(document) = documents.get_mut(id.0) {
            *document = Arc::new(document.with_text(text)?);
        }
        Ok(Estate {
            expected_buckets: self.expected_buckets.clone(),
            ..Estate::join(documents)?
        })
    }

    /// The organization an account belongs to.
    pub fn membership(&self, account: &str) -> Membership {
        organization::membership(&self.organization, account)
    }

    /// Whether an account belongs to the organization of an organization trail's owner.
    pub fn is_member_of_owner(&self, account: &str, trail: &Trail) -> bool {
        match (self.membership(account), self.membership(&trail.account)) {
            (Membership::Member(one), Membership::Member(other)) => one == other,
            _ => false,
        }
    }

    fn read_snapshot(&mut self, document: &Document) -> Result<(), InputError> {
        let fields = Fields::of(document);
        match document.root().get("version").map(|node| &node.value) {
            Some(Value::Number(version)) if &**version == "1" => {}
            _ => {
                return Err(fields.error(
                    "version",
                    "expected `\"version\": 1`, the only snapshot format there is".to_owned(),
                ));
            }
        }
        let taken_at = fields.optional_text("taken_at")?.map(str::to_owned);
        self.taken_at = taken_at.max(self.taken_at.take());
        Ok(())
    }

    fn read_organization(&mut self, id: DocumentId, document: &Document) -> Result<(), InputError> {
        match document.kind {
            Kind::DescribeOrganization => {
                let read = match refused(id, document) {
                    Some(refused) => refused,
                    None => {
                        let fields = Fields::of(document).object("Organization")?;
                        let accounts = self
                            .organization
                            .present()
                            .and_then(|known| known.accounts.clone());
                        Evidence::Present(Organization {
                            id: fields.text("Id")?.to_owned(),
                            management_account: fields
                                .optional_text("MasterAccountId")?
                                .map(str::to_owned),
                            accounts,
                        })
                    }
                };
                self.organization = read.or(std::mem::replace(
                    &mut self.organization,
                    Evidence::no_document("organizations/describe-organization.json"),
                ));
            }
            Kind::ListAccounts if document.purpose() == Some(EVERY_ACCOUNT) => {
                self.coverage.read_refusal(id, document);
            }
            // Read after describe-organization: documents are sorted by path.
            Kind::ListAccounts if document.refusal().is_none() => {
                let ids = Fields::of(document).objects("Accounts")?;
                let ids = ids
                    .into_iter()
                    .map(|account| account.text("Id").map(str::to_owned));
                let ids: BTreeSet<String> = ids.collect::<Result<_, _>>()?;
                if let Evidence::Present(organization) = &mut self.organization {
                    organization.accounts.get_or_insert_default().extend(ids);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn read_topics(&mut self, documents: &[Arc<Document>]) -> Result<(), InputError> {
        for (index, document) in documents.iter().enumerate() {
            let Subject::Topic {
                account,
                region,
                name,
            } = &document.subject
            else {
                continue;
            };
            let id = DocumentId(index);
            let partition = super::region::partition_of(region);
            let arn = format!("arn:{partition}:sns:{region}:{account}:{name}");
            let attributes = topic::read(id, document)?;
            let known = self.topics.remove(&arn).map(|topic| topic.attributes);
            let attributes = match known {
                Some(known) => known.or(attributes),
                None => attributes,
            };
            self.topics.insert(arn.clone(), Topic { arn, attributes });
        }
        Ok(())
    }

    fn read_trails(&mut self, documents: &[Arc<Document>]) -> Result<(), InputError> {
        let mut statuses: BTreeMap<TrailFolder, Evidence<TrailStatus>> = BTreeMap::new();
        let mut shadows: BTreeMap<TrailFolder, Vec<DeliveryError>> = BTreeMap::new();
        let mut selectors: BTreeMap<TrailFolder, Selectors> = BTreeMap::new();
        let mut folders: BTreeMap<TrailFolder, Option<DocumentId>> = BTreeMap::new();
        for (index, document) in documents.iter().enumerate() {
            let id = DocumentId(index);
            let Subject::Trail {
                account,
                home_region,
                name,
                shadow_region,
            } = &document.subject
            else {
                continue;
            };
            let folder = (account.clone(), home_region.clone(), name.clone());
            if shadow_region.is_some() {
                self.coverage.read_refusal(id, document);
                let errors = trail_status::errors(id, document)?;
                shadows.entry(folder).or_default().extend(errors);
                continue;
            }
            let trail = folders.entry(folder.clone()).or_default();
            match document.kind {
                Kind::GetTrail => *trail = Some(id),
                Kind::GetTrailStatus => {
                    self.coverage.read_refusal(id, document);
                    statuses.insert(folder, trail_status::read(id, document)?);
                }
                _ => selectors.entry(folder).or_default().read(id, document)?,
            }
        }
        let mut trails: BTreeMap<String, Trail> = BTreeMap::new();
        for (folder, document) in &folders {
            let Some(mut trail) = self.read_trail_folder(documents, folder, *document)? else {
                continue;
            };
            if let Some(mut selectors) = selectors.remove(folder) {
                self.coverage.aside.extend(selectors.unseen().cloned());
                selectors.merge(trail.selectors);
                trail.selectors = selectors;
            }
            let missing = || Evidence::no_document(status_path(documents, &trail, folder));
            trail.status = match statuses.remove(folder) {
                Some(status) => status,
                None if is_planned(documents, &trail) => Evidence::Present(TrailStatus::planned()),
                None => missing(),
            };
            if let Evidence::Present(status) = &mut trail.status {
                status
                    .errors
                    .extend(shadows.remove(folder).unwrap_or_default());
            }
            trail::merge(&mut trails, trail, &folder.0);
        }
        self.unseen_trails
            .retain(|unseen| !trails.contains_key(&unseen.arn));
        self.trails = trails.into_values().collect();
        Ok(())
    }

    /// The trail one folder describes; a trail that could not be read is noted as such.
    fn read_trail_folder(
        &mut self,
        documents: &[Arc<Document>],
        folder: &TrailFolder,
        id: Option<DocumentId>,
    ) -> Result<Option<Trail>, InputError> {
        let (account, home_region, name) = folder;
        let why = match id.and_then(|id| documents.get(id.0).map(|document| (id, document))) {
            Some((id, document)) => match refused::<()>(id, document) {
                None => return trail::read(id, document).map(Some),
                Some(Evidence::Unknown(why)) => why,
                Some(_) => {
                    self.missing_trails.push(id);
                    return Ok(None);
                }
            },
            None => Unknown {
                reason: Reason::NoDocument,
                document: format!(
                    "accounts/{account}/cloudtrail/{home_region}/{name}/get-trail.json"
                ),
            },
        };
        // Whoever was refused says which trail was asked for: a member sees trails of the owner's account.
        let asked_for = id.and_then(|id| documents.get(id.0)?.at("/Request/Resource")?.as_str());
        let partition = super::region::partition_of(home_region);
        let arn = asked_for.map_or_else(
            || format!("arn:{partition}:cloudtrail:{home_region}:{account}:trail/{name}"),
            str::to_owned,
        );
        let owner = Arn::parse(&arn).map_or(account.as_str(), |arn| arn.account);
        self.unseen_trails.push(UnseenTrail {
            account: owner.to_owned(),
            arn,
            home_region: home_region.clone(),
            why,
        });
        Ok(None)
    }

    fn join_keys(&mut self, folders: Vec<KeyFolder>) {
        self.resolve_key_names(&folders);
        let named: BTreeSet<String> = self.named_keys().map(str::to_owned).collect();
        for folder in folders {
            let described = folder
                .key
                .metadata
                .present()
                .and_then(|metadata| metadata.arn.clone());
            let arn = described.or_else(|| {
                // A multi-Region key's folder may have the Region behind the id.
                let (id, region) = match folder.id.split_once('@') {
                    Some((id, region)) => (id, Some(region)),
                    None => (folder.id.as_str(), None),
                };
                let is_it = |arn: &&String| {
                    let parsed = Arn::parse(arn);
                    let is_alias = |name: &str| name.replace('/', "+") == folder.id;
                    **arn == folder.id
                        || parsed.is_none() && is_alias(arn)
                        || parsed.is_some_and(|arn| {
                            is_alias(arn.resource) && Some(arn.account) == folder.account.as_deref()
                        })
                        || parsed.is_some_and(|arn| {
                            arn.key_id() == Some(id)
                                && region.is_none_or(|region| region == arn.region)
                                && Some(arn.account) == folder.account.as_deref()
                        })
                };
                named.iter().find(is_it).cloned()
            });
            let arn = arn.unwrap_or(folder.id);
            match self.keys.remove(&arn) {
                None => {
                    self.keys.insert(arn.clone(), Key { arn, ..folder.key });
                }
                Some(known) => {
                    let key = Key {
                        metadata: known.metadata.or(folder.key.metadata),
                        policy: known.policy.or(folder.key.policy),
                        planned: known.planned || folder.key.planned,
                        arn: arn.clone(),
                    };
                    self.keys.insert(arn, key);
                }
            }
        }
    }

    /// Trails and topics may name a key by its alias or its bare id; a folder that is called so, and
    /// whose answer tells the key's ARN, says which key that is.
    fn resolve_key_names(&mut self, folders: &[KeyFolder]) {
        let arn_of = |name: &str, account: &str, region: &str| {
            let folder = folders
                .iter()
                .find(|folder| folder.is_called(name, account, region))?;
            folder.key.metadata.present()?.arn.clone()
        };
        for trail in &mut self.trails {
            if let Some(name) = &trail.kms_key
                && let Some(arn) = arn_of(name, &trail.account, &trail.home_region)
            {
                trail.kms_key = Some(arn);
            }
        }
        for topic in self.topics.values_mut() {
            let Some(arn) = Arn::parse(&topic.arn) else {
                continue;
            };
            if let Evidence::Present(attributes) = &mut topic.attributes
                && let Some(name) = &attributes.kms_key
                && !name.ends_with("alias/aws/sns")
                && let Some(arn) = arn_of(name, arn.account, arn.region)
            {
                attributes.kms_key = Some(arn);
            }
        }
    }

    /// An account whose trails could not be listed counts as a trail that could not be read: nobody can
    /// say that its logs arrive.
    fn add_doubtful_accounts(&mut self) {
        let partition = self.trails.first().map_or("aws", |trail| &trail.partition);
        for (account, why) in &self.coverage.doubtful {
            self.unseen_trails.push(UnseenTrail {
                arn: format!("arn:{partition}:cloudtrail:*:{account}:trail/*"),
                account: account.clone(),
                home_region: "*".to_owned(),
                why: why.clone(),
            });
        }
    }

    fn named_keys(&self) -> impl Iterator<Item = &str> {
        let trails = self
            .trails
            .iter()
            .filter_map(|trail| trail.kms_key.as_deref());
        let attributes = self
            .topics
            .values()
            .filter_map(|topic| topic.attributes.present());
        trails.chain(attributes.filter_map(|attributes| attributes.kms_key.as_deref()))
    }

    /// Buckets, keys and topics that trails name but no document describes are part of the estate
    /// too: nothing is known of them.
    fn add_what_trails_name(&mut self) {
        for trail in &self.trails {
            self.buckets
                .entry(trail.bucket.clone())
                .or_insert_with(|| Bucket::unseen(&trail.bucket));
            if let Some(arn) = &trail.kms_key {
                self.keys
                    .entry(arn.clone())
                    .or_insert_with(|| Key::unseen(arn));
            }
            if let Some(arn) = &trail.topic {
                self.topics
                    .entry(arn.clone())
                    .or_insert_with(|| Topic::unseen(arn));
            }
        }
    }
}

/// Whether a document is what its kind says.
///
/// # Errors
/// The first place where it is not.
pub fn readable(document: &Document) -> Result<(), InputError> {
    Estate::read(vec![document.clone()]).map(drop)
}

fn is_planned(documents: &[Arc<Document>], trail: &Trail) -> bool {
    documents
        .get(trail.document.0)
        .is_some_and(|document| !document.origin.is_answer())
}

fn status_path(documents: &[Arc<Document>], trail: &Trail, folder: &TrailFolder) -> String {
    let (account, region, name) = folder;
    documents
        .get(trail.document.0)
        .and_then(|document| document.path.strip_suffix("get-trail.json"))
        .map_or_else(
            || format!("accounts/{account}/cloudtrail/{region}/{name}/get-trail-status.json"),
            |folder| format!("{folder}get-trail-status.json"),
        )
}
