//! What a person sees, at the widths of terminals, with and without colour and Unicode.

use super::super::sample;
use super::super::text::{is_hidden, width};
use super::super::view::{FindingView, NotEvaluated, Report};
use super::{Style, write};
use crate::document::Document;

const WIDE: Style = Style {
    width: 80,
    color: false,
    unicode: true,
    links: false,
    show_ok_requests: false,
    quiet: false,
};

fn drawn(report: &Report, style: Style) -> String {
    let mut out = Vec::new();
    write(report, &style, &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    for line in text.lines() {
        assert_eq!(line, line.trim_end(), "blanks at the end");
    }
    text
}

fn sound() -> Report<'static> {
    let mut report = sample::empty();
    report.trails = ["111111111111", "222222222222"]
        .map(|account| {
            let requests = vec![sample::request("put-log-files", "allowed")];
            sample::trail(account, "delivers", requests)
        })
        .into();
    report
}

#[test]
fn at_eighty_columns() {
    let document = sample::bucket_policy();
    insta::assert_snapshot!(drawn(&sample::report(&document), WIDE), @r#"
    VERDICT   TRAIL                           CREATE  LOG FILES  DIGESTS
    ────────────────────────────────────────────────────────────────────
    blocked   222222222222 audit (us-east-1)  ok      refused    refused
    blocked   333333333333 audit (us-east-1)  ok      refused    refused
    delivers  111111111111 audit (us-east-1)  -       ok         -
    All trails: bucket example-logs

    critical  source-arn-wrong-region  account 222222222222, trail audit
              snapshot/accounts/111111111111/s3/example-logs/get-bucket-policy.json:20:28
              (statement AWSCloudTrailWrite)
              Statement `AWSCloudTrailWrite` lets in the trail of eu-west-1, but the
              home Region of arn:aws:cloudtrail:us-east-1:222222222222:trail/audit
              is us-east-1. Write the trail's own ARN.
                20 | "aws:SourceArn": "arn:aws:cloudtrail:eu-west-1:222222222222:tr…
                   |                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
              refuses: put-log-files, put-digest-files
              see also: This statement names no trail.
              snapshot/accounts/111111111111/s3/example-logs/get-bucket-policy.json:5:14
              the same for 1 more trail: 333333333333 audit

    low       resource-too-broad
              snapshot/accounts/111111111111/s3/example-logs/get-bucket-policy.json:11:5
              (statement AWSCloudTrailWrite)
              The statement grants more than the trail needs
                12 |       "Sid": "AWSCloudTrailWrite",
                   |              ^^^^^^^^^^^^^^^^^^^^

    could not be seen: get-key-policy of arn:aws:kms:us-east-1:111111111111:key/k
      (access denied); a verdict depends on it
      AWS said: AccessDeniedException: not authorized
      help: allow `kms:GetKeyPolicy` for `arn:aws:iam::111111111111:role/audit`
      affects: kms-no-generate-data-key, kms-context-mismatch
    could not be seen: head-bucket of example-logs (no document); AWS's default
      was assumed

    3 trails: 2 blocked, 1 delivers. Not everything could be seen. 2 critical, 1 low
    findings.
    "#);
}

#[test]
fn at_one_hundred_and_sixty_columns_with_every_request() {
    let document = sample::bucket_policy();
    let style = Style {
        width: 160,
        show_ok_requests: true,
        ..WIDE
    };
    insta::assert_snapshot!(drawn(&sample::report(&document), style), @r#"
    VERDICT   TRAIL                                     BUCKET
    ────────────────────────────────────────────────────────────────
    blocked   222222222222 audit (us-east-1)            example-logs
              refused: put-log-files, put-digest-files
              allowed: get-bucket-acl
    blocked   333333333333 audit (us-east-1)            example-logs
              refused: put-log-files, put-digest-files
              allowed: get-bucket-acl
    delivers  111111111111 audit (us-east-1)            example-logs
              allowed: put-log-files

    critical  source-arn-wrong-region  account 222222222222, trail audit
              snapshot/accounts/111111111111/s3/example-logs/get-bucket-policy.json:20:28  (statement AWSCloudTrailWrite)
              Statement `AWSCloudTrailWrite` lets in the trail of eu-west-1, but the home Region of arn:aws:cloudtrail:us-east-1:222222222222:trail/audit is
              us-east-1. Write the trail's own ARN.
                20 |           "aws:SourceArn": "arn:aws:cloudtrail:eu-west-1:222222222222:trail/audit"
                   |                            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
              refuses: put-log-files, put-digest-files
              see also: snapshot/accounts/111111111111/s3/example-logs/get-bucket-policy.json:5:14  This statement names no trail.
              the same for 1 more trail: 333333333333 audit

    low       resource-too-broad
              snapshot/accounts/111111111111/s3/example-logs/get-bucket-policy.json:11:5  (statement AWSCloudTrailWrite)
              The statement grants more than the trail needs
                12 |       "Sid": "AWSCloudTrailWrite",
                   |              ^^^^^^^^^^^^^^^^^^^^

    could not be seen: get-key-policy of arn:aws:kms:us-east-1:111111111111:key/k (access denied); a verdict depends on it
      AWS said: AccessDeniedException: not authorized
      help: allow `kms:GetKeyPolicy` for `arn:aws:iam::111111111111:role/audit`
      affects: kms-no-generate-data-key, kms-context-mismatch
    could not be seen: head-bucket of example-logs (no document); AWS's default was assumed

    3 trails: 2 blocked, 1 delivers. Not everything could be seen. 2 critical, 1 low findings.
    "#);
}

#[test]
fn below_sixty_columns_there_are_plain_lines_and_no_excerpts() {
    let document = sample::bucket_policy();
    let style = Style { width: 40, ..WIDE };
    insta::assert_snapshot!(drawn(&sample::report(&document), style), @r#"
    blocked 222222222222 audit
      (us-east-1), bucket example-logs
      refused: put-log-files,
      put-digest-files
    blocked 333333333333 audit
      (us-east-1), bucket example-logs
      refused: put-log-files,
      put-digest-files
    delivers 111111111111 audit
      (us-east-1), bucket example-logs

    critical  source-arn-wrong-region
      account 222222222222, trail audit
      snapshot/accounts/111111111111/s3/example-logs/get-bucket-policy.json:20:28
      (statement AWSCloudTrailWrite)
      Statement `AWSCloudTrailWrite` lets in
      the trail of eu-west-1, but the home
      Region of
      arn:aws:cloudtrail:us-east-1:222222222222:trail/audit
      is us-east-1. Write the trail's own
      ARN.
      refuses: put-log-files,
      put-digest-files
      see also: This statement names no
      trail.
      snapshot/accounts/111111111111/s3/example-logs/get-bucket-policy.json:5:14
      the same for 1 more trail:
      333333333333 audit

    low       resource-too-broad
      snapshot/accounts/111111111111/s3/example-logs/get-bucket-policy.json:11:5
      (statement AWSCloudTrailWrite)
      The statement grants more than the
      trail needs

    could not be seen: get-key-policy of
      arn:aws:kms:us-east-1:111111111111:key/k
      (access denied); a verdict depends on
      it
      AWS said: AccessDeniedException: not
      authorized
      help: allow `kms:GetKeyPolicy` for
      `arn:aws:iam::111111111111:role/audit`
      affects: kms-no-generate-data-key,
      kms-context-mismatch
    could not be seen: head-bucket of
      example-logs (no document); AWS's
      default was assumed

    3 trails: 2 blocked, 1 delivers. Not
    everything could be seen. 2 critical, 1
    low findings.
    "#);
}

#[test]
fn ascii_terminals_get_ascii() {
    let document = sample::bucket_policy();
    let style = Style {
        unicode: false,
        ..WIDE
    };
    assert!(drawn(&sample::report(&document), style).is_ascii());
    assert!(drawn(&sample::hostile(&document), style).is_ascii());
}

#[test]
fn colour_adds_escapes_and_no_word() {
    let document = sample::bucket_policy();
    let report = sample::report(&document);
    let colored = drawn(
        &report,
        Style {
            color: true,
            ..WIDE
        },
    );
    assert!(
        colored.contains("\u{1b}[1m\u{1b}[31mblocked"),
        "{colored:?}"
    );
    let bare: String = colored
        .split('\u{1b}')
        .enumerate()
        .map(|(at, part)| match part.split_once('m') {
            Some((_, rest)) if at > 0 => rest,
            _ => part,
        })
        .collect();
    assert_eq!(bare, drawn(&report, WIDE));
}

#[test]
fn a_sound_set_up_gets_one_reassuring_line() {
    insta::assert_snapshot!(drawn(&sound(), WIDE), @r#"
    VERDICT   TRAIL                           LOG FILES  BUCKET
    ─────────────────────────────────────────────────────────────────
    delivers  111111111111 audit (us-east-1)  ok         example-logs
    delivers  222222222222 audit (us-east-1)  ok         example-logs

    Nothing is wrong: 2 trails deliver. 2 requests checked against the bucket, key
    and topic policies, all allowed.
    "#);
    let quiet = Style {
        quiet: true,
        ..WIDE
    };
    assert_eq!(drawn(&sound(), quiet), "");
}

#[test]
fn nothing_checked_is_not_called_well() {
    assert_eq!(
        drawn(&sample::empty(), WIDE),
        "No trail was checked. No findings.\n"
    );
}

#[test]
fn what_a_verdict_depends_on_comes_first_among_the_unseen() {
    let document = sample::bucket_policy();
    let text = drawn(&sample::report(&document), WIDE);
    assert!(text.find("get-key-policy of") < text.find("head-bucket of"));
}

#[test]
fn quiet_leaves_out_what_needs_no_action() {
    let document = sample::bucket_policy();
    let style = Style {
        quiet: true,
        ..WIDE
    };
    let text = drawn(&sample::report(&document), style);
    assert!(!text.contains("111111111111 audit"), "{text}");
    assert!(!text.contains("assumed"), "{text}");
    assert!(text.contains("1 delivers"), "{text}");
}

#[test]
fn many_trails_that_deliver_are_counted() {
    let document = sample::bucket_policy();
    let mut report = sample::report(&document);
    for number in 0..40 {
        let account = format!("4444444444{number:02}");
        report
            .trails
            .push(sample::trail(&account, "delivers", Vec::new()));
    }
    let text = drawn(&report, WIDE);
    assert!(text.contains("\nand 41 more trails deliver\n"), "{text}");
    assert!(!text.contains("444444444401 audit"), "{text}");
    assert!(text.contains("43 trails: 2 blocked, 41 deliver."), "{text}");
}

#[test]
fn a_fold_names_five_trails_and_counts_all() {
    let document = sample::bucket_policy();
    let mut report = sample::report(&document);
    for number in 0..10 {
        let account = format!("4444444444{number:02}");
        report
            .findings
            .insert(1, sample::finding(&document, &account));
    }
    let text = drawn(&report, WIDE);
    assert!(text.contains("the same for 11 more trails: "), "{text}");
    assert_eq!(text.matches(" audit,").count(), 5, "{text}");
}

#[test]
fn a_trail_named_in_words_does_not_keep_findings_apart() {
    let document = sample::bucket_policy();
    let mut report = sample::report(&document);
    for (finding, name) in report.findings.iter_mut().zip(["audit", "payments"]) {
        let account = finding.account.clone().unwrap();
        finding.trail = Some(format!(
            "arn:aws:cloudtrail:us-east-1:{account}:trail/{name}"
        ));
        finding.message = format!("Trail `{name}` of account {account} is refused.");
    }
    let text = drawn(&report, WIDE);
    assert!(
        text.contains("the same for 1 more trail: 333333333333 payments"),
        "{text}"
    );
}

#[test]
fn a_document_that_many_rules_read_names_some_of_them() {
    let mut report = sample::empty();
    report.not_evaluated = vec![NotEvaluated {
        document: "get-bucket-policy.json".into(),
        reason: "too-complex",
        affects: vec!["a", "b", "c", "d", "e", "f", "g"],
        decisive: true,
        said: None,
        help: None,
    }];
    let text = drawn(&report, WIDE);
    assert!(
        text.contains("affects: a, b, c, d, e and 2 more rules\n"),
        "{text}"
    );
    assert!(
        text.contains("could not be evaluated: get-bucket-policy.json (too complex)"),
        "{text}"
    );
}

#[test]
fn findings_that_differ_by_more_than_the_trail_stay_apart() {
    let document = sample::bucket_policy();
    let changes: [fn(&mut FindingView); 4] = [
        |finding| finding.requests.clear(),
        |finding| finding.message.push_str(" More."),
        |finding| finding.location.pointer.push_str("/0"),
        |finding| finding.trail = Some(sample::arn("222222222222")),
    ];
    for change in changes {
        let mut report = sample::report(&document);
        report.findings.iter_mut().skip(1).take(1).for_each(change);
        let text = drawn(&report, WIDE);
        assert!(!text.contains("the same for"), "{text}");
    }
}

#[test]
fn hostile_text_reaches_no_terminal() {
    let document = sample::bucket_policy();
    let report = sample::hostile(&document);
    for width in [1, 40, 80, 160] {
        let text = drawn(&report, Style { width, ..WIDE });
        assert!(!text.chars().any(|c| is_hidden(c) && c != '\n'), "{text}");
        assert!(!text.contains("##["), "{text}");
        let commands = text.lines().any(|line| line.trim_start().starts_with("::"));
        assert!(!commands, "{text}");
    }
}

#[test]
fn no_name_is_broken_at_any_width() {
    let document = sample::bucket_policy();
    let mut report = sample::report(&document);
    report.trails.iter_mut().for_each(|trail| {
        trail.bucket = Some("a-bucket-with-a-name-of-some-length".into());
        trail.key_prefix = Some("prefix".into());
    });
    for columns in 34..=170 {
        let style = Style {
            width: columns,
            ..WIDE
        };
        let text = drawn(&report, style);
        for word in [
            "a-bucket-with-a-name-of-some-length/prefix",
            "put-digest-files",
            "us-east-1",
        ] {
            assert!(text.contains(word), "{columns}: {text}");
        }
        let too_wide = text.lines().find(|line| {
            width(line) > columns
                && line.trim_start().contains(' ')
                && !line.contains("get-bucket-policy.json")
        });
        assert_eq!(too_wide, None, "{columns}");
    }
}

fn excerpt_of(text: &str, pointer: &str) -> Vec<String> {
    let document: Document = sample::document(sample::PATH, text);
    let mut report = sample::report(&document);
    report.findings.truncate(1);
    for finding in &mut report.findings {
        finding.location = sample::place(&document, pointer);
    }
    drawn(&report, WIDE)
        .lines()
        .filter(|line| line.contains(" | "))
        .map(|line| {
            assert!(width(line) <= 80, "{line}");
            line.trim_start().to_owned()
        })
        .collect()
}

#[test]
fn long_lines_are_cut_around_the_range() {
    let filler = "x".repeat(300);
    let text = format!(r#"{{"a": "{filler}", "here": "value", "z": "{filler}"}}"#);
    insta::assert_snapshot!(excerpt_of(&text, "/here").join("\n"), @r#"
    1 | …xxxxxxxxxx", "here": "value", "z": "xxxxxxxxxxxxxxxxxxxxxxxxxx…
    |                       ^^^^^^^
    "#);
    insta::assert_snapshot!(excerpt_of(&text, "/z").join("\n"), @r#"
    1 | …here": "value", "z": "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…
    |                       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    "#);
}

#[test]
fn carets_stand_under_wide_and_hidden_characters() {
    let text = "{\n\t\"日本\u{200b}\": \"é\u{202e}\" }";
    insta::assert_snapshot!(excerpt_of(text, "/日本\u{200b}").join("\n"), @r#"
    2 |  "日本\u{200b}": "é\u{202e}" }
    |                  ^^^^^^^^^^^
    "#);
}

#[test]
fn a_statement_of_several_lines_is_shown_by_its_sid() {
    let text = "{\"Statement\": [\n{\n\"Sid\": \"A\"\n},\n{\n}\n]}";
    insta::assert_snapshot!(excerpt_of(text, "/Statement/0").join("\n"), @r#"
    3 | "Sid": "A"
    |        ^^^
    "#);
    assert!(excerpt_of(text, "/Statement/1").is_empty());
}

#[test]
fn a_matrix_says_what_is_the_same_for_all_trails_once() {
    let document = sample::bucket_policy();
    let report = sample::report(&document);
    let style = Style { width: 62, ..WIDE };
    let text = drawn(&report, style);
    let table = text.split("\n\n").next().unwrap();
    insta::assert_snapshot!(table, @r#"
    VERDICT   TRAIL               CREATE  LOG FILES  DIGESTS
    ────────────────────────────────────────────────────────
    blocked   222222222222 audit  ok      refused    refused
    blocked   333333333333 audit  ok      refused    refused
    delivers  111111111111 audit  -       ok         -
    All trails: bucket example-logs, home Region us-east-1
    "#);
}

#[test]
fn many_trails_with_the_same_answers_are_folded() {
    let document = sample::bucket_policy();
    let mut report = sample::report(&document);
    for number in 0..300 {
        let account = format!("444444444{number:03}");
        let requests = vec![
            sample::request("put-log-files", "denied"),
            sample::request("put-digest-files", "denied"),
            sample::request("get-bucket-acl", "allowed"),
        ];
        let verdict = if number % 3 == 0 {
            "partial"
        } else {
            "blocked"
        };
        report
            .trails
            .push(sample::trail(&account, verdict, requests));
    }
    let text = drawn(&report, WIDE);
    let table = text.split("\n\n").next().unwrap();
    insta::assert_snapshot!(table, @r#"
    VERDICT   TRAIL                           CREATE  LOG FILES  DIGESTS
    ────────────────────────────────────────────────────────────────────
    blocked   222222222222 audit (us-east-1)  ok      refused    refused
    blocked   333333333333 audit (us-east-1)  ok      refused    refused
    blocked   444444444001 audit (us-east-1)  ok      refused    refused
    blocked   444444444002 audit (us-east-1)  ok      refused    refused
    blocked   444444444004 audit (us-east-1)  ok      refused    refused
    partial   444444444000 audit (us-east-1)  ok      refused    refused
    partial   444444444003 audit (us-east-1)  ok      refused    refused
    partial   444444444006 audit (us-east-1)  ok      refused    refused
    partial   444444444009 audit (us-east-1)  ok      refused    refused
    partial   444444444012 audit (us-east-1)  ok      refused    refused
    delivers  111111111111 audit (us-east-1)  -       ok         -
    All trails: bucket example-logs
    and 197 more trails: blocked, log files refused, digests refused (-v lists
      all)
    and 95 more trails: partial, log files refused, digests refused (-v lists all)
    "#);
}

#[test]
fn links_lead_to_the_rule_and_the_file_and_carry_no_text() {
    let document = sample::bucket_policy();
    let report = sample::report(&document);
    let style = Style {
        links: true,
        ..WIDE
    };
    let linked = drawn(&report, style);
    let rule = "\u{1b}]8;;https://github.com/trail-lint/trail-lint/blob/main/rules/source/source-arn-wrong-region.md\u{1b}\\source-arn-wrong-region\u{1b}]8;;\u{1b}\\";
    assert!(linked.contains(rule), "{linked:?}");
    assert!(linked.contains("\u{1b}]8;;file:///"), "{linked:?}");
    let mut bare = String::new();
    for (at, part) in linked.split("\u{1b}]8;;").enumerate() {
        bare.push_str(if at == 0 {
            part
        } else {
            part.split_once("\u{1b}\\").unwrap().1
        });
    }
    assert_eq!(bare, drawn(&report, WIDE));
    let hostile = drawn(&sample::hostile(&document), style);
    assert!(!hostile.contains("http://evil\u{7}"), "{hostile:?}");
    let ours = hostile.matches('\u{1b}').count();
    assert_eq!(
        ours,
        hostile.matches("\u{1b}]8;;").count() + hostile.matches("\u{1b}\\").count()
    );
}
