//! What stacks hand on to each other: the exports that `Fn::ImportValue` finds, the outputs that `Fn::GetStackOutput`
//! reads, and where the stacks that ask for them must then be.
//!
//! Source: AWS CloudFormation Template Reference, `Fn::ImportValue` and `Fn::GetStackOutput` (read 2026-11): exports reach
//! no other account and no other Region; outputs do, with `Region` and with a role of the other account.

use std::collections::{BTreeMap, BTreeSet};

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
pub(super) struct Exports {
    all: Vec<Exported>,
    /// By the names that they are exported under.
    by_export: BTreeMap<String, Vec<usize>>,
    /// Of exports with a part in their name that is not known: what stands before such parts, and behind.
    open: Vec<(usize, (String, String))>,
    by_output: BTreeMap<String, Vec<usize>>,
    /// By the names of their outputs, and by what their stacks may be called.
    by_stack: BTreeMap<(String, String), Vec<usize>>,
}

/// What is known of accounts and Regions by the names of what was not: each the same as another.
#[derive(Default)]
struct Settled(BTreeMap<String, String>);

impl Settled {
    /// What an account or a Region is, as far as that was found out.
    fn of<'t>(&'t self, mut text: &'t str) -> &'t str {
        while let Some(known) = self.0.get(text) {
            text = known;
        }
        text
    }

    fn place(&self, place: &Place) -> Place {
        let region = self.of(&place.region).to_owned();
        let partition = if region == place.region {
            place.partition.clone()
        } else {
            partition_of(&region).to_owned()
        };
        Place {
            account: self.of(&place.account).to_owned(),
            region,
            partition,
        }
    }

