//! Any bytes as a line of `simulate`: the answer is one line of visible ASCII and JSON of the promised
//! form.

use trail_lint::simulate::{Columns, answer, too_long};

pub(crate) fn run(data: &[u8]) {
    let columns = Columns {
        why: true,
        pass: true,
    };
    for answer in [answer(data), too_long(data)] {
        let text = answer.to_json(columns);
        assert!(
            text.bytes()
                .all(|byte| byte == b'\t' || byte == b'\r' || (b' '..=b'~').contains(&byte)),
            "{text}"
        );
        let value: serde_json::Value = serde_json::from_str(&text).expect("the answer is JSON");
        let got = value["got"].as_str().expect("`got` is a text");
        let known = ["Allow", "ImplicitDeny", "ExplicitDeny"].contains(&got);
        assert!(known || got.starts_with("Error: "), "{got}");
        assert_eq!(known, value.get("why").is_some());
    }
}
