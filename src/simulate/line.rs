//! One line of the batch interface, read: its id, the policy, the request, and what is expected.

use super::Got;
use crate::iam::{Context, ContextValue, Policy, Principal, Request};
use crate::json::{self, Node, Value};

/// A line that can be answered.
pub(super) struct Line {
    pub(super) policy: Policy,
    principal: Principal,
    action: String,
    resource: String,
    context: Context,
}

/// What a line says the decision should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expected {
    Exactly(Got),
    /// `Deny`: either denial.
    AnyDeny,
    /// Something else, which no decision can be.
    Unknown,
}

impl Expected {
    pub(super) fn accepts(self, got: Got) -> bool {
        match self {
            Expected::Exactly(expected) => expected == got,
            Expected::AnyDeny => got != Got::Allow,
            Expected::Unknown => false,
        }
    }
}

/// What a line expects, if it expects anything.
pub(super) fn expected(root: &Node) -> Option<Expected> {
    let known = [Got::Allow, Got::ImplicitDeny, Got::ExplicitDeny];
    let expected = root.get("expected")?;
    Some(match expected.as_str() {
        Some("Deny") => Expected::AnyDeny,
        Some(text) => known
            .into_iter()
            .find(|got| got.name() == text)
            .map_or(Expected::Unknown, Expected::Exactly),
        None => Expected::Unknown,
    })
}

/// The line's `id` as it stands in the text, so that it comes back unchanged.
pub(super) fn id(text: &str, root: &Node) -> String {
    let scalar = |node: &&Node| !matches!(node.value, Value::Array(_) | Value::Object(_));
    root.get("id")
        .filter(scalar)
        .and_then(|node| text.get(node.span.start..node.span.end))
        .unwrap_or("null")
        .to_owned()
}

/// The `id` of a line that is no JSON as a whole, where it comes first.
pub(super) fn leading_id(text: &str) -> Option<String> {
    let inside = text.trim_start_matches('\u{FEFF}').trim_start();
    let key = inside.strip_prefix('{')?.trim_start();
    let value = key.strip_prefix("\"id\"")?.trim_start();
    let value = value.strip_prefix(':')?.trim_start();
    let mut escaped = true;
    let end = value.find(|character| {
        let ends = character == '"' && !escaped;
        escaped = character == '\\' && !escaped;
        ends
    })?;
    let id = value.get(..=end)?;
    json::parse(id).ok()?.as_str()?;
    Some(id.to_owned())
}

impl Line {
    /// Reads a line.
    ///
    /// # Errors
    /// What is missing or of the wrong type, and where, as one clause.
    pub(super) fn read(root: &Node) -> Result<Line, String> {
        if root.type_name() != "an object" {
            return Err(format!("expected an object, found {}", root.type_name()));
        }
        let policy = policy(member(root, "", "policy")?)?;
        let request = member(root, "", "request")?;
        let at = "request/";
        Ok(Line {
            policy,
            principal: principal(member(request, at, "principal")?)?,
            action: string(request, at, "action")?,
            resource: string(request, at, "resource")?,
            context: context(request)?,
        })
    }

    /// The request.
    pub(super) fn request(&self) -> Request<'_> {
        Request {
            principal: &self.principal,
            action: &self.action,
            resource: &self.resource,
            context: &self.context,
        }
    }
}

/// The policy itself, or a text that holds one as AWS's answers do.
fn policy(node: &Node) -> Result<Policy, String> {
    let embedded;
    let node = match node.as_str() {
        Some(text) => {
            embedded = json::parse(text).map_err(|error| {
                format!("byte {} of `policy`: {}", error.offset + 1, error.message)
            })?;
            &embedded
        }
        None => node,
    };
    Policy::read(node).map_err(|error| format!("`policy{}`: {}", error.pointer, error.message))
}

fn principal(node: &Node) -> Result<Principal, String> {
    let at = "request/principal/";
    let value = || string(node, at, "value");
    match string(node, at, "type")?.as_str() {
        "Service" => Ok(Principal::Service {
            name: value()?,
            account: None,
        }),
        "AWS" => Ok(Principal::Aws(value()?)),
        "Federated" => Ok(Principal::Federated(value()?)),
        "CanonicalUser" => Ok(Principal::CanonicalUser(value()?)),
        "Anonymous" => Ok(Principal::Anonymous),
        other => Err(format!(
            "`request/principal/type` is `{other}`, expected `Service`, `AWS`, `Federated`, `CanonicalUser` or `Anonymous`"
        )),
    }
}

/// What the request carries is all that is known: a key that is left out is absent.
fn context(request: &Node) -> Result<Context, String> {
    let mut context = Context::new();
    let Some(node) = request.get("context") else {
        return Ok(context);
    };
    if node.type_name() != "an object" {
        let found = node.type_name();
        return Err(format!(
            "`request/context`: expected an object, found {found}"
        ));
    }
    for member in node.members() {
        if *context.get(&member.key) != ContextValue::Absent {
            return Err(format!(
                "`request/context` has the key `{}` twice, and key names fold case",
                member.key
            ));
        }
        let at = format!("request/context/{}", member.key);
        let values = match &member.value.value {
            Value::Array(items) => items
                .iter()
                .enumerate()
                .map(|(index, item)| scalar(item, &format!("{at}/{index}")))
                .collect::<Result<_, _>>()?,
            _ => vec![scalar(&member.value, &at)?],
        };
        context.set(&member.key, ContextValue::Present(values));
    }
    Ok(context)
}

fn scalar(node: &Node, at: &str) -> Result<String, String> {
    match &node.value {
        Value::String(text) | Value::Number(text) => Ok(text.to_string()),
        Value::Bool(value) => Ok(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => Err(format!(
            "`{at}`: expected a string, found {}",
            node.type_name()
        )),
    }
}

fn member<'n>(node: &'n Node, at: &str, name: &str) -> Result<&'n Node, String> {
    node.get(name)
        .ok_or_else(|| format!("`{at}{name}` is missing"))
}

fn string(node: &Node, at: &str, name: &str) -> Result<String, String> {
    let value = member(node, at, name)?;
    let text = value.as_str().map(str::to_owned);
    text.ok_or_else(|| {
        format!(
            "`{at}{name}`: expected a string, found {}",
            value.type_name()
        )
    })
}
