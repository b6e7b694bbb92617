-- What an operator gives a person in need, and what she writes down about her.

-- Codes to read out to somebody without a phone. They count for hours, at one or more sign-ins.
CREATE TABLE temporary_code (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    subscriber_id INTEGER NOT NULL,
    key_id        INTEGER NOT NULL,  -- which key made the mac
    mac           BLOB    NOT NULL,  -- HMAC-SHA256 of subscriber and code
    operator      TEXT    NOT NULL,
    issued_at     INTEGER NOT NULL,
    expires_at    INTEGER NOT NULL,
    uses_left     INTEGER NOT NULL,
    last_used_at  INTEGER,
    refused_at    INTEGER,           -- it was typed when it did not count any more
    revoked_at    INTEGER,           -- by an operator, a reset, or a newer one
    CONSTRAINT temporary_code_uses CHECK (uses_left BETWEEN 0 AND 50),
    CONSTRAINT temporary_code_mac_size CHECK (length(mac) = 32),
    CONSTRAINT temporary_code_subscriber_fk FOREIGN KEY (subscriber_id) REFERENCES subscriber (id)
) STRICT;

CREATE INDEX temporary_code_of_subscriber ON temporary_code (subscriber_id, id);

-- Only the newest counts.
CREATE UNIQUE INDEX temporary_code_one_live ON temporary_code (subscriber_id)
    WHERE revoked_at IS NULL AND uses_left > 0;

-- Printed codes in sealed envelopes: any one lets any one enrolled person of the app pass once.
CREATE TABLE sealed_code (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    app        TEXT    NOT NULL,
    batch      INTEGER NOT NULL,  -- printed together, revoked together: the id of its first code
    serial     INTEGER NOT NULL,  -- 1, 2, 3 ... within the batch; printed beside the code
    key_id     INTEGER NOT NULL,  -- which key made the mac
    mac        BLOB    NOT NULL,  -- HMAC-SHA256 of app and code
    operator   TEXT    NOT NULL,
    issued_at  INTEGER NOT NULL,
    used_at    INTEGER,
    used_by    INTEGER,           -- the subscriber who passed
    revoked_at INTEGER,
    CONSTRAINT sealed_code_mac_once UNIQUE (mac),
    CONSTRAINT sealed_code_mac_size CHECK (length(mac) = 32),
    CONSTRAINT sealed_code_used_whole CHECK ((used_at IS NULL) = (used_by IS NULL)),
    CONSTRAINT sealed_code_subscriber_fk FOREIGN KEY (used_by) REFERENCES subscriber (id)
) STRICT;

CREATE INDEX sealed_code_live ON sealed_code (app, batch)
    WHERE used_at IS NULL AND revoked_at IS NULL;

-- An exception for one app: until it ends, a right password is enough (45 CFR 164.312(a)(2)(ii)).
CREATE TABLE emergency (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    app         TEXT    NOT NULL,
    reason      TEXT    NOT NULL,
    opened_by   TEXT    NOT NULL,
    approved_by TEXT    NOT NULL,  -- the second person
    opened_at   INTEGER NOT NULL,
    ends_at     INTEGER NOT NULL,
    closed_at   INTEGER,           -- before its end
    closed_by   TEXT,
    CONSTRAINT emergency_two_people CHECK (opened_by <> approved_by),
    CONSTRAINT emergency_bounded CHECK (ends_at > opened_at)
) STRICT;

CREATE INDEX emergency_of_app ON emergency (app, ends_at) WHERE closed_at IS NULL;

-- Which sessions began under an exception: they end with it.
ALTER TABLE session ADD COLUMN emergency_id INTEGER REFERENCES emergency (id);
CREATE INDEX session_of_emergency ON session (emergency_id) WHERE emergency_id IS NOT NULL;

-- What operators write down about a person.
CREATE TABLE note (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    subscriber_id INTEGER NOT NULL,
    at            INTEGER NOT NULL,
    operator      TEXT    NOT NULL,
    text          TEXT    NOT NULL,
    CONSTRAINT note_subscriber_fk FOREIGN KEY (subscriber_id) REFERENCES subscriber (id)
) STRICT;

CREATE INDEX note_of_subscriber ON note (subscriber_id, id);

-- A second name of the same person: this row only leads to the other one.
ALTER TABLE subscriber ADD COLUMN merged_into INTEGER REFERENCES subscriber (id);

CREATE INDEX subscriber_merged ON subscriber (merged_into) WHERE merged_into IS NOT NULL;

-- How the admin app finds people by a part of the name, without reading their rows.
DROP INDEX subscriber_by_folded;
CREATE INDEX subscriber_by_folded
    ON subscriber (folded, id, realm, merged_into, enrolled_at, suspended_at);

-- How it counts them, and who cannot sign in now.
CREATE INDEX subscriber_enrolled ON subscriber (realm, enrolled_at, suspended_at, merged_into);
CREATE INDEX subscriber_paused ON subscriber (throttle_paused_until)
    WHERE throttle_paused_until IS NOT NULL;
CREATE INDEX subscriber_rolling ON subscriber (throttle_rolling) WHERE throttle_rolling > 0;
CREATE INDEX authenticator_disabled ON authenticator (subscriber_id)
    WHERE disabled_at IS NOT NULL AND removed_at IS NULL;

-- History on the page of one person.
CREATE INDEX authenticator_of_subscriber ON authenticator (subscriber_id);
CREATE INDEX recovery_code_of_subscriber ON recovery_code (subscriber_id);
