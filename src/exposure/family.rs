//! The requests that CloudTrail makes for any trail of any account, as texts over a few parameters: the
//! account stands in the object's key, in `aws:SourceArn` and in `aws:SourceAccount` at once.

use std::collections::BTreeSet;

use super::named::Named;
use crate::delivery::RequestId;
use crate::diagnosis::{Example, PolicyUse};
use crate::iam::{CharSet, Context, ContextValue, Piece, Principal, Template};
use crate::model::{Arn, region};

/// The parameters.
pub(super) const ACCOUNT: &str = "account";
pub(super) const MEMBER: &str = "member";
pub(super) const ORGANIZATION: &str = "organization";
pub(super) const NAME: &str = "name";
pub(super) const HOME: &str = "home";
pub(super) const PREFIX: &str = "prefix";
pub(super) const KIND: &str = "kind";
pub(super) const REGION: &str = "region";
pub(super) const BUCKET: &str = "bucket";

const TRAIL_ARN: &str = "kms:EncryptionContext:aws:cloudtrail:arn";
const OBJECT_ARN: &str = "kms:EncryptionContext:aws:s3:arn";

/// Parameters whose words are those that policies spell out, and all of this many characters.
pub(super) const OPEN: [(&str, CharSet, usize); 2] = [
    (NAME, CharSet::Alnum, 16),
    (ORGANIZATION, CharSet::LowerAlnum, 10),
];

/// The parameters that are choices; those with many words first, so that the others are cheap.
pub(super) const CHOICES: [&str; 5] = [HOME, REGION, PREFIX, BUCKET, KIND];

/// The choices whose words have to be completed, or thinned out, before.
pub(super) const LATE_CHOICES: [&str; 3] = [NAME, ORGANIZATION, MEMBER];

/// One way in which CloudTrail can ask.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    pub(super) principal: Principal,
    /// What does not vary with the parameters; each of these contexts is one that CloudTrail may send.
    pub(super) contexts: Vec<Context>,
    pub(super) resource: Template,
    /// Context keys that vary with the parameters.
    pub(super) varying: Vec<(&'static str, Template)>,
}

impl Shape {
    /// The same for trails of one account alone.
    pub(super) fn of(&self, account: &str) -> Shape {
        let mut shape = self.clone();
        let varying = shape.varying.iter_mut().map(|(_, template)| template);
        for template in varying.chain([&mut shape.resource]) {
            for piece in &mut template.pieces {
                if piece.name() == Some(ACCOUNT) {
                    *piece = Piece::Text(account.to_owned());
                }
            }
        }
        shape
    }
}

/// What the shapes of a request are made from.
pub(super) struct Family<'a> {
    pub(super) id: RequestId,
    pub(super) partition: String,
    /// Buckets that objects are written to; the first is the one whose policy is asked.
    pub(super) buckets: Vec<String>,
    /// Folders before `AWSLogs/`, as trails here have them.
    pub(super) prefixes: BTreeSet<String>,
    pub(super) named: &'a Named,
    pub(super) example: &'a Example,
    /// Whether the empty objects count that are written when a trail is created, and one context will
    /// do for all ways to encrypt.
    pub(super) widest: bool,
}

/// The organization of the account that owns the trail.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Membership {
    None,
    Member,
    /// The trail is the organization's.
    Manager,
    /// The same, and the files are of the managing account's own activity. Only a variable for the
    /// account can tell them from any member's.
    ManagerItself,
}

