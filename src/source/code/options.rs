//! What the command line tells about code: accounts, Regions, parameters. Each may be said of everything or,
//! as `NAME=VALUE`, of one template, stack or provider.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::answers::{Answers, Declared, Place};
use super::template::Template;
use super::{Input, display, place, stem};
use crate::document::InputError;
use crate::model::arn::is_account_id;
use crate::written::{SourceFile, Written};

/// What the command line tells about code.
#[derive(Debug, Clone, Default)]
pub struct CodeOptions {
    /// `--parameter`: values of parameters, and what resources are called, by logical id.
    pub parameters: Vec<(String, String)>,
    /// `--account`: `[NAME=]ACCOUNT`.
    pub accounts: Vec<String>,
    /// `--region`: `[NAME=]REGION`.
    pub regions: Vec<String>,
    /// `--stack-accounts`: the accounts of a stack set, `[NAME=]ACCOUNT` with the name before the first.
    pub stack_accounts: Vec<String>,
    /// `--organization-id`: the organization's id, `=` and the management account.
    pub organization: Option<String>,
    /// `--terraform-dir`: where the plan's `.tf` files lie.
    pub terraform_dir: Option<PathBuf>,
}

/// Where the stacks of one input are made.
pub(super) struct Places {
    /// Of a template: one place for each stack.
    pub(super) stacks: Vec<Place>,
    /// Of a plan: accounts and Regions by provider, those of all providers under no name.
    pub(super) accounts: Vec<(Option<String>, String)>,
    pub(super) regions: Vec<(Option<String>, String)>,
}

impl CodeOptions {
    /// Where each input's stacks are made. What is named may be among others beside them.
    pub(super) fn resolve(
        &self,
        inputs: &[Input],
        beside: &[Input],
    ) -> Result<Vec<Places>, InputError> {
        let accounts = named("--account", &self.accounts)?;
        let regions = named("--region", &self.regions)?;
        let sets = named("--stack-accounts", &self.stack_accounts)?;
        // The name before the first account of a list counts for all of them.
        let set_name = sets.iter().find_map(|(name, _)| name.clone());
        let ids = accounts
            .iter()
            .map(|it| ("--account", it))
            .chain(sets.iter().map(|it| ("--stack-accounts", it)));
        for (flag, (_, id)) in ids {
            if !is_account_id(id) {
                return Err(InputError::whole(flag, format!("`{id}` is no account id, twelve digits"))
                    .with_help(format!("write `{flag} 111111111111`, or `{flag} NAME=111111111111` for one template or provider")));
            }
        }
        let asked = [
            ("--account", &accounts),
            ("--region", &regions),
            ("--stack-accounts", &sets),
        ];
        let mut meant = BTreeMap::new();
        for (flag, values) in asked {
            for name in values.iter().filter_map(|(name, _)| name.as_ref()) {
                if !meant.contains_key(name) {
                    meant.insert(name.clone(), called(name, inputs, beside, flag)?);
                }
            }
        }
        Ok(inputs
            .iter()
            .enumerate()
            .map(|(index, input)| {
                let is_meant = |name: &Option<String>| {
                    let named = name.as_ref().map(|name| meant.get(name));
                    named.is_none_or(|meant| meant.is_some_and(|them| them.contains(&index)))
                };
                // What is said of one template counts more than what is said of all.
                let told = |values: &[(Option<String>, String)]| {
                    let meant = values.iter().filter(|(name, _)| is_meant(name));
                    meant
                        .max_by_key(|(name, _)| name.is_some())
                        .map(|(_, value)| value.clone())
                };
                let (own_account, own_region) = match input {
                    Input::Template(input) => (input.account.clone(), input.region.clone()),
                    Input::Terraform(_) => (None, None),
                };
                let region = told(&regions).or(own_region);
                let label = input.label();
                let stacks = if is_meant(&set_name) && !sets.is_empty() {
                    let ids: BTreeSet<&String> = sets.iter().map(|(_, id)| id).collect();
                    ids.into_iter()
                        .map(|id| place(Some(id), region.as_deref(), label))
                        .collect()
                } else {
                    let account = told(&accounts).or(own_account);
                    vec![place(account.as_deref(), region.as_deref(), label)]
                };
                Places {
                    stacks,
                    accounts: accounts.clone(),
                    regions: regions.clone(),
                }
            })
            .collect())
    }

