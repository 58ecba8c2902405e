-- Jobs as they were accepted, and how they ended. What is open runs again at the next start.
CREATE TABLE IF NOT EXISTS jobs (
    id         BLOB PRIMARY KEY,
    person     BLOB NOT NULL,
    -- Who asked, under which number: the same request twice is one job.
    viewer     BLOB NOT NULL,
    request    INTEGER NOT NULL,
    canvas     BLOB NOT NULL,
    -- The canvas by its tiles (JSON), to ask for them again; empty once the job has come to nothing.
    manifest   TEXT NOT NULL,
    spec       TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    state      TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'finished', 'cancelled', 'failed')),
    step       INTEGER,
    took_ms    REAL,
    problem    TEXT,
    UNIQUE (viewer, request)
) WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS jobs_of_person ON jobs (person, created_ms DESC);
-- Whose canvases are kept, with the pictures that were made from them.
CREATE INDEX IF NOT EXISTS jobs_by_canvas ON jobs (canvas) WHERE state IN ('open', 'finished');
CREATE INDEX IF NOT EXISTS jobs_open ON jobs (created_ms) WHERE state = 'open';
CREATE INDEX IF NOT EXISTS jobs_in_vain ON jobs (created_ms) WHERE state IN ('cancelled', 'failed');

CREATE TABLE IF NOT EXISTS pictures (
    job    BLOB NOT NULL REFERENCES jobs (id),
    number INTEGER NOT NULL,
    digest BLOB NOT NULL,
    seed   TEXT NOT NULL,
    width  INTEGER NOT NULL,
    height INTEGER NOT NULL,
    PRIMARY KEY (job, number)
) WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS pictures_by_file ON pictures (digest);
