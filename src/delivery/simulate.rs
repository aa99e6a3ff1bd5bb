//! Building the requests of a trail and asking for each.

use std::sync::Arc;

use jiff::Timestamp;

use super::context::{self, Encryption, OBJECT_CONTEXT};
use super::evaluate::{self, Answer, Decision, Family};
use super::log_role;
use super::objects::{FileKind, ObjectNames, regions};
use super::obstacles;
use super::request::RequestId;
use super::verdict::verdict;
use super::{Delivery, Doubt, Obstacle, Request};
use crate::iam::{Context, Piece, Policy, Template};
use crate::model::{Arn, Bucket, Estate, Evidence, Key, Topic, Trail, Unknown};

/// Simulates the delivery of one trail at a moment: dates in object names, and in conditions, are
/// taken from it.
///
/// # Panics
/// Never: an estate holds every bucket that its trails name.
pub fn simulate<'e>(estate: &'e Estate, trail: &'e Trail, now: Timestamp) -> Delivery<'e> {
    let bucket = estate
        .buckets
        .get(&trail.bucket)
        .expect("an estate holds every bucket that its trails name");
    let topic = trail.topic.as_ref().and_then(|arn| estate.topics.get(arn));
    let topic_key = topic
        .and_then(|topic| topic.attributes.present()?.kms_key.as_ref())
        .and_then(|key| estate.keys.get(key).or_else(|| key_by_id(estate, key)));
    let mut delivery = Delivery {
        estate,
        trail,
        bucket,
        key: trail.kms_key.as_ref().and_then(|arn| estate.keys.get(arn)),
        topic,
        topic_key,
        now,
        requests: Vec::new(),
        verdict: super::Verdict::Undecided,
    };
    let simulation = Simulation {
        names: ObjectNames::new(estate, trail, now),
        common: context::common(estate, trail, now),
        regions: regions(trail),
        estate,
        trail,
        bucket,
    };
    let mut requests = simulation.to_bucket();
    if let Some(key) = delivery.key {
        requests.extend(simulation.to_key(key));
    }
    if let Some(topic) = topic {
        requests.extend(simulation.to_topic(topic, topic_key));
    }
    requests.extend(log_role::requests(estate, trail, &simulation.common));
    requests.sort_by_key(|request| (request.id.phase(), request.id));
    delivery.verdict = verdict(&requests, &trail.status);
    delivery.requests = requests;
    delivery
}

/// A topic may name its key by id alone.
fn key_by_id<'e>(estate: &'e Estate, id: &str) -> Option<&'e Key> {
    estate
        .keys
        .values()
        .find(|key| Arn::parse(&key.arn).and_then(|arn| arn.key_id()) == Some(id))
}

/// The requests that deliver files, and the kind of file each delivers.
const FILES: [(RequestId, FileKind); 5] = [
    (RequestId::PutLogFiles, FileKind::Log),
    (RequestId::PutDigestFiles, FileKind::Digest),
    (RequestId::PutInsightFiles, FileKind::Insight),
    (
        RequestId::PutNetworkActivityFiles,
        FileKind::NetworkActivity,
    ),
    (RequestId::PutAggregatedFiles, FileKind::Aggregated),
];

fn files_shown(id: RequestId) -> Option<FileKind> {
    FILES
        .into_iter()
        .find(|(request, _)| *request == id)
        .map(|(_, kind)| kind)
}

/// Whether a trail writes files of a kind.
enum Writes<'e> {
    Yes,
    No,
    /// The answer that says so was refused.
    Perhaps(&'e Unknown),
}

impl Writes<'_> {
    fn known(writes: bool) -> Self {
        if writes { Writes::Yes } else { Writes::No }
    }
}

struct Simulation<'e> {
    estate: &'e Estate,
    trail: &'e Trail,
    bucket: &'e Bucket,
    names: ObjectNames<'e>,
    common: Context,
    regions: Vec<String>,
}

