//! Documents of code beside those of what there is: which of them are about the same thing, and the ones put
//! in the place of the others.

use std::collections::BTreeSet;

use crate::document::{DELETED_BY_CODE, Document, InputError, Kind, Subject};
use crate::model::arn::Arn;

/// What a document answers, by names that snapshots and code have in common.
type Topic = (Kind, String);

/// Puts documents beside others. Where both are about the same thing, nobody can tell which holds.
///
/// # Errors
/// Two documents about the same thing.
pub fn beside(mut there: Vec<Document>, code: Vec<Document>) -> Result<Vec<Document>, InputError> {
    let known: BTreeSet<Topic> = there.iter().map(topic).collect();
    let decides = |document: &&Document| {
        matches!(
            document.kind,
            Kind::GetBucketPolicy | Kind::GetKeyPolicy | Kind::GetTopicAttributes | Kind::GetTrail
        ) && says_something(document)
    };
    if let Some(twice) = code
        .iter()
        .filter(decides)
        .find(|it| known.contains(&topic(it)))
    {
        let (path, region) = twice.spot("");
        return Err(InputError {
            path: path.to_owned(),
            at: Some((region.line, region.column)),
            message: format!("the snapshot has the `{}` of this one too", twice.kind.name()),
            help: Some("`--replace` puts what the code says in its place, and says what that does to the snapshot's trails".to_owned()),
        });
    }
    there.extend(code);
    Ok(there)
}

/// Puts documents in the place of those about the same thing; all others stay.
///
/// # Errors
/// Code that has nothing to do with what there is.
pub fn replace(there: Vec<Document>, code: Vec<Document>) -> Result<Vec<Document>, InputError> {
    let new: BTreeSet<Topic> = code
        .iter()
        .filter(|it| says_something(it))
        .map(topic)
        .collect();
    let deleted: Vec<&Subject> = code
        .iter()
        .filter(|it| it.kind == Kind::HeadBucket && is_deletion(it))
        .map(|it| &it.subject)
        .collect();
    let (gone, mut kept): (Vec<Document>, Vec<Document>) = there
        .into_iter()
        .partition(|document| new.contains(&topic(document)) || goes_with(document, &deleted));
    if gone.is_empty() && !are_joined(&kept, &code) && !are_joined(&code, &kept) {
        let names: BTreeSet<String> = new.into_iter().map(|(_, name)| name).collect();
        let names: Vec<String> = names.into_iter().collect();
        return Err(InputError::whole("--replace", "nothing in the snapshot is what the code changes")
            .with_help(format!(
                "the code is about {}; a resource whose name only its stack knows is named with `--parameter LOGICAL-ID=NAME`",
                names.join(", ")
            )));
    }
    kept.extend(code);
    Ok(kept)
}

/// Whether trails of some documents use a bucket, a key or a topic of others.
fn are_joined(trails: &[Document], others: &[Document]) -> bool {
    let used: BTreeSet<&str> = trails
        .iter()
        .filter(|document| document.kind == Kind::GetTrail)
        .flat_map(|document| {
            let fields = ["S3BucketName", "KmsKeyId", "SnsTopicARN"];
            let of_trail = |name| document.root().get("Trail")?.get(name)?.as_str();
            fields.into_iter().filter_map(of_trail)
        })
        .collect();
    others.iter().any(|document| match &document.subject {
        Subject::Bucket { name, .. } => used.contains(name.as_str()),
        Subject::Key { id, .. } => used
            .iter()
            .any(|arn| *arn == id || arn.ends_with(&format!("/{id}"))),
        Subject::Topic {
            name,
            account,
            region,
        } => {
            let end = format!(":{region}:{account}:{name}");
            used.iter().any(|arn| arn.ends_with(&end))
        }
        _ => false,
    })
}

/// Whether a document says that the code deletes something.
fn is_deletion(document: &Document) -> bool {
    let refusal = document.refusal();
    refusal.is_some_and(|refusal| refusal.code == DELETED_BY_CODE)
}

/// Whether a document is about a bucket that is deleted: its policy goes with it.
fn goes_with(document: &Document, deleted: &[&Subject]) -> bool {
    let Subject::Bucket { name, .. } = &document.subject else {
        return false;
    };
    let is_it =
        |gone: &&Subject| matches!(gone, Subject::Bucket { name: gone, .. } if gone == name);
    deleted.iter().any(is_it)
}

/// Whether a document of code changes what there is: that code gives a bucket no policy does not.
fn says_something(document: &Document) -> bool {
    document
        .refusal()
        .is_none_or(|refusal| refusal.code != "NoSuchBucketPolicy")
}

fn topic(document: &Document) -> Topic {
    let name = match &document.subject {
        Subject::Snapshot => "snapshot".to_owned(),
        Subject::Organization => "organization".to_owned(),
        Subject::Caller { name } => format!("caller {name}"),
        Subject::Account { account, region } => {
            format!("{}:{account}", region.as_deref().unwrap_or_default())
        }
        Subject::Bucket { name, .. } => name.clone(),
        Subject::Key { account, id } => match Arn::parse(id) {
            Some(arn) => format!("{}/{}", arn.account, arn.key_id().unwrap_or(arn.resource)),
            None => format!("{}/{id}", account.as_deref().unwrap_or_default()),
        },
        Subject::Role { account, name } => format!("{account}/{name}"),
        Subject::LogGroups { account, region } => format!("{region}:{account}"),
        Subject::Topic {
            account,
            region,
            name,
        } => format!("{region}:{account}:{name}"),
        Subject::Trail {
            account,
            home_region,
            name,
            shadow_region,
        } => {
            let shadow = shadow_region.as_deref().unwrap_or_default();
            format!("{home_region}:{account}:{name}{shadow}")
        }
    };
    (document.kind, name)
}