impl<'a> Family<'a> {
    /// The requests of one kind, for the policy that an example was put to.
    pub(super) fn of(
        policy: &PolicyUse<'_>,
        id: RequestId,
        named: &'a Named,
        example: &'a Example,
    ) -> Option<Family<'a>> {
        let trails = || policy.trails.iter();
        let mut buckets: Vec<String> = trails().map(|trail| trail.bucket.clone()).collect();
        if id == RequestId::GenerateDataKey {
            // A stranger's trail can use the key for files in a bucket of his own.
            buckets.push("another-bucket".to_owned());
        }
        buckets.sort();
        buckets.dedup();
        let prefixes = trails().filter_map(|trail| trail.key_prefix.as_deref());
        let prefixes = prefixes.map(|prefix| prefix.trim_end_matches('/'));
        let prefixes = prefixes.filter(|prefix| !prefix.is_empty());
        Some(Family {
            id,
            partition: policy.trails.first()?.partition.clone(),
            buckets,
            prefixes: prefixes.map(|prefix| format!("{prefix}/")).collect(),
            named,
            example,
            widest: false,
        })
    }

    /// All the ways in which CloudTrail can make the request.
    pub(super) fn shapes(&self) -> Vec<Shape> {
        let memberships: &[Membership] = match self.id {
            RequestId::PutLogFiles if self.named.variables => &[
                Membership::None,
                Membership::Member,
                Membership::Manager,
                Membership::ManagerItself,
            ],
            RequestId::PutLogFiles => &[Membership::None, Membership::Member, Membership::Manager],
            // GetBucketAcl carries no organization (reported), and of KMS it is not known.
            RequestId::Publish => &[Membership::None, Membership::Member],
            _ => &[Membership::None],
        };
        let mut shapes = Vec::new();
        for membership in memberships {
            for principal in self.principals() {
                for (contexts, resource, object) in self.requests(*membership) {
                    let mut varying = self.trail(*membership);
                    varying.extend(object.map(|object| (OBJECT_ARN, object)));
                    shapes.push(Shape {
                        principal: principal.clone(),
                        contexts,
                        resource,
                        varying,
                    });
                }
            }
        }
        shapes
    }

    fn principals(&self) -> Vec<Principal> {
        let as_account = |account: Option<String>| match &self.example.principal {
            Principal::Service { name, .. } => Principal::Service {
                name: name.clone(),
                account,
            },
            other => other.clone(),
        };
        let legacy = self.named.legacy.iter().cloned().map(Some);
        std::iter::once(None)
            .chain(legacy)
            .map(as_account)
            .collect()
    }

    /// Contexts, resource and the object in the encryption context.
    fn requests(&self, membership: Membership) -> Vec<(Vec<Context>, Template, Option<Template>)> {
        let context = self.context(membership);
        match self.id {
            RequestId::PutLogFiles if self.widest => vec![
                (vec![context.clone()], self.object(membership), None),
                (vec![context], self.folder(membership), None),
            ],
            RequestId::PutLogFiles => {
                let contexts = encrypted_otherwise(&context);
                vec![(contexts, self.object(membership), None)]
            }
            RequestId::GenerateDataKey => {
                let bucket = Template {
                    pieces: vec![self.bucket_arn()],
                };
                let resource = fixed(&self.example.resource);
                let object = self.object(membership);
                vec![
                    (vec![context.clone()], resource.clone(), Some(object)),
                    (vec![context], resource, Some(bucket)),
                ]
            }
            _ => vec![(vec![context], fixed(&self.example.resource), None)],
        }
    }

    fn context(&self, membership: Membership) -> Context {
        let mut context = self.example.context.clone();
        let paths = match membership {
            Membership::None => ContextValue::Absent,
            Membership::Member | Membership::Manager | Membership::ManagerItself => {
                ContextValue::Unknown
            }
        };
        context.set("aws:SourceOrgID", ContextValue::Absent);
        context.set("aws:SourceOrgPaths", paths);
        context
    }

    /// The keys that say whose trail it is.
    fn trail(&self, membership: Membership) -> Vec<(&'static str, Template)> {
        let arn = self.trail_arn();
        let account = Template {
            pieces: vec![account()],
        };
        let mut keys = vec![
            ("aws:SourceArn", arn.clone()),
            ("aws:SourceAccount", account),
        ];
        if self.id == RequestId::GenerateDataKey {
            keys.push((TRAIL_ARN, arn));
        }
        if membership != Membership::None {
            let id = self.organization().to_vec();
            keys.push(("aws:SourceOrgID", Template { pieces: id }));
        }
        keys
    }

    fn trail_arn(&self) -> Template {
        let mut names: Vec<String> = vec!["any".to_owned()];
        names.extend(self.named.trail_names.iter().cloned());
        let words = |name, words| Piece::Choice { name, words };
        Template {
            pieces: vec![
                Piece::Text(format!("arn:{}:cloudtrail:", self.partition)),
                words(HOME, self.regions()),
                Piece::Text(":".to_owned()),
                account(),
                Piece::Text(":trail/".to_owned()),
                words(NAME, names),
            ],
        }
    }

    /// The names of an object: always below the folder of the trail's own account or organization.
    fn object(&self, membership: Membership) -> Template {
        let text = |text: &str| Piece::Text(text.to_owned());
        let mut template = self.folder(membership);
        let owner = match membership {
            Membership::Manager => member(),
            Membership::None | Membership::Member | Membership::ManagerItself => account(),
        };
        template.pieces.extend([
            Piece::Choice {
                name: REGION,
                words: self.regions(),
            },
            text("/2026/01/01/"),
            owner,
            text("_"),
            Piece::Again(KIND),
            text("_"),
            Piece::Again(REGION),
            text("_20260101T0000Z_0000000000000000.json.gz"),
        ]);
        template
    }

    /// The folder of a kind of files.
    fn folder(&self, membership: Membership) -> Template {
        let mut prefixes = vec![String::new()];
        prefixes.extend(self.prefixes.union(&self.named.prefixes).cloned());
        let text = |text: &str| Piece::Text(text.to_owned());
        let kinds = [
            "CloudTrail",
            "CloudTrail-Digest",
            "CloudTrail-Insight",
            "CloudTrail-NetworkActivity",
            "CloudTrail-Aggregated",
        ];
        let mut pieces = vec![
            self.bucket_arn(),
            text("/"),
            Piece::Choice {
                name: PREFIX,
                words: prefixes,
            },
            text("AWSLogs/"),
        ];
        match membership {
            Membership::Manager => {
                pieces.extend(self.organization());
                pieces.extend([text("/"), member()]);
            }
            Membership::ManagerItself => {
                pieces.extend(self.organization());
                pieces.extend([text("/"), account()]);
            }
            Membership::None | Membership::Member => pieces.push(account()),
        }
        pieces.extend([
            text("/"),
            Piece::Choice {
                name: KIND,
                words: kinds.map(str::to_owned).to_vec(),
            },
            text("/"),
        ]);
        Template { pieces }
    }

    fn organization(&self) -> [Piece; 2] {
        let ids = self
            .named
            .organizations
            .iter()
            .filter_map(|id| id.strip_prefix("o-"));
        let mut words = vec!["0000000000".to_owned()];
        words.extend(ids.map(str::to_owned));
        [
            Piece::Text("o-".to_owned()),
            Piece::Choice {
                name: ORGANIZATION,
                words,
            },
        ]
    }

    fn bucket_arn(&self) -> Piece {
        let arns = self
            .buckets
            .iter()
            .map(|bucket| format!("arn:{}:s3:::{bucket}", self.partition));
        let arns: Vec<String> = arns.collect();
        match arns.as_slice() {
            [only] => Piece::Text(only.clone()),
            _ => Piece::Choice {
                name: BUCKET,
                words: arns,
            },
        }
    }

    fn regions(&self) -> Vec<String> {
        let mut regions: Vec<String> = region::regions(&self.partition)
            .iter()
            .map(|&region| region.to_owned())
            .collect();
        if regions.is_empty() {
            let own = Arn::parse(&self.example.resource).map_or("", |arn| arn.region);
            regions.push(own.to_owned());
        }
        // The one that examples name.
        if let Some(at) = regions.iter().position(|region| region == "us-east-1") {
            regions.swap(0, at);
        }
        regions
    }
}

/// A write as it is, with S3's own encryption, and with a key of the trail's own account.
fn encrypted_otherwise(context: &Context) -> Vec<Context> {
    let foreign = "arn:aws:kms:us-east-1:000000000000:key/00000000-0000-0000-0000-000000000000";
    let with = |algorithm: &str, key: ContextValue| {
        let mut context = context.clone();
        let algorithm = ContextValue::one(algorithm);
        context.set("s3:x-amz-server-side-encryption", algorithm);
        context.set("s3:x-amz-server-side-encryption-aws-kms-key-id", key);
        context
    };
    vec![
        context.clone(),
        with("AES256", ContextValue::Absent),
        with("aws:kms", ContextValue::one(foreign)),
    ]
}

fn account() -> Piece {
    Piece::Chars {
        name: Some(ACCOUNT),
        set: CharSet::Digits,
        len: 12,
    }
}

fn member() -> Piece {
    Piece::Chars {
        name: Some(MEMBER),
        set: CharSet::Digits,
        len: 12,
    }
}

fn fixed(text: &str) -> Template {
    Template {
        pieces: vec![Piece::Text(text.to_owned())],
    }
}
