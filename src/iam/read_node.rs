//! JSON values in the types that the policy grammar asks for.

use super::problem::TypeError;
use crate::json::{Node, Value};

/// The items of an array; a single value stands for a list of one.
pub(super) fn items<'n>(node: &'n Node, at: &str) -> Vec<(&'n Node, String)> {
    match &node.value {
        Value::Array(items) => {
            let place = |(index, item)| (item, format!("{at}/{index}"));
            items.iter().enumerate().map(place).collect()
        }
        _ => vec![(node, at.to_owned())],
    }
}

/// A string.
pub(super) fn text<'n>(node: &'n Node, at: &str) -> Result<&'n str, TypeError> {
    node.as_str()
        .ok_or_else(|| wrong_type(node, at, "a string"))
}

/// Numbers and Booleans may stand without quotes in conditions.
pub(super) fn scalar<'n>(node: &'n Node, at: &str) -> Result<&'n str, TypeError> {
    match &node.value {
        Value::String(text) | Value::Number(text) => Ok(text),
        Value::Bool(true) => Ok("true"),
        Value::Bool(false) => Ok("false"),
        Value::Null | Value::Array(_) | Value::Object(_) => {
            Err(wrong_type(node, at, "a string, a number or a Boolean"))
        }
    }
}

/// Refuses what is not an object; `what` says what the object would be.
pub(super) fn object(node: &Node, at: &str, what: &str) -> Result<(), TypeError> {
    match node.value {
        Value::Object(_) => Ok(()),
        _ => Err(wrong_type(node, at, &format!("an object, {what}"))),
    }
}

/// The refusal of a value of the wrong type.
pub(super) fn wrong_type(node: &Node, at: &str, expected: &str) -> TypeError {
    TypeError {
        pointer: at.to_owned(),
        span: node.span,
        message: format!("expected {expected}, found {}", node.type_name()),
    }
}
