//! The CWE entries that pages may name, as a SARIF taxonomy. Classifications belong there by the
//! standard (SARIF 2.1.0, 3.8); GitHub and GitLab read the tags, which the rules carry too.

use serde_sarif::sarif;

use crate::rules::Page;

/// The weaknesses that pages may name, by number. The GUIDs are UUIDs of version 5 in the URL
/// namespace, of the weakness's own page.
pub(super) const WEAKNESSES: [Weakness; 5] = [
    Weakness {
        number: 266,
        name: "IncorrectPrivilegeAssignment",
        text: "Incorrect Privilege Assignment.",
        guid: "6fe1f446-fc2f-5e46-88f0-4a47a1db02f4",
    },
    Weakness {
        number: 441,
        name: "UnintendedProxyOrIntermediary",
        text: "Unintended Proxy or Intermediary ('Confused Deputy').",
        guid: "a87716b6-ad80-50ed-9daf-c9f114f49811",
    },
    Weakness {
        number: 672,
        name: "OperationOnAResourceAfterExpirationOrRelease",
        text: "Operation on a Resource after Expiration or Release.",
        guid: "92772b0e-7fc6-5311-b16e-fcc4e75c842b",
    },
    Weakness {
        number: 732,
        name: "IncorrectPermissionAssignmentForCriticalResource",
        text: "Incorrect Permission Assignment for Critical Resource.",
        guid: "ea4598e0-2669-5215-8abe-3e70d0da95a6",
    },
    Weakness {
        number: 778,
        name: "InsufficientLogging",
        text: "Insufficient Logging.",
        guid: "369f0327-16ba-5b97-b113-bf5eb80263a8",
    },
];

/// The GUID of the taxonomy, made like those of the weaknesses.
const TAXONOMY: &str = "ec480a2c-8267-5d90-affc-401687cd64b0";

/// One entry of the CWE list.
pub(super) struct Weakness {
    pub(super) number: u32,
    name: &'static str,
    text: &'static str,
    pub(super) guid: &'static str,
}

impl Weakness {
    /// Whether a page's tags name it.
    pub(super) fn is_named_by(&self, page: &Page) -> bool {
        page.tags
            .iter()
            .any(|tag| cwe_number(tag) == Some(self.number))
    }

    fn taxon(&self) -> sarif::ReportingDescriptor {
        let page = format!(
            "https://cwe.mitre.org/data/definitions/{}.html",
            self.number
        );
        sarif::ReportingDescriptor::builder()
            .id(self.number.to_string())
            .name(self.name)
            .guid(self.guid)
            .short_description(text(self.text))
            .help_uri(page)
            .build()
    }
}

/// The number in a page's tag, such as `cwe-441`.
pub(super) fn cwe_number(tag: &str) -> Option<u32> {
    tag.strip_prefix("cwe-")?.parse().ok()
}

/// The reference by which rules and results name the taxonomy; there is only one.
pub(super) fn taxonomy_reference() -> sarif::ToolComponentReference {
    sarif::ToolComponentReference::builder()
        .name("CWE")
        .index(0)
        .guid(TAXONOMY)
        .build()
}

/// The taxonomy of these weaknesses, in their order; nothing if there is none.
pub(super) fn taxonomy(weaknesses: &[&Weakness]) -> Option<sarif::ToolComponent> {
    if weaknesses.is_empty() {
        return None;
    }
    let taxa: Vec<_> = weaknesses.iter().map(|weakness| weakness.taxon()).collect();
    let component = sarif::ToolComponent::builder()
        .name("CWE")
        .guid(TAXONOMY)
        .organization("MITRE")
        .short_description(text("The MITRE Common Weakness Enumeration."))
        .information_uri("https://cwe.mitre.org/")
        .is_comprehensive(false)
        .taxa(taxa)
        .build();
    Some(component)
}

fn text(text: &str) -> sarif::MultiformatMessageString {
    sarif::MultiformatMessageString::builder()
        .text(text)
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::pages;

    #[test]
    fn every_weakness_that_a_page_names_is_in_the_taxonomy() {
        for page in pages() {
            for tag in page.tags.iter().filter(|tag| tag.starts_with("cwe")) {
                let known = |weakness: &Weakness| cwe_number(tag) == Some(weakness.number);
                assert!(WEAKNESSES.iter().any(known), "{}: {tag}", page.name);
            }
        }
    }
}