    /// Every `--parameter` must be of some template.
    pub(super) fn check_parameters(&self, templates: &[&Template]) -> Result<(), InputError> {
        for (name, _) in &self.parameters {
            let named = |template: &&Template| {
                let mut all = template.parameters().iter().chain(template.resources());
                all.any(|(known, _)| known == name)
            };
            if !templates.iter().any(named) {
                let all: BTreeSet<&str> = templates
                    .iter()
                    .flat_map(|template| template.parameters())
                    .map(|(name, _)| name.as_str())
                    .collect();
                let all: Vec<&str> = all.into_iter().collect();
                let help = match all.as_slice() {
                    [] => "the templates have no parameters; a resource is named by its logical id"
                        .to_owned(),
                    all => format!(
                        "there are `{}`, and the resources' logical ids",
                        all.join("`, `")
                    ),
                };
                return Err(InputError::whole(
                    "--parameter",
                    format!("no template has a parameter `{name}`"),
                )
                .with_help(help));
            }
        }
        Ok(())
    }

    /// What `--organization-id` says.
    pub(super) fn add_organization(
        &self,
        answers: &mut Answers,
        paths: &[PathBuf],
    ) -> Result<(), InputError> {
        let Some(said) = &self.organization else {
            return Ok(());
        };
        let (id, management) = said
            .split_once('=')
            .map_or((said.as_str(), None), |(id, account)| (id, Some(account)));
        let wrong =
            !id.starts_with("o-") || management.is_some_and(|account| !is_account_id(account));
        if wrong {
            return Err(InputError::whole("--organization-id", format!("`{said}` is no organization"))
                .with_help("write `--organization-id o-abcdefghij`, or `o-abcdefghij=111111111111` with the management account"));
        }
        let path = paths.first().map_or(Path::new(""), PathBuf::as_path);
        let by = Declared {
            label: "--organization-id".to_owned(),
            file: Arc::new(SourceFile::new(display(path), String::new())),
            at: None,
        };
        let fields = vec![
            ("Id", Some(Written::text(id))),
            ("MasterAccountId", management.map(Written::text)),
        ];
        answers.organization(&by, fields, Vec::new())
    }
}

fn names(input: &Input) -> Vec<String> {
    match input {
        Input::Template(input) => input.names.clone(),
        Input::Terraform(plan) => plan.provider_names(),
    }
}

/// The inputs that a name means: the one of this path, all that are called so, or those whose path ends in it.
fn called(
    name: &str,
    inputs: &[Input],
    beside: &[Input],
    flag: &str,
) -> Result<BTreeSet<usize>, InputError> {
    let that = |inputs: &[Input], is_it: &dyn Fn(&Input) -> bool| -> BTreeSet<usize> {
        let inputs = inputs.iter().enumerate();
        inputs
            .filter(|(_, it)| is_it(it))
            .map(|(index, _)| index)
            .collect()
    };
    let is_file = |input: &Input| matches!(input, Input::Template(it) if display(&it.path) == name);
    let is_called = |input: &Input| names(input).iter().any(|own| own == name);
    let ends_so = |input: &Input| {
        let path = input.path();
        let is_template = matches!(input, Input::Template(_));
        is_template && (path.ends_with(name) || path.with_file_name(stem(path)).ends_with(name))
    };
    let ways: [&dyn Fn(&Input) -> bool; 3] = [&is_file, &is_called, &ends_so];
    let mut found = ways.iter().map(|way| that(inputs, way));
    let Some(found) = found.find(|found| !found.is_empty()) else {
        if ways.iter().any(|way| !that(beside, way).is_empty()) {
            return Ok(BTreeSet::new());
        }
        let known: BTreeSet<String> = inputs.iter().chain(beside).flat_map(names).collect();
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let message = format!("there is no template, stack or provider `{name}`");
        return Err(InputError::whole(flag, message)
            .with_help(format!("there are `{}`", known.join("`, `"))));
    };
    // Several stacks of an assembly may bear one name, and say themselves where each is.
    let files = found.iter().filter_map(|index| match inputs.get(*index)? {
        Input::Template(input) if input.stack_name.is_none() => Some(display(&input.path)),
        _ => None,
    });
    let files: BTreeSet<String> = files.collect();
    if files.len() > 1 {
        let files: Vec<String> = files
            .iter()
            .map(|file| format!("`{flag} {file}=…`"))
            .collect();
        let message = format!("`{name}` may be one of {} templates", files.len());
        return Err(
            InputError::whole(flag, message).with_help(format!("write {}", files.join(" or ")))
        );
    }
    Ok(found)
}

/// Takes `[NAME=]VALUE` apart.
fn named(flag: &str, said: &[String]) -> Result<Vec<(Option<String>, String)>, InputError> {
    let mut all = Vec::new();
    for said in said {
        let (name, value) = match said.rsplit_once('=') {
            Some((name, value)) => (Some(name.trim().to_owned()), value),
            None => (None, said.as_str()),
        };
        if value.trim().is_empty() || name.as_ref().is_some_and(String::is_empty) {
            return Err(
                InputError::whole(flag, format!("`{said}` says nothing")).with_help(format!(
                    "write `{flag} VALUE`, or `{flag} NAME=VALUE` for one template or provider"
                )),
            );
        }
        all.push((name, value.trim().to_owned()));
    }
    Ok(all)
}
