-- Persons, their spellings, their authenticators, and how often wrong codes were typed.

-- A person, keyed by realm, tenant and folded name.
CREATE TABLE subscriber (
    id                  INTEGER PRIMARY KEY AUTOINCREMENT,  -- never reused: sealed columns name it
    realm               TEXT    NOT NULL,  -- apps of one realm share factors
    tenant              TEXT    NOT NULL,  -- '' where the app has none
    folded              TEXT    NOT NULL,  -- core::fold
    display_name        TEXT    NOT NULL,  -- as first typed or as the operator wrote it
    created_at          INTEGER NOT NULL,
    enrolled_at         INTEGER,           -- NULL: invited, or reset; decides who enrols first
    suspended_at        INTEGER,           -- set by an operator: no code counts
    was_reset           INTEGER NOT NULL DEFAULT 0,  -- the next enrolment needs a code (attack D15)
    last_login_at       INTEGER,           -- the last claimed code
    stolen_notice_at    INTEGER,           -- the last "your password may be stolen"; once in 24 h
    throttle_consecutive INTEGER NOT NULL DEFAULT 0,  -- wrong codes since the last right one
    throttle_rolling    INTEGER NOT NULL DEFAULT 0,  -- wrong codes in the window; time clears it
    throttle_window_at  INTEGER NOT NULL DEFAULT 0,  -- when that window began
    throttle_paused_until INTEGER,         -- no code is looked at before
    throttle_version    INTEGER NOT NULL DEFAULT 0,  -- a claim judged on an older one is stale
    CONSTRAINT subscriber_once UNIQUE (realm, tenant, folded),
    CONSTRAINT subscriber_folded_given CHECK (folded <> ''),
    CONSTRAINT subscriber_was_reset_bool CHECK (was_reset IN (0, 1))
) STRICT;

-- How subscribers are listed and searched.
CREATE INDEX subscriber_by_folded ON subscriber (folded);

-- Spellings the app itself takes for this person (DESIGN-CASES 9): the fold only finds, these
-- decide.
CREATE TABLE spelling (
    subscriber_id INTEGER NOT NULL,
    spelling_key  TEXT    NOT NULL,  -- core::fold::spelling_key
    display       TEXT    NOT NULL,  -- as typed
    linked_at     INTEGER NOT NULL,
    CONSTRAINT spelling_pk PRIMARY KEY (subscriber_id, spelling_key),
    CONSTRAINT spelling_subscriber_fk FOREIGN KEY (subscriber_id) REFERENCES subscriber (id)
) STRICT, WITHOUT ROWID;

-- What a subscriber proves herself with. Removed ones stay as history without their secret.
CREATE TABLE authenticator (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    subscriber_id  INTEGER NOT NULL,
    kind           TEXT    NOT NULL,  -- 'totp'
    label          TEXT    NOT NULL,  -- the subscriber's own name for it
    proof          TEXT    NOT NULL,  -- EnrolmentProof::name: what stood beside the password
    secret         BLOB,              -- sealed (seal.rs); NULL once removed
    last_step      INTEGER,           -- the newest time step spent (RFC 6238 section 5.2)
    enrolled_at    INTEGER NOT NULL,
    last_used_at   INTEGER,
    disabled_at    INTEGER,           -- its codes never match
    disabled_by    TEXT,              -- 'throttle' or 'operator'
    removed_at     INTEGER,
    CONSTRAINT authenticator_subscriber_fk FOREIGN KEY (subscriber_id) REFERENCES subscriber (id),
    CONSTRAINT authenticator_disabled_by_known
        CHECK ((disabled_at IS NULL) = (disabled_by IS NULL)
               AND (disabled_by IS NULL OR disabled_by IN ('throttle', 'operator'))),
    CONSTRAINT authenticator_secret_while_live CHECK ((removed_at IS NULL) = (secret IS NOT NULL))
) STRICT;

CREATE INDEX authenticator_live ON authenticator (subscriber_id) WHERE removed_at IS NULL;

-- Single-use recovery codes, hashed. The selector finds one row, so one argon2 run per try is
-- enough.
CREATE TABLE recovery_code (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    subscriber_id INTEGER NOT NULL,
    selector      TEXT    NOT NULL,  -- the first 4 characters, not secret
    scheme        TEXT    NOT NULL,  -- 'argon2id-19456-2-1': how salt and hash belong together
    salt          BLOB    NOT NULL,
    hash          BLOB    NOT NULL,  -- of the 16 secret characters
    issued_at     INTEGER NOT NULL,
    used_at       INTEGER,           -- spent by a claim
    removed_at    INTEGER,           -- replaced or reset
    CONSTRAINT recovery_code_subscriber_fk FOREIGN KEY (subscriber_id) REFERENCES subscriber (id),
    CONSTRAINT recovery_code_sizes CHECK (length(salt) = 16 AND length(hash) = 32)
) STRICT;

CREATE INDEX recovery_code_live ON recovery_code (subscriber_id, selector)
    WHERE used_at IS NULL AND removed_at IS NULL;

-- One-time codes that operators hand out for a first enrolment or one after a reset.
CREATE TABLE enrolment_code (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    subscriber_id INTEGER NOT NULL,
    key_id        INTEGER NOT NULL,  -- which key made the mac
    mac           BLOB    NOT NULL,  -- HMAC-SHA256 of subscriber and code
    operator      TEXT    NOT NULL,
    issued_at     INTEGER NOT NULL,
    expires_at    INTEGER NOT NULL,
    spent_at      INTEGER,           -- an enrolment was confirmed with it
    killed_at     INTEGER,           -- a newer one was issued, or a reset came
    CONSTRAINT enrolment_code_subscriber_fk FOREIGN KEY (subscriber_id) REFERENCES subscriber (id),
    CONSTRAINT enrolment_code_mac_size CHECK (length(mac) = 32)
) STRICT;

-- Only the newest counts.
CREATE UNIQUE INDEX enrolment_code_one_live ON enrolment_code (subscriber_id)
    WHERE spent_at IS NULL AND killed_at IS NULL;

-- Wrong codes for a name where nothing is proved: no subscriber, or a login whose outcome proves
-- nothing. Kept apart so that nobody without the password reaches a subscriber's own counter
-- (DESIGN-CASES 5), and so that names with and without a factor are paused alike (attack D12).
CREATE TABLE name_throttle (
    realm         TEXT    NOT NULL,
    tenant        TEXT    NOT NULL,
    folded        TEXT    NOT NULL,
    consecutive   INTEGER NOT NULL,
    rolling       INTEGER NOT NULL,
    window_at     INTEGER NOT NULL,
    paused_until  INTEGER,
    version       INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL,  -- quiet ones are swept
    CONSTRAINT name_throttle_pk PRIMARY KEY (realm, tenant, folded)
) STRICT, WITHOUT ROWID;

CREATE INDEX name_throttle_quiet ON name_throttle (updated_at);
