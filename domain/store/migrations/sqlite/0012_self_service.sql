-- What a person does to her own sign-in, from inside a verified session (store/src/own_act.rs).

-- An authenticator she is setting up beside those she has. Nothing of it counts before its first
-- code; it is gone with its session.
CREATE TABLE own_setup (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,  -- never reused: the sealed seed names it
    session_id INTEGER NOT NULL,
    seed       BLOB    NOT NULL,  -- sealed (seal.rs)
    expires_at INTEGER NOT NULL,
    CONSTRAINT own_setup_one_per_session UNIQUE (session_id),
    CONSTRAINT own_setup_session_fk FOREIGN KEY (session_id) REFERENCES session (id)
        ON DELETE CASCADE
) STRICT;

CREATE INDEX own_setup_due ON own_setup (expires_at);

-- New recovery codes that wait until their owner says that she has them.
CREATE TABLE own_codes (
    session_id INTEGER NOT NULL,
    sealed     BLOB    NOT NULL,  -- sealed by the gateway under the browser's id
    expires_at INTEGER NOT NULL,
    CONSTRAINT own_codes_pk PRIMARY KEY (session_id),
    CONSTRAINT own_codes_session_fk FOREIGN KEY (session_id) REFERENCES session (id)
        ON DELETE CASCADE
) STRICT;

CREATE INDEX own_codes_due ON own_codes (expires_at);

-- Forms that were carried out: the same one sent twice is one act.
CREATE TABLE own_act (
    session_id INTEGER NOT NULL,
    form_mac   BLOB    NOT NULL,  -- of the whole form; never a code
    done_at    INTEGER NOT NULL,
    CONSTRAINT own_act_pk PRIMARY KEY (session_id, form_mac),
    CONSTRAINT own_act_mac_size CHECK (length(form_mac) = 32),
    CONSTRAINT own_act_session_fk FOREIGN KEY (session_id) REFERENCES session (id)
        ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX own_act_age ON own_act (done_at);
