//! Snapshot folders, version 1: one answer a file, under the account whose credentials read it.

use std::path::{Path, PathBuf};

use super::{display, io_reason, read_file};
use crate::document::{Document, InputError, Kind, Subject};
use crate::model::arn::is_account_id;

const LAYOUT: &str = "a snapshot holds accounts/ACCOUNT/cloudtrail/REGION/TRAIL/get-trail.json, accounts/ACCOUNT/s3/BUCKET/get-bucket-policy.json and so on";

/// Reads every document of a snapshot folder. Files with other names are passed over.
///
/// # Errors
/// A folder that is no snapshot, a file that cannot be read, or one that is not what its name says.
pub fn read(path: &Path) -> Result<Vec<Document>, InputError> {
    let accounts = path.join("accounts");
    if path.is_file() {
        return Err(
            InputError::whole(&display(path), "expected a snapshot folder, found a file")
                .with_help(
                    "for single policy files use `--bucket NAME --bucket-policy FILE --trail ARN`",
                ),
        );
    }
    let callers = path.join("callers");
    // Where nobody could enter an account, there is no folder of any.
    if !accounts.is_dir() && !callers.is_dir() {
        let missing = if path.is_dir() {
            "no snapshot here: it has no folder `accounts`"
        } else {
            "no such folder"
        };
        return Err(InputError::whole(&display(path), missing).with_help(LAYOUT));
    }
    let mut documents = Vec::new();
    add(&mut documents, path, &Subject::Snapshot, |kind| {
        kind == Kind::Snapshot
    })?;
    let organizations = path.join("organizations");
    if organizations.is_dir() {
        add(
            &mut documents,
            &organizations,
            &Subject::Organization,
            |kind| matches!(kind, Kind::DescribeOrganization | Kind::ListAccounts),
        )?;
    }
    for (name, folder) in optional_folders(&callers)? {
        add(&mut documents, &folder, &Subject::Caller { name }, |kind| {
            kind == Kind::GetCallerIdentity
        })?;
    }
    for (account, folder) in optional_folders(&accounts)? {
        if !is_account_id(&account) {
            return Err(InputError::whole(
                &display(&folder),
                "expected a folder named after an account, twelve digits",
            )
            .with_help(LAYOUT));
        }
        read_account(&mut documents, &account, &folder)?;
    }
    if documents
        .iter()
        .all(|document| document.kind == Kind::Snapshot)
    {
        return Err(
            InputError::whole(&display(path), "the snapshot holds no document").with_help(LAYOUT),
        );
    }
    Ok(documents)
}

fn read_account(
    documents: &mut Vec<Document>,
    account: &str,
    folder: &Path,
) -> Result<(), InputError> {
    let some_account = Some(account.to_owned());
    for (name, folder) in optional_folders(&folder.join("s3"))? {
        let subject = Subject::Bucket {
            account: some_account.clone(),
            name,
        };
        add(documents, &folder, &subject, |kind| {
            matches!(
                kind,
                Kind::GetBucketPolicy
                    | Kind::HeadBucket
                    | Kind::GetBucketLocation
                    | Kind::GetBucketEncryption
                    | Kind::GetBucketOwnershipControls
                    | Kind::GetBucketRequestPayment
                    | Kind::GetPublicAccessBlock
                    | Kind::GetBucketPolicyStatus
                    | Kind::GetBucketVersioning
                    | Kind::GetObjectLockConfiguration
                    | Kind::GetBucketLifecycleConfiguration
            )
        })?;
    }
    for (id, folder) in optional_folders(&folder.join("kms"))? {
        let subject = Subject::Key {
            account: some_account.clone(),
            id,
        };
        add(documents, &folder, &subject, |kind| {
            matches!(kind, Kind::DescribeKey | Kind::GetKeyPolicy)
        })?;
    }
    for (region, folder) in optional_folders(&folder.join("sns"))? {
        for (name, folder) in folders(&folder)? {
            let subject = Subject::Topic {
                account: account.to_owned(),
                region: region.clone(),
                name,
            };
            add(documents, &folder, &subject, |kind| {
                kind == Kind::GetTopicAttributes
            })?;
        }
    }
    for (name, folder) in optional_folders(&folder.join("iam"))? {
        let subject = Subject::Role {
            account: account.to_owned(),
            name,
        };
        // A role has several policies, each in a folder of its own.
        add_below(documents, &folder, &subject, |kind| {
            matches!(
                kind,
                Kind::GetRole
                    | Kind::ListRolePolicies
                    | Kind::GetRolePolicy
                    | Kind::ListAttachedRolePolicies
                    | Kind::GetPolicyVersion
            )
        })?;
    }
    for (region, folder) in optional_folders(&folder.join("logs"))? {
        let subject = Subject::LogGroups {
            account: account.to_owned(),
            region,
        };
        // The name of a log group may hold slashes.
        add_below(documents, &folder, &subject, |kind| {
            kind == Kind::DescribeLogGroups
        })?;
    }
    let whole = |region| Subject::Account {
        account: account.to_owned(),
        region,
    };
    let answers_of_account = [("sts", Kind::AssumeRole), ("cloudtrail", Kind::ListTrails)];
    for (service, answer) in answers_of_account {
        let folder = folder.join(service);
        if folder.is_dir() {
            add(documents, &folder, &whole(None), |kind| kind == answer)?;
        }
    }
    for (home_region, folder) in optional_folders(&folder.join("cloudtrail"))? {
        add(
            documents,
            &folder,
            &whole(Some(home_region.clone())),
            |kind| kind == Kind::DescribeTrails,
        )?;
        for (name, folder) in folders(&folder)? {
            read_trail(documents, account, &home_region, &name, &folder)?;
        }
    }
    Ok(())
}

