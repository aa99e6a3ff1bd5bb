//! Reads a policy document from JSON, noting on the way what AWS would refuse.
//!
//! Source: IAM User Guide, `reference_policies_grammar`, and the checks of
//! `access-analyzer-reference-policy-checks`. Conditions are in `read_condition`, and single
//! texts are judged in `read_text`.

use super::pattern::Syntax;
use super::policy::{
    ActionElement, Effect, PatternEntry, Policy, PrincipalElement, PrincipalEntry, PrincipalKind,
    ResourceElement, Statement, Version,
};
use super::problem::{Problem, ProblemKind, TypeError};
use super::read_node::{items, object, text, wrong_type};
use super::read_text;
use crate::json::{Member, Node, Value, pointer};

const POLICY_ELEMENTS: [&str; 3] = ["Version", "Id", "Statement"];
const STATEMENT_ELEMENTS: [&str; 9] = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

/// Reads a whole policy.
pub(super) fn policy(root: &Node) -> Result<Policy, TypeError> {
    let mut reader = Reader {
        version: Version::Absent,
        problems: Vec::new(),
    };
    object(root, "", "a policy")?;
    reader.known_elements(root, "", &POLICY_ELEMENTS);
    reader.version = reader.version(root)?;
    if let Some(id) = root.get("Id") {
        text(id, "/Id")?;
    }
    let statements = if let Some(node) = root.get("Statement") {
        reader.statements(node)?
    } else {
        reader.note(
            "",
            ProblemKind::MissingStatement,
            "the policy has no `Statement`",
        );
        Vec::new()
    };
    reader.unique_sids(&statements);
    Ok(Policy {
        version: reader.version,
        statements,
        problems: reader.problems,
    })
}

/// The reading of one policy: its version, and the problems found so far.
pub(super) struct Reader {
    pub(super) version: Version,
    problems: Vec<Problem>,
}

/// A text and where it stands.
struct Text<'a> {
    text: &'a str,
    pointer: String,
}

impl Reader {
    pub(super) fn note(&mut self, pointer: &str, kind: ProblemKind, message: impl Into<String>) {
        self.problems.push(Problem {
            pointer: pointer.to_owned(),
            kind,
            message: message.into(),
        });
    }

    pub(super) fn note_all(&mut self, pointer: &str, found: Vec<(ProblemKind, String)>) {
        for (kind, message) in found {
            self.note(pointer, kind, message);
        }
    }