impl Simulation<'_> {
    fn to_bucket(&self) -> Vec<Request> {
        let trail = self.trail;
        let context = context::to_bucket(self.estate, &self.common, self.bucket);
        let acl = Arc::new(context::get_bucket_acl(&context));
        let probe = Arc::new(context::put_object(&context, Encryption::S3Managed));
        let obstacles = obstacles::of_bucket(self.bucket);
        let doubt = obstacles::bucket_doubt(self.bucket);
        let bucket_arn = format!("arn:{}:s3:::{}", trail.partition, trail.bucket);
        let ask =
            |id: RequestId, resource: Template, context: &Arc<Context>, regions: &[String]| {
                let shown = files_shown(id)
                    .map_or_else(|| resource.display(), |kind| self.names.shown(kind));
                let family = Family {
                    action: id.action(),
                    shown,
                    resource,
                    context: Arc::clone(context),
                    varying: None,
                    regions: regions.to_vec(),
                };
                let policies = Policies::of(&self.bucket.policy);
                let mut request = answer(id, &family, policies, obstacles.clone());
                if let Some(doubt) = &doubt {
                    request.cast_doubt(doubt.clone());
                }
                request
            };
        let home = std::slice::from_ref(&trail.home_region);
        let mut requests = vec![ask(RequestId::GetBucketAcl, text(bucket_arn), &acl, home)];
        let mut folders = vec![(RequestId::PutLogFolder, self.names.folder(FileKind::Log))];
        if trail.validation {
            folders.push((
                RequestId::PutDigestFolder,
                self.names.folder(FileKind::Digest),
            ));
        }
        if trail.organization {
            let folder = self.names.management_folder(FileKind::Log);
            folders.push((RequestId::PutManagementLogFolder, folder));
            if trail.validation {
                let folder = self.names.management_folder(FileKind::Digest);
                folders.push((RequestId::PutManagementDigestFolder, folder));
            }
        }
        for (id, folder) in folders {
            requests.push(ask(id, folder, &probe, home));
        }
        let encryption = trail
            .kms_key
            .as_deref()
            .map_or(Encryption::S3Managed, Encryption::Kms);
        let put = Arc::new(context::put_object(&context, encryption));
        for ((id, kind), writes) in FILES.into_iter().zip(self.writes()) {
            if let Writes::No = writes {
                continue;
            }
            let mut request = ask(
                id,
                self.names.files(kind, &self.regions),
                &put,
                &self.regions,
            );
            if let Writes::Perhaps(unknown) = writes {
                request.may_not_be_made(Doubt::Document(unknown.clone()));
            }
            requests.push(request);
        }
        requests
    }

    /// Whether this trail writes each of [`FILES`].
    fn writes(&self) -> [Writes<'_>; 5] {
        let selectors = &self.trail.selectors;
        let by_events = |known: bool| match &selectors.unseen_events {
            Some(unknown) if !known => Writes::Perhaps(unknown),
            _ => Writes::known(known),
        };
        let insights = match (selectors.insights, &selectors.unseen_insights) {
            (None, Some(unknown)) => Writes::Perhaps(unknown),
            (known, _) => Writes::known(known == Some(true)),
        };
        [
            Writes::Yes,
            Writes::known(self.trail.validation),
            insights,
            by_events(selectors.network_activity),
            by_events(selectors.aggregated),
        ]
    }

    fn to_key(&self, key: &Key) -> Vec<Request> {
        let context = Arc::new(context::to_key(&self.common, self.trail, &key.arn));
        let obstacles = obstacles::of_key(key, Some(self.bucket));
        let doubts = obstacles::key_doubt(key).into_iter();
        let doubts: Vec<Doubt> = doubts.chain(obstacles::region_doubt(self.bucket)).collect();
        let family = |id: RequestId, context: Arc<Context>, varying: Option<Template>| Family {
            action: id.action(),
            shown: key.arn.clone(),
            resource: text(key.arn.clone()),
            context,
            varying: varying.map(|template| (OBJECT_CONTEXT, template)),
            regions: vec![self.trail.home_region.clone()],
        };
        let ask = |id: RequestId, object: Template| {
            let family = family(id, Arc::clone(&context), Some(object));
            let policies = Policies::of(&key.policy);
            let mut request = answer(id, &family, policies, obstacles.clone());
            for doubt in &doubts {
                request.cast_doubt(doubt.clone());
            }
            request
        };
        // A disabled key can still be described.
        let describe = answer(
            RequestId::DescribeKey,
            &family(
                RequestId::DescribeKey,
                Arc::new(context::describe_key(&context)),
                None,
            ),
            Policies::of(&key.policy),
            Vec::new(),
        );
        let folder = self.names.folder(FileKind::Log);
        let mut probe = ask(RequestId::GenerateDataKeyProbe, folder);
        let bucket_arn = format!("arn:{}:s3:::{}", self.trail.partition, self.trail.bucket);
        let object = || self.names.files(FileKind::Log, &self.regions);
        let bucket = || text(bucket_arn.clone());
        let generate = |object: Template| ask(RequestId::GenerateDataKey, object);
        let decrypt = || ask(RequestId::Decrypt, bucket());
        match &self.bucket.encryption {
            Evidence::Present(encryption) if encryption.bucket_key => {
                vec![describe, probe, generate(bucket()), decrypt()]
            }
            // With a Bucket Key, one of AWS's pages wants `kms:Decrypt` where a trail is created (CloudTrail
            // User Guide, "Configure AWS KMS key policies for CloudTrail", read 2026-11).
            Evidence::Unknown(unknown) if unknown.reason.is_refusal() => {
                let doubt = Doubt::Document(unknown.clone());
                if decrypt().decision != Decision::Allowed {
                    probe.cast_doubt(doubt.clone());
                }
                let generate = either(generate(object()), &generate(bucket()), doubt);
                vec![describe, probe, generate]
            }
            _ => vec![describe, probe, generate(object())],
        }
    }

    fn to_topic(&self, topic: &Topic, key: Option<&Key>) -> Vec<Request> {
        let id = RequestId::Publish;
        let family = Family {
            action: id.action(),
            shown: topic.arn.clone(),
            resource: text(topic.arn.clone()),
            context: Arc::new(context::publish(&self.common, &topic.arn)),
            varying: None,
            regions: self.regions.clone(),
        };
        let (policies, obstacles) = match &topic.attributes {
            Evidence::Present(attributes) => match &attributes.policy {
                Some(policy) => (Policies::One(&policy.policy), Vec::new()),
                None => (
                    Policies::None,
                    vec![Obstacle::NoTopicPolicy(attributes.document)],
                ),
            },
            Evidence::Absent(document) => (Policies::None, vec![Obstacle::TopicMissing(*document)]),
            Evidence::Unknown(unknown) => (
                Policies::Unseen(Doubt::Document(unknown.clone())),
                Vec::new(),
            ),
        };
        let mut requests = vec![answer(id, &family, policies, obstacles)];
        if let Some(name) = topic
            .attributes
            .present()
            .and_then(|attributes| attributes.kms_key.as_deref())
        {
            requests.extend(self.to_topic_key(topic, name, key));
        }
        requests
    }

    fn to_topic_key(&self, topic: &Topic, name: &str, key: Option<&Key>) -> Vec<Request> {
        let arn = key.map_or(name, |key| &key.arn);
        let family = |id: RequestId| Family {
            action: id.action(),
            shown: arn.to_owned(),
            resource: text(arn.to_owned()),
            context: Arc::new(context::to_topic_key(
                &self.common,
                self.trail,
                arn,
                &topic.arn,
            )),
            varying: None,
            regions: vec![self.trail.home_region.clone()],
        };
        // The alias of the key that AWS manages for SNS, whose policy admits no service principal.
        let aws_managed = name.ends_with("alias/aws/sns");
        let ask = |id: RequestId| match key {
            _ if aws_managed => answer(
                id,
                &family(id),
                Policies::None,
                vec![Obstacle::AwsManagedKey(None)],
            ),
            Some(key) => {
                let mut request = answer(
                    id,
                    &family(id),
                    Policies::of(&key.policy),
                    obstacles::of_key(key, None),
                );
                if let Some(doubt) = obstacles::key_doubt(key) {
                    request.cast_doubt(doubt);
                }
                request
            }
            None => {
                let unseen = Evidence::<()>::no_document(format!(
                    "accounts/*/kms/{name}/get-key-policy.json"
                ));
                let doubt = unseen
                    .unknown()
                    .cloned()
                    .map_or(Doubt::TooComplex, Doubt::Document);
                answer(id, &family(id), Policies::Unseen(doubt), Vec::new())
            }
        };
        vec![
            ask(RequestId::TopicGenerateDataKey),
            ask(RequestId::TopicDecrypt),
        ]
    }
}

