-- Once for each exchange: what both sides saw (exchange_sides), and whose the time was (network_blame). Answers that the end of the connection cut last as
-- long as somebody waited for them.

ALTER TABLE requests COMMENT COLUMN duration_ns 'First byte of the request to last byte of the response, or to the end of the connection that cut it, ns; 0 without a response';

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
    maxIf(toUnixTimestamp64Nano(r.time) + toInt64(duration_ns), observed_at = 'client') AS client_ended_ns,
    maxIf(toUnixTimestamp64Nano(r.time) + toInt64(duration_ns), observed_at = 'server') AS server_ended_ns,
    max(toUnixTimestamp64Nano(r.time) + if(duration_ns = 0, 60000000000, toInt64(duration_ns))) + if(client_seen, 0, 250000000) AS ended_ns,
    toUnixTimestamp64Nano(maxIf(r.time, observed_at = 'server')) - toUnixTimestamp64Nano(maxIf(r.time, observed_at = 'client')) AS before_server_ns,
    argMax(operation, observed_at) AS operation,
    argMax(resource, observed_at) AS resource,
    argMin(status, observed_at) AS status,
    maxIf(r.status, observed_at = 'server') AS server_status,
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
--
-- An answer that the connection's end cut lasts until then, and what happened later (a round trip and 10 ms are for what the end itself
-- brings about) is not why.
-- Losses are, if they went on to the end: TCP waits twice as long each time, so since the last one no longer than from the first to the last,
-- and a second. Then the time from the first of them on is the network's. Between two processes of one host nothing is on the way but rtt_ns.
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
        (cut OR status = 'reset') AND reset_by_server > 0, ('server', concat('the server reset the connection', within)),
        (cut OR status = 'reset') AND reset_by_client > 0, ('client', concat('the client reset the connection', within)),
        client_full > 0, ('client', 'the client did not read'),
        server_full > 0, ('server', 'the server did not read'),
        lost_to_end, ('network', concat('the rest of the answer did not come within ', ms(total_ns), ' ms: ', lost)),
        cut AND both AND server_cut AND server_ended_ns < client_ended_ns, ('server', 'the server closed the connection in the middle of the answer'),
        cut AND client_seen AND server_cut, ('server', concat('the server stopped in the middle of the answer; the client gave up after ', ms(total_ns), ' ms')),
        cut AND both AND server_ns > total_ns, ('server', concat('the server took ', ms(server_ns), ' ms, the client gave up after ', ms(total_ns), ' ms in the middle of the answer')),
        cut AND both AND client_unread, ('client', 'the client did not read the rest of the answer'),
        cut AND both, ('network', 'the rest of the answer did not reach the client'),
        cut, ('unknown', concat('the connection ended in the middle of the answer, after ', ms(total_ns), ' ms')),
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
        if(client_seen, client_ns, server_ns) > 0 AND NOT failed AS answered,
        if(client_seen, client_ns, server_ns) > 0 AND failed AS cut,
        server_status IN ('timeout', 'reset', 'connection_closed') AS server_cut,
        if(cut, ' in the middle of the answer', '') AS within,
        if(cut AND client_seen, client_ended_ns, ended_ns) AS end_ns,
        if(cut, end_ns + rtt + 10000000, ended_ns) AS until_ns,
        status IN ('timeout', 'reset', 'connection_closed') AS failed,
        toInt64(multiIf(client_ns > 0, client_ns, NOT client_seen, server_ns, c_end > started_ns, c_end - started_ns, 0)) AS total_ns,
        multiIf(c_rtt <= total_ns, c_rtt, c_rtt_min <= total_ns, c_rtt_min, 0) AS client_rtt,
        multiIf(s_rtt <= total_ns, s_rtt, s_rtt_min <= total_ns, s_rtt_min, 0) AS server_rtt,
        greatest(client_rtt, server_rtt) AS rtt,
        if(client_address = server_address, rtt, greatest(client_rtt + if(c_rtt <= total_ns, 4 * c_variance, 0), server_rtt + if(s_rtt <= total_ns, 4 * s_variance, 0)) * (1 + intDiv(bytes, 2896))) AS way_ns,
        arrayFilter(x -> x.1 BETWEEN started_ns AND until_ns, client_events) AS c_events,
        arrayFilter(x -> x.1 BETWEEN started_ns AND until_ns, server_events) AS s_events,
        arraySum(x -> if(x.2 = 'retransmit', x.3, 0), arrayConcat(c_events, s_events)) AS retransmits,
        arrayCount(x -> x.2 = 'drop', arrayConcat(c_events, s_events)) AS drops,
        retransmits + drops > 0 AS lossy,
        arrayMap(x -> x.1, arrayFilter(x -> x.2 IN ('retransmit', 'drop') AND (NOT cut OR x.1 <= end_ns), arrayConcat(c_events, s_events))) AS losses,
        if(notEmpty(losses), arrayMax(losses) - arrayMin(losses) + 200000000, 0) AS losses_ns,
        cut AND notEmpty(losses) AND end_ns - arrayMax(losses) <= arrayMax(losses) - arrayMin(losses) + 1000000000 AS lost_to_end,
        toInt64(if(both, greatest(0, toInt64(client_ns) - toInt64(server_ns)), 0)) AS between_ns,
        toInt64(multiIf(
            lost_to_end, least(total_ns, greatest(0, end_ns - arrayMin(losses))),
            cut, 0,
            both AND lossy, least(total_ns, between_ns + least(losses_ns, toInt64(server_ns) - toInt64(server_ttfb_ns))),
            both, least(between_ns, way_ns),
            client_ns > 0, least(client_ns, rtt),
            0)) AS network_ns,
        toInt64(if(both AND NOT lossy AND NOT cut, between_ns - network_ns, 0)) AS queue_ns,
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
