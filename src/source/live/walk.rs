//! The whole reading: into the accounts, their trails, then the buckets, keys and topics that these name,
//! then the organization if anything asks for it. What one account refuses stops no other.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use aws_smithy_runtime_api::client::http::SharedHttpClient;
use futures::stream::{self, StreamExt};
use serde_json::{Value, json};

use super::account::{self, Learnt, Named, Places};
use super::answers::{Answers, Found};
use super::caller::{self, Caller, Role};
use super::operation::Operation;
use super::organization::For;
use super::reader::{Reader, Run};
use super::refusal::Refusal;
use super::shared::{self, NamedKey, NamedTopic};
use super::{LiveError, Options, bucket, organization, profiles};
use crate::document::{AFTER_CALLER, Kind, Subject};
use crate::model::Arn;
use crate::model::region;

/// What the caller's answers are filed under when no profile is named.
const DEFAULT: &str = "default";

/// An account to read, and how it is entered.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Target {
    /// With the credentials at hand.
    Own,
    /// With a role.
    Role(String),
    /// With a profile of its own.
    Profile(String),
}

/// Everything that is read from, and what was read.
struct Walk<'a> {
    options: &'a Options,
    run: &'a Arc<Run>,
    http: SharedHttpClient,
    answers: Answers,
    base: Option<Arc<Reader>>,
    readers: BTreeMap<String, Arc<Reader>>,
    learnt: BTreeMap<String, Learnt>,
    /// Where trails are looked for besides.
    look: Vec<String>,
}

/// Reads all that the options name.
pub(super) async fn read(
    options: &Options,
    run: &Arc<Run>,
) -> Result<(Vec<Found>, String), LiveError> {
    let mut walk = Walk {
        options,
        run,
        http: caller::http_client()?,
        answers: Answers::default(),
        base: None,
        readers: BTreeMap::new(),
        learnt: BTreeMap::new(),
        look: options.regions.clone(),
    };
    walk.find_base().await?;
    let targets = walk.targets().await;
    run.progress
        .accounts
        .store(targets.len(), Ordering::Relaxed);
    if options.all_regions {
        let region = walk
            .base
            .as_ref()
            .map_or(super::FALLBACK_REGION, |base| base.region());
        let all = region::regions(region::partition_of(region));
        walk.look
            .extend(all.iter().map(|&region| region.to_owned()));
    }
    walk.read_accounts(targets).await?;
    walk.enter_audit_account().await;
    walk.read_foreign_trails().await;
    let mut read = BTreeSet::new();
    walk.read_shared(&mut read).await;
    walk.read_named_trails().await;
    walk.read_shared(&mut read).await;
    let organization = walk.read_organization().await;
    let account = walk.base.as_ref().map(|base| base.account.clone());
    let account = account.or_else(|| walk.readers.keys().next().cloned());
    let scope = organization.filter(|_| options.organization).or(account);
    Ok((
        walk.answers.found(),
        scope.unwrap_or_else(|| "unknown".to_owned()),
    ))
}

