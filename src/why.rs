//! The story of one trail: for each of its requests an example that decides, the context it carries,
//! and the answer of every statement. How it is told is the report's business.

use crate::delivery::{Case, Decision, Delivery, Request};
use crate::diagnosis::Diagnosis;
use crate::iam::{self, Effect, Effective, Statement, Truth};
use crate::model::PolicyDocument;
use crate::simulate::examined::{Examined, examined, overall};

/// One request and the evidence for its answer.
#[derive(Debug)]
pub struct Chapter<'d> {
    /// The request.
    pub request: &'d Request,
    /// What was asked of which policy; nothing where no policy decides, such as for a bucket that
    /// does not exist.
    pub asked: Option<Asked<'d>>,
}

/// One concrete request, put to one policy.
#[derive(Debug)]
pub struct Asked<'d> {
    /// The policy.
    pub policy: &'d PolicyDocument,
    /// The IAM action.
    pub action: &'static str,
    /// The request that stands for its class.
    pub case: &'d Case,
    /// Into how many classes the policy splits the family.
    pub classes: usize,
    /// Every statement's answer, in the order of the policy.
    pub answers: Vec<Answer<'d>>,
}

/// What one statement says to the request.
#[derive(Debug)]
pub struct Answer<'d> {
    /// The statement.
    pub statement: &'d Statement,
    /// Each element, and whether it matches.
    pub elements: Vec<Examined>,
    /// What it means for the decision.
    pub part: Part,
}

/// The part that a statement plays in a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// An Allow that applies.
    Allows,
    /// A Deny that applies.
    Denies,
    /// It may apply: AWS does not document it, or a document could not be seen.
    Unsure,
    /// The Allow that comes nearest to applying.
    Nearest,
    /// None: it does not apply.
    Bystander,
}

impl Asked<'_> {
    /// The request that the answers are about.
    pub fn request(&self) -> iam::Request<'_> {
        iam::Request {
            principal: &self.case.principal,
            action: self.action,
            resource: &self.case.resource,
            context: &self.case.context,
        }
    }

    /// Whether a condition of the policy asks for a context key.
    pub fn looks_at(&self, key: &str) -> bool {
        let statements = self.answers.iter().map(|answer| answer.statement);
        statements
            .flat_map(|statement| &statement.conditions)
            .any(|condition| condition.key.eq_ignore_ascii_case(key))
    }
}

impl Part {
    /// What it does, in words.
    pub fn words(self) -> &'static str {
        match self {
            Part::Allows => "applies and allows it",
            Part::Denies => "applies and denies it",
            Part::Unsure => "may apply",
            Part::Nearest => "does not apply, but comes nearest",
            Part::Bystander => "does not apply",
        }
    }

    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Part::Allows => "allows",
            Part::Denies => "denies",
            Part::Unsure => "unsure",
            Part::Nearest => "nearest",
            Part::Bystander => "none",
        }
    }
}

impl Answer<'_> {
    /// The elements that keep the statement from applying for certain.
    pub fn failing(&self) -> impl Iterator<Item = &Examined> {
        self.elements.iter().filter(|it| it.truth != Truth::True)
    }
}

/// The chapters of a trail's story, in the order in which CloudTrail makes the requests.
pub fn tell<'d>(diagnosis: &Diagnosis<'d, '_>) -> Vec<Chapter<'d>> {
    let delivery = diagnosis.delivery;
    delivery
        .requests
        .iter()
        .map(|request| Chapter {
            request,
            asked: asked(diagnosis, delivery, request),
        })
        .collect()
}

fn asked<'d>(
    diagnosis: &Diagnosis<'d, '_>,
    delivery: &'d Delivery<'_>,
    request: &'d Request,
) -> Option<Asked<'d>> {
    let policy = delivery.policy(request.id.target())?;
    let case = telling(request)?;
    let asked = iam::Request {
        principal: &case.principal,
        action: request.id.action(),
        resource: &case.resource,
        context: &case.context,
    };
    let nearest = nearest(diagnosis, request, policy, &asked);
    let answers = policy
        .policy
        .statements
        .iter()
        .zip(examined(&policy.policy, &asked))
        .map(|(statement, elements)| Answer {
            part: part(statement, &elements, case, nearest),
            statement,
            elements,
        })
        .collect();
    Some(Asked {
        policy,
        action: request.id.action(),
        case,
        classes: request.cases.len(),
        answers,
    })
}

/// The class that shows why the family is answered as it is: a refused one of a refused family, an
/// undecided one of an undecided family.
fn telling(request: &Request) -> Option<&Case> {
    let shows = |case: &&Case| match request.decision {
        Decision::Denied | Decision::Partly => case.is_denied(),
        Decision::Undecided => matches!(case.effective, Effective::Undecided { .. }),
        Decision::Allowed => case.is_allowed(),
    };
    let cases = &request.cases;
    cases.iter().find(shows).or_else(|| cases.first())
}

/// The Allow that a refusal is blamed on, where no Deny applies.
fn nearest(
    diagnosis: &Diagnosis<'_, '_>,
    request: &Request,
    policy: &PolicyDocument,
    asked: &iam::Request<'_>,
) -> Option<usize> {
    if !request.is_refused() {
        return None;
    }
    let blamed = diagnosis
        .faults
        .iter()
        .filter(|fault| fault.requests.contains(&request.id))
        .filter(|fault| fault.target == request.id.target())
        .find_map(|fault| fault.statements.get(&request.id).copied())
        .filter(|&index| {
            let statement = policy.policy.statements.get(index);
            statement.is_some_and(|statement| statement.effect == Effect::Allow)
        });
    blamed.or_else(|| {
        let misses = iam::nearest_misses(&policy.policy, asked);
        misses.first().map(|miss| miss.statement)
    })
}

fn part(statement: &Statement, elements: &[Examined], case: &Case, nearest: Option<usize>) -> Part {
    let refused = matches!(case.effective, Effective::ImplicitlyDenied);
    match (statement.effect, overall(elements)) {
        (Effect::Allow, Truth::True) => Part::Allows,
        (Effect::Deny, Truth::True) => Part::Denies,
        (Effect::Allow | Effect::Deny, Truth::Unknown) => Part::Unsure,
        _ if refused && nearest == Some(statement.index) => Part::Nearest,
        _ => Part::Bystander,
    }
}
