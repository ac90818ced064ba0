//! Outcomes and enforcement actions as probation codes them (NDelius; `domain.md`, 2.6, and
//! `lessons.md`, 1.3). Reference data: another one is another row.

/// One way in which a session can come out.
#[derive(Debug, PartialEq, Eq)]
pub struct SessionOutcome {
    /// As NDelius spells it, so that records can be exchanged.
    pub code: &'static str,
    pub words: &'static str,
    pub attended: bool,
    pub complied: bool,
    /// Somebody must say what is done about it.
    pub enforceable: bool,
    /// It stands only if evidence is seen.
    pub needs_evidence: bool,
    /// The provider's doing, not the subject's.
    pub service_fault: bool,
}

/// What is done about an outcome.
#[derive(Debug, PartialEq, Eq)]
pub struct EnforcementAction {
    pub code: &'static str,
    pub words: &'static str,
    /// A breach of a protection order is an offence at the first failure (s.8), so to warn or to do
    /// nothing must be explained.
    pub needs_reason: bool,
    pub starts_breach: bool,
}

const NOTHING: SessionOutcome = SessionOutcome {
    code: "",
    words: "",
    attended: false,
    complied: false,
    enforceable: false,
    needs_evidence: false,
    service_fault: false,
};

const fn attended(code: &'static str, words: &'static str) -> SessionOutcome {
    SessionOutcome { code, words, attended: true, complied: true, ..NOTHING }
}

const fn attended_and_failed(code: &'static str, words: &'static str) -> SessionOutcome {
    SessionOutcome { code, words, attended: true, enforceable: true, ..NOTHING }
}

const fn absent(code: &'static str, words: &'static str) -> SessionOutcome {
    SessionOutcome { code, words, enforceable: true, ..NOTHING }
}

const fn excused(code: &'static str, words: &'static str) -> SessionOutcome {
    SessionOutcome { code, words, complied: true, ..NOTHING }
}

const fn excused_on_evidence(code: &'static str, words: &'static str) -> SessionOutcome {
    SessionOutcome { needs_evidence: true, ..excused(code, words) }
}

pub const OUTCOMES: &[SessionOutcome] = &[
    attended("ATTC", "Attended and complied"),
    attended("AFDA", "Attended, failed to comply, deemed acceptable"),
    attended_and_failed("AFTC", "Attended and failed to comply"),
    attended_and_failed("ATSH", "Attended and was sent home for behaviour"),
    SessionOutcome {
        service_fault: true,
        ..attended("ATSS", "Attended and was sent home because of the service")
    },
    SessionOutcome { needs_evidence: true, ..absent("AFTA", "Failed to attend, evidence awaited") },
    absent("UAAB", "Unacceptable absence"),
    // A doctor's note, as for bail (`domain.md`, P1).
    excused_on_evidence("AAME", "Acceptable absence, medical"),
    excused_on_evidence("AACL", "Acceptable absence, court or legal"),
    excused_on_evidence("AAEM", "Acceptable absence, employment"),
    excused("AAFC", "Acceptable absence, family or childcare"),
    excused("AAHO", "Acceptable absence, holiday"),
    excused("AARC", "Acceptable absence, in custody"),
    excused("AARE", "Acceptable absence, religious"),
    excused("CO05", "Acceptable absence, professional judgement"),
    excused("EM01", "Acceptable failure"),
    excused("RSOF", "Rescheduled at the subject's request"),
    SessionOutcome {
        service_fault: true,
        ..excused("RSSR", "Rescheduled at the service's request")
    },
    excused("CO40", "Suspended"),
    absent("CO38", "Warrant outstanding"),
];

const fn action(code: &'static str, words: &'static str) -> EnforcementAction {
    EnforcementAction { code, words, needs_reason: false, starts_breach: false }
}

const fn choice(code: &'static str, words: &'static str) -> EnforcementAction {
    EnforcementAction { needs_reason: true, ..action(code, words) }
}

const fn breach(code: &'static str, words: &'static str) -> EnforcementAction {
    EnforcementAction { starts_breach: true, ..action(code, words) }
}

pub const ACTIONS: &[EnforcementAction] = &[
    action("ROM", "Refer to the order's owner"),
    choice("NFA", "No further action"),
    action("EA12", "Decision pending the person's response"),
    choice("EA02", "First warning letter"),
    choice("EA03", "Second warning letter"),
    choice("EA07", "Withdrawal of a warning"),
    choice("WLS", "Enforcement letter requested"),
    breach("BRE", "Breach requested"),
    breach("IBR", "Breach initiated"),
    breach("IMB", "Immediate breach"),
];

impl SessionOutcome {
    pub fn find(code: &str) -> Option<&'static Self> {
        OUTCOMES.iter().find(|outcome| outcome.code == code)
    }
}

impl EnforcementAction {
    pub fn find(code: &str) -> Option<&'static Self> {
        ACTIONS.iter().find(|action| action.code == code)
    }
}