fn read_trail(
    documents: &mut Vec<Document>,
    account: &str,
    home_region: &str,
    name: &str,
    folder: &Path,
) -> Result<(), InputError> {
    let subject = |shadow_region| Subject::Trail {
        account: account.to_owned(),
        home_region: home_region.to_owned(),
        name: name.to_owned(),
        shadow_region,
    };
    add(documents, folder, &subject(None), |kind| {
        matches!(
            kind,
            Kind::GetTrail
                | Kind::GetTrailStatus
                | Kind::GetEventSelectors
                | Kind::GetInsightSelectors
        )
    })?;
    for (region, folder) in optional_folders(&folder.join("regions"))? {
        add(documents, &folder, &subject(Some(region)), |kind| {
            kind == Kind::GetTrailStatus
        })?;
    }
    Ok(())
}

/// Where a snapshot holds an answer, below its folder. Characters that a path cannot hold, on some
/// system, become underscores: names come from other accounts.
pub fn place(kind: Kind, subject: &Subject) -> String {
    let of_account = |account: &Option<String>| {
        format!(
            "accounts/{}",
            account
                .as_deref()
                .map_or("000000000000".to_owned(), segment)
        )
    };
    let folder = match subject {
        Subject::Snapshot => String::new(),
        Subject::Organization => "organizations/".to_owned(),
        Subject::Caller { name } => format!("callers/{}/", segment(name)),
        Subject::Account { account, region } => {
            let service = if kind == Kind::AssumeRole {
                "sts"
            } else {
                "cloudtrail"
            };
            let region = region
                .as_deref()
                .map_or(String::new(), |it| format!("{}/", segment(it)));
            format!("accounts/{}/{service}/{region}", segment(account))
        }
        Subject::Bucket { account, name } => {
            format!("{}/s3/{}/", of_account(account), segment(name))
        }
        Subject::Key { account, id } => format!("{}/kms/{}/", of_account(account), segment(id)),
        Subject::Role { account, name } => {
            format!("accounts/{}/iam/{}/", segment(account), segment(name))
        }
        Subject::LogGroups { account, region } => {
            format!("accounts/{}/logs/{}/", segment(account), segment(region))
        }
        Subject::Topic {
            account,
            region,
            name,
        } => {
            format!(
                "accounts/{}/sns/{}/{}/",
                segment(account),
                segment(region),
                segment(name)
            )
        }
        Subject::Trail {
            account,
            home_region,
            name,
            shadow_region,
        } => {
            let trail = format!(
                "accounts/{}/cloudtrail/{}/{}/",
                segment(account),
                segment(home_region),
                segment(name)
            );
            match shadow_region {
                Some(region) => format!("{trail}regions/{}/", segment(region)),
                None => trail,
            }
        }
    };
    format!("{folder}{}.json", kind.name())
}

/// A name as one part of a path.
fn segment(name: &str) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '+' | '@');
    let dots_too = |c: char| allowed(c) || c == '.';
    let safe: String = name
        .chars()
        .map(|c| if dots_too(c) { c } else { '_' })
        .collect();
    // `.` and `..` are folders of their own, and a leading dot hides one.
    match safe.strip_prefix('.') {
        Some(rest) => format!("_{rest}"),
        None if safe.is_empty() => "_".to_owned(),
        None => safe,
    }
}

/// Reads the files of one folder whose names say that they belong there.
fn add(
    documents: &mut Vec<Document>,
    folder: &Path,
    subject: &Subject,
    belongs: impl Fn(Kind) -> bool,
) -> Result<(), InputError> {
    for path in entries(folder)? {
        let stem = path
            .file_name()
            .and_then(|name| name.to_str())
            .and_then(|name| name.strip_suffix(".json"));
        if let Some(kind) = stem.and_then(Kind::from_name).filter(|&kind| belongs(kind)) {
            documents.push(read_file(&path, kind, subject.clone())?);
        }
    }
    Ok(())
}

/// The same for a folder and every folder in it.
fn add_below(
    documents: &mut Vec<Document>,
    folder: &Path,
    subject: &Subject,
    belongs: fn(Kind) -> bool,
) -> Result<(), InputError> {
    add(documents, folder, subject, belongs)?;
    for (_, folder) in folders(folder)? {
        add_below(documents, &folder, subject, belongs)?;
    }
    Ok(())
}

fn optional_folders(path: &Path) -> Result<Vec<(String, PathBuf)>, InputError> {
    if path.is_dir() {
        folders(path)
    } else {
        Ok(Vec::new())
    }
}

/// The folders in a folder, by name, sorted; hidden ones left out.
fn folders(path: &Path) -> Result<Vec<(String, PathBuf)>, InputError> {
    let named = entries(path)?
        .into_iter()
        .filter(|entry| entry.is_dir())
        .filter_map(|entry| {
            let name = entry.file_name()?.to_str()?.to_owned();
            (!name.starts_with('.')).then_some((name, entry))
        });
    Ok(named.collect())
}

fn entries(path: &Path) -> Result<Vec<PathBuf>, InputError> {
    let unreadable = |error: std::io::Error| {
        InputError::whole(
            &display(path),
            format!("cannot be read: {}", io_reason(&error)),
        )
        .with_help("check that the folder exists and that you may read it")
    };
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(path).map_err(unreadable)? {
        entries.push(entry.map_err(unreadable)?.path());
    }
    entries.sort();
    Ok(entries)
}
