//! Why no Allow statement matches: the statement that comes nearest, and what it lacks.

mod grant;

use std::borrow::Cow;

use super::principal;
use super::resource::{Comparison, Difference, Needed};
use super::{Cause, Fault, condition};
use crate::delivery::{Case, Delivery, Request, Target};
use crate::document::Place;
use crate::iam::{
    self, Condition, Element, Miss, Pattern, PatternEntry, Statement, nearest_misses,
};
use crate::model::PolicyDocument;

/// The faults that keep every Allow statement from matching one class of requests.
pub(super) fn faults(
    delivery: &Delivery<'_>,
    request: &Request,
    case: &Case,
    policy: &PolicyDocument,
) -> Vec<Fault> {
    let asked = iam::Request {
        principal: &case.principal,
        action: request.id.action(),
        resource: &case.resource,
        context: &case.context,
    };
    let misses = nearest_misses(&policy.policy, &asked);
    let search = Search {
        delivery,
        request,
        case,
        policy,
        misses,
    };
    search.faults()
}

struct Search<'s, 'e> {
    delivery: &'s Delivery<'e>,
    request: &'s Request,
    case: &'s Case,
    policy: &'s PolicyDocument,
    misses: Vec<Miss>,
}

/// A Resource pattern that comes near, and the statement it stands in.
struct NearResource<'s> {
    statement: &'s Statement,
    miss: &'s Miss,
    entry: &'s PatternEntry,
    comparison: Comparison,
}