/// The policy a request meets.
enum Policies<'p> {
    One(&'p Policy),
    /// There is none; an obstacle says so.
    None,
    Unseen(Doubt),
}

impl<'p> Policies<'p> {
    fn of(evidence: &'p Evidence<crate::model::PolicyDocument>) -> Policies<'p> {
        match evidence {
            Evidence::Present(policy) => Policies::One(&policy.policy),
            Evidence::Absent(_) => Policies::None,
            Evidence::Unknown(unknown) => Policies::Unseen(Doubt::Document(unknown.clone())),
        }
    }
}

fn text(text: String) -> Template {
    Template {
        pieces: vec![Piece::Text(text)],
    }
}

fn answer(
    id: RequestId,
    family: &Family,
    policies: Policies<'_>,
    obstacles: Vec<Obstacle>,
) -> Request {
    let mut request = Request {
        id,
        resource: family.shown.clone(),
        decision: Decision::Undecided,
        cases: Vec::new(),
        obstacles,
        doubts: Vec::new(),
    };
    match policies {
        Policies::None => request.decision = Decision::Denied,
        Policies::Unseen(doubt) => request.doubts.push(doubt),
        Policies::One(policy) => match evaluate::ask(policy, family) {
            Answer::TooMany => request.doubts.push(Doubt::TooComplex),
            Answer::Cases(cases) => {
                request.decision = evaluate::combine(&cases);
                if request.decision == Decision::Undecided {
                    request.doubts.push(Doubt::Keys(evaluate::doubts(&cases)));
                }
                request.cases = cases;
            }
        },
    }
    if !request.obstacles.is_empty() {
        request.decision = Decision::Denied;
        request.doubts.clear();
    }
    request
}

/// One of two requests is made, and which is not known: an answer where both have the same.
fn either(one: Request, other: &Request, doubt: Doubt) -> Request {
    if one.decision == other.decision {
        return one;
    }
    let mut doubts = one.doubts;
    doubts.push(doubt);
    Request {
        decision: Decision::Undecided,
        cases: Vec::new(),
        doubts,
        ..one
    }
}

impl Request {
    /// Whether the trail makes this request is not known. Even where it would be allowed, what the trail
    /// records is unknown with it, and so whether anything arrives.
    fn may_not_be_made(&mut self, doubt: Doubt) {
        self.decision = Decision::Undecided;
        self.cases.clear();
        self.obstacles.clear();
        self.doubts = vec![doubt];
    }

    /// What would be allowed cannot be said for certain.
    fn cast_doubt(&mut self, doubt: Doubt) {
        if self.decision == Decision::Allowed {
            self.decision = Decision::Undecided;
        }
        if self.decision == Decision::Undecided {
            self.doubts.push(doubt);
        }
    }
}