    /// Two places are one: what is known of one is known of the other, and of all that are where it is. Says whether
    /// that was not known.
    fn settle(&mut self, own: &Place, other: &Place) -> bool {
        let mut is_new = false;
        for (one, other) in [(&own.account, &other.account), (&own.region, &other.region)] {
            let (one, other) = (self.of(one).to_owned(), self.of(other).to_owned());
            if one == other {
                continue;
            }
            match (is_unknown(&one), is_unknown(&other)) {
                (true, _) => self.0.insert(one, other),
                (false, true) => self.0.insert(other, one),
                (false, false) => continue,
            };
            is_new = true;
        }
        is_new
    }
}

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
    let (mut assumed, mut taken) = (BTreeSet::new(), BTreeSet::new());
    let asking: Vec<usize> = deployments
        .iter()
        .enumerate()
        .filter(|(_, it)| !asks(&it.input.template).is_empty())
        .map(|(index, _)| index)
        .collect();
    // Where one stack is says where others are, and that may say what they export.
    for _ in 0..asking.len().min(MOST_ROUNDS) {
        let exports = round(deployments, &none)?;
        let mut settled = Settled::default();
        taken.clear();
        for &index in &asking {
            let Some(deployment) = deployments.get_mut(index) else {
                continue;
            };
            deployment.place = settled.place(&deployment.place);
            for link in linked(deployment, &none, &exports, &settled) {
                let is_new = settled.settle(&link.own, &link.there);
                match link.taken_for {
                    Some(text) => taken.extend([text]),
                    None => assumed.extend(link.together.filter(|_| is_new)),
                }
            }
        }
        if settled.0.is_empty() {
            break;
        }
        for deployment in &mut *deployments {
            deployment.place = settled.place(&deployment.place);
        }
    }
    assumed.append(&mut taken);
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
    Ok(Exports::of(all))
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
fn linked(
    deployment: &Deployment<'_>,
    known: &Exports,
    exports: &Exports,
    settled: &Settled,
) -> Vec<Link> {
    let own = &deployment.place;
    let name = deployment.input.name();
    let mut links = Vec::new();
    let stack = deployment.stack(known);
    for (function, argument) in asks(&deployment.input.template) {
        // What cannot be evaluated is reported when it is evaluated for good.
        let Ok(Some(asked)) = stack.asked(function, argument) else {
            continue;
        };
        let Some(found) = exports.find(&asked, own, settled) else {
            continue;
        };
        let other = &found.template;
        let mut there = settled.place(&found.place);
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

impl Stack<'_> {
    /// What another stack exports or puts out; nothing where that cannot be told.
    pub(super) fn of_another(
        &self,
        function: &str,
        argument: &Written,
    ) -> Result<Option<Written>, InputError> {
        let asked = self.asked(function, argument)?;
        let found =
            asked.and_then(|asked| self.exports.find(&asked, &self.place, &Settled::default()));
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
    fn of(all: Vec<Exported>) -> Exports {
        let mut exports = Exports::default();
        for (index, it) in all.iter().enumerate() {
            if let Some(name) = &it.export {
                let named = exports.by_export.entry(name.clone()).or_default();
                named.push(index);
                exports.open.extend(ends(name).map(|ends| (index, ends)));
            }
            if let Some(output) = &it.output {
                let named = exports.by_output.entry(output.clone()).or_default();
                named.push(index);
                let unnamed = has_unknown(&it.stack).then_some(&it.template);
                for name in [&it.stack].into_iter().chain(unnamed) {
                    let key = (output.clone(), name.clone());
                    exports.by_stack.entry(key).or_default().push(index);
                }
            }
        }
        exports.all = all;
        exports
    }

    /// What a stack at a place asks for: where several could be meant, none is taken.
    fn find(&self, asked: &Asked, from: &Place, settled: &Settled) -> Option<&Exported> {
        let those_at = |found: Option<&Vec<usize>>| -> Vec<&Exported> {
            let found = found.map_or(&[][..], Vec::as_slice).iter();
            found.filter_map(|index| self.all.get(*index)).collect()
        };
        match asked {
            Asked::Export(name) => {
                let reach = |it: &&Exported| {
                    may_be(settled.of(&it.place.account), &from.account)
                        && may_be(settled.of(&it.place.region), &from.region)
                };
                let is_here = |it: &&Exported| settled.place(&it.place) == *from;
                let mut exact = those_at(self.by_export.get(name));
                exact.retain(reach);
                if !exact.is_empty() {
                    return only(exact, is_here);
                }
                // Where the name holds a stack's that nobody told, the only export that it can mean.
                let asked = ends(name);
                let asked_ends = asked
                    .as_ref()
                    .map_or((&**name, &**name), |(start, end)| (start, end));
                let open = self.open.iter();
                let open = open.filter(|(_, own)| may_be_called(own, asked_ends));
                let mut meant: Vec<&Exported> =
                    open.filter_map(|(index, _)| self.all.get(*index)).collect();
                if let Some(own) = asked.as_ref() {
                    let known = self.by_export.iter().filter(|(export, _)| {
                        ends(export).is_none() && may_be_called(own, (export, export))
                    });
                    meant.extend(known.flat_map(|(_, found)| those_at(Some(found))));
                }
                meant.retain(reach);
                only(meant, is_here)
            }
            Asked::Output {
                stack,
                output,
                account,
                region,
            } => {
                let fits = |known: &str, asked: &Option<String>| {
                    let asked = asked.as_ref();
                    asked.is_none_or(|asked| may_be(settled.of(known), asked))
                };
                let there = |it: &&Exported| {
                    fits(&it.place.account, account) && fits(&it.place.region, region)
                };
                let mut named = those_at(self.by_stack.get(&(output.clone(), stack.clone())));
                named.retain(there);
                let is_there = |it: &&Exported| {
                    account.as_deref() == Some(settled.of(&it.place.account))
                        && region.as_deref() == Some(settled.of(&it.place.region))
                };
                if !named.is_empty() {
                    return only(named, is_there);
                }
                // A stack's name that nobody told may be this one.
                let unnamed = |it: &&Exported| has_unknown(&it.stack) || has_unknown(stack);
                let mut open = those_at(self.by_output.get(output));
                open.retain(|it| there(it) && unnamed(it));
                only(open, is_there)
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

/// What stands in a name before the first part that is not known, and behind the last; nothing for one that is known.
fn ends(text: &str) -> Option<(String, String)> {
    let (first, last) = (unknowns(text).next()?, unknowns(text).last()?);
    let (start, _) = text.split_once(first)?;
    let (_, end) = text.rsplit_once(last)?;
    Some((start.to_owned(), end.to_owned()))
}

/// Whether two names of exports, of which one has a part that is not known, agree in all else, and in something; each by
/// its ends, a known one as both.
fn may_be_called(one: &(String, String), (other_start, other_end): (&str, &str)) -> bool {
    let (start, end) = one;
    let starts = start.starts_with(other_start) || other_start.starts_with(start.as_str());
    let finishes = end.ends_with(other_end) || other_end.ends_with(end.as_str());
    let shares = |one: &str, other: &str| !one.is_empty() && !other.is_empty();
    starts && finishes && (shares(start, other_start) || shares(end, other_end))
}
