-- Both sides of an exchange in one minute, also where they began on two sides of a minute's border. The minute is part of what rows are grouped by, so
-- that filters on it reach the table, and so that an exchange_id that comes again (positions are counted modulo 2^32, DNS repeats queries) is another
-- exchange.

-- Exchanges of which one side began up to 30 s before a minute's border, and the other up to 30 s behind it. What was seen of the four (side, before or
-- behind) is gathered as bits. A border is a minute plus or minus a number, which is what the table's keys can be asked for.
CREATE OR REPLACE VIEW exchanges_over_minutes AS
SELECT
    border,
    protocol,
    exchange_id
FROM
(
    SELECT toStartOfMinute(time) + 60 AS border, protocol, exchange_id, if(observed_at = 'client', 1, 2) AS seen FROM requests WHERE toSecond(time) >= 30
    UNION ALL
    SELECT toStartOfMinute(time) AS border, protocol, exchange_id, if(observed_at = 'client', 4, 8) AS seen FROM requests WHERE toSecond(time) < 30
)
GROUP BY border, protocol, exchange_id
HAVING groupBitOr(seen) IN (1 + 8, 2 + 4)
COMMENT 'Exchanges whose sides began on two sides of a minute\'s border';

-- Both sides, the server's not more than a minute before the client's or after its answer: an id that comes again is not tied to an older row.
CREATE OR REPLACE VIEW exchanges AS
SELECT
    c.time AS time,
    c.exchange_id AS exchange_id,
    c.protocol AS protocol,
    c.operation AS operation,
    c.resource AS resource,
    c.status AS status,
    c.client_process AS client_process,
    c.client_address AS client_address,
    s.server_process AS server_process,
    s.server_address AS server_address,
    s.server_port AS server_port,
    c.duration_ns / 1e6 AS client_ms,
    s.duration_ns / 1e6 AS server_ms,
    greatest(0, toInt64(c.duration_ns) - toInt64(s.duration_ns)) / 1e6 AS network_ms,
    if(c.duration_ns = 0, 0, greatest(0, toInt64(c.duration_ns) - toInt64(s.duration_ns)) / c.duration_ns) AS network_share
FROM (SELECT * FROM requests WHERE observed_at = 'client') AS c
INNER JOIN (SELECT * FROM requests WHERE observed_at = 'server') AS s ON c.exchange_id = s.exchange_id AND c.protocol = s.protocol
WHERE s.time BETWEEN c.time - INTERVAL 60 SECOND AND addNanoseconds(c.time, c.duration_ns) + INTERVAL 60 SECOND
COMMENT 'Exchanges seen from both sides, with the share of the time that passed between the two'
