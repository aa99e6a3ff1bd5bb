//! Policies and requests at random, from small alphabets so that they often meet. The same seed gives
//! the same cases everywhere.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::Case;

/// A small generator of pseudo-random numbers (splitmix64).
#[derive(Debug, Clone)]
pub(crate) struct Random(u64);

const ACTIONS: [&str; 12] = [
    "*",
    "s3:*",
    "s3:Put*",
    "S3:putobject",
    "s3:PutObject",
    "s3:PutObjec?",
    "s3:GetObject",
    "s*:PutObject",
    "s3:PutObject, s3:GetObject",
    "PutObject",
    "s3:",
    "**",
];
const RESOURCES: [&str; 18] = [
    "*",
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::b/a",
    "arn:aws:s3:::b",
    "arn:aws:s3:::b/?",
    "arn:aws:s3:*",
    "arn:a*:b/a",
    "arn:*:s3:::b/*",
    "arn:aws:s*3:::b/a",
    "arn:aws:s?:::b/*",
    "arn:aws:s3:::${aws:k1}/*",
    "arn:aws:s3:::b/${aws:K2, 'a'}",
    "arn:aws:s3:::b/${*}",
    "arn:aws:${aws:k1}:::b/a",
    "arn:aws:s3:?::b/a",
    "arn:aws:s3:::*:*",
    "arn:aws:*:b:a",
    "b/*",
];
const REQUESTED: [&str; 7] = [
    "arn:aws:s3:::b/a",
    "arn:aws:s3:::b",
    "arn:aws:s3:::b/c:d",
    "arn:aws:s3:::a/b",
    "arn:aws:s3:::b/*",
    "arn:aws:sns:us-east-1:111122223333:b:a",
    "arn:aws:s3:::",
];
const IDENTITIES: [&str; 10] = [
    "111122223333",
    "arn:aws:iam::111122223333:root",
    "arn:aws:iam::111122223333:user/ann",
    "arn:aws:iam::111122223333:user/team/ann",
    "arn:aws:iam::111122223333:role/path/Audit",
    "arn:aws:sts::111122223333:assumed-role/audit/s",
    "arn:aws:sts::111122223333:federated-user/ann",
    "444455556666",
    "arn:aws:iam::444455556666:user/ann",
    "AROAEXAMPLEID",
];
const SERVICES: [&str; 3] = ["cloudtrail.amazonaws.com", "config.amazonaws.com", "*"];
const OPERATORS: [&str; 27] = [
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "DateEquals",
    "DateNotEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
    "Bool",
    "BinaryEquals",
    "IpAddress",
    "NotIpAddress",
    "ArnEquals",
    "ArnLike",
    "ArnNotEquals",
    "ArnNotLike",
    "Null",
];
const ODD_OPERATORS: [&str; 6] = [
    "stringequals",
    "StringMatches",
    "NullIfExists",
    "BoolNot",
    "ForSomeValues:StringEquals",
    "NumericNotLessThan",
];
const STRINGS: [&str; 17] = [
    "a",
    "A",
    "ab",
    "b",
    "a*",
    "*",
    "?",
    "a?",
    "",
    "${aws:k1}",
    "${AWS:K2}*",
    "${aws:k2, 'a'}",
    "x${aws:k3, ''}",
    "${*}",
    "a${?}",
    "${aws:k1",
    "${$}",
];
const NUMBERS: [&str; 8] = ["1", "1.0", "2", "-1", "01", "1.5", "x", ""];
const DATES: [&str; 7] = [
    "2024-01-01",
    "2024-01-01T00:00:00Z",
    "1704067200",
    "2023-12-31T23:59:59Z",
    "2024-02-29",
    "0",
    "soon",
];
const BOOLEANS: [&str; 6] = ["true", "false", "TRUE", "False", "yes", "${aws:k1}"];
const BYTES: [&str; 5] = ["aGk=", "aGo=", "aGk", "=", ""];
const RANGES: [&str; 9] = [
    "10.0.0.0/8",
    "10.1.2.3",
    "0.0.0.0/0",
    "10.1.2.3/33",
    "::/0",
    "2001:db8::/32",
    "2001:db8::1",
    "10.255.0.0/9",
    "nowhere",
];
const ADDRESSES: [&str; 6] = [
    "10.1.2.3",
    "10.200.0.1",
    "11.0.0.1",
    "2001:db8::1",
    "::1",
    "x",
];
const ARNS: [&str; 9] = [
    "arn:aws:cloudtrail:*:1:trail/*",
    "arn:aws:cloudtrail:us:1:trail/t",
    "arn:aws:cloudtrail:*:trail/t",
    "arn:*:*:*:*:*",
    "arn:aws:cloudtrail:u?:1:trail/t",
    "*",
    "arn:aws:cloudtrail:us:${aws:k3}:trail/*",
    "arn:aws:cloudtrail:us:1:*:*",
    "arn:aws:cloudtrail:US:1:trail/t",
];
const SENT_ARNS: [&str; 4] = [
    "arn:aws:cloudtrail:us:1:trail/t",
    "arn:aws:cloudtrail:us:1:trail/t:u",
    "trail/t",
    "arn:aws:cloudtrail:eu:2:trail/t",
];
const SENT_STRINGS: [&str; 7] = ["a", "A", "ab", "b", "a*", "", "1"];
const KEYS: [&str; 6] = ["aws:k1", "AWS:K1", "aws:k2", "aws:K3", "aws:k3", "aws:k4"];

