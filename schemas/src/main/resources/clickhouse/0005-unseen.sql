-- A state of its own for connections of which no end was told.
ALTER TABLE connections
    COMMENT COLUMN state 'open, closed, reset, failed; unseen: nothing was heard of it since the collector started anew, or for very long';
