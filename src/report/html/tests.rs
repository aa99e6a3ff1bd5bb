//! What the page says, and that nothing in it is anybody else's.

use sha2::{Digest, Sha256};

use super::super::sample;
use super::super::text::is_hidden;
use super::super::view::{FixView, Report};
use super::*;

fn written(report: &Report) -> String {
    let mut out = Vec::new();
    write(report, &Run::default(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn the_policy_names_the_script() {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digest = Sha256::digest(SCRIPT.as_bytes());
    let mut hash = String::from("sha256-");
    for chunk in digest.chunks(3) {
        let at = |index: usize| u32::from(chunk.get(index).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for (index, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            let letter = LETTERS[usize::try_from(bits >> shift & 63).unwrap()];
            hash.push(if index <= chunk.len() {
                char::from(letter)
            } else {
                '='
            });
        }
    }
    assert_eq!(SCRIPT_HASH, hash);
}

#[test]
fn the_page_loads_nothing() {
    let document = sample::bucket_policy();
    let page = written(&sample::report(&document));
    for forbidden in ["src=", "url(", "@import", "http-equiv=\"refresh\""] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
    assert_eq!(page.matches("<link ").count(), 1);
    assert!(page.contains("<link rel=\"icon\" href=\"data:,\">"));
}

#[test]
fn a_finding_shows_its_line_and_its_fix() {
    let document = sample::bucket_policy();
    let mut report = sample::report(&document);
    report.findings.truncate(1);
    report.findings[0].fix = Some(FixView {
        description: "Write `us-east-1`".into(),
        verified: true,
        diff: "-x\n+<y>\n".into(),
        edits: Vec::new(),
    });
    let page = written(&report);
    let article = page
        .split("<article")
        .nth(1)
        .unwrap()
        .split("</article>")
        .next()
        .unwrap();
    insta::assert_snapshot!(article, @r#"
     class="finding" data-severity="critical" data-accounts="222222222222">
    <h3><span class="severity critical">critical</span> The condition names the trail in a Region that is not its home</h3>
    <p class="place"><a href="https://github.com/trail-lint/trail-lint/blob/main/rules/source/source-arn-wrong-region.md">source-arn-wrong-region</a> at <code>snapshot/accounts/111111111111/s3/example-logs/get-bucket-policy.json:20:28</code></p>
    <p>Statement <code>AWSCloudTrailWrite</code> lets in the trail of eu-west-1, but the home Region of arn:aws:cloudtrail:us-east-1:222222222222:trail/audit is us-east-1. Write the trail&#39;s own ARN.</p>
    <pre tabindex="0"><span class="number">20</span> &quot;aws:SourceArn&quot;: <mark>&quot;arn:aws:cloudtrail:eu-west-1:222222222222:trail/audit&quot;</mark>
    </pre>
    <p>Refuses: <code>put-log-files</code>, <code>put-digest-files</code></p>
    <ul>
    <li>See also <code>snapshot/accounts/111111111111/s3/example-logs/get-bucket-policy.json:5:14</code>: This statement names no trail.</li>
    </ul>
    <details><summary>Fix: Write <code>us-east-1</code></summary>
    <p>Verified: the changed policy was evaluated.</p>
    <pre tabindex="0"><del>-x</del>
    <ins>+&lt;y&gt;</ins></pre>
    </details>
    "#);
}

#[test]
fn a_trail_is_a_row() {
    let document = sample::bucket_policy();
    let page = written(&sample::report(&document));
    let body = page
        .split("<tbody>")
        .nth(1)
        .unwrap()
        .split("</tbody>")
        .next()
        .unwrap();
    let row = body.split("</tr>").next().unwrap();
    insta::assert_snapshot!(row, @r#"
    <tr data-accounts="222222222222"><td class="bad">✗ blocked</td><td>222222222222</td><th scope="row" title="arn:aws:cloudtrail:us-east-1:222222222222:trail/audit">audit <small>us-east-1</small></th>
    <td class="good">✓ ok</td>
    <td class="bad">✗ refused</td>
    <td class="bad">✗ refused</td>
    <td class="none"> -</td>
    <td class="none"> -</td>
    <td>example-logs</td>
    "#);
}

#[test]
fn hostile_text_adds_no_element() {
    let document = sample::bucket_policy();
    let page = written(&sample::hostile(&document));
    assert!(!page.chars().any(|c| is_hidden(c) && c != '\n'));
    assert!(!page.contains("<b>") && !page.contains("</script><"));
    assert_eq!(page.matches("<script>").count(), 1);
    assert_eq!(page.matches("</script>").count(), 1);
}

#[test]
fn a_report_of_nothing_is_a_page() {
    let page = written(&sample::empty());
    assert!(page.contains("<h1>There is no trail to check</h1>"));
    assert!(page.ends_with("</html>\n"));
}
