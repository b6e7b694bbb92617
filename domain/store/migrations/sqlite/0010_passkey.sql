-- Passkeys and security keys (WebAuthn; core::assertion, core::registration). The credential itself
-- is sealed in `authenticator.secret`.

-- By what authenticators know a person: 32 random bytes, nothing of hers (W14). Drawn once, kept
-- over resets, so that a key enrolled again takes the place of its former entry.
ALTER TABLE subscriber ADD COLUMN user_handle BLOB
    CONSTRAINT subscriber_user_handle_size CHECK (user_handle IS NULL OR length(user_handle) = 32);
CREATE UNIQUE INDEX subscriber_user_handle ON subscriber (user_handle)
    WHERE user_handle IS NOT NULL;

-- For which name it was made (W5). Under another one it is dead: settings are compared with this.
ALTER TABLE authenticator ADD COLUMN rp_id TEXT;
ALTER TABLE authenticator ADD COLUMN sign_count INTEGER NOT NULL DEFAULT 0;     -- the newest (W12)
ALTER TABLE authenticator ADD COLUMN backup_eligible INTEGER NOT NULL DEFAULT 0;  -- W7
ALTER TABLE authenticator ADD COLUMN backed_up INTEGER NOT NULL DEFAULT 0;        -- at the last use

-- What was confirmed in an attempt that enrolled (core::authenticator); NULL: a TOTP authenticator.
ALTER TABLE attempt ADD COLUMN enrolled_kind TEXT;

-- Challenges that were given out. Answered once: the row is deleted before the answer is looked at
-- (advisory B9). They live for minutes.
CREATE TABLE passkey_ceremony (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    purpose      TEXT    NOT NULL,
    session_hash BLOB    NOT NULL,  -- of the session it was shown to, and that alone
    challenge    BLOB    NOT NULL,  -- SHA-256 of it
    state        BLOB    NOT NULL,  -- sealed (seal.rs): what the library wants back
    expires_at   INTEGER NOT NULL,
    CONSTRAINT passkey_ceremony_challenge_once UNIQUE (challenge),
    CONSTRAINT passkey_ceremony_purpose_known CHECK (purpose IN ('register', 'assert')),
    CONSTRAINT passkey_ceremony_sizes CHECK (length(session_hash) = 32 AND length(challenge) = 32)
) STRICT;

CREATE INDEX passkey_ceremony_of_session ON passkey_ceremony (session_hash, purpose);
CREATE INDEX passkey_ceremony_due ON passkey_ceremony (expires_at);
