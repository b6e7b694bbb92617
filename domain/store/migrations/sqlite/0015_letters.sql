-- The language of letters.

-- The language in which a code was asked for (BCP 47); NULL: that of its reader, else the app's.
ALTER TABLE outbox ADD COLUMN language TEXT;
