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
COMMENT 'Exchanges seen from both sides, with the share of the time that passed between the two';

-- What the two sides of an exchange saw, of which one may be missing, in the minute in which the first side began: rows of the side behind the border
-- are taken out of their own minute, and come in as rows of the minute before. Filters on minute reach each of the tables read here, through the joins, too.
CREATE OR REPLACE VIEW exchange_sides AS
SELECT
    minute,
    protocol,
    transport,
    server_address,
    server_port,
    exchange_id,
    min(r.time) AS started,
    toUnixTimestamp64Nano(started) AS started_ns,
    countIf(observed_at = 'client') > 0 AS client_seen,
    countIf(observed_at = 'server') > 0 AS server_seen,
    max(toUnixTimestamp64Nano(r.time) + if(duration_ns = 0, 60000000000, toInt64(duration_ns))) + if(client_seen, 0, 250000000) AS ended_ns,
    toUnixTimestamp64Nano(maxIf(r.time, observed_at = 'server')) - toUnixTimestamp64Nano(maxIf(r.time, observed_at = 'client')) AS before_server_ns,
    argMax(operation, observed_at) AS operation,
    argMax(resource, observed_at) AS resource,
    argMin(status, observed_at) AS status,
    max(request_bytes) + max(response_bytes) AS bytes,
    maxIf(duration_ns, observed_at = 'client') AS client_ns,
    maxIf(duration_ns, observed_at = 'server') AS server_ns,
    maxIf(ttfb_ns, observed_at = 'server') AS server_ttfb_ns,
    maxIf(connection_id, observed_at = 'client') AS client_connection,
    maxIf(connection_id, observed_at = 'server') AS server_connection,
    max(client_node) AS client_node,
    max(server_node) AS server_node,
    max(client_process) AS client_process,
    max(client_address) AS client_address,
    max(client_port) AS client_port,
    max(server_process) AS server_process
FROM
(
    SELECT own.*
    FROM (SELECT toStartOfMinute(time) AS minute, * FROM requests) AS own
    LEFT ANTI JOIN (SELECT border AS minute, protocol, exchange_id FROM exchanges_over_minutes) AS over
        ON own.minute = over.minute AND own.protocol = over.protocol AND own.exchange_id = over.exchange_id
    UNION ALL
    SELECT behind.*
    FROM (SELECT toStartOfMinute(time) - 60 AS minute, * FROM requests) AS behind
    INNER JOIN (SELECT border - 60 AS minute, protocol, exchange_id FROM exchanges_over_minutes) AS over
        ON behind.minute = over.minute AND behind.protocol = over.protocol AND behind.exchange_id = over.exchange_id
) AS r
GROUP BY minute, protocol, transport, server_address, server_port, exchange_id
COMMENT 'Exchanges once, with what each side saw';

