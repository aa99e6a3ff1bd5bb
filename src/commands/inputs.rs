//! The documents that a command line names: snapshots, policy files, infrastructure code, live AWS; and
//! whether there is something in them to look at, as of when.

use std::collections::BTreeSet;
use std::path::PathBuf;

use jiff::Timestamp;
use trail_lint::config::Config;
use trail_lint::document::{Document, InputError, Origin};
use trail_lint::model::Estate;
use trail_lint::source::code::CodeOptions;
use trail_lint::source::{self, plain::PlainFiles};

use super::Failure;
use crate::cli::{CodeTold, InputArgs, PlainArgs};

/// The documents of a run.
pub(super) struct Documents {
    /// Those that count.
    pub(super) all: Vec<Document>,
    /// Those that there were before code was put in the place of some of them.
    pub(super) before: Option<Vec<Document>>,
    /// Whose the live ones are, if some are live.
    pub(super) scope: Option<String>,
    /// What was taken for granted of code.
    pub(super) assumed: BTreeSet<String>,
}

/// What a command is asked to look at.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) paths: &'a [PathBuf],
    pub(super) args: &'a InputArgs,
}

impl<'a> Asked<'a> {
    /// The paths that are looked at, for a message about them.
    pub(super) fn named(self, config: &'a Config) -> &'a [PathBuf] {
        match self.paths {
            [] => &config.input.snapshots,
            paths => paths,
        }
    }

    /// All documents that the command line names; where it names none, those of the configuration file.
    pub(super) fn read(self, config: &Config) -> Result<Documents, Failure> {
        let (live, scope) = self.live(config)?;
        let code = code_options(&self.args.code.told, &self.args.code.code_regions)?;
        let named = plain(&self.args.plain);
        let is_silent = self.paths.is_empty() && named.trails.is_empty() && scope.is_none();
        if is_silent && config.input.is_empty() {
            return Err(Failure::Usage {
                message: "there is nothing to check".to_owned(),
                help: "name a snapshot folder, a template or a plan, or `--bucket NAME --trail ARN`, or both in `[input]` of trail-lint.toml; see `trail-lint check --help`".to_owned(),
            });
        }
        let (paths, files) = if is_silent {
            (&config.input.snapshots[..], &config.input.plain)
        } else {
            (self.paths, &named)
        };
        let documents = read(paths, files, live, &code, self.args.code.replace)?;
        Ok(Documents { scope, ..documents })
    }

    /// What is read from AWS, and whose it is.
    #[cfg(feature = "live")]
    fn live(self, config: &Config) -> Result<(Vec<Document>, Option<String>), Failure> {
        let is_code = self.paths.iter().any(|path| source::code::is_code(path));
        if self.args.live.live && !is_code && !self.args.code.told.code_accounts.is_empty() {
            return Err(Failure::Usage {
                message: "`--account` says where infrastructure code runs, and there is none"
                    .to_owned(),
                help: "`--accounts` names the accounts that `--live` reads".to_owned(),
            });
        }
        let region = self
            .args
            .code
            .code_regions
            .iter()
            .rfind(|it| !it.contains('='));
        let read = super::live::documents(
            &self.args.live,
            region,
            self.args.plain.bucket.as_ref(),
            config,
        )?;
        Ok(read.map_or_else(Default::default, |(live, scope)| (live, Some(scope))))
    }

    #[cfg(not(feature = "live"))]
    #[expect(clippy::unused_self, reason = "what is read live is asked of it")]
    #[expect(clippy::unnecessary_wraps, reason = "reading AWS may fail")]
    fn live(self, _: &Config) -> Result<(Vec<Document>, Option<String>), Failure> {
        Ok((Vec::new(), None))
    }
}

/// The documents of snapshots and policy files alone.
pub(super) fn snapshots(paths: &[PathBuf], files: &PlainFiles) -> Result<Vec<Document>, Failure> {
    let mut documents = Vec::new();
    for path in paths {
        documents.extend(source::snapshot::read(path)?);
    }
    documents.extend(source::plain::read(files)?);
    Ok(documents)
}

/// The documents of paths, each of which is a snapshot or code, of policy files, and of live AWS.
pub(super) fn read(
    paths: &[PathBuf],
    files: &PlainFiles,
    live: Vec<Document>,
    code: &CodeOptions,
    replace: bool,
) -> Result<Documents, Failure> {
    let (of_code, of_snapshots): (Vec<PathBuf>, Vec<PathBuf>) = paths
        .iter()
        .cloned()
        .partition(|path| source::code::is_code(path));
    let mut there = snapshots(&of_snapshots, files)?;
    there.extend(live);
    let alone = |all| Documents {
        all,
        before: None,
        scope: None,
        assumed: BTreeSet::new(),
    };
    if of_code.is_empty() {
        if replace {
            return Err(Failure::Usage {
                message: "`--replace` needs code: a template or a plan".to_owned(),
                help: "`trail-lint check plan.json SNAPSHOT --replace`".to_owned(),
            });
        }
        return Ok(alone(there));
    }
    let source::code::Read {
        documents: planned,
        assumed,
    } = source::code::read(&of_code, code)?;
    let alone = |all| Documents {
        assumed: assumed.clone(),
        ..alone(all)
    };
    if !replace {
        return Ok(alone(source::join::beside(there, planned)?));
    }
    if there.is_empty() {
        // A plan tells what there is before it runs.
        let before = source::code::read_before(&of_code, code)?;
        if before.is_empty() {
            return Err(Failure::Usage {
                message: "`--replace` needs what there is: nothing was given beside the code".to_owned(),
                help: "`trail-lint check template.yaml SNAPSHOT --replace`, or a plan made from a state".to_owned(),
            });
        }
        return Ok(Documents {
            before: Some(before),
            ..alone(planned)
        });
    }
    let before = Some(there.clone());
    let all = source::join::replace(there, planned)?;
    Ok(Documents {
        before,
        ..alone(all)
    })
}

/// What the command line tells about code.
pub(super) fn code_options(told: &CodeTold, regions: &[String]) -> Result<CodeOptions, Failure> {
    let pair = |text: &String| {
        let pair = text.split_once('=').filter(|(name, _)| !name.is_empty());
        pair.map(|(name, value)| (name.to_owned(), value.to_owned()))
            .ok_or_else(|| Failure::Usage {
                message: format!("`--parameter {text}` gives no value"),
                help: "write `--parameter NAME=VALUE`".to_owned(),
            })
    };
    Ok(CodeOptions {
        parameters: told.parameters.iter().map(pair).collect::<Result<_, _>>()?,
        accounts: told.code_accounts.clone(),
        regions: regions.to_vec(),
        stack_accounts: told.stack_accounts.clone(),
        organization: told.organization_id.clone(),
        terraform_dir: told.terraform_dir.clone(),
    })
}

/// The single policy files, and the trails that they are to serve.
pub(super) fn plain(args: &PlainArgs) -> PlainFiles {
    PlainFiles {
        bucket: args.bucket.clone(),
        bucket_policy: args.bucket_policy.clone(),
        bucket_region: args.bucket_region.clone(),
        key_policy: args.key_policy.clone(),
        key_arn: args.key_arn.clone(),
        topic_policy: args.topic_policy.clone(),
        topic_arn: args.topic_arn.clone(),
        trails: args.trails.clone(),
    }
}

/// There is something to look at.
pub(super) fn need_trails(estate: &Estate, paths: &[PathBuf]) -> Result<(), InputError> {
    if !estate.trails.is_empty() || !estate.unseen_trails.is_empty() {
        return Ok(());
    }
    let shown: Vec<String> = paths
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    Err(InputError::whole(
        &shown.join(", "),
        "no trail in it, so there is nothing to audit",
    )
    .with_help(no_trail_help(estate)))
}

/// What to try where there is no trail: in code that makes only the bucket, its trails are elsewhere.
fn no_trail_help(estate: &Estate) -> String {
    let is_code = estate.documents.iter().any(|it| it.origin == Origin::Code);
    let bucket = estate.buckets.keys().next();
    match bucket.filter(|_| is_code) {
        Some(bucket) => format!("name one that writes to the bucket: `--trail ARN --bucket {bucket}`; or give a snapshot of the trails as well, with `--replace`"),
        None => "a trail is accounts/ACCOUNT/cloudtrail/REGION/NAME/get-trail.json; or name one with `--trail ARN --bucket NAME`".to_owned(),
    }
}

/// The moment that dates are compared with: the one that was asked for, else the snapshot's, else now.
pub(super) fn moment(at: Option<Timestamp>, estate: &Estate) -> Result<Timestamp, Failure> {
    match (at, &estate.taken_at) {
        (Some(at), _) => Ok(at),
        (None, Some(taken_at)) => taken_at.parse().map_err(|_| Failure::Usage {
            message: format!("`taken_at` of the snapshot is `{taken_at}`, which is no time"),
            help: "write it as 2026-01-31T12:00:00Z, or give `--at TIME`".to_owned(),
        }),
        (None, None) => Ok(Timestamp::now()),
    }
}