impl<'s> Search<'s, '_> {
    fn faults(&self) -> Vec<Fault> {
        let target = self.request.id.target();
        if target == Target::TopicKey {
            return vec![self.missing_grant()];
        }
        let candidates: Vec<&Miss> = self
            .misses
            .iter()
            .filter(|miss| !lacks(miss, Element::Principal) && !lacks(miss, Element::Action))
            .collect();
        if let Some(miss) = candidates
            .iter()
            .find(|miss| !lacks(miss, Element::Resource))
        {
            return self.condition_faults(miss);
        }
        let near = self.nearest_resource(&candidates);
        let not_named = near
            .as_ref()
            .is_none_or(|near| near.comparison.distance >= 90);
        if not_named && let Some(fault) = self.principal_fault() {
            return vec![fault];
        }
        match near {
            Some(near) => self.resource_faults(&near),
            None => self
                .bucket_faults(&candidates)
                .unwrap_or_else(|| vec![self.missing_grant()]),
        }
    }

    fn statement(&self, miss: &Miss) -> Option<&'s Statement> {
        self.policy.policy.statements.get(miss.statement)
    }

    fn condition_faults(&self, miss: &Miss) -> Vec<Fault> {
        let Some(statement) = self.statement(miss) else {
            return vec![self.missing_grant()];
        };
        let faults: Vec<Fault> = failing_conditions(statement, miss)
            .map(|failing| {
                condition::fault(
                    self.delivery,
                    self.request,
                    self.case,
                    self.policy,
                    statement,
                    failing,
                )
            })
            .collect();
        if faults.is_empty() {
            vec![self.missing_grant()]
        } else {
            faults
        }
    }

    /// The Resource pattern of all candidates that comes nearest to the object.
    fn nearest_resource(&self, candidates: &[&'s Miss]) -> Option<NearResource<'s>> {
        let needed = Needed::new(self.delivery, self.request.id, self.case)?;
        let mut nearest: Option<NearResource<'s>> = None;
        for miss in candidates {
            let Some(statement) = self.statement(miss) else {
                continue;
            };
            let Some(resource) = statement
                .resource
                .as_ref()
                .filter(|resource| !resource.negated)
            else {
                continue;
            };
            for entry in &resource.patterns {
                let text = self.filled_in(&entry.pattern, &entry.text);
                let comparison = needed.compare(&text);
                let nearer = nearest
                    .as_ref()
                    .is_none_or(|known| comparison.distance < known.comparison.distance);
                if nearer {
                    nearest = Some(NearResource {
                        statement,
                        miss,
                        entry,
                        comparison,
                    });
                }
            }
        }
        nearest.map(|near| {
            let text = self.filled_in(&near.entry.pattern, &near.entry.text);
            let comparison = needed.with_placeholder(&text, near.comparison);
            NearResource { comparison, ..near }
        })
    }

    /// A pattern's text with the variables that the request fills in.
    fn filled_in<'t>(&self, pattern: &Pattern, text: &'t str) -> Cow<'t, str> {
        if !pattern.has_variables() {
            return Cow::Borrowed(text);
        }
        let mut filled = text.to_owned();
        for variable in pattern.variables() {
            let iam::ContextValue::Present(values) = self.case.context.get(&variable.key) else {
                continue;
            };
            let [value] = values.as_slice() else { continue };
            let written = format!("${{{}", variable.key);
            while let Some(start) = filled.to_ascii_lowercase().find(&written) {
                let Some(end) = filled.get(start..).and_then(|rest| rest.find('}')) else {
                    break;
                };
                filled.replace_range(start..=start + end, value);
            }
        }
        Cow::Owned(filled)
    }

    /// Where to look: at the entry that is wrong, or at the whole list where one is missing from it.
    fn resource_place(&self, near: &NearResource<'s>, difference: &Difference) -> Place {
        // A look-alike of what is needed was meant for it.
        let entry_is_wrong = difference.hint.is_some()
            || matches!(
                difference.cause,
                Cause::ResourceMissingObjectWildcard
                    | Cause::AwslogsFolderMisspelt
                    | Cause::KeyPrefixMismatch
                    | Cause::ResourceWrongBucket
                    | Cause::WrongPartition
                    | Cause::PlaceholderLeftInPolicy
                    | Cause::OrgPathWrongId
                    | Cause::GrantExpires
                    | Cause::LogKindNotGranted
                    | Cause::RegionNotGranted
                    | Cause::CreationProbeRefused
            );
        let element = near.statement.resource.as_ref().filter(|_| !entry_is_wrong);
        self.policy
            .place(element.map_or(&near.entry.pointer, |element| &element.pointer))
    }

    fn resource_faults(&self, near: &NearResource<'s>) -> Vec<Fault> {
        let Some(needed) = Needed::new(self.delivery, self.request.id, self.case) else {
            return vec![self.missing_grant()];
        };
        let missing = needed.missing();
        let mut faults: Vec<Fault> = near
            .comparison
            .differences
            .iter()
            .map(|difference| Fault {
                statement: Some(near.statement.index),
                found: vec![near.entry.text.to_string()],
                needed: needed.folder(),
                hint: difference.hint.clone(),
                ..Fault::new(
                    difference.cause,
                    Target::Bucket,
                    self.resource_place(near, difference),
                )
            })
            .collect();
        if faults.is_empty() {
            return vec![self.missing_grant()];
        }
        let whole_statement = faults
            .iter()
            .any(|fault| fault.cause == missing || fault.cause == Cause::OrgPathWrongId);
        // A statement for another owner is not expected to name this trail in its conditions.
        if !whole_statement {
            faults.extend(self.condition_faults_of(near.statement, near.miss));
        }
        faults
    }

    fn condition_faults_of(&self, statement: &'s Statement, miss: &Miss) -> Vec<Fault> {
        failing_conditions(statement, miss)
            .map(|c| {
                condition::fault(
                    self.delivery,
                    self.request,
                    self.case,
                    self.policy,
                    statement,
                    c,
                )
            })
            .collect()
    }

    /// A statement that fits in everything but who it is for.
    fn principal_fault(&self) -> Option<Fault> {
        let target = self.request.id.target();
        let only_principal = self.misses.iter().filter(|miss| {
            lacks(miss, Element::Principal)
                && !lacks(miss, Element::Action)
                && !lacks(miss, Element::Resource)
        });
        let cause = match target {
            Target::Bucket => Cause::WrongPrincipal,
            Target::Topic => Cause::TopicWrongPrincipal,
            Target::Key | Target::TopicKey | Target::LogRole => return None,
        };
        let (statement, attempt) = only_principal
            .filter_map(|miss| self.statement(miss))
            .find_map(|statement| {
                Some((
                    statement,
                    principal::attempt(statement, self.delivery.trail)?,
                ))
            })?;
        let pointer = statement
            .principal
            .as_ref()
            .map_or(&statement.pointer, |principal| &principal.pointer);
        let (found, hint) = attempt.explain();
        Some(Fault {
            statement: Some(statement.index),
            found,
            needed: crate::delivery::context::SERVICE.to_owned(),
            hint: Some(hint),
            ..Fault::new(cause, target, self.policy.place(pointer))
        })
    }
}

/// The conditions of a statement that are not met.
fn failing_conditions<'s>(
    statement: &'s Statement,
    miss: &Miss,
) -> impl Iterator<Item = &'s Condition> {
    miss.failing.iter().filter_map(|element| match element {
        Element::Condition(index) => statement.conditions.get(*index),
        _ => None,
    })
}

fn lacks(miss: &Miss, element: Element) -> bool {
    miss.failing.contains(&element)
}
