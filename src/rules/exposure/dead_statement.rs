//! A statement for CloudTrail does nothing.

use crate::exposure::{Exposure, Idle};
use crate::iam::Statement;
use crate::rules::finding::{Draft, list, statement_words};

pub(in crate::rules) fn check(exposure: &Exposure<'_, '_>) -> Vec<Draft> {
    let policy = exposure.policy;
    let draft = |(index, idle): (usize, Idle)| {
        let statement = policy.policy.policy.statements.get(index)?;
        let message = format!(
            "{} does nothing: {}.",
            statement_words(policy.target, statement),
            why(exposure, statement, &idle)
        );
        Some(Draft::of_policy(
            policy.policy.place(&statement.pointer),
            message,
        ))
    };
    exposure.idle().into_iter().filter_map(draft).collect()
}

fn why(exposure: &Exposure<'_, '_>, statement: &Statement, idle: &Idle) -> String {
    match idle {
        Idle::Condition(index) => {
            let condition = statement.conditions.get(*index);
            let condition = condition.map_or_else(String::new, |condition| {
                format!("`{}` on `{}`", condition.operator.name, condition.key_text)
            });
            format!("no request of CloudTrail, for any trail of any account, meets its {condition}")
        }
        Idle::Resource => "its Resource names nothing that CloudTrail ever asks for".to_owned(),
        Idle::Together => {
            "no request of CloudTrail, for any trail of any account, meets all of its elements at once"
                .to_owned()
        }
        Idle::Denied(by) => {
            let statements = &exposure.policy.policy.policy.statements;
            let names: Vec<String> = by
                .iter()
                .filter_map(|index| statements.get(*index))
                .map(crate::diagnosis::statement_name)
                .collect();
            let names = list(names.iter().map(String::as_str), 3);
            format!("all that it allows, {names} denies")
        }
    }
}
