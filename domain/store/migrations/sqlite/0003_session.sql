-- Gateway sessions from the login submission on. An anonymous session has no row (DESIGN-CASES 13).

-- One session; the row stays when the cookie's id is rotated.
CREATE TABLE session (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    hash             BLOB    NOT NULL,  -- SHA-256 of the cookie's id, which is never here
    app              TEXT    NOT NULL,
    state            TEXT    NOT NULL,
    subscriber_id    INTEGER,           -- known from the claim on
    created_at       INTEGER NOT NULL,
    authenticated_at INTEGER NOT NULL DEFAULT 0,  -- the last second factor; 0 before the first
    active_at        INTEGER NOT NULL,  -- last activity, written in batches
    ends_at          INTEGER NOT NULL,  -- overall end; of a tainted row, the end of the taint
    locked_at        INTEGER,           -- locked other than by idleness
    ended_at         INTEGER,
    ended_why        TEXT,
    jar_key          BLOB,              -- sealed key of the app's cookies; NULL once ended
    jar              BLOB,              -- sealed by the gateway
    typed_tenant     TEXT,              -- what was typed at the login that tainted it
    typed_name       TEXT,
    bound            BLOB    NOT NULL DEFAULT x'',  -- hashes of bound cookie values, oldest first
    amr              TEXT    NOT NULL DEFAULT '',   -- RFC 8176 values, separated by spaces
    single_factor    INTEGER NOT NULL DEFAULT 0,    -- let through by policy, never verified
    superseded_at    INTEGER,           -- another id took over; old rights for seconds
    epoch            INTEGER NOT NULL DEFAULT 0,    -- raised by lock, unlock and end
    CONSTRAINT session_hash_once UNIQUE (hash),
    CONSTRAINT session_hash_size CHECK (length(hash) = 32),
    CONSTRAINT session_state_known CHECK (state IN ('tainted', 'pending', 'verified', 'ended')),
    CONSTRAINT session_end_dated CHECK ((state = 'ended') = (ended_at IS NOT NULL)),
    -- Ending a session destroys its key in the same statement (DESIGN-CASES 21).
    CONSTRAINT session_key_while_verified CHECK (jar_key IS NULL OR state = 'verified'),
    CONSTRAINT session_verified_whose
        CHECK (state <> 'verified' OR subscriber_id IS NOT NULL OR single_factor = 1),
    CONSTRAINT session_bound_size CHECK (length(bound) % 32 = 0 AND length(bound) <= 512),
    CONSTRAINT session_single_factor_bool CHECK (single_factor IN (0, 1)),
    CONSTRAINT session_subscriber_fk FOREIGN KEY (subscriber_id) REFERENCES subscriber (id)
) STRICT;

CREATE INDEX session_of_subscriber ON session (subscriber_id) WHERE state = 'verified';
CREATE INDEX session_due ON session (state, ends_at);
CREATE INDEX session_ended ON session (ended_at) WHERE state = 'ended';

-- Ids a session had before it was rotated: they find the row, with their old rights, for seconds.
CREATE TABLE session_former (
    hash             BLOB    NOT NULL,
    session_id       INTEGER NOT NULL,
    superseded_at    INTEGER NOT NULL,
    code_mac         BLOB    NOT NULL,  -- of the code given: the same form sent twice is one unlock
    authenticated_at INTEGER NOT NULL,  -- these three as they were: the old rights
    active_at        INTEGER NOT NULL,
    locked           INTEGER NOT NULL,
    CONSTRAINT session_former_pk PRIMARY KEY (hash),
    CONSTRAINT session_former_session_fk FOREIGN KEY (session_id) REFERENCES session (id)
        ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX session_former_of_session ON session_former (session_id);
CREATE INDEX session_former_age ON session_former (superseded_at);

-- Hashes of upstream session values that went with a credential: no unverified request may carry
-- them upstream (DESIGN-CASES 1). They live as long as the row that tainted them.
CREATE TABLE taint_value (
    value      BLOB    NOT NULL,
    session_id INTEGER NOT NULL,
    CONSTRAINT taint_value_pk PRIMARY KEY (value, session_id),
    CONSTRAINT taint_value_session_fk FOREIGN KEY (session_id) REFERENCES session (id)
        ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX taint_value_of_session ON taint_value (session_id);

-- A held answer that is no redirect: delivered once at the submitted path (DESIGN-CASES 15).
CREATE TABLE delivery (
    session_id INTEGER NOT NULL,
    path       TEXT    NOT NULL,
    sealed     BLOB    NOT NULL,  -- sealed by the gateway
    expires_at INTEGER NOT NULL,
    CONSTRAINT delivery_pk PRIMARY KEY (session_id),
    CONSTRAINT delivery_session_fk FOREIGN KEY (session_id) REFERENCES session (id)
        ON DELETE CASCADE
) STRICT;

CREATE INDEX delivery_due ON delivery (expires_at);

-- What every node has to look at again, in order: one session that was locked or ended, or all
-- of a subscriber.
CREATE TABLE revocation (
    seq           INTEGER PRIMARY KEY AUTOINCREMENT,  -- never reused, so a follower cannot miss one
    session_id    INTEGER,
    subscriber_id INTEGER,
    at            INTEGER NOT NULL,
    CONSTRAINT revocation_names_one CHECK ((session_id IS NULL) <> (subscriber_id IS NULL))
) STRICT;

CREATE INDEX revocation_age ON revocation (at);