impl Walk<'_> {
    /// The credentials to start with, unless every account has a profile of its own.
    async fn find_base(&mut self) -> Result<(), LiveError> {
        let options = self.options;
        let only_profiles = !options.profiles.is_empty()
            && options.profile.is_none()
            && options.accounts.is_empty()
            && options.audit_account.is_none()
            && !options.organization;
        if only_profiles {
            return Ok(());
        }
        let profile = options.profile.as_deref();
        match caller::find(profile, options, &self.http, self.run).await? {
            Caller::Known(reader) => {
                let reader = Arc::<Reader>::from(reader);
                self.readers
                    .insert(reader.account.clone(), Arc::clone(&reader));
                self.base = Some(reader);
            }
            Caller::Refused(refusal) => {
                let name = profiles::name(profile);
                self.refuse_caller(name.as_deref().unwrap_or(DEFAULT), &refusal);
                // No role can be assumed either, and each account's answer is to say why.
                for account in &options.accounts {
                    self.refuse_account(account, &refusal);
                }
            }
        }
        Ok(())
    }

    fn refuse_caller(&self, name: &str, refusal: &Refusal) {
        let subject = Subject::Caller {
            name: name.to_owned(),
        };
        let answer = json!({ "Error": { "Code": refusal.code, "Message": refusal.message } });
        self.answers.keep(Kind::GetCallerIdentity, subject, &answer);
    }

    /// Notes that an account was not entered, as nobody could be who might.
    fn refuse_account(&self, account: &str, refusal: &Refusal) {
        let subject = Subject::Account {
            account: account.to_owned(),
            region: None,
        };
        let answer = json!({
            "Error": { "Code": refusal.code, "Message": refusal.message },
            "Request": { "Purpose": AFTER_CALLER },
        });
        self.answers.keep(Kind::AssumeRole, subject, &answer);
    }

    /// The accounts to read, each once.
    async fn targets(&self) -> BTreeSet<Target> {
        let options = self.options;
        let mut targets = BTreeSet::new();
        let own_only =
            options.profiles.is_empty() && options.accounts.is_empty() && !options.organization;
        targets.extend(options.profiles.iter().cloned().map(Target::Profile));
        let Some(base) = &self.base else {
            return targets;
        };
        if own_only {
            targets.insert(Target::Own);
        }
        let mut accounts = options.accounts.clone();
        if options.organization {
            accounts.extend(organization::list_accounts(base, For::Reading, &self.answers).await);
            // Where nobody may list them, the caller's own is one at least.
            accounts.push(base.account.clone());
        }
        targets.extend(accounts.into_iter().map(|account| {
            if account == base.account {
                Target::Own
            } else {
                Target::Role(account)
            }
        }));
        targets
    }

    async fn read_accounts(&mut self, targets: BTreeSet<Target>) -> Result<(), LiveError> {
        let all = targets.len();
        let places = Places {
            look: &self.look,
            shadows: self.options.all_regions,
        };
        let this = &*self;
        let read = stream::iter(targets)
            .map(|target| async move {
                let entered = this.enter(&target).await;
                let learnt = match &entered {
                    Ok(Some(reader)) => Some((
                        Arc::clone(reader),
                        account::read(reader, places, &this.answers).await,
                    )),
                    Ok(None) | Err(_) => None,
                };
                this.run.progress.done.fetch_add(1, Ordering::Relaxed);
                (learnt, entered.err())
            })
            // Twice as many accounts as calls: while one waits for its answer another has something to ask.
            .buffer_unordered(self.options.concurrency.max(1) * 2)
            .collect::<Vec<_>>()
            .await;
        let mut unusable = Vec::new();
        for (learnt, error) in read {
            if let Some((reader, learnt)) = learnt {
                self.learnt.insert(reader.account.clone(), learnt);
                self.readers.entry(reader.account.clone()).or_insert(reader);
            }
            unusable.extend(error);
        }
        // Every account failed for its profile: that is wrong usage, and one of them says which.
        if unusable.is_empty() || unusable.len() < all {
            return Ok(());
        }
        unusable.sort_by_key(ToString::to_string);
        let messages: Vec<String> = unusable.iter().map(ToString::to_string).collect();
        let help = unusable
            .iter()
            .find_map(|error| error.help().map(str::to_owned));
        Err(LiveError::Unusable {
            message: messages.join("; "),
            help: help.unwrap_or_default(),
        })
    }

    /// Enters an account; nothing if AWS refused, which is noted. An error for a profile that cannot be
    /// used, which is noted too.
    async fn enter(&self, target: &Target) -> Result<Option<Arc<Reader>>, LiveError> {
        match target {
            Target::Own => Ok(self.base.clone()),
            Target::Role(account) => Ok(self.assume(account).await),
            Target::Profile(profile) => {
                match caller::find(Some(profile), self.options, &self.http, self.run).await {
                    Ok(Caller::Known(reader)) => Ok(Some(Arc::from(reader))),
                    Ok(Caller::Refused(refusal)) => {
                        self.refuse_caller(profile, &refusal);
                        Ok(None)
                    }
                    Err(error) => {
                        let message = match error.help() {
                            Some(help) => format!("{error}; {help}"),
                            None => error.to_string(),
                        };
                        self.refuse_caller(profile, &Refusal::new("NoCredentials", message));
                        Err(error)
                    }
                }
            }
        }
    }

    async fn assume(&self, account: &str) -> Option<Arc<Reader>> {
        let base = self.base.as_deref()?;
        let role = Role {
            account,
            name: &self.options.role_name,
            external_id: self.options.external_id.as_deref(),
        };
        match role.assume(base).await {
            Ok(reader) => Some(Arc::new(reader)),
            Err(refusal) => {
                let subject = Subject::Account {
                    account: account.to_owned(),
                    region: None,
                };
                let answer = json!({
                    "Error": { "Code": refusal.code, "Message": refusal.message },
                    "Request": {
                        "Action": Operation::AssumeRole.permission(),
                        "Principal": base.principal,
                        "Resource": role.arn(base),
                        "Region": base.region(),
                    },
                });
                self.answers.keep(Kind::AssumeRole, subject, &answer);
                None
            }
        }
    }

    /// Enters the account that owns buckets and keys, if it was named and not entered before.
    async fn enter_audit_account(&mut self) {
        if let Some(account) = &self.options.audit_account
            && !self.readers.contains_key(account)
            && let Some(reader) = self.assume(account).await
        {
            self.readers.insert(account.clone(), reader);
        }
    }

    /// Trails of an organization whose owner was not read are read with a member's eyes, once.
    async fn read_foreign_trails(&self) {
        let mut foreign: BTreeMap<&Named, &Arc<Reader>> = BTreeMap::new();
        for (account, learnt) in &self.learnt {
            for named in &learnt.foreign {
                let owner = self.learnt.get(&named.account);
                if owner.is_some_and(|owner| owner.own.contains(named)) {
                    continue;
                }
                if let Some(reader) = self.readers.get(account) {
                    foreign.entry(named).or_insert(reader);
                }
            }
        }
        stream::iter(foreign)
            .for_each_concurrent(self.options.concurrency, |(named, reader)| {
                account::read_foreign(reader, named, &self.answers)
            })
            .await;
    }

    /// Reads what trails point to, and what was not read yet.
    async fn read_shared(&self, read: &mut BTreeSet<String>) {
        let trails = self.trails();
        let limit = self.options.concurrency;
        let topics: BTreeSet<NamedTopic> = trails
            .iter()
            .filter_map(|trail| NamedTopic::of(trail.topic.as_deref()?))
            .filter(|topic| read.insert(format!("{topic:?}")))
            .collect();
        let topic_keys: Vec<NamedKey> = stream::iter(topics)
            .map(|topic| async move {
                let reader = self.readers.get(&topic.account)?;
                shared::read_topic(reader, &topic, &self.answers).await
            })
            .buffer_unordered(limit)
            .filter_map(|key| async { key })
            .collect()
            .await;
        let mut keys: BTreeSet<NamedKey> = trails.iter().filter_map(Pointed::key).collect();
        keys.extend(topic_keys);
        keys.retain(|key| read.insert(format!("{key:?}")));
        let keys = stream::iter(keys).for_each_concurrent(limit, |key| async move {
            if let Some(reader) = self.readers.get(&key.account) {
                shared::read_key(reader, &key, &self.answers).await;
            }
        });
        let mut buckets: BTreeSet<String> = self.options.buckets.iter().cloned().collect();
        buckets.extend(trails.iter().map(|trail| trail.bucket.clone()));
        buckets.retain(|name| read.insert(format!("bucket {name}")));
        let trails = &trails;
        let buckets = stream::iter(buckets).for_each_concurrent(limit, |name| async move {
            bucket::read(&name, &self.owners(&name, trails), &self.answers).await;
        });
        futures::join!(keys, buckets);
    }

    /// Who may own a bucket, the likeliest first: the audit account as named, the owner of the key that
    /// its trails use, the caller, then whoever else was entered.
    fn owners(&self, bucket: &str, trails: &[Pointed]) -> Vec<&Reader> {
        let of_bucket = trails.iter().filter(|trail| trail.bucket == bucket);
        let key_owners = of_bucket.filter_map(Pointed::key).map(|key| key.account);
        let likely = self.options.audit_account.iter().cloned().chain(key_owners);
        let likely = likely.chain(self.base.iter().map(|base| base.account.clone()));
        let mut seen = BTreeSet::new();
        likely
            .chain(self.readers.keys().cloned())
            .filter(|account| seen.insert(account.clone()))
            .filter_map(|account| self.readers.get(&account).map(AsRef::as_ref))
            .collect()
    }

    /// What the trails that were read point to.
    fn trails(&self) -> Vec<Pointed> {
        let found = self.answers.found();
        let trails = found.iter().filter(|found| found.kind == Kind::GetTrail);
        trails
            .filter_map(|found| Pointed::of(&found.text))
            .collect()
    }

    /// Trails of accounts read that a policy names and no list showed.
    async fn read_named_trails(&self) {
        let found = self.answers.found();
        let policies = found.iter().filter(|found| {
            matches!(
                found.kind,
                Kind::GetBucketPolicy | Kind::GetKeyPolicy | Kind::GetTopicAttributes
            )
        });
        let named: BTreeSet<Named> = policies.flat_map(|found| trails_in(&found.text)).collect();
        let places = Places {
            look: &[],
            shadows: self.options.all_regions,
        };
        stream::iter(named)
            .for_each_concurrent(self.options.concurrency, |named| async move {
                let learnt = self.learnt.get(&named.account);
                let reader = self.readers.get(&named.account);
                if let (Some(learnt), Some(reader)) = (learnt, reader)
                    && !learnt.own.contains(&named)
                {
                    account::read_named(reader, &named, places, &self.answers).await;
                }
            })
            .await;
    }

    /// Reads the organization, if a trail or a policy speaks of one; its id.
    async fn read_organization(&self) -> Option<String> {
        let found = self.answers.found();
        let listed = found.iter().any(|found| found.kind == Kind::ListAccounts);
        let speaks = |found: &Found| {
            let text = found.text.to_ascii_lowercase();
            match found.kind {
                Kind::GetTrail => text.contains("\"isorganizationtrail\": true"),
                Kind::GetBucketPolicy | Kind::GetKeyPolicy | Kind::GetTopicAttributes => {
                    text.contains("orgid") || text.contains("orgpaths")
                }
                _ => false,
            }
        };
        if !listed && !found.iter().any(speaks) {
            return None;
        }
        let reader = self
            .base
            .as_ref()
            .or_else(|| self.readers.values().next())?;
        let id = organization::describe(reader, &self.answers).await?;
        // Which accounts belong to it only few may ask; without it, those read are taken for members.
        if !listed && self.readers.len() > 1 {
            organization::list_accounts(reader, For::Membership, &self.answers).await;
        }
        Some(id)
    }
}

