-- Authenticators of several kinds (core::authenticator): 'passkey', 'totp', 'hardware', 'email'.
-- What each keeps sealed in `secret`: a passkey its credential, the OATH ones their seed, e-mail
-- nothing but an empty value (the address stands with the subscriber).

-- OATH (RFC 4226, RFC 6238): what its codes are computed by. `last_step` is the last counter spent
-- where there is no period.
ALTER TABLE authenticator ADD COLUMN digits INTEGER NOT NULL DEFAULT 6
    CONSTRAINT authenticator_digits_known CHECK (digits IN (6, 8));
ALTER TABLE authenticator ADD COLUMN period INTEGER DEFAULT 30;  -- seconds; NULL: by counter (HOTP)
-- Steps by which its clock was off when it was last right; the window moves with it, within a cap.
ALTER TABLE authenticator ADD COLUMN drift INTEGER NOT NULL DEFAULT 0;
-- What stands on the back of a token.
ALTER TABLE authenticator ADD COLUMN serial TEXT;

-- WebAuthn: which credential. Two people never have the same (W9), not even one after the other.
ALTER TABLE authenticator ADD COLUMN credential_id BLOB
    CONSTRAINT authenticator_credential_size CHECK (length(credential_id) <= 1023);
CREATE UNIQUE INDEX authenticator_credential ON authenticator (credential_id)
    WHERE credential_id IS NOT NULL;
