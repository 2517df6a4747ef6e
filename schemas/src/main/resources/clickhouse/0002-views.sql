-- Views over requests. When both sides of an exchange were seen there are two rows with one exchange_id: they count once, by the server's row, or
-- the client's when there is no other. Filters on minute (and on the grouped columns) reach the table.

CREATE VIEW IF NOT EXISTS red_1m AS
SELECT
    minute,
    protocol,
    server_address,
    server_port,
    service,
    count() AS requests,
    countIf(state NOT IN ('ok', 'unknown')) AS errors,
    errors / requests AS error_ratio,
    quantileTDigest(0.5)(duration) / 1e6 AS p50_ms,
    quantileTDigest(0.95)(duration) / 1e6 AS p95_ms,
    quantileTDigest(0.99)(duration) / 1e6 AS p99_ms,
    max(duration) / 1e6 AS max_ms,
    sum(bytes_in) AS request_bytes,
    sum(bytes_out) AS response_bytes
FROM
(
    SELECT
        toStartOfMinute(time) AS minute,
        protocol,
        server_address,
        server_port,
        exchange_id,
        argMax(if(server_service != '', server_service, if(server_workload != '', server_workload, server_process)), observed_at) AS service,
        argMax(status, observed_at) AS state,
        argMax(duration_ns, observed_at) AS duration,
        argMax(request_bytes, observed_at) AS bytes_in,
        argMax(response_bytes, observed_at) AS bytes_out
    FROM requests
    GROUP BY minute, protocol, server_address, server_port, exchange_id
)
GROUP BY minute, protocol, server_address, server_port, service
COMMENT 'Rate, errors, duration per minute and server; an exchange seen from both sides counts once';

CREATE VIEW IF NOT EXISTS service_map AS
SELECT
    minute,
    protocol,
    client,
    client_address,
    server,
    server_address,
    server_port,
    count() AS requests,
    countIf(state NOT IN ('ok', 'unknown')) AS errors,
    quantileTDigest(0.5)(duration) / 1e6 AS p50_ms,
    quantileTDigest(0.99)(duration) / 1e6 AS p99_ms,
    sum(bytes_in) AS request_bytes,
    sum(bytes_out) AS response_bytes
FROM
(
    SELECT
        toStartOfMinute(time) AS minute,
        protocol,
        client_address,
        server_address,
        server_port,
        exchange_id,
        max(if(client_service != '', client_service, if(client_workload != '', client_workload, client_process))) AS client,
        max(if(server_service != '', server_service, if(server_workload != '', server_workload, server_process))) AS server,
        argMax(status, observed_at) AS state,
        argMax(duration_ns, observed_at) AS duration,
        argMax(request_bytes, observed_at) AS bytes_in,
        argMax(response_bytes, observed_at) AS bytes_out
    FROM requests
    GROUP BY minute, protocol, client_address, server_address, server_port, exchange_id
)
GROUP BY minute, protocol, client, client_address, server, server_address, server_port
COMMENT 'Who talks to whom, per minute; an exchange seen from both sides counts once';

CREATE VIEW IF NOT EXISTS slow_requests AS
SELECT
    time,
    duration_ns / 1e6 AS duration_ms,
    ttfb_ns / 1e6 AS ttfb_ms,
    protocol,
    operation,
    resource,
    statement,
    status,
    status_code,
    observed_at,
    client_process,
    client_address,
    server_process,
    server_address,
    server_port,
    exchange_id
FROM requests
WHERE duration_ns > 0
ORDER BY duration_ns DESC
LIMIT 1000
COMMENT 'The thousand slowest';

CREATE VIEW IF NOT EXISTS errors AS
SELECT
    time,
    protocol,
    operation,
    resource,
    statement,
    status,
    status_code,
    error_type,
    observed_at,
    duration_ns / 1e6 AS duration_ms,
    client_process,
    client_address,
    server_process,
    server_address,
    server_port,
    exchange_id,
    trace_id
FROM requests
WHERE status NOT IN ('ok', 'unknown')
COMMENT 'Requests that failed, or were never answered';

CREATE VIEW IF NOT EXISTS exchanges AS
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
COMMENT 'Exchanges seen from both sides, with the share of the time that passed between the two';
