-- Login attempts whose answer is held until the second factor.

CREATE TABLE attempt (
    id                 INTEGER PRIMARY KEY AUTOINCREMENT,
    pending_session_id INTEGER NOT NULL,  -- the session that was sent to the challenge
    tainted_session_id INTEGER NOT NULL,  -- the one that submitted the login
    app                TEXT    NOT NULL,
    realm              TEXT    NOT NULL,
    tenant             TEXT    NOT NULL,
    typed_name         TEXT    NOT NULL,
    display_name       TEXT    NOT NULL,
    folded             TEXT    NOT NULL,
    spelling_key       TEXT    NOT NULL,
    subscriber_id      INTEGER,           -- NULL: nobody is enrolled under this name
    outcome            TEXT    NOT NULL,  -- what the outcome rules said
    proved             INTEGER NOT NULL,  -- whether the password is known to be right
    enrolling          TEXT,              -- EnrolmentProof::name, if it leads to one
    state              TEXT    NOT NULL,
    tries              INTEGER NOT NULL DEFAULT 0,  -- wrong codes in this attempt
    enrolment_code_id  INTEGER,           -- typed right; spent at the confirmation
    seed               BLOB,              -- sealed (seal.rs); drawn once, gone when confirmed
    codes              BLOB,              -- recovery codes still to be shown, sealed by the gateway
    submitted_path     TEXT    NOT NULL,
    form_nonce         BLOB    NOT NULL,
    claimed_code_mac   BLOB,              -- one form, one claim; NULL for an enrolment
    verified           BLOB,              -- hash of the verified session's id
    claimed_at         INTEGER,
    client             TEXT    NOT NULL,
    created_at         INTEGER NOT NULL,
    expires_at         INTEGER NOT NULL,
    CONSTRAINT attempt_pending_once UNIQUE (pending_session_id),
    CONSTRAINT attempt_state_known
        CHECK (state IN ('pending', 'enrolling', 'claimed', 'released', 'ended')),
    CONSTRAINT attempt_claim_whole CHECK (state NOT IN ('claimed', 'released')
        OR (claimed_at IS NOT NULL AND verified IS NOT NULL AND subscriber_id IS NOT NULL)),
    CONSTRAINT attempt_enrolling_proof CHECK (state <> 'enrolling' OR enrolling IS NOT NULL),
    CONSTRAINT attempt_proved_bool CHECK (proved IN (0, 1)),
    CONSTRAINT attempt_nonce_size CHECK (length(form_nonce) = 16),
    CONSTRAINT attempt_pending_fk FOREIGN KEY (pending_session_id) REFERENCES session (id),
    CONSTRAINT attempt_tainted_fk FOREIGN KEY (tainted_session_id) REFERENCES session (id),
    CONSTRAINT attempt_subscriber_fk FOREIGN KEY (subscriber_id) REFERENCES subscriber (id),
    CONSTRAINT attempt_enrolment_code_fk
        FOREIGN KEY (enrolment_code_id) REFERENCES enrolment_code (id)
) STRICT;

-- The caps are counted over live attempts only.
CREATE INDEX attempt_live_of_name ON attempt (realm, tenant, folded, expires_at)
    WHERE state IN ('pending', 'enrolling');
CREATE INDEX attempt_live_of_client ON attempt (client, expires_at)
    WHERE state IN ('pending', 'enrolling');
CREATE INDEX attempt_live ON attempt (expires_at) WHERE state IN ('pending', 'enrolling');
CREATE INDEX attempt_of_tainted ON attempt (tainted_session_id);
CREATE INDEX attempt_due ON attempt (expires_at);
CREATE INDEX attempt_of_enrolment_code ON attempt (enrolment_code_id)
    WHERE enrolment_code_id IS NOT NULL;

-- The held answer with the whole upstream jar, sealed by the gateway under the browser's id. Apart
-- from its attempt, because it can be 2 MiB and every update of a row writes the whole row again.
CREATE TABLE held_answer (
    attempt_id INTEGER NOT NULL,
    sealed     BLOB    NOT NULL,
    CONSTRAINT held_answer_pk PRIMARY KEY (attempt_id),
    CONSTRAINT held_answer_attempt_fk FOREIGN KEY (attempt_id) REFERENCES attempt (id)
        ON DELETE CASCADE
) STRICT;
