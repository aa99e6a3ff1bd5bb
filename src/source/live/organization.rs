//! The organization: whose accounts may be meant by `--organization`, and what policies that speak of
//! organizations are compared with.

use serde_json::{Value, json};

use super::answers::{Answers, Asked, from_text};
use super::operation::Operation;
use super::reader::Reader;
use super::refusal::Refusal;
use crate::document::{Kind, Subject};

/// Lists the accounts of the organization; the ids of those that are active.
pub(super) async fn list_accounts(
    reader: &Reader,
    answers: &Answers,
) -> Result<Vec<String>, Refusal> {
    let operation = Operation::ListAccounts;
    let region = reader.region();
    let client = reader.organizations(region);
    let mut accounts: Vec<Value> = Vec::new();
    let mut page = None;
    loop {
        let request = client.list_accounts().set_next_token(page).send();
        let answer = match reader.call(operation, region, request).await {
            Ok(answer) => answer,
            Err(refusal) => {
                let asked = Asked {
                    operation,
                    reader,
                    region,
                };
                answers.refuse(Kind::ListAccounts, Subject::Organization, &refusal, &asked);
                return Err(refusal);
            }
        };
        let text = from_text(&answer.text);
        let items = text
            .as_ref()
            .and_then(|text| text.get("Accounts")?.as_array());
        accounts.extend(items.into_iter().flatten().cloned());
        page = answer.output.next_token().map(str::to_owned);
        if page.is_none() {
            break;
        }
    }
    let is_active = |account: &&Value| {
        let state = account.get("State").or_else(|| account.get("Status"));
        state
            .and_then(Value::as_str)
            .is_none_or(|state| state == "ACTIVE")
    };
    let ids = accounts.iter().filter(is_active);
    let ids = ids.filter_map(|account| account.get("Id")?.as_str().map(str::to_owned));
    let ids = ids.collect();
    // An empty list is an answer of a caller who sees none, not of an organization without accounts.
    if !accounts.is_empty() {
        answers.keep(
            Kind::ListAccounts,
            Subject::Organization,
            &json!({ "Accounts": accounts }),
        );
    }
    Ok(ids)
}

/// Reads the organization; its id, if the caller belongs to one.
pub(super) async fn describe(reader: &Reader, answers: &Answers) -> Option<String> {
    let operation = Operation::DescribeOrganization;
    let region = reader.region();
    let request = reader.organizations(region).describe_organization().send();
    match reader.call(operation, region, request).await {
        Ok(answer) => {
            let text = from_text(&answer.text).unwrap_or(Value::Null);
            answers.keep(Kind::DescribeOrganization, Subject::Organization, &text);
            answer.output.organization()?.id().map(str::to_owned)
        }
        Err(refusal) => {
            let asked = Asked {
                operation,
                reader,
                region,
            };
            answers.refuse(
                Kind::DescribeOrganization,
                Subject::Organization,
                &refusal,
                &asked,
            );
            None
        }
    }
}
