//! One source account: which trails it has, and what each of them says. Three calls (the role, the list,
//! the home Region's trails), and two a trail.

use std::collections::{BTreeMap, BTreeSet};

use futures::future;
use futures::stream::{self, StreamExt};
use serde_json::{Value, json};

use super::answers::{Answers, Asked, from_text};
use super::operation::Operation;
use super::pages::Pages;
use super::reader::Reader;
use super::refusal::{Refusal, UNREADABLE};
use crate::document::{Kind, LISTED_TRAILS, Subject};
use crate::model::arn::{Arn, is_account_id};
use crate::model::region;

/// A trail as the list names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Named {
    pub(super) arn: String,
    pub(super) account: String,
    pub(super) home_region: String,
    pub(super) name: String,
}

impl Named {
    /// The trail of an ARN, if it is one.
    pub(super) fn of(arn: &str) -> Option<Named> {
        let parsed = Arn::parse(arn)?;
        let name = parsed.trail_name()?;
        (is_account_id(parsed.account) && !parsed.region.is_empty() && !name.is_empty()).then(
            || Named {
                arn: arn.to_owned(),
                account: parsed.account.to_owned(),
                home_region: parsed.region.to_owned(),
                name: name.to_owned(),
            },
        )
    }

    fn subject(&self, reader: &Reader, shadow_region: Option<&str>) -> Subject {
        Subject::Trail {
            account: reader.account.clone(),
            home_region: self.home_region.clone(),
            name: self.name.clone(),
            shadow_region: shadow_region.map(str::to_owned),
        }
    }
}

/// Where trails are looked for, and asked for their status.
#[derive(Debug, Clone, Copy)]
pub(super) struct Places<'a> {
    /// Further Regions to look in.
    pub(super) look: &'a [String],
    /// Whether to ask for the status of trails in all their Regions.
    pub(super) shadows: bool,
}

/// What was learnt of an account for the rest of the run.
#[derive(Debug, Default)]
pub(super) struct Learnt {
    /// Its own trails.
    pub(super) own: BTreeSet<Named>,
    /// Trails of an organization, which other accounts own.
    pub(super) foreign: BTreeSet<Named>,
}

/// Reads an account's trails.
pub(super) async fn read(reader: &Reader, places: Places<'_>, answers: &Answers) -> Learnt {
    let mut named = match list(reader, answers).await {
        Ok(named) => named,
        // Without the list, the Region at hand still shows the trails that record it.
        Err(refusal) if refusal.is_denied() => {
            let region = reader.region();
            let seen = describe(reader, region, Shadows::Shown).await;
            let seen = seen.unwrap_or_else(|refusal| {
                refuse_region(reader, region, &refusal, None, answers);
                Vec::new()
            });
            seen.into_iter().map(|(named, _)| named).collect()
        }
        Err(_) => return Learnt::default(),
    };
    let own = |named: &&Named| named.account == reader.account;
    let mut regions: BTreeSet<String> = named
        .iter()
        .filter(own)
        .map(|it| it.home_region.clone())
        .collect();
    regions.extend(places.look.iter().cloned());
    let asked = regions
        .iter()
        .map(|region| async move { (region, describe(reader, region, Shadows::Hidden).await) });
    let mut described: BTreeMap<Named, Value> = BTreeMap::new();
    for (region, seen) in future::join_all(asked).await {
        match seen {
            Ok(seen) => described.extend(seen),
            Err(refusal) if is_not_enabled(reader, region, &refusal) => {}
            // Trails that the list names are asked for one by one then. Only where it was looked for more
            // than the list names something may be missed.
            Err(refusal) if places.look.contains(region) => {
                refuse_region(reader, region, &refusal, None, answers);
            }
            Err(refusal) => refuse_region(reader, region, &refusal, Some(LISTED_TRAILS), answers),
        }
    }
    named.extend(described.keys().cloned());
    let (own, foreign): (BTreeSet<Named>, BTreeSet<Named>) = named
        .into_iter()
        .partition(|named| named.account == reader.account);
    stream::iter(&own)
        .for_each_concurrent(None, |named| {
            read_trail(reader, named, described.get(named), places, answers)
        })
        .await;
    Learnt { own, foreign }
}

