//! The organization: whose accounts may be meant by `--organization`, and what policies that speak of
//! organizations are compared with.

use serde_json::{Value, json};

use super::answers::{Answers, Asked, from_text};
use super::operation::Operation;
use super::pages::Pages;
use super::reader::Reader;
use super::refusal::{EMPTY, Refusal};
use crate::document::{EVERY_ACCOUNT, Kind, Subject};

/// What the list of accounts is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum For {
    /// To read them all: without the list, nobody knows what was not looked at.
    Reading,
    /// To know who belongs to the organization; without it, the accounts that are read do.
    Membership,
}

/// Lists the accounts of the organization; the ids of those that are active. What was refused is noted, and
/// what was listed before counts.
pub(super) async fn list_accounts(reader: &Reader, what: For, answers: &Answers) -> Vec<String> {
    let operation = Operation::ListAccounts;
    let region = reader.region();
    let client = reader.organizations(region);
    let mut accounts: Vec<Value> = Vec::new();
    let mut pages = Pages::default();
    let refusal = loop {
        let request = client.list_accounts().set_next_token(pages.token());
        let request = request.send();
        let answer = match reader.call(operation, region, request).await {
            Ok(answer) => answer,
            Err(refusal) => break Some(refusal),
        };
        let text = from_text(&answer.text);
        let items = text
            .as_ref()
            .and_then(|text| text.get("Accounts")?.as_array());
        accounts.extend(items.into_iter().flatten().cloned());
        match pages.turn(answer.output.next_token()) {
            Ok(true) => {}
            // An organization has one account at least: an empty list is no answer of one.
            Ok(false) if accounts.is_empty() => {
                break Some(Refusal::new(EMPTY, "the list holds no account"));
            }
            Ok(false) => break None,
            Err(refusal) => break Some(refusal),
        }
    };
    let is_active = |account: &&Value| {
        let state = account.get("State").or_else(|| account.get("Status"));
        state
            .and_then(Value::as_str)
            .is_none_or(|state| state == "ACTIVE")
    };
    let ids = accounts.iter().filter(is_active);
    let ids = ids.filter_map(|account| account.get("Id")?.as_str().map(str::to_owned));
    let ids = ids.collect();
    match (refusal, what) {
        (None, _) => answers.keep(
            Kind::ListAccounts,
            Subject::Organization,
            &json!({ "Accounts": accounts }),
        ),
        (Some(refusal), For::Reading) => {
            let mut asked = Asked::new(operation, reader, region);
            asked.purpose = Some(EVERY_ACCOUNT);
            answers.refuse(Kind::ListAccounts, Subject::Organization, &refusal, &asked);
        }
        (Some(refusal), For::Membership) => {
            let asked = Asked::new(operation, reader, region);
            answers.refuse(Kind::ListAccounts, Subject::Organization, &refusal, &asked);
        }
    }
    ids
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
            let asked = Asked::new(operation, reader, region);
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
