//! Reading the fields of an answer, with errors that name the place and what was expected there.

use crate::document::{Document, InputError};
use crate::json::{Node, Value};

/// One object of an answer, whose fields are read by name.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a> {
    document: &'a Document,
    object: &'a Node,
}

impl<'a> Fields<'a> {
    /// The whole answer.
    pub(super) fn of(document: &'a Document) -> Fields<'a> {
        Fields {
            document,
            object: document.root(),
        }
    }

    /// The object in a field that must be there.
    pub(super) fn object(self, name: &str) -> Result<Fields<'a>, InputError> {
        let node = self.required(name)?;
        match node.value {
            Value::Object(_) => Ok(Fields {
                object: node,
                ..self
            }),
            _ => Err(self.expected(node, name, "an object")),
        }
    }

    /// The object in a field that may be missing.
    pub(super) fn optional_object(self, name: &str) -> Result<Option<Fields<'a>>, InputError> {
        self.field(name).map(|_| self.object(name)).transpose()
    }

    /// Whether a field is there.
    pub(super) fn has(self, name: &str) -> bool {
        self.field(name).is_some()
    }

    /// The items of an array in a field that may be missing; each must be an object.
    pub(super) fn objects(self, name: &str) -> Result<Vec<Fields<'a>>, InputError> {
        match self.field(name) {
            None => Ok(Vec::new()),
            Some(Node {
                value: Value::Array(items),
                ..
            }) => items
                .iter()
                .map(|item| match item.value {
                    Value::Object(_) => Ok(Fields {
                        object: item,
                        ..self
                    }),
                    _ => Err(self.expected(item, name, "an array of objects")),
                })
                .collect(),
            Some(node) => Err(self.expected(node, name, "an array")),
        }
    }

    /// A text that must be there.
    pub(super) fn text(self, name: &str) -> Result<&'a str, InputError> {
        let node = self.required(name)?;
        node.as_str()
            .ok_or_else(|| self.expected(node, name, "a string"))
    }

    /// A text that may be missing, null or empty; all three are nothing.
    pub(super) fn optional_text(self, name: &str) -> Result<Option<&'a str>, InputError> {
        match self.field(name) {
            None => Ok(None),
            Some(node) => {
                let text = node
                    .as_str()
                    .ok_or_else(|| self.expected(node, name, "a string"))?;
                Ok((!text.is_empty()).then_some(text))
            }
        }
    }

    /// A Boolean that may be missing.
    pub(super) fn optional_bool(self, name: &str) -> Result<Option<bool>, InputError> {
        match self.field(name) {
            None => Ok(None),
            Some(node) => node
                .as_bool()
                .map(Some)
                .ok_or_else(|| self.expected(node, name, "`true` or `false`")),
        }
    }

    /// A Boolean that must be there.
    pub(super) fn bool(self, name: &str) -> Result<bool, InputError> {
        let node = self.required(name)?;
        node.as_bool()
            .ok_or_else(|| self.expected(node, name, "`true` or `false`"))
    }

    /// Whether an array is there and holds anything.
    pub(super) fn has_items(self, name: &str) -> bool {
        matches!(self.field(name), Some(Node { value: Value::Array(items), .. }) if !items.is_empty())
    }

    /// The texts of an array; a text alone counts as an array of one.
    pub(super) fn texts(self, name: &str) -> Vec<&'a str> {
        match self.field(name).map(|node| &node.value) {
            Some(Value::Array(items)) => items.iter().filter_map(Node::as_str).collect(),
            Some(Value::String(only)) => vec![only],
            _ => Vec::new(),
        }
    }

    /// A text or a number that may be missing, as text.
    pub(super) fn optional_scalar(self, name: &str) -> Result<Option<String>, InputError> {
        match self.field(name).map(|node| (node, &node.value)) {
            None => Ok(None),
            Some((_, Value::String(text) | Value::Number(text))) => {
                Ok((!text.is_empty()).then(|| text.to_string()))
            }
            Some((node, _)) => Err(self.expected(node, name, "a text or a number")),
        }
    }

    /// An error about the value of a field.
    pub(super) fn error(self, name: &str, message: String) -> InputError {
        self.document
            .error(self.field(name).unwrap_or(self.object), message)
    }

    fn field(self, name: &str) -> Option<&'a Node> {
        self.object
            .get(name)
            .filter(|node| node.value != Value::Null)
    }

    fn required(self, name: &str) -> Result<&'a Node, InputError> {
        self.field(name).ok_or_else(|| {
            self.document
                .error(self.object, format!("expected a field `{name}` here"))
        })
    }

    fn expected(self, node: &Node, name: &str, what: &str) -> InputError {
        self.document.error(
            node,
            format!("expected {what} for `{name}`, found {}", node.type_name()),
        )
    }
}
