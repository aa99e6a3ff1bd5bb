//! Reads the `Condition` block of a statement.
//!
//! Source: IAM User Guide, `reference_policies_elements_condition`.

use super::operator::Operator;
use super::policy::{Condition, ConditionValue};
use super::problem::{ProblemKind, TypeError};
use super::read::Reader;
use super::read_node::{items, object, scalar};
use super::read_text;
use crate::json::{Member, Node, pointer};

impl Reader {
    /// Reads a `Condition` block: one condition for each operator and key.
    pub(super) fn conditions(
        &mut self,
        block: &Node,
        at: &str,
    ) -> Result<Vec<Condition>, TypeError> {
        object(block, at, "a condition block")?;
        let mut conditions = Vec::new();
        for operator in self.members(block, at) {
            let at = pointer(at, &operator.key);
            object(&operator.value, &at, "the keys of a condition operator")?;
            let read = Operator::parse(&operator.key);
            if read.base.is_none() {
                let hint = read
                    .intended()
                    .map_or(String::new(), |name| format!(", it is spelt `{name}`"));
                let message = format!("there is no condition operator `{}`{hint}", operator.key);
                self.note(&at, ProblemKind::UnknownOperator, message);
            }
            let first = conditions.len();
            for member in self.members(&operator.value, &at) {
                let condition = self.condition(&read, member, pointer(&at, &member.key))?;
                let block = conditions.iter().skip(first);
                if block
                    .into_iter()
                    .any(|earlier: &Condition| earlier.key == condition.key)
                {
                    let message = format!(
                        "the condition key `{}` stands here twice, in different case",
                        member.key
                    );
                    self.note(
                        &condition.pointer,
                        ProblemKind::DuplicateConditionKey,
                        message,
                    );
                }
                conditions.push(condition);
            }
        }
        Ok(conditions)
    }

    fn condition(
        &mut self,
        operator: &Operator,
        member: &Member,
        at: String,
    ) -> Result<Condition, TypeError> {
        let nodes = items(&member.value, &at);
        if nodes.is_empty() {
            let message = format!("the condition key `{}` has no values", member.key);
            self.note(&at, ProblemKind::EmptyList, message);
        }
        let mut values = Vec::with_capacity(nodes.len());
        for (node, pointer) in nodes {
            let text = scalar(node, &pointer)?;
            let (comparand, found) = read_text::comparand(operator.base, text, self.version);
            self.note_all(&pointer, found);
            values.push(ConditionValue {
                text: text.into(),
                pointer,
                comparand,
            });
        }
        Ok(Condition {
            operator: operator.clone(),
            key: member.key.to_ascii_lowercase().into(),
            key_text: member.key.clone(),
            values,
            pointer: at,
        })
    }
}
