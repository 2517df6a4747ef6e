-- How the network treats TCP connections: columns of connections, table tcp_events, view network_blame.

ALTER TABLE connections
    ADD COLUMN IF NOT EXISTS error_type LowCardinality(String) COMMENT 'error.type: why connecting failed or what ended the connection (connection_refused, timed_out, host_unreachable, network_unreachable, connection_reset, connect_abandoned, …), empty on success' AFTER error,
    ADD COLUMN IF NOT EXISTS duration_ns UInt64 COMMENT 'From open to close, or until time; 0 when it was open before the collector looked' CODEC(T64, ZSTD(1)) AFTER error_type,
    ADD COLUMN IF NOT EXISTS connect_ns UInt64 COMMENT 'From the call of connect until the connection was established; 0 when unknown or not the client' CODEC(T64, ZSTD(1)) AFTER duration_ns,
    ADD COLUMN IF NOT EXISTS tcp_state LowCardinality(String) COMMENT 'ESTABLISHED, CLOSE_WAIT, …, empty when not told' AFTER connect_ns,
    ADD COLUMN IF NOT EXISTS rtt_ns UInt64 COMMENT 'Smoothed round trip time as the kernel measures it, 0 when unknown' CODEC(T64, ZSTD(1)) AFTER tcp_state,
    ADD COLUMN IF NOT EXISTS rtt_variance_ns UInt64 COMMENT 'Mean deviation of the round trip time' CODEC(T64, ZSTD(1)) AFTER rtt_ns,
    ADD COLUMN IF NOT EXISTS rtt_min_ns UInt64 COMMENT 'Smallest round trip time (of the last five minutes, by default), 0 when unknown' CODEC(T64, ZSTD(1)) AFTER rtt_variance_ns,
    ADD COLUMN IF NOT EXISTS retransmits UInt64 COMMENT 'Segments sent again since open, SYN and FIN with them' CODEC(T64, ZSTD(1)) AFTER rtt_min_ns,
    ADD COLUMN IF NOT EXISTS bytes_retransmitted UInt64 COMMENT 'Bytes sent again' CODEC(T64, ZSTD(1)) AFTER retransmits,
    ADD COLUMN IF NOT EXISTS bytes_acked UInt64 COMMENT 'Bytes that the peer\'s TCP acknowledged' CODEC(T64, ZSTD(1)) AFTER bytes_retransmitted,
    ADD COLUMN IF NOT EXISTS bytes_received UInt64 COMMENT 'Bytes that TCP received, also those that no process has read' CODEC(T64, ZSTD(1)) AFTER bytes_acked,
    ADD COLUMN IF NOT EXISTS segments_sent UInt64 COMMENT 'Packets, those without data too' CODEC(T64, ZSTD(1)) AFTER bytes_received,
    ADD COLUMN IF NOT EXISTS segments_received UInt64 COMMENT 'Packets, those without data too' CODEC(T64, ZSTD(1)) AFTER segments_sent,
    ADD COLUMN IF NOT EXISTS segments_lost UInt64 COMMENT 'Segments that TCP took for lost' CODEC(T64, ZSTD(1)) AFTER segments_received,
    ADD COLUMN IF NOT EXISTS segments_out_of_order UInt64 COMMENT 'Segments received out of order' CODEC(T64, ZSTD(1)) AFTER segments_lost,
    ADD COLUMN IF NOT EXISTS reorderings UInt64 COMMENT 'Times that the network was seen to reorder what was sent' CODEC(T64, ZSTD(1)) AFTER segments_out_of_order,
    ADD COLUMN IF NOT EXISTS drops UInt64 COMMENT 'Packets of the connection that this host dropped, see tcp_events' CODEC(T64, ZSTD(1)) AFTER reorderings,
    ADD COLUMN IF NOT EXISTS resets_sent UInt64 COMMENT 'RST packets' CODEC(T64, ZSTD(1)) AFTER drops,
    ADD COLUMN IF NOT EXISTS resets_received UInt64 COMMENT 'RST packets' CODEC(T64, ZSTD(1)) AFTER resets_sent,
    ADD COLUMN IF NOT EXISTS zero_windows_received UInt64 COMMENT 'Times that the peer was seen to take no more bytes: it does not read' CODEC(T64, ZSTD(1)) AFTER resets_received,
    ADD COLUMN IF NOT EXISTS zero_windows_sent UInt64 COMMENT 'Times that this end was seen to take no more bytes: its process does not read' CODEC(T64, ZSTD(1)) AFTER zero_windows_received,
    ADD COLUMN IF NOT EXISTS receiver_limited_ns UInt64 COMMENT 'Time in which only the peer\'s window kept data back' CODEC(T64, ZSTD(1)) AFTER zero_windows_sent,
    ADD COLUMN IF NOT EXISTS congestion_window UInt64 COMMENT 'Segments that may be under way' CODEC(T64, ZSTD(1)) AFTER receiver_limited_ns;

