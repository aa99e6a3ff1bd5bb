//! Any bytes as an answer of AWS: read or refused, with a place that lies in the text.

use trail_lint::document::{Document, Kind, Origin, Subject};
use trail_lint::json;

pub(crate) fn run(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        match json::parse(text) {
            Ok(root) => assert!(text.get(root.span.start..root.span.end).is_some()),
            Err(error) => assert!(error.offset <= text.len()),
        }
    }
    for kind in Kind::ALL {
        let read = Document::read(kind, Subject::Snapshot, Origin::File, "f.json", data);
        match read {
            Ok(document) => {
                let region = document.region("/Statement/0/Condition");
                assert!(region.line >= 1 && region.column >= 1);
                document.refusal();
                document.policy();
            }
            Err(error) => assert!(
                error
                    .at
                    .is_none_or(|(line, column)| line >= 1 && column >= 1)
            ),
        }
    }
}
