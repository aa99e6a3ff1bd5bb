//! Candidates where `aws:SourceArn` does not admit the trail: which of its values stands where the trail's
//! ARN should. Conditions on anything else are for `condition`.

use super::condition::Failing;
use super::{Candidate, quoted, text};
use crate::fix::edit::Op;
use crate::iam::ConditionValue;
use crate::model::{Arn, arn::is_account_id};

impl Failing<'_, '_, '_> {
    /// The trail's ARN: in the place of a wrong one, else beside those that stay.
    pub(super) fn source_arn(&self) -> Vec<Candidate> {
        let arn = self.at.trail().arn.clone();
        let mut candidates = Vec::new();
        if let Some(value) = self.misplaced() {
            let set = self.set(&value.pointer, &arn);
            // One value for one folder was meant for this trail; in a list it may be another's.
            let single = self.condition.values.len() == 1 && self.was_read(&value.text);
            candidates.push(if single || is_slip(&value.text, &arn) {
                set.taking_slips()
            } else {
                set
            });
        }
        let mut add = self.add(&arn);
        for other in self.at.together().into_iter().skip(1) {
            let more = Op::Add {
                pointer: self.condition.pointer.clone(),
                value: text(&other.arn),
            };
            add = add.and(&quoted(&other.arn), vec![more]);
        }
        candidates.push(add);
        if self.condition.values.is_empty() {
            candidates.push(self.set(&self.condition.pointer, &arn).taking_slips());
        }
        candidates
    }

    /// The value that stands where the trail's ARN should: it serves no known trail here, and of those
    /// that do not it is the only one, or the only one that is nearly the trail's.
    fn misplaced(&self) -> Option<&ConditionValue> {
        let arn = &self.at.trail().arn;
        let values = &self.condition.values;
        let idle: Vec<&ConditionValue> = values
            .iter()
            .filter(|value| self.serves_nobody(&value.text))
            .collect();
        if let ([only], [_]) = (idle.as_slice(), values.as_slice()) {
            return Some(only);
        }
        let slips = idle.into_iter().filter(|value| is_slip(&value.text, arn));
        let mut meant = slips.filter(|value| !self.is_meant_for_another(&value.text));
        match (meant.next(), meant.next()) {
            (Some(one), None) => Some(one),
            _ => None,
        }
    }

    /// Whether a value admits no trail that the statement is for: none that is known, and none that is
    /// known to exist though it could not be read.
    fn serves_nobody(&self, value: &str) -> bool {
        let pattern = crate::iam::Pattern::glob(value);
        let unseen = &self.at.scene.estate.unseen_trails;
        let served = self.at.served(self.statement);
        !served.iter().any(|trail| pattern.matches(&trail.arn))
            && !unseen.iter().any(|trail| pattern.matches(&trail.arn))
    }

    /// Whether a value was rather meant for another trail that the statement is for, and lacks.
    fn is_meant_for_another(&self, value: &str) -> bool {
        let Some(found) = Arn::parse(value) else {
            return false;
        };
        let own = self.at.trail();
        found.account != own.account
            && self
                .at
                .served(self.statement)
                .iter()
                .any(|trail| trail.arn != own.arn && trail.account == found.account)
    }

    /// Whether all trails of the account that a value names were read, so that it names none.
    fn was_read(&self, value: &str) -> bool {
        let estate = self.at.scene.estate;
        let Some(arn) = Arn::parse(value) else {
            return false;
        };
        let mut trails = estate.trails.iter().filter(|it| it.account == arn.account);
        let read = |id| estate.document(id).origin.is_answer();
        trails.next().is_some_and(|trail| read(trail.document))
            && trails.all(|trail| read(trail.document))
    }
}

/// Whether a value differs from the trail's ARN in a way in which no other trail's does: it is no ARN of
/// a trail at all, or the same name stands in it in another case, with another account, Region or partition,
/// or a letter or two of a long name are others.
fn is_slip(value: &str, arn: &str) -> bool {
    let (Some(found), Some(wanted)) = (Arn::parse(value), Arn::parse(arn)) else {
        return true;
    };
    let (Some(name), Some(own)) = (found.trail_name(), wanted.trail_name()) else {
        return true;
    };
    let same_name = name.eq_ignore_ascii_case(own)
        && (found.account == wanted.account || found.region == wanted.region);
    let no_account = !is_account_id(found.account);
    let typo = Arn {
        resource: wanted.resource,
        ..found
    }
    .to_string()
        == arn
        && is_misspelt(name, own);
    same_name || typo || no_account || value.contains(['<', '[', '$', '{'])
}

/// Whether two names differ by a letter or two, and not by a number: `audit-1` and `audit-2` are two
/// trails.
fn is_misspelt(name: &str, own: &str) -> bool {
    let digits = |text: &str| {
        text.chars()
            .filter(char::is_ascii_digit)
            .collect::<String>()
    };
    own.len() >= 5 && digits(name) == digits(own) && strsim::osa_distance(name, own) <= 2
}
