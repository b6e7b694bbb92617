-- Operators: who works in the admin app, how they sign in, what waits for a second one of them.

-- An operator. Her authenticators are those of a subscriber in the realm '@operators', which no app
-- can have: one kind of factor, one throttle, one set of rules for everybody.
CREATE TABLE operator (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    name          TEXT    NOT NULL,  -- lower-case; what she types and what the audit log says
    role          TEXT    NOT NULL,  -- core::operator::Role::name
    subscriber_id INTEGER NOT NULL,  -- whose authenticators, recovery codes and wrong codes are hers
    scheme        TEXT,              -- how salt and hash belong together; NULL: no password yet
    salt          BLOB,
    hash          BLOB,              -- argon2id of the password
    password_at   INTEGER,           -- when it was set
    created_by    TEXT    NOT NULL,
    created_at    INTEGER NOT NULL,
    disabled_at   INTEGER,           -- may not sign in
    last_login_at INTEGER,
    CONSTRAINT operator_name_once UNIQUE (name),
    CONSTRAINT operator_subscriber_once UNIQUE (subscriber_id),
    CONSTRAINT operator_role_known CHECK (role IN ('owner', 'helpdesk', 'auditor')),
    CONSTRAINT operator_password_whole
        CHECK ((hash IS NULL) = (salt IS NULL) AND (hash IS NULL) = (scheme IS NULL)),
    CONSTRAINT operator_sizes CHECK (hash IS NULL OR (length(salt) = 16 AND length(hash) = 32)),
    CONSTRAINT operator_subscriber_fk FOREIGN KEY (subscriber_id) REFERENCES subscriber (id)
) STRICT;

-- One-time links with which an operator chooses password and second factor.
CREATE TABLE operator_setup (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    operator_id INTEGER NOT NULL,
    token       BLOB    NOT NULL,  -- SHA-256 of the link's 256-bit token
    issued_by   TEXT    NOT NULL,
    issued_at   INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,
    used_at     INTEGER,           -- a set-up was finished with it
    killed_at   INTEGER,           -- a newer one was issued, or the operator was reset or disabled
    CONSTRAINT operator_setup_token_once UNIQUE (token),
    CONSTRAINT operator_setup_token_size CHECK (length(token) = 32),
    CONSTRAINT operator_setup_operator_fk FOREIGN KEY (operator_id) REFERENCES operator (id)
) STRICT;

-- Only the newest counts.
CREATE UNIQUE INDEX operator_setup_one_live ON operator_setup (operator_id)
    WHERE used_at IS NULL AND killed_at IS NULL;

-- Sessions of the admin app. The id is rotated at every step by closing one row and opening another.
CREATE TABLE operator_session (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    hash             BLOB    NOT NULL,  -- SHA-256 of the cookie's id
    operator_id      INTEGER NOT NULL,
    stage            TEXT    NOT NULL,  -- 'setup', 'password' (half-way), 'open'
    host             TEXT    NOT NULL,  -- counts at this host only
    client           TEXT    NOT NULL,  -- from which address it was opened
    setup_id         INTEGER,           -- by which link, while setting up
    seed             BLOB,              -- sealed; the new authenticator's, while setting up
    scheme           TEXT,              -- the chosen password, while setting up
    salt             BLOB,
    password         BLOB,              -- argon2id of it
    created_at       INTEGER NOT NULL,
    authenticated_at INTEGER NOT NULL DEFAULT 0,  -- the last second factor
    active_at        INTEGER NOT NULL,
    ends_at          INTEGER NOT NULL,
    ended_at         INTEGER,
    ended_why        TEXT,
    CONSTRAINT operator_session_hash_once UNIQUE (hash),
    CONSTRAINT operator_session_hash_size CHECK (length(hash) = 32),
    CONSTRAINT operator_session_stage_known CHECK (stage IN ('setup', 'password', 'open')),
    CONSTRAINT operator_session_setup_named CHECK (stage <> 'setup' OR setup_id IS NOT NULL),
    CONSTRAINT operator_session_operator_fk FOREIGN KEY (operator_id) REFERENCES operator (id),
    CONSTRAINT operator_session_setup_fk FOREIGN KEY (setup_id) REFERENCES operator_setup (id)
) STRICT;

CREATE INDEX operator_session_live ON operator_session (operator_id) WHERE ended_at IS NULL;
CREATE INDEX operator_session_age ON operator_session (ends_at);

-- Tokens for the JSON API. A token never may more than its operator may at that moment.
CREATE TABLE api_token (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    operator_id  INTEGER NOT NULL,
    label        TEXT    NOT NULL,  -- what it is for
    hash         BLOB    NOT NULL,  -- SHA-256 of its 256 random bits
    scopes       TEXT    NOT NULL,  -- core::operator::Scope::name, separated by spaces
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    last_used_at INTEGER,           -- written at most once a minute
    revoked_at   INTEGER,
    CONSTRAINT api_token_hash_once UNIQUE (hash),
    CONSTRAINT api_token_hash_size CHECK (length(hash) = 32),
    CONSTRAINT api_token_operator_fk FOREIGN KEY (operator_id) REFERENCES operator (id)
) STRICT;

CREATE INDEX api_token_of_operator ON api_token (operator_id);

-- An act that waits for a second operator (four eyes).
CREATE TABLE approval (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    act            TEXT    NOT NULL,  -- 'reset_subscriber', 'reset_operator', 'emergency'
    subscriber_id  INTEGER,           -- whose factors are to be reset
    operator_id    INTEGER,           -- which operator is to be reset
    app            TEXT,              -- for which app the exception is to be
    minutes        INTEGER,           -- and for how long
    reason         TEXT    NOT NULL,
    identity_check TEXT    NOT NULL,  -- how the caller's identity was verified
    asked_by       INTEGER NOT NULL,
    asked_at       INTEGER NOT NULL,
    expires_at     INTEGER NOT NULL,
    decided_by     INTEGER,           -- another operator than asked_by
    decided_at     INTEGER,
    granted        INTEGER,
    CONSTRAINT approval_act_known CHECK (act IN ('reset_subscriber', 'reset_operator', 'emergency')),
    CONSTRAINT approval_two_people CHECK (decided_by IS NULL OR granted = 0 OR decided_by <> asked_by),
    CONSTRAINT approval_decided_whole CHECK ((decided_at IS NULL) = (granted IS NULL)),
    CONSTRAINT approval_asked_fk FOREIGN KEY (asked_by) REFERENCES operator (id),
    CONSTRAINT approval_decided_fk FOREIGN KEY (decided_by) REFERENCES operator (id),
    CONSTRAINT approval_operator_fk FOREIGN KEY (operator_id) REFERENCES operator (id),
    CONSTRAINT approval_subscriber_fk FOREIGN KEY (subscriber_id) REFERENCES subscriber (id)
) STRICT;

CREATE INDEX approval_open ON approval (expires_at) WHERE decided_at IS NULL;
