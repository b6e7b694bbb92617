-- Addresses of people, what waits to be sent, codes that were sent, and how sending goes.

-- The language of her mails (BCP 47); NULL: the app's.
ALTER TABLE subscriber ADD COLUMN language TEXT;

-- Where mail reaches a person. Removed ones stay until nothing queued names them.
CREATE TABLE address (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,  -- never reused: the sealed column names it
    subscriber_id INTEGER NOT NULL,
    sealed        BLOB    NOT NULL,  -- the address (seal.rs)
    source        TEXT    NOT NULL,  -- core::address::AddressSource; never a login (advisory B4)
    operator      TEXT,              -- who brought it; NULL: she herself
    added_at      INTEGER NOT NULL,
    codes_from    INTEGER NOT NULL,  -- no code goes there before (attack D20)
    removed_at    INTEGER,
    CONSTRAINT address_source_known CHECK (source IN ('operator', 'import', 'herself')),
    CONSTRAINT address_subscriber_fk FOREIGN KEY (subscriber_id) REFERENCES subscriber (id)
) STRICT;

CREATE INDEX address_of_subscriber ON address (subscriber_id, id);

-- Codes that were sent. A row outlives its login, because sends are counted for a day; so it refers
-- to the session by hash and not by row.
CREATE TABLE mail_code (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    session       BLOB    NOT NULL,  -- hash of the one session in which it counts (attack D11)
    subscriber_id INTEGER NOT NULL,
    address_id    INTEGER NOT NULL,
    key_id        INTEGER NOT NULL,  -- which key made both MACs
    mac           BLOB    NOT NULL,  -- HMAC-SHA256 of session, subscriber and code; never the code
    mailbox       BLOB    NOT NULL,  -- HMAC-SHA256 of the mailbox, for its limit over all people
    client        TEXT    NOT NULL,  -- who asked, for the limit of a source
    sent_at       INTEGER NOT NULL,
    expires_at    INTEGER NOT NULL,
    tries_left    INTEGER NOT NULL,
    used_at       INTEGER,
    replaced_at   INTEGER,           -- a newer one was sent
    CONSTRAINT mail_code_sizes
        CHECK (length(session) = 32 AND length(mac) = 32 AND length(mailbox) = 32),
    CONSTRAINT mail_code_tries CHECK (tries_left >= 0),
    CONSTRAINT mail_code_subscriber_fk FOREIGN KEY (subscriber_id) REFERENCES subscriber (id),
    CONSTRAINT mail_code_address_fk FOREIGN KEY (address_id) REFERENCES address (id)
) STRICT;

-- Only the newest counts.
CREATE UNIQUE INDEX mail_code_one_live ON mail_code (session)
    WHERE used_at IS NULL AND replaced_at IS NULL;
CREATE INDEX mail_code_of_subscriber ON mail_code (subscriber_id, sent_at);
CREATE INDEX mail_code_of_mailbox ON mail_code (mailbox, sent_at);
CREATE INDEX mail_code_of_client ON mail_code (client, sent_at);
CREATE INDEX mail_code_sent ON mail_code (sent_at);

-- What is told, and how: the settings of the process that opened the store last. Here, and not in
-- memory, so that an act at the command line is told like one in the gateway.
CREATE TABLE told (
    channel TEXT NOT NULL,  -- 'mail' or 'webhook'
    notice  TEXT NOT NULL,  -- core::notice::Notice
    CONSTRAINT told_pk PRIMARY KEY (channel, notice)
) STRICT, WITHOUT ROWID;

-- What waits to be sent, queued in the transaction of the act it tells of. A notice holds no text:
-- it is written from the audit row when it is sent.
CREATE TABLE outbox (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    channel       TEXT    NOT NULL,  -- 'mail' or 'webhook'
    what          TEXT    NOT NULL,  -- a notice, or 'code'
    audit_seq     INTEGER NOT NULL,  -- the event: what, when, where; and the reference to quote
    subscriber_id INTEGER NOT NULL,
    address_id    INTEGER,           -- to where; NULL: the webhook
    mail_code_id  INTEGER,
    content       BLOB,              -- the code, sealed (seal.rs); gone once sent or given up
    state         TEXT    NOT NULL DEFAULT 'queued',
    tries         INTEGER NOT NULL DEFAULT 0,
    interrupted   INTEGER NOT NULL DEFAULT 0,  -- died while it was sent: it may have arrived
    queued_at     INTEGER NOT NULL,
    next_at       INTEGER NOT NULL,  -- not before; while sending: the end of the lease
    expires_at    INTEGER NOT NULL,  -- given up then
    done_at       INTEGER,
    problem       TEXT,              -- why the last try failed, in our words; never an address
    CONSTRAINT outbox_state_known CHECK (state IN ('queued', 'sending', 'sent', 'given_up')),
    CONSTRAINT outbox_channel_known CHECK (channel IN ('mail', 'webhook')),
    CONSTRAINT outbox_done_whole
        CHECK ((state IN ('sent', 'given_up')) = (done_at IS NOT NULL)),
    CONSTRAINT outbox_content_while_open CHECK (content IS NULL OR done_at IS NULL),
    CONSTRAINT outbox_subscriber_fk FOREIGN KEY (subscriber_id) REFERENCES subscriber (id),
    CONSTRAINT outbox_address_fk FOREIGN KEY (address_id) REFERENCES address (id),
    CONSTRAINT outbox_mail_code_fk FOREIGN KEY (mail_code_id) REFERENCES mail_code (id)
) STRICT;

CREATE INDEX outbox_due ON outbox (channel, next_at) WHERE done_at IS NULL;
CREATE INDEX outbox_done ON outbox (done_at) WHERE done_at IS NOT NULL;
CREATE INDEX outbox_of_address ON outbox (address_id) WHERE address_id IS NOT NULL;
CREATE INDEX outbox_of_code ON outbox (mail_code_id) WHERE mail_code_id IS NOT NULL;

-- How sending goes, for the front page of the admin app and for who may be offered a code.
CREATE TABLE channel (
    name          TEXT NOT NULL,  -- 'mail' or 'webhook'
    sent_at       INTEGER,        -- when something went out last
    failing_since INTEGER,        -- nothing has gone out since; NULL: it works, or was never tried
    problem       TEXT,           -- why, in our words
    CONSTRAINT channel_pk PRIMARY KEY (name)
) STRICT, WITHOUT ROWID;