-- One row per exchange over TCP: where its time went. Of each side that was seen: its connection's figures from the first row that is not
-- older than the request, and its events from the first byte of the request to the last byte of the answer (a minute where none came). A
-- server that is seen alone has written its answer long before the client has it, so its events count a little longer.
--
-- What the client's duration has and the server's has not (between_ns) was on the way, or in the queue of a socket that nobody read. It is the
-- network's where segments were sent again or dropped, else only up to way_ns: a round trip, and another for each two segments of 1448 bytes,
-- each as long as TCP itself would wait (round trip time + 4 mean deviations). A round trip time longer than the exchange was not measured in
-- it: the connection's smallest counts then, if it fits. The server's duration contains its blocking in send: after losses, its time beside
-- its ttfb_ns is the network's as long as there were losses, and 200 ms (the shortest RTO). An exchange without answer lasts until the end of
-- the client's connection, 0 while that is open.
CREATE OR REPLACE VIEW network_blame AS
WITH x -> toString(round(x / 1e6, 3)) AS ms
SELECT
    minute,
    started AS time,
    protocol,
    operation,
    resource,
    status,
    total_ns / 1e6 AS duration_ms,
    client_ns / 1e6 AS client_ms,
    server_ns / 1e6 AS server_ms,
    network_ns / 1e6 AS network_ms,
    queue_ns / 1e6 AS queue_ms,
    rtt / 1e6 AS rtt_ms,
    retransmits,
    drops,
    resets,
    client_full AS zero_windows_of_client,
    server_full AS zero_windows_of_server,
    multiIf(
        status = 'reset' AND reset_by_server > 0, ('server', 'the server reset the connection'),
        status = 'reset' AND reset_by_client > 0, ('client', 'the client reset the connection'),
        client_full > 0, ('client', 'the client did not read'),
        server_full > 0, ('server', 'the server did not read'),
        NOT answered AND retransmits + drops > 0, ('network', concat('no answer, ', lost)),
        NOT answered AND failed AND server_ns > total_ns AND total_ns > 0, ('server', concat('the server took ', ms(server_ns), ' ms, the client waited ', ms(total_ns), ' ms')),
        NOT answered AND failed AND server_ns > 0 AND total_ns > 0 AND client_unread, ('client', 'the client did not read the answer'),
        NOT answered AND failed AND server_ns > 0 AND total_ns > 0, ('network', 'the answer did not reach the client'),
        NOT answered AND failed AND server_seen AND server_ns = 0, ('server', 'the server read the request and did not answer'),
        NOT answered, ('unknown', 'no answer'),
        both AND network_ns >= own_ns AND network_ns >= queue_ns, ('network', if(lossy, concat(lost, '; ', ms(network_ns), ' of ', ms(total_ns), ' ms'), concat('round trip time ', ms(rtt), ' ms; ', ms(network_ns), ' of ', ms(total_ns), ' ms on the way'))),
        both AND own_ns >= queue_ns, ('server', concat('the server took ', ms(own_ns), ' of ', ms(total_ns), ' ms')),
        both AND rtt = 0, ('unknown', concat(ms(queue_ns), ' of ', ms(total_ns), ' ms between the two; no round trip time is known')),
        both AND before_server_ns * 2 BETWEEN between_ns AND between_ns * 3, ('server', concat('waited ', ms(queue_ns), ' ms in the server\'s queue before it was read')),
        both AND before_server_ns * 2 BETWEEN -between_ns AND between_ns, ('client', concat('waited ', ms(queue_ns), ' ms in the client\'s queue before it was read')),
        both, ('unknown', concat('waited ', ms(queue_ns), ' ms in a queue before it was read; the clocks of the two nodes do not tell in whose')),
        lossy, ('network', lost),
        rtt = 0, ('unknown', 'no round trip time is known'),
        network_ns * 2 >= total_ns, ('network', concat('round trip time ', ms(rtt), ' ms; ', ms(network_ns), ' of ', ms(total_ns), ' ms on the way')),
        ('server', concat('round trip time ', ms(rtt), ' of ', ms(total_ns), ' ms'))) AS finding,
    finding.1 AS verdict,
    finding.2 AS reason,
    client_process,
    client_address,
    client_port,
    server_process,
    server_address,
    server_port,
    client_node,
    client_connection,
    server_node,
    server_connection,
    exchange_id
