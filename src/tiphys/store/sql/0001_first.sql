-- Schema version 1: state rows, the bus table and the audit chain.
-- Times are RFC 3339 texts in UTC with six digits of microseconds: text order is time order.

-- One row that says which engine may write: each start takes the next epoch.
CREATE TABLE engine (
    id    INTEGER PRIMARY KEY CHECK (id = 0),
    epoch INTEGER NOT NULL
) STRICT;
INSERT INTO engine (id, epoch) VALUES (0, 0);

CREATE TABLE workflow (
    place       INTEGER PRIMARY KEY,
    uid         TEXT NOT NULL UNIQUE,
    namespace   TEXT NOT NULL,
    name        TEXT NOT NULL,
    phase       TEXT NOT NULL,
    created_at  TEXT NOT NULL,
    started_at  TEXT,
    finished_at TEXT,
    labels      TEXT NOT NULL,
    manifest    TEXT NOT NULL,
    state       TEXT NOT NULL,
    UNIQUE (namespace, name)
) STRICT;
-- Lists are newest first; what is open stays a small index however long the history.
CREATE INDEX workflow_by_age ON workflow (created_at);
CREATE INDEX workflow_open ON workflow (place) WHERE finished_at IS NULL;

CREATE TABLE node (
    place        INTEGER PRIMARY KEY,
    workflow_uid TEXT NOT NULL,
    node_id      TEXT NOT NULL,
    phase        TEXT NOT NULL,
    body         TEXT NOT NULL,
    UNIQUE (workflow_uid, node_id)
) STRICT;

CREATE TABLE document (
    kind      TEXT NOT NULL,
    namespace TEXT NOT NULL,
    name      TEXT NOT NULL,
    body      TEXT NOT NULL,
    PRIMARY KEY (kind, name, namespace)
) STRICT, WITHOUT ROWID;

CREATE TABLE state (
    machine TEXT NOT NULL,
    key     TEXT NOT NULL,
    phase   TEXT NOT NULL,
    "group" TEXT NOT NULL,
    body    TEXT NOT NULL,
    PRIMARY KEY (machine, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX state_by_phase ON state (machine, phase);
CREATE INDEX state_by_group ON state (machine, "group");

CREATE TABLE event (
    seq     INTEGER PRIMARY KEY AUTOINCREMENT,
    id      TEXT NOT NULL UNIQUE,
    source  TEXT NOT NULL,
    subject TEXT NOT NULL,
    type    TEXT NOT NULL,
    time    TEXT NOT NULL,
    data    TEXT NOT NULL
) STRICT;
CREATE INDEX event_by_origin ON event (source, subject, seq);

CREATE TABLE cursor (
    consumer TEXT PRIMARY KEY,
    seq      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The audit chain: `entry` is what was hashed, the plain columns beside it are for queries and checked against it.
CREATE TABLE audit_record (
    seq       INTEGER PRIMARY KEY,
    prev_hash BLOB NOT NULL UNIQUE,
    hash      BLOB NOT NULL,
    entry     BLOB NOT NULL,
    kind      TEXT NOT NULL,
    subject   TEXT NOT NULL,
    actor     TEXT NOT NULL,
    at        TEXT NOT NULL
) STRICT;
CREATE INDEX audit_record_by_subject ON audit_record (subject, seq);

-- The end of the chain, always there: its size is the next sequence number.
CREATE TABLE audit_head (
    id   INTEGER PRIMARY KEY CHECK (id = 0),
    size INTEGER NOT NULL,
    hash BLOB NOT NULL
) STRICT;
INSERT INTO audit_head (id, size, hash) VALUES (0, 0, zeroblob(32));
