-- Remembered devices: a code is not asked for again on this computer, for a while (core::device).

CREATE TABLE device (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    subscriber_id INTEGER NOT NULL,
    app           TEXT    NOT NULL,
    selector      BLOB    NOT NULL,  -- finds the row; stands in the cookie, never changes
    token         BLOB    NOT NULL,  -- SHA-256 of the 256 bits beside it; changes with every use
    former        BLOB,              -- the one before
    network       TEXT    NOT NULL,  -- counts only from there
    terms         TEXT    NOT NULL,  -- counts only while the settings say the same
    label         TEXT    NOT NULL,  -- which browser, coarsely
    client        TEXT    NOT NULL,  -- from which address it was last used
    factor_at     INTEGER NOT NULL,  -- the second factor it stands for
    created_at    INTEGER NOT NULL,
    rotated_at    INTEGER NOT NULL,  -- when the token was given out
    last_used_at  INTEGER,
    expires_at    INTEGER NOT NULL,
    forgotten_at  INTEGER,
    forgotten_why TEXT,
    CONSTRAINT device_selector_once UNIQUE (selector),
    CONSTRAINT device_sizes CHECK (length(selector) = 16 AND length(token) = 32
                                   AND (former IS NULL OR length(former) = 32)),
    CONSTRAINT device_forgotten_whole CHECK ((forgotten_at IS NULL) = (forgotten_why IS NULL)),
    CONSTRAINT device_subscriber_fk FOREIGN KEY (subscriber_id) REFERENCES subscriber (id)
) STRICT;

CREATE INDEX device_live ON device (subscriber_id) WHERE forgotten_at IS NULL;
CREATE INDEX device_age ON device (expires_at);

-- Which sessions a device opened: they end with it when it was stolen.
ALTER TABLE session ADD COLUMN device_id INTEGER REFERENCES device (id) ON DELETE SET NULL;
CREATE INDEX session_of_device ON session (device_id) WHERE device_id IS NOT NULL;
