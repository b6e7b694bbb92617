-- What the file knows of itself, and the audit log.
-- Moments are milliseconds since 1970-01-01T00:00:00Z; hashes are 32 bytes; booleans are 0 or 1.

-- Facts about this file: which keys it was written with (seal.rs, keys.rs).
CREATE TABLE meta (
    name  TEXT NOT NULL,  -- 'key_check.<key id>'
    value BLOB NOT NULL,  -- an HMAC that only the same key can make; never the key
    CONSTRAINT meta_pk PRIMARY KEY (name)
) STRICT;

-- The audit log: append-only and hash-chained. It outlives the rows it speaks of: no foreign keys.
CREATE TABLE audit (
    seq           INTEGER NOT NULL,  -- 1, 2, 3 ...: a gap is a deletion
    at            INTEGER NOT NULL,  -- when
    kind          TEXT    NOT NULL,  -- AuditKind::name
    subscriber_id INTEGER,           -- to whom
    app           TEXT,              -- at which app
    session       BLOB,              -- in which session, by hash
    client        TEXT,              -- from which address
    operator      TEXT,              -- by which operator
    reason        TEXT,              -- why, cleaned and cut by core
    hash          BLOB    NOT NULL,  -- SHA-256(hash before || canonical bytes)
    CONSTRAINT audit_pk PRIMARY KEY (seq),
    CONSTRAINT audit_seq_positive CHECK (seq > 0),
    CONSTRAINT audit_hash_size CHECK (length(hash) = 32),
    CONSTRAINT audit_session_size CHECK (session IS NULL OR length(session) = 32)
) STRICT;

CREATE INDEX audit_by_subscriber ON audit (subscriber_id, seq) WHERE subscriber_id IS NOT NULL;

-- These keep honest programs honest. Whoever can drop a trigger is found by the chain and the
-- anchor.
CREATE TRIGGER audit_never_updated BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE(ABORT, 'audit is append-only');
END;

CREATE TRIGGER audit_never_deleted BEFORE DELETE ON audit
BEGIN
    SELECT RAISE(ABORT, 'audit is append-only');
END;

-- The head of the log under a key that is not in this file: finds a cut tail (attack E07).
CREATE TABLE audit_anchor (
    id     INTEGER NOT NULL,  -- always 1
    seq    INTEGER NOT NULL,  -- the last row
    hash   BLOB    NOT NULL,  -- its hash
    key_id INTEGER NOT NULL,  -- which key made the mac
    mac    BLOB    NOT NULL,  -- HMAC-SHA256 of seq and hash
    CONSTRAINT audit_anchor_pk PRIMARY KEY (id),
    CONSTRAINT audit_anchor_single CHECK (id = 1),
    CONSTRAINT audit_anchor_sizes CHECK (length(hash) = 32 AND length(mac) = 32)
) STRICT;
