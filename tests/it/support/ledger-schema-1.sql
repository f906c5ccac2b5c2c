-- The ledger before its chain, as the program of schema 1 made it.
CREATE TABLE setting (name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE run (id INTEGER PRIMARY KEY, started INTEGER NOT NULL, pid INTEGER NOT NULL, program TEXT NOT NULL) STRICT;

CREATE TABLE intent (
  id INTEGER PRIMARY KEY,
  subject BLOB NOT NULL,
  time INTEGER NOT NULL,
  run INTEGER NOT NULL REFERENCES run (id)
) STRICT;
CREATE INDEX intent_of_subject ON intent (subject);

CREATE TABLE answer (
  intent INTEGER PRIMARY KEY REFERENCES intent (id),
  class TEXT NOT NULL,
  error_code TEXT, res TEXT, resmsg TEXT, score TEXT, carrier TEXT, orderid TEXT, reason TEXT,
  http_status INTEGER,
  seen TEXT,
  time INTEGER NOT NULL
) STRICT;

CREATE TABLE resolution (
  id INTEGER PRIMARY KEY,
  intent INTEGER NOT NULL REFERENCES intent (id),
  verdict TEXT NOT NULL,
  who TEXT NOT NULL,
  why TEXT NOT NULL,
  time INTEGER NOT NULL
) STRICT;
CREATE INDEX resolution_of_intent ON resolution (intent);

CREATE TABLE photo_path (
  path BLOB PRIMARY KEY,
  size_bytes INTEGER NOT NULL, modified_ns INTEGER NOT NULL, changed_ns INTEGER NOT NULL,
  photo BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE photo_judgement (
  photo BLOB PRIMARY KEY,
  preparer INTEGER NOT NULL,
  code TEXT, reason TEXT, warnings TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER run_is_never_updated BEFORE UPDATE ON run BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER run_is_never_deleted BEFORE DELETE ON run BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER intent_is_never_updated BEFORE UPDATE ON intent BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER intent_is_never_deleted BEFORE DELETE ON intent BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER answer_is_never_updated BEFORE UPDATE ON answer BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER answer_is_never_deleted BEFORE DELETE ON answer BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER resolution_is_never_updated BEFORE UPDATE ON resolution BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER resolution_is_never_deleted BEFORE DELETE ON resolution BEGIN SELECT RAISE(ABORT, 'append only'); END;

PRAGMA application_id = 0x72766679;
PRAGMA user_version = 1;
