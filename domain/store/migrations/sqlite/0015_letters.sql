-- The language of letters, and operators who are told by mail as well.

-- The language in which a code was asked for (BCP 47); NULL: that of its reader, else the app's.
ALTER TABLE outbox ADD COLUMN language TEXT;

-- Operators who are told by mail, as the settings of the process that opened the store last say.
-- Addresses of an office stand in those settings in the clear, so they do here; a person's own never
-- come here.
CREATE TABLE told_operator (
    notice  TEXT NOT NULL,  -- core::notice::Notice
    address TEXT NOT NULL,
    CONSTRAINT told_operator_pk PRIMARY KEY (notice, address)
) STRICT, WITHOUT ROWID;

-- To an operator, and not to the person whom it is about; address_id is NULL then.
ALTER TABLE outbox ADD COLUMN operator_address TEXT;