CREATE TABLE IF NOT EXISTS tcp_events
(
    time DateTime64(9, 'UTC') COMMENT 'When it happened; zero windows: when it was seen' CODEC(Delta, ZSTD(1)),
    node LowCardinality(String) COMMENT 'host.name',
    connection_id UInt64 COMMENT 'Connection on its node, see table connections' CODEC(ZSTD(1)),
    event LowCardinality(String) COMMENT 'retransmit, reset_sent, reset_received, connect_failed, drop, zero_window_received, zero_window_sent',
    reason LowCardinality(String) COMMENT 'connect_failed: error.type; drop, reset_sent: the kernel\'s name for why (enum skb_drop_reason, sk_rst_reason), empty where it tells none',
    segments UInt64 COMMENT 'retransmit: how many segments were sent again; drop: 1' CODEC(T64, ZSTD(1)),
    role LowCardinality(String) COMMENT 'Of the traced process: client, server, unknown',
    local_address LowCardinality(String) COMMENT 'IP address',
    local_port UInt16 CODEC(ZSTD(1)),
    remote_address LowCardinality(String) COMMENT 'IP address',
    remote_port UInt16 CODEC(ZSTD(1)),
    pid UInt32 COMMENT 'process.pid' CODEC(T64, ZSTD(1)),
    process LowCardinality(String) COMMENT 'process.executable.name',
    container_id LowCardinality(String) COMMENT 'container.id',
    tcp_state LowCardinality(String) COMMENT 'State of the connection then: ESTABLISHED, SYN_SENT, …',
    error UInt32 COMMENT 'errno, 0 when none' CODEC(T64, ZSTD(1)),
    rtt_ns UInt64 COMMENT 'Smoothed round trip time then, 0 when unknown' CODEC(T64, ZSTD(1)),
    retransmits UInt64 COMMENT 'Segments that the connection had sent again by then' CODEC(T64, ZSTD(1)),
    kafka_partition UInt32 COMMENT 'Where the row comes from: rows are resumed and told apart by it' CODEC(ZSTD(1)),
    kafka_offset UInt64 COMMENT 'Offset in kafka_partition' CODEC(Delta, ZSTD(1)),
    INDEX by_time time TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toDate(time)
ORDER BY (node, connection_id, time)
TTL toDateTime(time) + INTERVAL 30 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 1000, index_granularity = 8192
COMMENT 'One row per thing that happened to a TCP connection, as one side saw it';

-- One row per exchange over TCP: where its time went. Of each side that was seen: its connection's figures from the first row that is not
-- older than the request, and its events from the first byte of the request to the last byte of the answer (a minute where none came). A
-- server that is seen alone has written its answer long before the client has it, so its events count a little longer.
CREATE VIEW IF NOT EXISTS network_blame AS
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
    rtt / 1e6 AS rtt_ms,
    retransmits,
    drops,
    resets,
    client_full AS zero_windows_of_client,
    server_full AS zero_windows_of_server,
    multiIf(
        status = 'reset' AND reset_by_server > 0, 'server',
        status = 'reset' AND reset_by_client > 0, 'client',
        client_full > 0, 'client',
        server_full > 0, 'server',
        total_ns = 0, if(retransmits + drops > 0, 'network', 'unknown'),
        both, if(network_ns * 2 >= total_ns, 'network', 'server'),
        retransmits + drops > 0, 'network',
        rtt = 0, 'unknown',
        network_ns * 2 >= total_ns, 'network',
        'server') AS verdict,
    multiIf(
        status = 'reset' AND reset_by_server > 0, 'the server reset the connection',
        status = 'reset' AND reset_by_client > 0, 'the client reset the connection',
        client_full > 0, 'the client did not read',
        server_full > 0, 'the server did not read',
        total_ns = 0 AND retransmits + drops > 0, concat('no answer, ', lost),
        total_ns = 0, 'no answer',
        verdict = 'network' AND retransmits + drops > 0, concat(lost, if(both, concat('; ', toString(round(network_ms, 3)), ' of ', toString(round(duration_ms, 3)), ' ms between the two'), '')),
        verdict = 'network', concat('round trip time ', toString(round(rtt_ms, 3)), ' ms; ', toString(round(network_ms, 3)), ' of ', toString(round(duration_ms, 3)), ' ms on the way'),
        verdict = 'server' AND both, concat('the server took ', toString(round(server_ms, 3)), ' of ', toString(round(duration_ms, 3)), ' ms'),
        verdict = 'server', concat('round trip time ', toString(round(rtt_ms, 3)), ' of ', toString(round(duration_ms, 3)), ' ms'),
        'nothing is known of the connection') AS reason,
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
        client_ns > 0 AND server_ns > 0 AS both,
        if(client_ns > 0, client_ns, server_ns) AS total_ns,
        greatest(c_rtt, s_rtt) AS rtt,
        toUInt64(multiIf(client_ns > 0 AND server_ns > 0, greatest(0, toInt64(client_ns) - toInt64(server_ns)), client_ns > 0, least(client_ns, rtt), 0)) AS network_ns,
        arrayFilter(x -> x.1 BETWEEN started AND ended, client_events) AS c_events,
        arrayFilter(x -> x.1 BETWEEN started AND ended, server_events) AS s_events,
        arraySum(x -> if(x.2 = 'retransmit', x.3, 0), arrayConcat(c_events, s_events)) AS retransmits,
        arrayCount(x -> x.2 = 'drop', arrayConcat(c_events, s_events)) AS drops,
        arrayCount(x -> x.2 IN ('reset_sent', 'reset_received'), arrayConcat(c_events, s_events)) AS resets,
        arrayCount(x -> x.2 = 'zero_window_sent', c_events) + arrayCount(x -> x.2 = 'zero_window_received', s_events) AS client_full,
        arrayCount(x -> x.2 = 'zero_window_received', c_events) + arrayCount(x -> x.2 = 'zero_window_sent', s_events) AS server_full,
        arrayCount(x -> x.2 = 'reset_received', c_events) + arrayCount(x -> x.2 = 'reset_sent', s_events) AS reset_by_server,
        arrayCount(x -> x.2 = 'reset_sent', c_events) + arrayCount(x -> x.2 = 'reset_received', s_events) AS reset_by_client,
        concat(toString(retransmits), ' segments sent again, ', toString(drops), ' packets dropped on their host') AS lost
    FROM
    (
        SELECT
            toStartOfMinute(time) AS minute,
            protocol,
            server_address,
            server_port,
            exchange_id,
            min(requests.time) AS started,
            max(if(duration_ns = 0, requests.time + INTERVAL 60 SECOND, addNanoseconds(requests.time, duration_ns))) + INTERVAL if(countIf(observed_at = 'client') = 0, 250, 0) MILLISECOND AS ended,
            argMax(operation, observed_at) AS operation,
            argMax(resource, observed_at) AS resource,
            argMin(status, observed_at) AS status,
            maxIf(duration_ns, observed_at = 'client') AS client_ns,
            maxIf(duration_ns, observed_at = 'server') AS server_ns,
            maxIf(connection_id, observed_at = 'client') AS client_connection,
            maxIf(connection_id, observed_at = 'server') AS server_connection,
            max(client_node) AS client_node,
            max(server_node) AS server_node,
            max(client_process) AS client_process,
            max(client_address) AS client_address,
            max(client_port) AS client_port,
            max(server_process) AS server_process
        FROM requests
        WHERE transport = 'tcp'
        GROUP BY minute, protocol, server_address, server_port, exchange_id
    ) AS e
    LEFT JOIN (SELECT node AS ce_node, connection_id AS ce_id, groupArray((time, event, segments)) AS client_events FROM tcp_events GROUP BY node, connection_id) AS ce
        ON e.client_node = ce.ce_node AND e.client_connection = ce.ce_id
    LEFT JOIN (SELECT node AS se_node, connection_id AS se_id, groupArray((time, event, segments)) AS server_events FROM tcp_events GROUP BY node, connection_id) AS se
        ON e.server_node = se.se_node AND e.server_connection = se.se_id
    ASOF LEFT JOIN (SELECT node AS c_node, connection_id AS c_id, time AS c_time, rtt_ns AS c_rtt FROM connections WHERE transport = 'tcp' AND NOT tls) AS c
        ON e.client_node = c.c_node AND e.client_connection = c.c_id AND e.started <= c.c_time
    ASOF LEFT JOIN (SELECT node AS s_node, connection_id AS s_id, time AS s_time, rtt_ns AS s_rtt FROM connections WHERE transport = 'tcp' AND NOT tls) AS s
        ON e.server_node = s.s_node AND e.server_connection = s.s_id AND e.started <= s.s_time
)
COMMENT 'Exchanges over TCP with what the network did meanwhile, and where most of the time went: network, server, client or unknown'
