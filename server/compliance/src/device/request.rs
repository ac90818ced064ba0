//! A request to present a device, and what the answer, or silence, means.

use uuid::Uuid;

use crate::attendance::{Compliance, Reason};
use crate::instant::{HOUR_MS, Instant};
use crate::word::words;

/// How long "forthwith" leaves: time to fetch a device from home in the same town, and too little
/// to have it wiped by somebody else. A policy of this service, not a rule of law.
pub const FORTHWITH_MS: i64 = HOUR_MS;

words! {
    CommunicationMethod {
        InPerson = "in_person",
        ByPhone = "by_phone",
        InWriting = "in_writing",
        LeftAtAddress = "left_at_address",
    }
}

/// How the request reached the subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Communication {
    pub method: CommunicationMethod,
    pub at: Instant,
    /// What shows that the subject has it: a signed copy, a recorded call, a reply.
    pub proof: Option<String>,
}

impl Communication {
    /// Said to the subject's face, the officer's own account proves it. Everything else needs
    /// something that shows that the subject, and not somebody else, received it.
    pub fn is_proved(&self) -> bool {
        let has_proof = self.proof.as_deref().is_some_and(|proof| !proof.trim().is_empty());
        match self.method {
            CommunicationMethod::InPerson => true,
            CommunicationMethod::ByPhone
            | CommunicationMethod::InWriting
            | CommunicationMethod::LeftAtAddress => has_proof,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deadline {
    At(Instant),
    /// At once; [`FORTHWITH_MS`] from when it was communicated.
    Forthwith,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresentationRequest {
    pub made_at: Instant,
    pub made_by: Uuid,
    pub deadline: Deadline,
    /// Every attempt to communicate it, proved or not.
    pub communications: Vec<Communication>,
    /// Whether the device is on the register as the subject declared it.
    pub is_on_register: bool,
}

impl PresentationRequest {
    /// When the subject is first proved to have known. Nothing from before the request counts.
    pub fn communicated_at(&self) -> Option<Instant> {
        let proved = self.communications.iter().filter(|attempt| attempt.is_proved());
        proved.map(|attempt| attempt.at).filter(|at| *at >= self.made_at).min()
    }

    /// From when on silence is a miss. `None` if it never is: the request was not proved
    /// communicated, or only after its deadline.
    pub fn due_at(&self) -> Option<Instant> {
        let communicated_at = self.communicated_at()?;
        match self.deadline {
            Deadline::Forthwith => Some(communicated_at + FORTHWITH_MS),
            Deadline::At(due_at) => (communicated_at < due_at).then_some(due_at),
        }
    }
}

words! {
    ResponseKind {
        Presented = "presented",
        Refused = "refused",
        /// "I do not have it."
        NotHeld = "not_held",
        /// Presented, but without the PIN or password.
        PinRefused = "pin_refused",
        ClaimedLost = "claimed_lost",
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Response {
    pub kind: ResponseKind,
    pub at: Instant,
}

words! {
    RequestState {
        /// Nothing proves that the subject knows of it, so it cannot be missed.
        NotProvedCommunicated = "not_proved_communicated",
        /// It became known only after its own deadline; make another.
        CommunicatedTooLate = "communicated_too_late",
        Waiting = "waiting",
        Presented = "presented",
        PresentedLate = "presented_late",
        Refused = "refused",
        PinRefused = "pin_refused",
        NotHeld = "not_held",
        ClaimedLost = "claimed_lost",
        Missed = "missed",
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestFinding {
    pub state: RequestState,
    /// Non-compliance is suspected until a person decides.
    pub compliance: Compliance,
    pub due_at: Option<Instant>,
    pub reasons: Vec<Reason>,
}

/// Total. A response is judged before silence, because who answers has been reached.
pub fn assess_request(
    request: &PresentationRequest,
    response: Option<&Response>,
    now: Instant,
) -> RequestFinding {
    let due_at = request.due_at();
    let (state, compliance, code, says) = match response {
        Some(response) => of_response(request, response),
        None => of_silence(request, now),
    };
    let mut reasons = vec![Reason { code, says: says.to_owned() }];
    if state == RequestState::NotHeld && request.is_on_register {
        let says = "The subject declared this device, so it is, or was, theirs.".to_owned();
        reasons.push(Reason { code: "on-register", says });
    }
    RequestFinding { state, compliance, due_at, reasons }
}

type Found = (RequestState, Compliance, &'static str, &'static str);

fn of_response(request: &PresentationRequest, response: &Response) -> Found {
    use Compliance::{AwaitingEvidence, Compliant, NonCompliant};
    let is_late = request.due_at().is_some_and(|due_at| response.at >= due_at);
    match response.kind {
        ResponseKind::Presented if is_late => (
            RequestState::PresentedLate,
            NonCompliant,
            "presented-late",
            "The device was presented after the time given.",
        ),
        ResponseKind::Presented => {
            (RequestState::Presented, Compliant, "presented", "The device was presented.")
        }
        ResponseKind::Refused => (
            RequestState::Refused,
            NonCompliant,
            "refused",
            "The subject refused to present the device, and so knew of the request.",
        ),
        ResponseKind::PinRefused => (
            RequestState::PinRefused,
            NonCompliant,
            "pin-refused",
            "The device was presented, but the subject did not give access to it. Check that the \
             order asks for access.",
        ),
        ResponseKind::NotHeld => (
            RequestState::NotHeld,
            AwaitingEvidence,
            "not-held",
            "The subject says that they do not have the device.",
        ),
        ResponseKind::ClaimedLost => (
            RequestState::ClaimedLost,
            AwaitingEvidence,
            "claimed-lost",
            "The subject says that the device is lost; ask for the report of the loss.",
        ),
    }
}

fn of_silence(request: &PresentationRequest, now: Instant) -> Found {
    use Compliance::{NoData, NonCompliant};
    let is_communicated = request.communicated_at().is_some();
    match request.due_at() {
        Some(due_at) if now < due_at => (
            RequestState::Waiting,
            NoData,
            "waiting",
            "The subject knows of the request and the time given has not run out.",
        ),
        Some(_) => (
            RequestState::Missed,
            NonCompliant,
            "not-presented",
            "The subject knew of the request, and the time given ran out without an answer.",
        ),
        None if is_communicated => (
            RequestState::CommunicatedTooLate,
            NoData,
            "communicated-too-late",
            "The subject learned of the request only when its time had run out; make another.",
        ),
        None => (
            RequestState::NotProvedCommunicated,
            NoData,
            "not-proved-communicated",
            "Nothing proves that the subject knows of the request; communicate it again.",
        ),
    }
}
