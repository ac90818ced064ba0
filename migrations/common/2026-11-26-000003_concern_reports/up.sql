-- A report of concern. What was done with it is in concern_acts; the columns at the end say what that
-- comes to, and are written anew with each act.
CREATE TABLE concern_reports (
    id BYTEA PRIMARY KEY NOT NULL,
    reference TEXT NOT NULL UNIQUE,
    -- Of what whoever reported follows it with; only a report from the public form has one.
    secret_digest BYTEA,
    reporter TEXT NOT NULL CHECK (reporter IN (
        'victim', 'family_member', 'organisation', 'officer', 'control_room', 'anonymous'
    )),
    -- Whom it is about, as told.
    about TEXT NOT NULL,
    words TEXT NOT NULL,
    -- Empty when it is not known.
    happened_at BIGINT,
    place TEXT NOT NULL,
    reported_at BIGINT NOT NULL,
    -- Empty when it came through the public form.
    recorded_by BYTEA REFERENCES accounts (id),
    station_id BYTEA REFERENCES stations (id),
    -- Until somebody has looked.
    first_risk TEXT NOT NULL CHECK (first_risk IN ('standard', 'high')),
    body_digest BYTEA NOT NULL,
    -- Empty while it is not known which order it is about, if any.
    order_id BYTEA REFERENCES orders (id),
    subject_id BYTEA REFERENCES subjects (id),
    risk TEXT NOT NULL CHECK (risk IN ('standard', 'high')),
    status TEXT NOT NULL CHECK (status IN (
        'new', 'triaged', 'allocated', 'awaiting_sign_off', 'awaiting_update', 'closed'
    )),
    investigator_id BYTEA REFERENCES accounts (id),
    -- When somebody is told that something was not done in time.
    next_due_at BIGINT,
    -- The report that it is about the same as. Both stay.
    linked_to BYTEA REFERENCES concern_reports (id)
);
CREATE INDEX concern_reports_by_order ON concern_reports (order_id, reported_at);
CREATE INDEX concern_reports_by_time ON concern_reports (reported_at, id);
CREATE INDEX concern_reports_due ON concern_reports (next_due_at) WHERE next_due_at IS NOT NULL;
CREATE INDEX concern_reports_linked ON concern_reports (linked_to) WHERE linked_to IS NOT NULL;

-- Who reported and how to reach them. Apart, because it is read by those who investigate and by nobody
-- else.
CREATE TABLE concern_reporters (
    report_id BYTEA PRIMARY KEY NOT NULL REFERENCES concern_reports (id),
    name TEXT NOT NULL,
    contact TEXT NOT NULL,
    -- When and how it is safe to make contact.
    contact_safely TEXT NOT NULL
);

-- What was done with a report: added to, never edited.
CREATE TABLE concern_acts (
    id BYTEA PRIMARY KEY NOT NULL,
    report_id BYTEA NOT NULL REFERENCES concern_reports (id),
    -- In the order in which they were done, from 1.
    number BIGINT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN (
        'triaged', 'allocated', 'investigated', 'concluded', 'signed_off', 'sent_back',
        'reporter_told', 'reporter_not_told', 'reviewed', 'reopened', 'linked'
    )),
    actor BYTEA NOT NULL REFERENCES accounts (id),
    happened_at BIGINT NOT NULL,
    -- The risk, the investigative action or the outcome.
    word TEXT,
    to_account BYTEA REFERENCES accounts (id),
    to_report BYTEA REFERENCES concern_reports (id),
    to_order BYTEA REFERENCES orders (id),
    -- What was found, the reasons, what the reporter was told.
    note TEXT NOT NULL,
    UNIQUE (report_id, number)
);

-- The last number given to a report in a year.
CREATE TABLE concern_numbers (
    year BIGINT PRIMARY KEY NOT NULL,
    last BIGINT NOT NULL
);

-- How often something that asks for no session was done, by a digest of by whom. A row goes when its
-- time is over.
CREATE TABLE throttles (
    key_digest BYTEA PRIMARY KEY NOT NULL,
    times BIGINT NOT NULL,
    resets_at BIGINT NOT NULL
);
CREATE INDEX throttles_by_end ON throttles (resets_at);
