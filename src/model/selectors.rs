//! What a trail's event and insight selectors let in: further kinds of files, and how much of the
//! management events.

use std::collections::BTreeSet;

use super::coverage;
use super::evidence::{Evidence, Unknown, refused};
use super::read::Fields;
use crate::document::{Document, DocumentId, InputError, Kind};

/// What the selectors of a trail say.
///
/// Source: CloudTrail API Reference, `GetEventSelectors` and `GetInsightSelectors` (read 2026-11).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selectors {
    /// Whether Insights files are written, if the trail or its selectors say so.
    pub insights: Option<bool>,
    /// Whether network activity files are written.
    pub network_activity: bool,
    /// Whether aggregated data event files are written.
    pub aggregated: bool,
    /// What is recorded besides management events, a line for each resource or selector.
    pub data_events: BTreeSet<String>,
    /// What is left out of the management events, if `GetEventSelectors` says so.
    pub left_out: Option<LeftOut>,
    /// The refused answer about event selectors: what the trail records is not known then.
    pub unseen_events: Option<Unknown>,
    /// The refused answer about Insights selectors.
    pub unseen_insights: Option<Unknown>,
}

/// Management events that a trail does not record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// In a person's words: "all of them", "read events", "events of `kms.amazonaws.com`".
    pub what: String,
    /// The document that says so.
    pub document: DocumentId,
    /// Where in it.
    pub pointer: String,
}

impl Selectors {
    /// Adds what one answer says.
    pub(super) fn read(&mut self, id: DocumentId, document: &Document) -> Result<(), InputError> {
        if document.refusal().is_some() {
            let unknown = coverage::unknown(id, document);
            match document.kind {
                Kind::GetEventSelectors => self.unseen_events = unknown,
                Kind::GetInsightSelectors if is_absent(id, document) => {
                    self.insights = Some(false);
                }
                Kind::GetInsightSelectors => self.unseen_insights = unknown,
                _ => {}
            }
            return Ok(());
        }
        let fields = Fields::of(document);
        match document.kind {
            Kind::GetInsightSelectors => self.insights = Some(fields.has_items("InsightSelectors")),
            Kind::GetEventSelectors => {
                self.aggregated |= fields.has_items("AggregationConfigurations");
                let advanced = fields.objects("AdvancedEventSelectors")?;
                let basic = fields.objects("EventSelectors")?;
                for selector in &advanced {
                    self.network_activity |= category(*selector, "NetworkActivity")?;
                    if !category(*selector, "Management")? {
                        self.data_events.insert(said(*selector)?);
                    }
                }
                if advanced.is_empty() {
                    for selector in &basic {
                        data_resources(*selector, &mut self.data_events)?;
                    }
                }
                let left_out = match (advanced.is_empty(), basic.is_empty()) {
                    (false, _) => of_advanced(&advanced)?,
                    (true, false) => of_basic(&basic)?,
                    (true, true) => None,
                };
                self.left_out = left_out.map(|(what, pointer)| LeftOut {
                    what,
                    document: id,
                    pointer,
                });
            }
            _ => {}
        }
        Ok(())
    }

    /// The answers that were refused.
    pub fn unseen(&self) -> impl Iterator<Item = &Unknown> {
        self.unseen_events.iter().chain(&self.unseen_insights)
    }

    /// Takes another account's view of the same trail into account. What that account may not see is no
    /// loss: selectors are the owner's to see.
    pub(super) fn merge(&mut self, other: Selectors) {
        self.insights = self.insights.max(other.insights);
        self.network_activity |= other.network_activity;
        self.aggregated |= other.aggregated;
        self.data_events.extend(other.data_events);
        self.left_out = self.left_out.take().or(other.left_out);
    }
}

/// "No Insights are enabled" is AWS's way to answer with an empty list.
fn is_absent(id: DocumentId, document: &Document) -> bool {
    matches!(refused::<()>(id, document), Some(Evidence::Absent(_)))
}

type Shortfall = Option<(String, String)>;