/// The list of all trails of the account, in all Regions, organization trails included.
async fn list(reader: &Reader, answers: &Answers) -> Result<BTreeSet<Named>, Refusal> {
    let region = reader.region();
    let client = reader.cloudtrail(region);
    let subject = || Subject::Account {
        account: reader.account.clone(),
        region: None,
    };
    let mut trails: Vec<Value> = Vec::new();
    let mut pages = Pages::default();
    loop {
        let request = client.list_trails().set_next_token(pages.token()).send();
        let answer = reader.call(Operation::ListTrails, region, request).await;
        let answer = answer.and_then(|answer| {
            let items = trails_in(&answer.text, "Trails")?;
            Ok((items, pages.turn(answer.output.next_token())?))
        });
        let (items, goes_on) = match answer {
            Ok(answer) => answer,
            Err(refusal) => {
                let asked = Asked::new(Operation::ListTrails, reader, region);
                answers.refuse(Kind::ListTrails, subject(), &refusal, &asked);
                return Err(refusal);
            }
        };
        trails.extend(items);
        if !goes_on {
            break;
        }
    }
    let arns = trails
        .iter()
        .filter_map(|trail| trail.get("TrailARN")?.as_str());
    let named: BTreeSet<Named> = arns.filter_map(Named::of).collect();
    answers.keep(Kind::ListTrails, subject(), &json!({ "Trails": trails }));
    Ok(named)
}

/// The trails that an answer lists. What lists none in the way AWS does is no answer of AWS's, and by no
/// means says that there are no trails.
fn trails_in(text: &str, field: &str) -> Result<Vec<Value>, Refusal> {
    let unreadable =
        |what: &str| Refusal::new(UNREADABLE, format!("expected {what} in the answer"));
    let answer = from_text(text).ok_or_else(not_json)?;
    let trails = answer.get(field).and_then(Value::as_array);
    let trails = trails.ok_or_else(|| unreadable(&format!("a list `{field}`")))?;
    let arn = |trail: &Value| Named::of(trail.get("TrailARN")?.as_str()?);
    if trails.iter().any(|trail| arn(trail).is_none()) {
        return Err(unreadable(&format!("a trail's ARN for each of `{field}`")));
    }
    Ok(trails.clone())
}

/// Whether trails of other Regions and accounts that record this Region are asked for too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shadows {
    Shown,
    Hidden,
}

/// The trails of one Region, each as GetTrail would answer.
async fn describe(
    reader: &Reader,
    region: &str,
    shadows: Shadows,
) -> Result<Vec<(Named, Value)>, Refusal> {
    let request = reader
        .cloudtrail(region)
        .describe_trails()
        .include_shadow_trails(shadows == Shadows::Shown)
        .send();
    let answer = reader
        .call(Operation::DescribeTrails, region, request)
        .await?;
    let trails = trails_in(&answer.text, "trailList")?;
    let named = trails.iter().filter_map(|trail| {
        let named = Named::of(trail.get("TrailARN")?.as_str()?)?;
        Some((named, json!({ "Trail": trail })))
    });
    Ok(named.collect())
}

fn refuse_region(
    reader: &Reader,
    region: &str,
    refusal: &Refusal,
    purpose: Option<&'static str>,
    answers: &Answers,
) {
    let asked = Asked {
        purpose,
        ..Asked::new(Operation::DescribeTrails, reader, region)
    };
    let subject = Subject::Account {
        account: reader.account.clone(),
        region: Some(region.to_owned()),
    };
    answers.refuse(Kind::DescribeTrails, subject, refusal, &asked);
}

/// Whether a Region answers as one that the account has not enabled: it does not know credentials that
/// work elsewhere. No trail lies there then.
fn is_not_enabled(reader: &Reader, region: &str, refusal: &Refusal) -> bool {
    region != reader.region() && refusal.is_of_credentials() && !region::is_always_enabled(region)
}

/// Reads one trail of the account's own.
async fn read_trail(
    reader: &Reader,
    named: &Named,
    described: Option<&Value>,
    places: Places<'_>,
    answers: &Answers,
) {
    let trail = match described {
        Some(described) => Ok(described.clone()),
        None => get_trail(reader, named).await,
    };
    let Some(trail) = keep_trail(trail, reader, named, answers) else {
        return;
    };
    let flag = |name: &str| {
        trail
            .pointer(&format!("/Trail/{name}"))
            .and_then(Value::as_bool)
    };
    let insights = async {
        // Without Insights, AWS answers with an error; the trail itself says whether it has any.
        if flag("HasInsightSelectors") != Some(false) {
            get_insight_selectors(reader, named, answers).await;
        }
    };
    let shadows = async {
        if places.shadows && flag("IsMultiRegionTrail") == Some(true) {
            read_shadows(reader, named, answers).await;
        }
    };
    let status = get_status(reader, named, None, answers);
    let selectors = get_event_selectors(reader, named, answers);
    futures::join!(status, selectors, insights, shadows);
}

/// Reads an organization's trail that another account owns, with the eyes of a member. Its event
/// selectors are the owner's alone to see.
pub(super) async fn read_foreign(reader: &Reader, named: &Named, answers: &Answers) {
    if keep_trail(get_trail(reader, named).await, reader, named, answers).is_some() {
        get_status(reader, named, None, answers).await;
    }
}

