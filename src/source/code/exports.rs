//! What stacks hand on to each other: the exports that `Fn::ImportValue` finds, the outputs that `Fn::GetStackOutput`
//! reads, and where the stacks that ask for them must then be.
//!
//! Source: AWS CloudFormation Template Reference, `Fn::ImportValue` and `Fn::GetStackOutput` (read 2026-11): exports reach
//! no other account and no other Region; outputs do, with `Region` and with a role of the other account.

use std::collections::BTreeSet;

use super::Deployment;
use super::answers::Place;
use super::intrinsics::{Answer, call};
use super::template::{CDK_WRITER, NESTED, Stack, Template};
use crate::document::InputError;
use crate::iam::unknown::{has_unknown, is_unknown, unknowns};
use crate::model::arn::Arn;
use crate::model::region::partition_of;
use crate::written::{Item, Written};

/// How often exports are worked out, as one may come from an import of another.
const MOST_ROUNDS: usize = 4;

/// An output of a stack.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Exported {
    /// What the template is called.
    pub(super) template: String,
    /// The stack's name; an unknown one where nobody told it.
    pub(super) stack: String,
    pub(super) place: Place,
    /// The output's name in the template; nothing for those of nested stacks.
    pub(super) output: Option<String>,
    /// The name that it is exported under.
    pub(super) export: Option<String>,
    pub(super) value: Written,
}

impl Exported {
    /// Whether it is of a stack of this name; one that nobody named is called as its template.
    fn is_of(&self, stack: &str) -> bool {
        self.stack == stack || has_unknown(&self.stack) && self.template == stack
    }
}

/// All outputs of all stacks.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Exports(Vec<Exported>);

/// What a stack asks another for.
enum Asked {
    Export(String),
    Output {
        stack: String,
        output: String,
        /// Nothing for what is not known.
        account: Option<String>,
        region: Option<String>,
    },
}