impl Random {
    pub(crate) fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap()
    }

    fn one_in(&mut self, often: usize) -> bool {
        self.below(often) == 0
    }

    fn pick(&mut self, all: &[&'static str]) -> &'static str {
        all[self.below(all.len())]
    }

    /// One to three of some texts, now and then none; a single one often stands alone.
    fn some(&mut self, all: &[&'static str]) -> Value {
        if self.one_in(40) {
            return json!([]);
        }
        if self.one_in(2) {
            return json!(self.pick(all));
        }
        let count = 1 + self.below(3);
        json!((0..count).map(|_| self.pick(all)).collect::<Vec<_>>())
    }

    pub(crate) fn policy(&mut self) -> Value {
        let count = 1 + self.below(4);
        let statements: Vec<Value> = (0..count).map(|_| self.statement()).collect();
        let mut policy = json!({ "Statement": statements });
        match self.below(8) {
            0 => policy["Version"] = json!("2008-10-17"),
            1 => {}
            _ => policy["Version"] = json!("2012-10-17"),
        }
        policy
    }

    fn statement(&mut self) -> Value {
        let mut members = Map::new();
        let effect = match self.below(40) {
            0 => "allow",
            1..12 => "Deny",
            _ => "Allow",
        };
        members.insert("Effect".into(), json!(effect));
        let principal = self.principal();
        // Many statements name everything, or few would meet a request at all.
        let action = if self.one_in(2) {
            json!("*")
        } else {
            self.some(&ACTIONS)
        };
        let resource = if self.one_in(2) {
            json!("*")
        } else {
            self.some(&RESOURCES)
        };
        for (name, value) in [
            ("Principal", principal),
            ("Action", action),
            ("Resource", resource),
        ] {
            match self.below(60) {
                0 => {}
                1 => {
                    members.insert(name.into(), value.clone());
                    members.insert(format!("Not{name}"), value);
                }
                2..10 => {
                    members.insert(format!("Not{name}"), value);
                }
                _ => {
                    members.insert(name.into(), value);
                }
            }
        }
        if !self.one_in(4) {
            members.insert("Condition".into(), self.conditions());
        }
        Value::Object(members)
    }

    fn principal(&mut self) -> Value {
        match self.below(8) {
            0..4 => json!("*"),
            4 => json!({"AWS": self.some(&IDENTITIES), "Service": self.some(&SERVICES)}),
            5 => json!({"Service": self.some(&SERVICES)}),
            6 => json!({"Federated": "idp", "CanonicalUser": ["79a5"]}),
            7 if self.one_in(2) => json!({"AWS": "*"}),
            _ => json!({"AWS": self.some(&IDENTITIES)}),
        }
    }

    fn conditions(&mut self) -> Value {
        let mut block = Map::new();
        for _ in 0..=usize::from(self.one_in(4)) {
            let base = self.pick(&OPERATORS);
            let set = ["", "", "ForAllValues:", "ForAnyValue:"][self.below(4)];
            let suffix = if base != "Null" && self.one_in(4) {
                "IfExists"
            } else {
                ""
            };
            let operator = if self.one_in(40) {
                self.pick(&ODD_OPERATORS).to_owned()
            } else {
                format!("{set}{base}{suffix}")
            };
            let mut keys = Map::new();
            for _ in 0..=usize::from(self.one_in(4)) {
                keys.insert(self.pick(&KEYS).into(), self.values(base));
            }
            block.insert(operator, Value::Object(keys));
        }
        Value::Object(block)
    }

    fn values(&mut self, operator: &str) -> Value {
        let of_type: &[&'static str] = match operator {
            _ if operator.starts_with("String") => &STRINGS,
            _ if operator.starts_with("Numeric") => &NUMBERS,
            _ if operator.starts_with("Date") => &DATES,
            _ if operator.starts_with("Arn") => &ARNS,
            "Bool" | "Null" => &BOOLEANS,
            "BinaryEquals" => &BYTES,
            _ => &RANGES,
        };
        match self.below(12) {
            0 => json!(self.one_in(2)),
            1 => json!(self.below(3)),
            _ => self.some(of_type),
        }
    }

    /// A request that suits a policy: most values are of the types that its operators compare.
    pub(crate) fn request(&mut self, policy: &Value) -> Case {
        let principal = match self.below(6) {
            0 => ("Anonymous", String::new()),
            1 => ("Federated", "idp".to_owned()),
            2 => ("CanonicalUser", "79a5".to_owned()),
            3 => ("Service", self.pick(&SERVICES[..2]).to_owned()),
            _ => ("AWS", self.pick(&IDENTITIES[..9]).to_owned()),
        };
        let text = policy.to_string();
        let mut context = BTreeMap::new();
        for key in ["aws:k1", "AWS:k2", "aws:k3"] {
            if !self.one_in(4) {
                context.insert(key.to_owned(), self.sent(&text, key));
            }
        }
        Case {
            policy: policy.clone(),
            principal,
            action: ["s3:PutObject", "s3:GetObject", "sns:Publish"][self.below(3)].to_owned(),
            resource: self.pick(&REQUESTED).to_owned(),
            context,
        }
    }

    fn sent(&mut self, text: &str, key: &str) -> Vec<String> {
        let types: [(&str, &[&'static str]); 7] = [
            ("Numeric", &NUMBERS),
            ("Date", &DATES),
            ("Arn", &SENT_ARNS),
            ("Bool", &BOOLEANS[..4]),
            ("Binary", &BYTES),
            ("IpAddress", &ADDRESSES),
            ("String", &SENT_STRINGS),
        ];
        let used: Vec<_> = types
            .into_iter()
            .filter(|(name, _)| text.contains(name))
            .collect();
        let values = match used.len() {
            0 => &SENT_STRINGS[..],
            // Half of the time the first type that occurs, so that two keys often agree with it.
            count => used[(key.len() + self.below(2 * count)) % count].1,
        };
        let count = match self.below(12) {
            0 => 0,
            1 => 2,
            _ => 1,
        };
        (0..count).map(|_| self.pick(values).to_owned()).collect()
    }

    /// Any JSON, more often than not with the words of the policy language.
    pub(crate) fn any_json(&mut self) -> Value {
        let value = self.json_of_depth(5);
        match self.below(4) {
            0 => value,
            1 => json!({ "Statement": value }),
            _ => {
                let mut policy = self.policy();
                let statement = &mut policy["Statement"][0];
                let element = [
                    "Sid",
                    "Effect",
                    "Principal",
                    "Action",
                    "Resource",
                    "Condition",
                ][self.below(6)];
                statement[element] = value;
                policy
            }
        }
    }

    fn json_of_depth(&mut self, depth: usize) -> Value {
        const WORDS: [&str; 12] = [
            "Version",
            "Statement",
            "AWS",
            "*",
            "2012-10-17",
            "StringLike",
            "Bool",
            "é${",
            "",
            "aws:k1",
            "Null",
            "arn:::::",
        ];
        match self.below(if depth == 0 { 5 } else { 8 }) {
            0 => Value::Null,
            1 => json!(self.one_in(2)),
            2 => json!(self.below(9)),
            3 | 4 => json!(self.pick(&WORDS)),
            5 => (0..self.below(4))
                .map(|_| self.json_of_depth(depth - 1))
                .collect(),
            _ => Value::Object(
                (0..self.below(4))
                    .map(|_| (self.pick(&WORDS).to_owned(), self.json_of_depth(depth - 1)))
                    .collect(),
            ),
        }
    }
}