    /// The members of an object. Of those with one key only the last, as JSON readers take it.
    pub(super) fn members<'n>(&mut self, node: &'n Node, at: &str) -> Vec<&'n Member> {
        let members = node.members();
        let mut kept = Vec::with_capacity(members.len());
        for (place, member) in members.iter().enumerate() {
            let same = |other: &Member| other.key == member.key;
            let earlier = members.iter().take(place).any(same);
            if !members.iter().skip(place + 1).any(same) {
                kept.push(member);
                if earlier {
                    let message = format!(
                        "`{}` stands here more than once, and the last one counts",
                        member.key
                    );
                    self.note(
                        &pointer(at, &member.key),
                        ProblemKind::DuplicateKey,
                        message,
                    );
                }
            }
        }
        kept
    }

    fn known_elements(&mut self, node: &Node, at: &str, known: &[&str]) {
        for member in self.members(node, at) {
            if known.contains(&&*member.key) {
                continue;
            }
            let near = known
                .iter()
                .find(|name| name.eq_ignore_ascii_case(&member.key));
            let hint = near.map_or(String::new(), |name| {
                format!(", the element is spelt `{name}`")
            });
            let message = format!("the policy language has no element `{}`{hint}", member.key);
            self.note(
                &pointer(at, &member.key),
                ProblemKind::UnknownElement,
                message,
            );
        }
    }

    fn version(&mut self, root: &Node) -> Result<Version, TypeError> {
        let Some(node) = root.get("Version") else {
            return Ok(Version::Absent);
        };
        Ok(match text(node, "/Version")? {
            "2012-10-17" => Version::V2012,
            "2008-10-17" => Version::V2008,
            other => {
                let message =
                    format!("the version is `{other}`, expected `2012-10-17` or `2008-10-17`");
                self.note("/Version", ProblemKind::BadVersion, message);
                Version::Unknown
            }
        })
    }

    fn statements(&mut self, node: &Node) -> Result<Vec<Statement>, TypeError> {
        let nodes = items(node, "/Statement");
        if nodes.is_empty() {
            self.note(
                "/Statement",
                ProblemKind::EmptyList,
                "the policy has no statements",
            );
        }
        let read = |(index, (node, at)): (usize, (&Node, String))| self.statement(index, node, at);
        nodes.into_iter().enumerate().map(read).collect()
    }

    fn statement(&mut self, index: usize, node: &Node, at: String) -> Result<Statement, TypeError> {
        object(node, &at, "a statement")?;
        self.known_elements(node, &at, &STATEMENT_ELEMENTS);
        let sid = match node.get("Sid") {
            Some(sid) => Some(text(sid, &pointer(&at, "Sid"))?.into()),
            None => None,
        };
        let effect = self.effect(node, &at)?;
        let principal = self.principal(node, &at, effect)?;
        let action = self.action(node, &at)?;
        let resource = self.resource(node, &at)?;
        let conditions = match node.get("Condition") {
            Some(block) => self.conditions(block, &pointer(&at, "Condition"))?,
            None => Vec::new(),
        };
        Ok(Statement {
            index,
            sid,
            effect,
            principal,
            action,
            resource,
            conditions,
            pointer: at,
        })
    }

    fn unique_sids(&mut self, statements: &[Statement]) {
        for (place, statement) in statements.iter().enumerate() {
            let Some(sid) = statement.sid.as_deref().filter(|sid| !sid.is_empty()) else {
                continue;
            };
            if statements
                .iter()
                .take(place)
                .any(|earlier| earlier.sid.as_deref() == Some(sid))
            {
                let message = format!("another statement has the `Sid` `{sid}` too");
                self.note(
                    &pointer(&statement.pointer, "Sid"),
                    ProblemKind::DuplicateSid,
                    message,
                );
            }
        }
    }

    fn effect(&mut self, statement: &Node, at: &str) -> Result<Effect, TypeError> {
        let Some(node) = statement.get("Effect") else {
            self.note(
                at,
                ProblemKind::MissingEffect,
                "the statement has no `Effect`",
            );
            return Ok(Effect::Invalid);
        };
        let at = pointer(at, "Effect");
        Ok(match text(node, &at)? {
            "Allow" => Effect::Allow,
            "Deny" => Effect::Deny,
            other => {
                let message = format!("the effect is `{other}`, expected `Allow` or `Deny`");
                self.note(&at, ProblemKind::BadEffect, message);
                Effect::Invalid
            }
        })
    }

    /// The one of an element and its complement that is there, and whether it is the complement.
    fn one_of<'n>(
        &mut self,
        statement: &'n Node,
        at: &str,
        name: &str,
        missing: ProblemKind,
    ) -> Option<(bool, &'n Node, String)> {
        let complement = format!("Not{name}");
        match (statement.get(name), statement.get(&complement)) {
            (Some(node), None) => Some((false, node, pointer(at, name))),
            (None, Some(node)) => Some((true, node, pointer(at, &complement))),
            (Some(_), Some(_)) => {
                let message = format!("the statement has both `{name}` and `{complement}`");
                self.note(at, ProblemKind::ConflictingElements, message);
                None
            }
            (None, None) => {
                self.note(at, missing, format!("the statement has no `{name}`"));
                None
            }
        }
    }

    fn principal(
        &mut self,
        statement: &Node,
        at: &str,
        effect: Effect,
    ) -> Result<Option<PrincipalElement>, TypeError> {
        let found = self.one_of(statement, at, "Principal", ProblemKind::MissingPrincipal);
        let Some((negated, node, at)) = found else {
            return Ok(None);
        };
        if negated && effect == Effect::Allow {
            let message =
                "`NotPrincipal` with `Allow` admits everyone else, anonymous callers included";
            self.note(&at, ProblemKind::AllowNotPrincipal, message);
        }
        let entries = match &node.value {
            Value::String(everyone) if &**everyone == "*" => vec![PrincipalEntry {
                kind: PrincipalKind::Everyone,
                value: everyone.clone(),
                pointer: at.clone(),
            }],
            Value::String(other) => {
                let message = format!(
                    "the principal is `{other}`, expected `*` or an object such as `{{\"AWS\": …}}`"
                );
                self.note(&at, ProblemKind::BadPrincipal, message);
                Vec::new()
            }
            Value::Object(_) => self.principal_entries(node, &at)?,
            _ => return Err(wrong_type(node, &at, "`*` or an object")),
        };
        Ok(Some(PrincipalElement {
            negated,
            entries,
            pointer: at,
        }))
    }

    fn principal_entries(
        &mut self,
        node: &Node,
        at: &str,
    ) -> Result<Vec<PrincipalEntry>, TypeError> {
        let mut entries = Vec::new();
        let members = self.members(node, at);
        if members.is_empty() {
            self.note(
                at,
                ProblemKind::EmptyList,
                "the statement names no principal",
            );
        }
        for member in members {
            let at = pointer(at, &member.key);
            let values = self.texts(&member.value, &at)?;
            let kind = match &*member.key {
                "AWS" => PrincipalKind::Aws,
                "Service" => PrincipalKind::Service,
                "Federated" => PrincipalKind::Federated,
                "CanonicalUser" => PrincipalKind::CanonicalUser,
                other => {
                    let message = format!(
                        "`{other}` is no kind of principal, expected `AWS`, `Service`, `Federated` or `CanonicalUser`"
                    );
                    self.note(&at, ProblemKind::BadPrincipal, message);
                    continue;
                }
            };
            for Text { text, pointer } in values {
                self.note_all(&pointer, read_text::principal(kind, text));
                entries.push(PrincipalEntry {
                    kind,
                    value: text.into(),
                    pointer,
                });
            }
        }
        Ok(entries)
    }

    fn action(&mut self, statement: &Node, at: &str) -> Result<Option<ActionElement>, TypeError> {
        let found = self.one_of(statement, at, "Action", ProblemKind::MissingAction);
        let Some((negated, node, pointer)) = found else {
            return Ok(None);
        };
        let patterns = self.patterns(node, &pointer, Syntax::Action)?;
        Ok(Some(ActionElement {
            negated,
            patterns,
            pointer,
        }))
    }

    fn resource(
        &mut self,
        statement: &Node,
        at: &str,
    ) -> Result<Option<ResourceElement>, TypeError> {
        let found = self.one_of(statement, at, "Resource", ProblemKind::MissingResource);
        let Some((negated, node, pointer)) = found else {
            return Ok(None);
        };
        let patterns = self.patterns(node, &pointer, Syntax::Resource)?;
        Ok(Some(ResourceElement {
            negated,
            patterns,
            pointer,
        }))
    }

    fn patterns(
        &mut self,
        node: &Node,
        at: &str,
        syntax: Syntax,
    ) -> Result<Vec<PatternEntry>, TypeError> {
        let texts = self.texts(node, at)?;
        let mut entries = Vec::with_capacity(texts.len());
        for Text { text, pointer } in texts {
            let (pattern, found) = match syntax {
                Syntax::Action => read_text::action(text),
                _ => read_text::resource(text, self.version),
            };
            self.note_all(&pointer, found);
            entries.push(PatternEntry {
                text: text.into(),
                pattern,
                pointer,
            });
        }
        Ok(entries)
    }

    fn texts<'n>(&mut self, node: &'n Node, at: &str) -> Result<Vec<Text<'n>>, TypeError> {
        let nodes = items(node, at);
        if nodes.is_empty() {
            self.note(at, ProblemKind::EmptyList, "the list is empty");
        }
        let read = |(node, pointer): (&'n Node, String)| {
            Ok(Text {
                text: text(node, &pointer)?,
                pointer,
            })
        };
        nodes.into_iter().map(read).collect()
    }
}