/// What the stacks hand on to each other, and what was taken for granted. A stack whose account or Region nobody told
/// is where the export is that it asks for.
pub(super) fn link(
    deployments: &mut [Deployment<'_>],
) -> Result<(Exports, BTreeSet<String>), InputError> {
    let none = Exports::default();
    let mut assumed = BTreeSet::new();
    for index in 0..deployments.len() {
        let asks = deployments.get(index).map(|it| asks(&it.input.template));
        if asks.is_none_or(|asks| asks.is_empty()) {
            continue;
        }
        // Where one stack is says where others are.
        let exports = round(deployments, &none)?;
        let found = deployments.get(index).map(|it| linked(it, &none, &exports));
        for link in found.unwrap_or_default() {
            let is_new = settle(deployments, &link.own, &link.there);
            assumed.extend(link.taken_for.or(link.together.filter(|_| is_new)));
        }
    }
    let mut exports = none;
    for _ in 0..deployments.len().min(MOST_ROUNDS) {
        let found = round(deployments, &exports)?;
        if found == exports {
            break;
        }
        exports = found;
    }
    Ok((exports, assumed))
}

fn round(deployments: &[Deployment<'_>], known: &Exports) -> Result<Exports, InputError> {
    let mut all = Vec::new();
    for deployment in deployments {
        let name = deployment.input.name();
        outputs(name, &deployment.stack(known), &mut all)?;
    }
    Ok(Exports(all))
}

/// The outputs of a stack, and the exports of those nested in it.
fn outputs(template: &str, stack: &Stack<'_>, all: &mut Vec<Exported>) -> Result<(), InputError> {
    let start = all.len();
    let nested = stack.template.nested.keys();
    for id in nested.filter(|id| stack.type_of(id) == Some(NESTED)) {
        stack.with_nested(id, Answer::Yes, |nested| outputs(template, nested, all))?;
    }
    // Of a nested stack nobody knows the name.
    for output in all.iter_mut().skip(start) {
        output.output = None;
    }
    for (id, _) in stack.template.resources() {
        if stack.type_of(id) == Some(CDK_WRITER) {
            handed_on(template, stack, id, all)?;
        }
    }
    let written = stack.template.section("Outputs");
    for (name, output) in written.map_or(&[][..], Written::entries) {
        let made = output.get("Condition").and_then(Written::as_text);
        let made = made.map(|name| stack.named_condition(name, output.at.as_ref()));
        let Some(value) = output.get("Value") else {
            continue;
        };
        if made.transpose()? == Some(Answer::No) {
            continue;
        }
        let export = output.path(&["Export", "Name"]);
        let export = export.map(|name| stack.evaluate(name)).transpose()?;
        let export = export.and_then(|name| name.as_text().map(str::to_owned));
        let value = match stack.evaluate(value) {
            // What nobody imports is not what anybody waits for.
            Err(_) if export.is_none() => continue,
            value => value?,
        };
        all.push(Exported {
            template: template.to_owned(),
            stack: stack.name.clone(),
            place: stack.place.clone(),
            output: Some(name.clone()),
            export,
            value,
        });
    }
    Ok(())
}

/// What a stack of CDK's hands on to another Region.
fn handed_on(
    template: &str,
    stack: &Stack<'_>,
    id: &str,
    all: &mut Vec<Exported>,
) -> Result<(), InputError> {
    let Some(handed) = stack.property(id, "WriterProps")? else {
        return Ok(());
    };
    let region = handed.get("region").and_then(Written::as_text);
    for (name, value) in handed.get("exports").map_or(&[][..], Written::entries) {
        all.push(Exported {
            template: template.to_owned(),
            stack: stack.name.clone(),
            place: super::place(Some(&stack.place.account), region, &stack.label),
            output: None,
            export: Some(name.clone()),
            value: value.clone(),
        });
    }
    Ok(())
}

/// That one stack asks another.
struct Link {
    /// Where the asking stack is.
    own: Place,
    /// Where the other one must then be, as far as that says where this one is.
    there: Place,
    /// What is said if both were not known to be in one place.
    together: Option<String>,
    /// What is said if it is not by its full name that the other one was found.
    taken_for: Option<String>,
}

/// The stacks that a stack asks.
fn linked(deployment: &Deployment<'_>, known: &Exports, exports: &Exports) -> Vec<Link> {
    let own = &deployment.place;
    let name = deployment.input.name();
    let mut links = Vec::new();
    for (function, argument) in asks(&deployment.input.template) {
        // What cannot be evaluated is reported when it is evaluated for good.
        let stack = deployment.stack(known);
        let Ok(Some(asked)) = stack.asked(function, argument) else {
            continue;
        };
        let Some(found) = exports.find(&asked, own) else {
            continue;
        };
        let other = &found.template;
        let mut there = found.place.clone();
        let (together, taken_for) = match &asked {
            Asked::Export(export) => {
                let is_named = found.export.as_ref() == Some(export);
                let called = found.export.as_deref().unwrap_or_default();
                (
                    format!("`{name}` imports `{export}`, which `{other}` exports: both are taken to be in one account and Region"),
                    (!is_named).then(|| format!("`{export}`, which `{name}` imports, is taken for `{called}` of `{other}`, the only export that it can mean")),
                )
            }
            Asked::Output {
                stack,
                output,
                account,
                region,
            } => {
                if account.as_ref() != Some(&own.account) {
                    there.account.clone_from(&own.account);
                }
                if region.as_ref() != Some(&own.region) {
                    there.region.clone_from(&own.region);
                }
                let is_named = found.is_of(stack);
                (
                    format!("`{name}` reads the output `{output}` of `{other}`: both are taken to be in one account"),
                    (!is_named).then(|| format!("the stack `{stack}`, of which `{name}` reads the output `{output}`, is taken for that of `{other}`, the only one that it can be")),
                )
            }
        };
        links.push(Link {
            own: own.clone(),
            there,
            together: Some(together),
            taken_for,
        });
    }
    links
}

/// The calls in a template by which one stack asks another.
fn asks(template: &Template) -> Vec<(&str, &Written)> {
    let mut found = Vec::new();
    let mut left = vec![&template.root];
    while let Some(value) = left.pop() {
        if let Some((name @ ("Fn::ImportValue" | "Fn::GetStackOutput"), argument)) = call(value) {
            found.push((name, argument));
        }
        match &value.value {
            Item::Map(entries) => left.extend(entries.iter().map(|(_, value)| value)),
            Item::List(items) => left.extend(items),
            _ => {}
        }
    }
    found
}

/// Two places are one: what is known of one is known of the other, and of all that are where it is. Says whether that
/// was not known.
fn settle(deployments: &mut [Deployment<'_>], own: &Place, other: &Place) -> bool {
    let meant = |one: &str, other: &str| match (is_unknown(one), is_unknown(other)) {
        _ if one == other => None,
        (true, _) => Some((one.to_owned(), other.to_owned())),
        (false, true) => Some((other.to_owned(), one.to_owned())),
        (false, false) => None,
    };
    let account = meant(&own.account, &other.account);
    let region = meant(&own.region, &other.region);
    for place in deployments.iter_mut().map(|it| &mut it.place) {
        if let Some((_, known)) = account.as_ref().filter(|(old, _)| *old == place.account) {
            place.account.clone_from(known);
        }
        if let Some((_, known)) = region.as_ref().filter(|(old, _)| *old == place.region) {
            place.region.clone_from(known);
            partition_of(known).clone_into(&mut place.partition);
        }
    }
    account.is_some() || region.is_some()
}

impl Stack<'_> {
    /// What another stack exports or puts out; nothing where that cannot be told.
    pub(super) fn of_another(
        &self,
        function: &str,
        argument: &Written,
    ) -> Result<Option<Written>, InputError> {
        let asked = self.asked(function, argument)?;
        let found = asked.and_then(|asked| self.exports.find(&asked, &self.place));
        Ok(found.map(|found| found.value.clone()))
    }

    fn asked(&self, function: &str, argument: &Written) -> Result<Option<Asked>, InputError> {
        let argument = self.evaluate(argument)?;
        if function == "Fn::ImportValue" {
            return Ok(argument
                .as_text()
                .map(|name| Asked::Export(name.to_owned())));
        }
        let field = |name: &str| argument.get(name).and_then(Written::as_text);
        let (Some(stack), Some(output)) = (field("StackName"), field("OutputName")) else {
            return Ok(None);
        };
        let region = match argument.get("Region") {
            Some(region) => region.as_text().map(str::to_owned),
            None => Some(self.place.region.clone()),
        };
        let account = match argument.get("RoleArn") {
            Some(role) => {
                let role = role.as_text().and_then(Arn::parse);
                role.map(|role| role.account.to_owned())
            }
            None => Some(self.place.account.clone()),
        };
        Ok(Some(Asked::Output {
            stack: stack.to_owned(),
            output: output.to_owned(),
            account,
            region,
        }))
    }
}

impl Exports {
    /// What a stack at a place asks for: where several could be meant, none is taken.
    fn find(&self, asked: &Asked, from: &Place) -> Option<&Exported> {
        let all = || self.0.iter();
        match asked {
            Asked::Export(name) => {
                let reach = |it: &&Exported| {
                    may_be(&it.place.account, &from.account)
                        && may_be(&it.place.region, &from.region)
                };
                let called = |it: &&Exported| it.export.as_ref() == Some(name);
                let exact: Vec<&Exported> = all().filter(reach).filter(called).collect();
                if !exact.is_empty() {
                    return only(exact, |it| it.place == *from);
                }
                // Where the name holds a stack's that nobody told, the only export that it can mean.
                let meant = |it: &&Exported| {
                    let export = it.export.as_ref();
                    export.is_some_and(|export| may_be_called(export, name))
                };
                only(all().filter(reach).filter(meant).collect(), |it| {
                    it.place == *from
                })
            }
            Asked::Output {
                stack,
                output,
                account,
                region,
            } => {
                let fits = |known: &str, asked: &Option<String>| {
                    asked.as_ref().is_none_or(|asked| may_be(known, asked))
                };
                let there = |it: &&Exported| {
                    it.output.as_ref() == Some(output)
                        && fits(&it.place.account, account)
                        && fits(&it.place.region, region)
                };
                let named: Vec<&Exported> =
                    all().filter(there).filter(|it| it.is_of(stack)).collect();
                let is_there = |it: &&Exported| {
                    account.as_ref() == Some(&it.place.account)
                        && region.as_ref() == Some(&it.place.region)
                };
                if !named.is_empty() {
                    return only(named, is_there);
                }
                // A stack's name that nobody told may be this one.
                let unnamed = |it: &&Exported| has_unknown(&it.stack) || has_unknown(stack);
                only(all().filter(there).filter(unnamed).collect(), is_there)
            }
        }
    }
}

/// The only one, or the only one of a kind.
fn only<'e>(
    found: Vec<&'e Exported>,
    is_better: impl Fn(&&'e Exported) -> bool,
) -> Option<&'e Exported> {
    if let [one] = found.as_slice() {
        return Some(one);
    }
    let mut better = found.into_iter().filter(is_better);
    better.next().filter(|_| better.next().is_none())
}

/// Whether two accounts, or two Regions, may be one.
fn may_be(one: &str, other: &str) -> bool {
    one == other || is_unknown(one) || is_unknown(other)
}

/// Whether two names of exports, one with a part that is not known, agree in all else, and in something.
fn may_be_called(export: &str, name: &str) -> bool {
    // What stands before the first part that is not known, and behind the last.
    let ends = |text: &'_ str| -> Option<(String, String)> {
        let (first, last) = (unknowns(text).next()?, unknowns(text).last()?);
        let (start, _) = text.split_once(first)?;
        let (_, end) = text.rsplit_once(last)?;
        Some((start.to_owned(), end.to_owned()))
    };
    let (one, other) = (ends(export), ends(name));
    if one.is_none() && other.is_none() {
        return false;
    }
    let whole = |text: &str| (text.to_owned(), text.to_owned());
    let (start, end) = one.unwrap_or_else(|| whole(export));
    let (other_start, other_end) = other.unwrap_or_else(|| whole(name));
    let starts = start.starts_with(&other_start) || other_start.starts_with(&start);
    let finishes = end.ends_with(&other_end) || other_end.ends_with(&end);
    let shares = |one: &str, other: &str| !one.is_empty() && !other.is_empty();
    starts && finishes && (shares(&start, &other_start) || shares(&end, &other_end))
}