/// Reads a trail that a policy names and the account's list does not: lists are behind at times. That
/// there is none is what the list says already, and so is no news.
pub(super) async fn read_named(
    reader: &Reader,
    named: &Named,
    places: Places<'_>,
    answers: &Answers,
) {
    if let Ok(trail) = get_trail(reader, named).await {
        read_trail(reader, named, Some(&trail), places, answers).await;
    }
}

/// Asks for one trail by its ARN, in its home Region.
async fn get_trail(reader: &Reader, named: &Named) -> Result<Value, Refusal> {
    let region = &named.home_region;
    let request = reader
        .cloudtrail(region)
        .get_trail()
        .name(&named.arn)
        .send();
    let answer = reader.call(Operation::GetTrail, region, request).await?;
    from_text(&answer.text).ok_or_else(not_json)
}

fn not_json() -> Refusal {
    Refusal::new(UNREADABLE, "the answer is no JSON")
}

async fn get_status(reader: &Reader, named: &Named, shadow: Option<&str>, answers: &Answers) {
    let region = shadow.unwrap_or(&named.home_region);
    let request = reader
        .cloudtrail(region)
        .get_trail_status()
        .name(&named.arn)
        .send();
    let answer = reader
        .call(Operation::GetTrailStatus, region, request)
        .await;
    if let (Some(_), Err(refusal)) = (shadow, &answer)
        && is_not_enabled(reader, region, refusal)
    {
        return;
    }
    let asked = Asked::new(Operation::GetTrailStatus, reader, region);
    let subject = named.subject(reader, shadow);
    keep_text(
        answer.map(|answer| answer.text),
        Kind::GetTrailStatus,
        subject,
        &asked,
        answers,
    );
}

async fn get_event_selectors(reader: &Reader, named: &Named, answers: &Answers) {
    let region = &named.home_region;
    let request = reader
        .cloudtrail(region)
        .get_event_selectors()
        .trail_name(&named.arn)
        .send();
    let answer = reader
        .call(Operation::GetEventSelectors, region, request)
        .await;
    let asked = Asked::new(Operation::GetEventSelectors, reader, region);
    let subject = named.subject(reader, None);
    keep_text(
        answer.and_then(|answer| of_trail(answer.text)),
        Kind::GetEventSelectors,
        subject,
        &asked,
        answers,
    );
}

async fn get_insight_selectors(reader: &Reader, named: &Named, answers: &Answers) {
    let region = &named.home_region;
    let request = reader
        .cloudtrail(region)
        .get_insight_selectors()
        .trail_name(&named.arn)
        .send();
    let answer = reader
        .call(Operation::GetInsightSelectors, region, request)
        .await;
    let asked = Asked::new(Operation::GetInsightSelectors, reader, region);
    let subject = named.subject(reader, None);
    keep_text(
        answer.and_then(|answer| of_trail(answer.text)),
        Kind::GetInsightSelectors,
        subject,
        &asked,
        answers,
    );
}

/// An answer about a trail names it, whatever else it holds; a text that does not is no such answer.
fn of_trail(text: String) -> Result<String, Refusal> {
    let answer = from_text(&text).ok_or_else(not_json)?;
    match answer.get("TrailARN") {
        Some(_) => Ok(text),
        None => Err(Refusal::new(
            UNREADABLE,
            "expected `TrailARN` in the answer",
        )),
    }
}

fn keep_trail(
    trail: Result<Value, Refusal>,
    reader: &Reader,
    named: &Named,
    answers: &Answers,
) -> Option<Value> {
    let subject = named.subject(reader, None);
    match trail {
        Ok(trail) => {
            answers.keep(Kind::GetTrail, subject, &trail);
            Some(trail)
        }
        Err(refusal) => {
            let region = &named.home_region;
            let asked = Asked {
                resource: Some(&named.arn),
                ..Asked::new(Operation::GetTrail, reader, region)
            };
            answers.refuse(Kind::GetTrail, subject, &refusal, &asked);
            None
        }
    }
}

fn keep_text(
    answer: Result<String, Refusal>,
    kind: Kind,
    subject: Subject,
    asked: &Asked<'_>,
    answers: &Answers,
) {
    match answer.and_then(|text| from_text(&text).ok_or_else(not_json)) {
        Ok(answer) => answers.keep(kind, subject, &answer),
        Err(refusal) => answers.refuse(kind, subject, &refusal, asked),
    }
}

async fn read_shadows(reader: &Reader, named: &Named, answers: &Answers) {
    let partition = region::partition_of(&named.home_region);
    let others = region::regions(partition)
        .iter()
        .filter(|&&region| region != named.home_region);
    stream::iter(others)
        .for_each_concurrent(None, |region| {
            get_status(reader, named, Some(region), answers)
        })
        .await;
}
