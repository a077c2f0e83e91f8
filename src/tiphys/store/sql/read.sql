-- name: workflow
SELECT uid, namespace, name, phase, created_at, started_at, finished_at, labels, manifest, state
FROM workflow WHERE namespace = ? AND name = ?;

-- name: workflow_by_uid
SELECT uid, namespace, name, phase, created_at, started_at, finished_at, labels, manifest, state
FROM workflow WHERE uid = ?;

-- name: workflows
-- All workflows, newest first; empty :namespace and :prefix and null :phases match all. :phases is a JSON list.
SELECT uid, namespace, name, phase, created_at, started_at, finished_at, labels, manifest, state
FROM workflow
WHERE (:namespace = '' OR namespace = :namespace)
  AND (:prefix = '' OR substr(name, 1, length(:prefix)) = :prefix)
  AND (:phases IS NULL OR phase IN (SELECT value FROM json_each(:phases)))
ORDER BY created_at DESC, place DESC;

-- name: open_workflows
-- Oldest first; reads the partial index only.
SELECT uid, namespace, name, phase, created_at, started_at, finished_at, labels, manifest, state
FROM workflow WHERE finished_at IS NULL ORDER BY place;

-- name: nodes
-- In the order in which they were first written.
SELECT workflow_uid, node_id, phase, body FROM node WHERE workflow_uid = ? ORDER BY place;

-- name: document
SELECT kind, namespace, name, body FROM document WHERE kind = ? AND namespace = ? AND name = ?;

-- name: documents
SELECT kind, namespace, name, body FROM document
WHERE kind = :kind AND (:namespace = '' OR namespace = :namespace) ORDER BY name, namespace;

-- name: state
SELECT machine, key, phase, body, "group" FROM state WHERE machine = ? AND key = ?;

-- name: states
-- By key; null :phases and :group match all. :phases is a JSON list.
SELECT machine, key, phase, body, "group" FROM state
WHERE machine = :machine
  AND (:phases IS NULL OR phase IN (SELECT value FROM json_each(:phases)))
  AND (:group IS NULL OR "group" = :group)
ORDER BY key;

-- name: events_after
-- Empty :source and :subject match all.
SELECT seq, id, source, subject, type, time, data FROM event
WHERE seq > :seq AND (:source = '' OR source = :source) AND (:subject = '' OR subject = :subject)
ORDER BY seq LIMIT :limit;

-- name: event
SELECT seq, id, source, subject, type, time, data FROM event WHERE id = ?;

-- name: cursor
SELECT seq FROM cursor WHERE consumer = ?;

-- name: records
-- One page of the chain; empty :subject matches all.
SELECT seq, entry, prev_hash, hash FROM audit_record
WHERE seq > :after AND (:subject = '' OR subject = :subject) ORDER BY seq LIMIT :limit;