/// What a trail points to.
struct Pointed {
    account: String,
    home_region: String,
    bucket: String,
    key: Option<String>,
    topic: Option<String>,
}

impl Pointed {
    fn of(answer: &str) -> Option<Pointed> {
        let answer: Value = serde_json::from_str(answer).ok()?;
        let trail = answer.get("Trail")?;
        let text = |name: &str| {
            let text = trail.get(name)?.as_str()?;
            (!text.is_empty()).then(|| text.to_owned())
        };
        let named = Named::of(trail.get("TrailARN")?.as_str()?)?;
        Some(Pointed {
            account: named.account,
            home_region: named.home_region,
            bucket: text("S3BucketName")?,
            key: text("KmsKeyId"),
            topic: text("SnsTopicARN"),
        })
    }

    fn key(&self) -> Option<NamedKey> {
        let name = self.key.as_deref()?;
        Some(NamedKey::of(name, &self.account, &self.home_region))
    }
}

/// The trails whose full ARNs stand in a text.
fn trails_in(text: &str) -> impl Iterator<Item = Named> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '/' | '-' | '_' | '.');
    text.match_indices("arn:").filter_map(move |(at, _)| {
        let rest = text.get(at..)?;
        let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let ends_there = rest
            .get(end..)
            .is_some_and(|rest| rest.starts_with(['"', '\\']));
        Named::of(rest.get(..end)?).filter(|named| ends_there && Arn::parse(&named.arn).is_some())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_arns_of_trails_are_taken_from_a_text() {
        let text = r#"["arn:aws:cloudtrail:eu-west-1:222222222222:trail/audit", "arn:aws:cloudtrail:*:222222222222:trail/audit",
            "arn:aws:cloudtrail:eu-west-1:222222222222:trail/a*", "{\"a\":\"arn:aws:cloudtrail:eu-west-1:333333333333:trail/b\"}",
            "arn:aws:s3:::logs/AWSLogs/222222222222/*", "arn:aws:cloudtrail:eu-west-1:222222222222:trail/${x}"]"#;
        let names: Vec<String> = trails_in(text).map(|named| named.arn).collect();
        assert_eq!(
            names,
            [
                "arn:aws:cloudtrail:eu-west-1:222222222222:trail/audit",
                "arn:aws:cloudtrail:eu-west-1:333333333333:trail/b"
            ]
        );
    }
}