FROM
(
    SELECT
        *,
        client_seen AND server_seen AND client_ns > 0 AND server_ns > 0 AS both,
        if(client_seen, client_ns, server_ns) > 0 AS answered,
        status IN ('timeout', 'reset', 'connection_closed') AS failed,
        toInt64(multiIf(client_ns > 0, client_ns, NOT client_seen, server_ns, c_end > started_ns, c_end - started_ns, 0)) AS total_ns,
        multiIf(c_rtt <= total_ns, c_rtt, c_rtt_min <= total_ns, c_rtt_min, 0) AS client_rtt,
        multiIf(s_rtt <= total_ns, s_rtt, s_rtt_min <= total_ns, s_rtt_min, 0) AS server_rtt,
        greatest(client_rtt, server_rtt) AS rtt,
        greatest(client_rtt + if(c_rtt <= total_ns, 4 * c_variance, 0), server_rtt + if(s_rtt <= total_ns, 4 * s_variance, 0)) * (1 + intDiv(bytes, 2896)) AS way_ns,
        arrayFilter(x -> x.1 BETWEEN started_ns AND ended_ns, client_events) AS c_events,
        arrayFilter(x -> x.1 BETWEEN started_ns AND ended_ns, server_events) AS s_events,
        arraySum(x -> if(x.2 = 'retransmit', x.3, 0), arrayConcat(c_events, s_events)) AS retransmits,
        arrayCount(x -> x.2 = 'drop', arrayConcat(c_events, s_events)) AS drops,
        retransmits + drops > 0 AS lossy,
        arrayMap(x -> x.1, arrayFilter(x -> x.2 IN ('retransmit', 'drop'), arrayConcat(c_events, s_events))) AS losses,
        if(lossy, arrayMax(losses) - arrayMin(losses) + 200000000, 0) AS losses_ns,
        toInt64(if(both, greatest(0, toInt64(client_ns) - toInt64(server_ns)), 0)) AS between_ns,
        toInt64(multiIf(
            both AND lossy, between_ns + least(losses_ns, toInt64(server_ns) - toInt64(server_ttfb_ns)),
            both, least(between_ns, way_ns),
            client_ns > 0, least(client_ns, rtt),
            0)) AS network_ns,
        toInt64(if(both AND NOT lossy, between_ns - network_ns, 0)) AS queue_ns,
        toInt64(if(both, total_ns - network_ns - queue_ns, 0)) AS own_ns,
        arrayCount(x -> x.2 IN ('reset_sent', 'reset_received'), arrayConcat(c_events, s_events)) AS resets,
        arrayCount(x -> x.2 = 'zero_window_sent', c_events) + arrayCount(x -> x.2 = 'zero_window_received', s_events) AS client_full,
        arrayCount(x -> x.2 = 'zero_window_received', c_events) + arrayCount(x -> x.2 = 'zero_window_sent', s_events) AS server_full,
        arrayCount(x -> x.2 = 'reset_received', c_events) + arrayCount(x -> x.2 = 'reset_sent', s_events) AS reset_by_server,
        arrayCount(x -> x.2 = 'reset_sent', c_events) + arrayCount(x -> x.2 = 'reset_received', s_events) AS reset_by_client,
        concat(toString(retransmits), ' segments sent again, ', toString(drops), ' packets dropped on their host') AS lost
    FROM (SELECT * FROM exchange_sides WHERE transport = 'tcp') AS e
    LEFT JOIN (SELECT node AS ce_node, connection_id AS ce_id, groupArray((toUnixTimestamp64Nano(time), event, segments)) AS client_events FROM tcp_events GROUP BY node, connection_id) AS ce
        ON e.client_node = ce.ce_node AND e.client_connection = ce.ce_id
    LEFT JOIN (SELECT node AS se_node, connection_id AS se_id, groupArray((toUnixTimestamp64Nano(time), event, segments)) AS server_events FROM tcp_events GROUP BY node, connection_id) AS se
        ON e.server_node = se.se_node AND e.server_connection = se.se_id
    LEFT JOIN
    (
        SELECT
            node AS end_node,
            connection_id AS end_id,
            max(if(toUnixTimestamp64Nano(opened) = 0, toUnixTimestamp64Nano(time), toUnixTimestamp64Nano(opened) + toInt64(duration_ns))) AS c_end,
            max(toUnixTimestamp64Nano(opened) > 0 AND bytes_received > ingress_bytes + 1) AS client_unread
        FROM connections
        WHERE transport = 'tcp' AND role = 'client' AND NOT tls AND state IN ('closed', 'reset')
        GROUP BY node, connection_id
    ) AS ends
        ON e.client_node = ends.end_node AND e.client_connection = ends.end_id
    ASOF LEFT JOIN (SELECT node AS c_node, connection_id AS c_id, time AS c_time, rtt_ns AS c_rtt, rtt_min_ns AS c_rtt_min, rtt_variance_ns AS c_variance FROM connections WHERE transport = 'tcp' AND NOT tls) AS c
        ON e.client_node = c.c_node AND e.client_connection = c.c_id AND e.started <= c.c_time
    ASOF LEFT JOIN (SELECT node AS s_node, connection_id AS s_id, time AS s_time, rtt_ns AS s_rtt, rtt_min_ns AS s_rtt_min, rtt_variance_ns AS s_variance FROM connections WHERE transport = 'tcp' AND NOT tls) AS s
        ON e.server_node = s.s_node AND e.server_connection = s.s_id AND e.started <= s.s_time
)
COMMENT 'Exchanges over TCP with what the network did meanwhile, and where most of the time went: network, server, client or unknown'
