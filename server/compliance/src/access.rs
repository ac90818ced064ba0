//! Who may do what. What a caller may know of a case is the store's scope; this is what a role may
//! ask for at all.

use crate::word::words;

words! {
    Role {
        /// Front-counter staff and neighbourhood officers.
        Officer = "officer",
        /// The officer in the case.
        Owner = "owner",
        Supervisor = "supervisor",
        ControlRoom = "control_room",
        Auditor = "auditor",
        /// Keeps accounts; cannot read cases.
        Administrator = "administrator",
    }
}

words! {
    /// What can be asked for; several operations may share one.
    Act {
        /// Own session, own account.
        UseAccount = "use_account",
        ReadStations = "read_stations",
        ReadCase = "read_case",
        ConfirmSignOn = "confirm_sign_on",
        /// What an officer sees, does or is told about a case.
        RecordFact = "record_fact",
        /// What decides how a case goes on: owners, sessions, status, transfer, the end.
        KeepCase = "keep_case",
        /// Of a suspected breach: a sergeant or above.
        DecideBreach = "decide_breach",
        ReceiveAlerts = "receive_alerts",
        AcknowledgeAlert = "acknowledge_alert",
        Supervise = "supervise",
        /// Says how high the risk of a report of concern is.
        TriageConcern = "triage_concern",
        /// Gives a report to somebody, and signs off what they found.
        OverseeConcern = "oversee_concern",
        /// Finds out what is behind a report.
        InvestigateConcern = "investigate_concern",
        /// Which phones are not coming back.
        KeepPhones = "keep_phones",
        /// Who is on duty, and whom alerts climb to: no case is in it.
        KeepRota = "keep_rota",
        ReadLedger = "read_ledger",
        KeepAccounts = "keep_accounts",
    }
}

impl Role {
    pub fn may(self, act: Act) -> bool {
        use Role::{Administrator, Auditor, ControlRoom, Officer, Owner, Supervisor};
        match act {
            Act::UseAccount | Act::ReadStations => true,
            Act::ReadCase => self != Administrator,
            Act::ConfirmSignOn | Act::RecordFact | Act::ReceiveAlerts | Act::AcknowledgeAlert => {
                matches!(self, Officer | Owner | Supervisor | ControlRoom)
            }
            Act::KeepCase => matches!(self, Owner | Supervisor),
            Act::DecideBreach => self == Supervisor,
            Act::Supervise => matches!(self, Supervisor | Auditor),
            Act::TriageConcern => matches!(self, Supervisor | ControlRoom),
            Act::OverseeConcern | Act::KeepPhones => self == Supervisor,
            Act::InvestigateConcern => matches!(self, Officer | Owner | Supervisor),
            Act::KeepRota => matches!(self, Supervisor | Administrator),
            Act::ReadLedger => self == Auditor,
            Act::KeepAccounts => self == Administrator,
        }
    }

    /// Control room and auditors see every case, administrators none, the others those of their
    /// stations, those they own and those opened to them.
    pub fn reach(self) -> Reach {
        match self {
            Role::ControlRoom | Role::Auditor => Reach::Everything,
            Role::Administrator => Reach::Nothing,
            Role::Officer | Role::Owner | Role::Supervisor => Reach::OwnStationsAndCases,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    Everything,
    OwnStationsAndCases,
    Nothing,
}

/// When guessing a password is slowed down: nothing for five tries, then twice as long each time, at
/// most a quarter of an hour. Never for ever, so that a lock cannot be used to keep an officer out.
pub fn lock_ms(failures: i64) -> i64 {
    const FREE: i64 = 5;
    const FIRST_MS: i64 = 15_000;
    const MOST_MS: i64 = 15 * 60_000;
    if failures < FREE {
        return 0;
    }
    let doublings = u32::try_from(failures - FREE).unwrap_or(u32::MAX).min(10);
    (FIRST_MS << doublings).min(MOST_MS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::word::Word;

    #[test]
    fn an_administrator_can_read_no_case() {
        let acts = [
            Act::ReadCase,
            Act::ConfirmSignOn,
            Act::RecordFact,
            Act::KeepCase,
            Act::ReceiveAlerts,
            Act::Supervise,
        ];
        for act in acts.into_iter().chain([Act::ReadLedger]) {
            assert!(!Role::Administrator.may(act), "{act}");
        }
        assert_eq!(Role::Administrator.reach(), Reach::Nothing);
    }

    #[test]
    fn every_act_is_somebodys() {
        for act in Act::ALL {
            assert!(Role::ALL.iter().any(|role| role.may(*act)), "{act}");
        }
    }

    #[test]
    fn a_lock_grows_and_stays_bounded() {
        let locks: Vec<i64> = [0, 4, 5, 6, 9, 11, 60, i64::MAX].map(lock_ms).to_vec();
        assert_eq!(locks, [0, 0, 15_000, 30_000, 240_000, 900_000, 900_000, 900_000]);
    }
}
