-- name: epoch
-- The epoch of the engine that may write.
SELECT epoch FROM engine WHERE id = 0;

-- name: take_epoch
-- A new engine takes over; an older one finds out at its next commit.
UPDATE engine SET epoch = epoch + 1 WHERE id = 0 RETURNING epoch;

-- name: create_workflow
-- Fails on an existing uid or (namespace, name).
INSERT INTO workflow (uid, namespace, name, phase, created_at, started_at, finished_at, labels, manifest, state)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: put_workflow
-- Replaces the row of that uid and keeps its place in lists.
INSERT INTO workflow (uid, namespace, name, phase, created_at, started_at, finished_at, labels, manifest, state)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (uid) DO UPDATE SET
    namespace = excluded.namespace, name = excluded.name, phase = excluded.phase, created_at = excluded.created_at,
    started_at = excluded.started_at, finished_at = excluded.finished_at, labels = excluded.labels,
    manifest = excluded.manifest, state = excluded.state;

-- name: move_workflow
-- A workflow whose manifest has not changed: the usual case, without writing the manifest again.
UPDATE workflow SET phase = ?, started_at = ?, finished_at = ?, labels = ?, state = ? WHERE uid = ?;

-- name: put_node
-- Replaces the node and keeps its place in the order of first writing.
INSERT INTO node (workflow_uid, node_id, phase, body) VALUES (?, ?, ?, ?)
ON CONFLICT (workflow_uid, node_id) DO UPDATE SET phase = excluded.phase, body = excluded.body;

-- name: put_document
INSERT INTO document (kind, namespace, name, body) VALUES (?, ?, ?, ?)
ON CONFLICT (kind, name, namespace) DO UPDATE SET body = excluded.body;

-- name: put_state
INSERT INTO state (machine, key, phase, "group", body) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (machine, key) DO UPDATE SET phase = excluded.phase, "group" = excluded."group", body = excluded.body;

-- name: delete_workflow
DELETE FROM workflow WHERE uid = ?;

-- name: delete_nodes
-- A deleted workflow takes its nodes along.
DELETE FROM node WHERE workflow_uid = ?;

-- name: delete_document
DELETE FROM document WHERE kind = ? AND namespace = ? AND name = ?;

-- name: delete_state
DELETE FROM state WHERE machine = ? AND key = ?;

-- name: add_event
-- The same id twice is one event.
INSERT INTO event (id, source, subject, type, time, data) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING;

-- name: move_cursor
-- A cursor never goes back.
INSERT INTO cursor (consumer, seq) VALUES (?, ?)
ON CONFLICT (consumer) DO UPDATE SET seq = max(seq, excluded.seq);

-- name: audit_head
SELECT size, hash FROM audit_head WHERE id = 0;

-- name: add_record
INSERT INTO audit_record (seq, prev_hash, hash, entry, kind, subject, actor, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?);

-- name: move_audit_head
UPDATE audit_head SET size = ?, hash = ? WHERE id = 0;
