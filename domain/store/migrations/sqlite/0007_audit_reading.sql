-- Reading the audit log by person, operator, app, kind, session and time; and letting its oldest
-- rows go without breaking the chain.

-- Every index goes on with the time, and then (as every index does) with seq: so each filter is
-- read newest first, between two moments, without sorting.
CREATE INDEX audit_by_kind ON audit (kind, at, seq, app);
CREATE INDEX audit_by_time ON audit (at);
CREATE INDEX audit_by_app ON audit (app, at) WHERE app IS NOT NULL;
CREATE INDEX audit_by_operator ON audit (operator, at) WHERE operator IS NOT NULL;
CREATE INDEX audit_by_session ON audit (session, at) WHERE session IS NOT NULL;
DROP INDEX audit_by_subscriber;
CREATE INDEX audit_by_subscriber ON audit (subscriber_id, at) WHERE subscriber_id IS NOT NULL;

-- Where the kept part of the chain begins, under a key that is not in this file. Rows up to here
-- were removed by retention, and a row of kind 'audit_pruned' says which.
CREATE TABLE audit_base (
    id     INTEGER NOT NULL,  -- always 1
    seq    INTEGER NOT NULL,  -- the last row that is gone
    hash   BLOB    NOT NULL,  -- its hash: the first kept row was chained to it
    key_id INTEGER NOT NULL,  -- which key made the mac
    mac    BLOB    NOT NULL,  -- HMAC-SHA256 of seq and hash
    CONSTRAINT audit_base_pk PRIMARY KEY (id),
    CONSTRAINT audit_base_single CHECK (id = 1),
    CONSTRAINT audit_base_sizes CHECK (length(hash) = 32 AND length(mac) = 32)
) STRICT;

DROP TRIGGER audit_never_deleted;

CREATE TRIGGER audit_never_deleted BEFORE DELETE ON audit
WHEN OLD.seq > COALESCE((SELECT seq FROM audit_base WHERE id = 1), 0)
BEGIN
    SELECT RAISE(ABORT, 'audit is append-only');
END;