/// An event is recorded if any selector lets it in, so one selector for reading and one for writing
/// let in all (CloudTrail User Guide, "Logging management events", read 2026-11).
fn of_basic(selectors: &[Fields<'_>]) -> Result<Shortfall, InputError> {
    let (mut reads, mut writes) = (false, false);
    let mut nearest = Some(("all of them".to_owned(), "/EventSelectors".to_owned()));
    for (index, selector) in selectors.iter().enumerate() {
        if !selector
            .optional_bool("IncludeManagementEvents")?
            .unwrap_or(true)
        {
            continue;
        }
        let excluded = selector.texts("ExcludeManagementEventSources");
        let pointer = format!("/EventSelectors/{index}");
        match selector.optional_text("ReadWriteType")? {
            Some("ReadOnly") => {
                reads |= excluded.is_empty();
                nearest = Some((
                    "write events".to_owned(),
                    format!("{pointer}/ReadWriteType"),
                ));
            }
            Some("WriteOnly") => {
                writes |= excluded.is_empty();
                nearest = Some(("read events".to_owned(), format!("{pointer}/ReadWriteType")));
            }
            _ if excluded.is_empty() => return Ok(None),
            _ => {
                let what = format!("events of `{}`", excluded.join("`, `"));
                nearest = Some((what, format!("{pointer}/ExcludeManagementEventSources")));
            }
        }
    }
    Ok(nearest.filter(|_| !(reads && writes)))
}

fn of_advanced(selectors: &[Fields<'_>]) -> Result<Shortfall, InputError> {
    let (mut reads, mut writes) = (false, false);
    let mut nearest = Some((
        "all of them".to_owned(),
        "/AdvancedEventSelectors".to_owned(),
    ));
    for (index, selector) in selectors.iter().enumerate() {
        if !category(*selector, "Management")? {
            continue;
        }
        let mut narrowed = None;
        let fields = selector.objects("FieldSelectors")?;
        let only = |wanted: &str| {
            let is_it = |field: &Fields<'_>| {
                field.text("Field").is_ok_and(|name| name == "readOnly")
                    && field.texts("Equals") == [wanted]
            };
            fields.len() == 2 && fields.iter().any(is_it)
        };
        reads |= only("true");
        writes |= only("false");
        for (place, field) in fields.into_iter().enumerate() {
            let name = field.text("Field")?;
            if name != "eventCategory" {
                let pointer = format!("/AdvancedEventSelectors/{index}/FieldSelectors/{place}");
                narrowed = Some((format!("what its selector on `{name}` leaves out"), pointer));
            }
        }
        match narrowed {
            None => return Ok(None),
            narrowed => nearest = narrowed,
        }
    }
    Ok(nearest.filter(|_| !(reads && writes)))
}

fn category(selector: Fields<'_>, wanted: &str) -> Result<bool, InputError> {
    for field in selector.objects("FieldSelectors")? {
        if field.text("Field")? == "eventCategory" && field.texts("Equals").contains(&wanted) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What an advanced selector says, the same text for all that say the same.
fn said(selector: Fields<'_>) -> Result<String, InputError> {
    let mut all = BTreeSet::new();
    for field in selector.objects("FieldSelectors")? {
        let name = field.text("Field")?;
        for operator in [
            "Equals",
            "NotEquals",
            "StartsWith",
            "NotStartsWith",
            "EndsWith",
            "NotEndsWith",
        ] {
            let mut values = field.texts(operator);
            values.sort_unstable();
            if !values.is_empty() {
                all.insert(format!("{name} {operator} {}", values.join(" ")));
            }
        }
    }
    Ok(all.into_iter().collect::<Vec<_>>().join(", "))
}

/// The resources of which a basic selector records data events.
fn data_resources(selector: Fields<'_>, found: &mut BTreeSet<String>) -> Result<(), InputError> {
    let which = selector.optional_text("ReadWriteType")?;
    let parts = match which {
        Some(one @ ("ReadOnly" | "WriteOnly")) => vec![one],
        _ => vec!["ReadOnly", "WriteOnly"],
    };
    for resource in selector.objects("DataResources")? {
        let kind = resource.optional_text("Type")?.unwrap_or_default();
        for value in resource.texts("Values") {
            found.extend(parts.iter().map(|part| format!("{part} {kind} {value}")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Origin, Subject};

    fn left_out(answer: &str) -> Option<String> {
        let subject = Subject::Trail {
            account: "222222222222".to_owned(),
            home_region: "us-east-1".to_owned(),
            name: "audit".to_owned(),
            shadow_region: None,
        };
        let kind = Kind::GetEventSelectors;
        let document = Document::read(kind, subject, Origin::File, "file", answer.as_bytes());
        let mut selectors = Selectors::default();
        selectors.read(DocumentId(0), &document.unwrap()).unwrap();
        selectors.left_out.map(|left_out| left_out.what)
    }

    fn advanced(selectors: &[&str]) -> Option<String> {
        let management = r#"{"Field": "eventCategory", "Equals": ["Management"]}"#;
        let selectors: Vec<String> = selectors
            .iter()
            .map(|fields| format!(r#"{{"FieldSelectors": [{management}{fields}]}}"#))
            .collect();
        left_out(&format!(
            r#"{{"AdvancedEventSelectors": [{}]}}"#,
            selectors.join(",")
        ))
    }

    #[test]
    fn selectors_for_reading_and_for_writing_leave_nothing_out_together() {
        let reading = r#", {"Field": "readOnly", "Equals": ["true"]}"#;
        let writing = r#", {"Field": "readOnly", "Equals": ["false"]}"#;
        let no_kms = r#", {"Field": "eventSource", "NotEquals": ["kms.amazonaws.com"]}"#;
        assert_eq!(advanced(&[reading, writing]), None);
        assert_eq!(advanced(&[no_kms, ""]), None);
        assert!(advanced(&[reading]).is_some());
        assert!(advanced(&[reading, no_kms]).is_some());
        let writing_without_kms = format!("{writing}{no_kms}");
        assert!(advanced(&[reading, &writing_without_kms]).is_some());
        let basic = |kinds: &str| left_out(&format!(r#"{{"EventSelectors": [{kinds}]}}"#));
        let (reads, writes) = (
            r#"{"ReadWriteType": "ReadOnly"}"#,
            r#"{"ReadWriteType": "WriteOnly"}"#,
        );
        assert_eq!(basic(&format!("{reads}, {writes}")), None);
        assert_eq!(basic(reads).as_deref(), Some("write events"));
    }
}
