//! Blotting out: letters and digits become `x`, one for one, so that nothing moves.

/// Blots out e-mail addresses, and access keys but for what says that they are some.
pub(super) fn addresses_and_keys(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let is_part = |c: char| c.is_ascii_alphanumeric() || "._%+-@".contains(c);
    let mut rest = text;
    while !rest.is_empty() {
        let begin = rest.find(is_part).unwrap_or(rest.len());
        let (between, word) = rest.split_at(begin);
        out.push_str(between);
        let end = word.find(|c| !is_part(c)).unwrap_or(word.len());
        let (word, after) = word.split_at(end);
        match access_key(word) {
            _ if is_address(word) => out.push_str(&blotted(word)),
            Some((begins, key)) => {
                out.push_str(begins);
                out.push_str(&blotted(key));
            }
            None => out.push_str(word),
        }
        rest = after;
    }
    out
}

/// Somebody at a host with a domain. A multi-Region key at its Region is none.
fn is_address(word: &str) -> bool {
    let Some((person, host)) = word.split_once('@') else {
        return false;
    };
    let domain = host.trim_end_matches('.').rsplit_once('.');
    let is_domain =
        |domain: &str| domain.len() > 1 && domain.chars().all(|c| c.is_ascii_alphabetic());
    !person.is_empty() && domain.is_some_and(|(name, top)| !name.is_empty() && is_domain(top))
}

/// A word that is an access key's id: what it begins with, and the rest, which tells the account.
fn access_key(word: &str) -> Option<(&str, &str)> {
    let is_key = word.len() == 20
        && (word.starts_with("AKIA") || word.starts_with("ASIA"))
        && word
            .chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    is_key.then(|| word.split_at(4))
}

fn blotted(text: &str) -> String {
    let blot = |c: char| if c.is_ascii_alphanumeric() { 'x' } else { c };
    text.chars().map(blot).collect()
}

/// Blots out the texts under a name in pretty-printed JSON. Escapes in them become letters like any other.
pub(super) fn values(text: &str, name: &str) -> String {
    let label = format!("\"{name}\": \"");
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(&label) {
        let (before, value) = rest.split_at(at + label.len());
        out.push_str(before);
        let mut escaped = false;
        let end = value.find(|c: char| {
            let ends = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        });
        let (value, after) = value.split_at(end.unwrap_or(value.len()));
        out.extend(value.chars().map(|c| if c == ' ' { ' ' } else { 'x' }));
        rest = after;
    }
    out + rest
}
