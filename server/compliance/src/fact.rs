//! What can happen to an order and to what it asks for, and what is looked at again by itself.

use crate::word::words;

words! {
    /// What somebody recorded. Facts are added and called mistakes; none is edited.
    FactKind {
        // The life of an order.
        /// Put on file, drafted or made.
        OrderRecorded = "order_recorded",
        VersionRecorded = "version_recorded",
        /// A court made what was drafted.
        OrderMade = "order_made",
        DraftWithdrawn = "draft_withdrawn",
        ServiceAttempted = "service_attempted",
        OwnersAssigned = "owners_assigned",
        OrderEnded = "order_ended",
        AppealLodged = "appeal_lodged",
        AppealDecided = "appeal_decided",
        TransferRequested = "transfer_requested",
        TransferAnswered = "transfer_answered",
        /// Custody, hospital or abroad.
        StatusPeriod = "status_period",
        /// When the subject works, studies or worships (s.2(3)).
        ProtectedTime = "protected_time",
        /// Why a duty stands although it falls in such a time.
        ClashReasonGiven = "clash_reason_given",
        /// Who looks whether a condition is kept, and when next.
        PlanSet = "plan_set",
        PlanReviewed = "plan_reviewed",
        // Treatment.
        /// The police have referred the subject to the provider.
        ReferralMade = "referral_made",
        SessionScheduled = "session_scheduled",
        SessionMoved = "session_moved",
        SessionCancelled = "session_cancelled",
        SessionOutcome = "session_outcome",
        SessionEvidence = "session_evidence",
        // Devices.
        DeviceRegistered = "device_registered",
        PresentationRequested = "presentation_requested",
        RequestCommunicated = "request_communicated",
        PresentationAnswered = "presentation_answered",
        DeviceExamined = "device_examined",
        // The statute's own duty to notify (s.9, s.10).
        NotificationGiven = "notification_given",
        DetailsChanged = "details_changed",
        IdentityAsked = "identity_asked",
        NotificationExempted = "notification_exempted",
        // What a failure came to.
        ExcuseClaimed = "excuse_claimed",
        ExcuseEvidence = "excuse_evidence",
        ExcuseDecided = "excuse_decided",
        BreachCaseOpened = "breach_case_opened",
        BreachDecided = "breach_decided",
        /// A second person agreed, or sent the decision back.
        BreachAuthorised = "breach_authorised",
        /// An arrest, a charge, a hearing, a result.
        BreachProgressed = "breach_progressed",
        // The person: what officers see before they meet them.
        WarningRecorded = "warning_recorded",
        WarningEnded = "warning_ended",
        PhotoRecorded = "photo_recorded",
        // Places.
        Sighting = "sighting",
        /// A tag was fitted, and taken off.
        FeedStarted = "feed_started",
        FeedEnded = "feed_ended",
        // Tasks.
        /// Somebody asked for one.
        TaskAdded = "task_added",
        TaskReassigned = "task_reassigned",
        TaskDone = "task_done",
    }
}

words! {
    /// What is looked at again when its time comes, one timer for each object.
    TimerKind {
        OrderExpiry = "order_expiry",
        OrderServing = "order_serving",
        TransferAnswer = "transfer_answer",
        StatusPeriodEnd = "status_period_end",
        /// The next version is in force: what the one before asked for is over.
        VersionBegins = "version_begins",
        PlanReview = "plan_review",
        Referral = "referral",
        SessionOutcome = "session_outcome",
        SessionEvidence = "session_evidence",
        PresentationRequest = "presentation_request",
        Notification = "notification",
        FeedSilence = "feed_silence",
        ExcuseEvidence = "excuse_evidence",
        BreachCase = "breach_case",
        /// What is asked for of an order, and what of it was not done in time.
        Tasks = "tasks",
    }
}
