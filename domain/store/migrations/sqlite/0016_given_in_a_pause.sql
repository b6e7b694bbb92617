-- How often something was compared with this code while tries were paused: it has a bound of its
-- own (core::temporary_code), since a pause no longer holds for what an operator gave.
ALTER TABLE temporary_code ADD COLUMN looks INTEGER NOT NULL DEFAULT 0;
