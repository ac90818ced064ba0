-- What has to be done about an order beside sign-ons. What asks for it is reckoned from what is on file
-- each time anew; how it was answered is a fact. The row says what that comes to, and is written with
-- each change. None is deleted.
CREATE TABLE tasks (
    id BYTEA PRIMARY KEY NOT NULL,
    -- One task for each thing that asks for one.
    dedupe_key TEXT NOT NULL UNIQUE,
    order_id BYTEA NOT NULL REFERENCES orders (id),
    kind TEXT NOT NULL CHECK (kind IN (
        'victim_update', 'pnc_update', 'order_review', 'renewal_decision', 'by_hand'
    )),
    cause TEXT NOT NULL,
    -- The version, record or order that asks for it.
    event_id BYTEA NOT NULL,
    happened_at BIGINT NOT NULL,
    -- The task as a sentence. It names neither a victim nor where they are.
    says TEXT NOT NULL,
    raised_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    arithmetic TEXT NOT NULL,
    basis TEXT NOT NULL,
    -- Empty when there is nobody who could have it.
    owner_id BYTEA REFERENCES accounts (id),
    -- Somebody gave it to its owner; else it follows whoever answers for the order.
    is_reassigned BOOLEAN NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'done', 'cancelled')),
    -- When its alert was raised, while it is open and late.
    chased_at BIGINT,
    -- The fact that answers it.
    done_by BYTEA,
    -- When it was done, as told.
    done_at BIGINT,
    -- Whether it was done; else there is a reason why not.
    was_done BOOLEAN,
    cancelled_at BIGINT,
    cancel_reason TEXT,
    CHECK ((state = 'done') = (done_by IS NOT NULL)),
    CHECK ((state = 'cancelled') = (cancel_reason IS NOT NULL))
);
CREATE INDEX tasks_by_order ON tasks (order_id, kind);
CREATE INDEX tasks_by_due ON tasks (state, due_at, id);
CREATE INDEX tasks_open_by_owner ON tasks (owner_id, due_at) WHERE state = 'open';

-- Since when tasks are kept: what was on file before asks for none.
CREATE TABLE task_beginnings (
    id INTEGER PRIMARY KEY NOT NULL CHECK (id = 1),
    begun_at BIGINT NOT NULL
);
INSERT INTO task_beginnings (id, begun_at)
SELECT 1, coalesce(max(recorded_at), 0) FROM ledger_entries;
INSERT INTO timers (kind, object_id, order_id, due_at)
SELECT 'tasks', id, id, 0 FROM orders WHERE made_on IS NOT NULL;
