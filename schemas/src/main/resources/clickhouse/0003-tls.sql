-- What TLS carries on a connection is accounted in a row of its own.

ALTER TABLE connections ADD COLUMN IF NOT EXISTS
    tls Bool COMMENT 'The plaintext that TLS carries on this connection, whose encrypted bytes are in a row of their own' AFTER pending_bytes;
