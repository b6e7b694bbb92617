-- Tokens of hardware as they came from the maker (core::token_file), before and after they were
-- given to somebody. The seed is here until then; afterwards it is the authenticator's, sealed for
-- that row, and destroyed with it. A row is never removed: a serial number comes in once.
CREATE TABLE hardware_token (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,  -- never reused: the sealed seed names it
    serial           TEXT    NOT NULL,  -- as printed on the back, in capitals, without spaces
    digits           INTEGER NOT NULL,
    period           INTEGER,           -- seconds; NULL: by counter (HOTP)
    counter          INTEGER,           -- the last counter value spent before it came, if any
    secret           BLOB,              -- sealed (seal.rs); NULL once given or revoked
    imported_at      INTEGER NOT NULL,
    imported_by      TEXT    NOT NULL,  -- the operator
    authenticator_id INTEGER,           -- whose it became
    assigned_at      INTEGER,
    revoked_at       INTEGER,           -- lost, broken or returned: never given again
    CONSTRAINT hardware_token_once UNIQUE (serial),
    CONSTRAINT hardware_token_digits_known CHECK (digits IN (6, 8)),
    CONSTRAINT hardware_token_given_once UNIQUE (authenticator_id),
    CONSTRAINT hardware_token_authenticator_fk
        FOREIGN KEY (authenticator_id) REFERENCES authenticator (id),
    CONSTRAINT hardware_token_given CHECK ((authenticator_id IS NULL) = (assigned_at IS NULL)),
    CONSTRAINT hardware_token_secret_while_free
        CHECK ((secret IS NOT NULL) = (assigned_at IS NULL AND revoked_at IS NULL))
) STRICT;

-- Where two codes in a row last put an authenticator's clock; `drift` stays within two steps of it.
ALTER TABLE authenticator ADD COLUMN drift_anchor INTEGER NOT NULL DEFAULT 0;
