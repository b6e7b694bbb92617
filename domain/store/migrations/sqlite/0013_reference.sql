-- The reference that a page shows (core::reference), beside what its request did, so that the
-- helpdesk finds the events of what somebody reads out.

-- NULL: written before this, or by no request of a browser. Rows without one keep the canonical
-- bytes that they were chained by; rows with one are chained by a second version of them, so an
-- added, changed or removed reference breaks the chain like any other field.
ALTER TABLE audit ADD COLUMN reference TEXT
    CONSTRAINT audit_reference_size CHECK (reference IS NULL OR length(reference) = 8);
CREATE INDEX audit_by_reference ON audit (reference, at) WHERE reference IS NOT NULL;

-- The request that began a held login: shown on its pages as long as nothing else has happened.
ALTER TABLE attempt ADD COLUMN reference TEXT;
