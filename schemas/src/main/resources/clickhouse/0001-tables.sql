-- Tables. Their columns are the fields of the Avro records of the same data (Exchange, ConnectionRecord, CollectorStats), in that order, then the
-- place in Kafka. Partitions by day; TTL drops whole parts. Ordering keys serve the usual question: one server's or protocol's requests of a time.

CREATE TABLE IF NOT EXISTS requests
(
    time DateTime64(9, 'UTC') COMMENT 'Start of the request: its first byte was written (client side) or read (server side)' CODEC(Delta, ZSTD(1)),
    duration_ns UInt64 COMMENT 'First byte of the request to last byte of the response, ns; 0 without a response' CODEC(T64, ZSTD(1)),
    ttfb_ns UInt64 COMMENT 'Last byte of the request to first byte of the response, ns' CODEC(T64, ZSTD(1)),
    protocol LowCardinality(String) COMMENT 'network.protocol.name: http, mysql, postgresql, redis, dns, …',
    observed_at LowCardinality(String) COMMENT 'Which side saw it: client or server',
    exchange_id UInt64 COMMENT 'Equal on the client\'s and the server\'s row of one exchange' CODEC(ZSTD(1)),
    connection_id UInt64 COMMENT 'Connection on its node, see table connections' CODEC(ZSTD(1)),
    transport LowCardinality(String) COMMENT 'network.transport: tcp, udp, unix',
    operation LowCardinality(String) COMMENT 'What was asked, of low cardinality: GET, SELECT, HGETALL, A',
    resource String COMMENT 'On what: http.route, db.collection.name, key, dns.question.name' CODEC(ZSTD(1)),
    statement String COMMENT 'db.query.text, obfuscated: literals and values as ?' CODEC(ZSTD(3)),
    status LowCardinality(String) COMMENT 'ok, client_error, server_error, timeout, reset, connection_closed, unknown',
    status_code LowCardinality(String) COMMENT 'The protocol\'s own: http.response.status_code, db.response.status_code, rcode',
    error_type LowCardinality(String) COMMENT 'error.type, empty on success',
    request_bytes UInt64 COMMENT 'Size of the request on the wire, bytes' CODEC(T64, ZSTD(1)),
    response_bytes UInt64 COMMENT 'Size of the response on the wire, bytes' CODEC(T64, ZSTD(1)),
    tls Bool COMMENT 'Seen in plaintext inside TLS',
    truncated Bool COMMENT 'Part of the request or response was not captured',
    client_address LowCardinality(String) COMMENT 'client.address: IP address, or path of a Unix socket',
    client_port UInt16 COMMENT 'client.port, 0 for Unix sockets' CODEC(ZSTD(1)),
    client_node LowCardinality(String) COMMENT 'k8s.node.name or host.name of the client',
    client_namespace LowCardinality(String) COMMENT 'k8s.namespace.name of the client',
    client_workload_kind LowCardinality(String) COMMENT 'Deployment, StatefulSet, DaemonSet, … of the client',
    client_workload LowCardinality(String) COMMENT 'k8s.deployment.name (or of the other kinds) of the client',
    client_service LowCardinality(String) COMMENT 'service.name of the client',
    client_pod LowCardinality(String) COMMENT 'k8s.pod.name of the client',
    client_container LowCardinality(String) COMMENT 'container.id of the client',
    client_process LowCardinality(String) COMMENT 'process.executable.name of the client, where it was seen',
    client_pid UInt32 COMMENT 'process.pid of the client, 0 when it was not seen' CODEC(T64, ZSTD(1)),
    server_address LowCardinality(String) COMMENT 'server.address: IP address, or path of a Unix socket',
    server_port UInt16 COMMENT 'server.port, 0 for Unix sockets' CODEC(ZSTD(1)),
    server_node LowCardinality(String) COMMENT 'k8s.node.name or host.name of the server',
    server_namespace LowCardinality(String) COMMENT 'k8s.namespace.name of the server',
    server_workload_kind LowCardinality(String) COMMENT 'Deployment, StatefulSet, DaemonSet, … of the server',
    server_workload LowCardinality(String) COMMENT 'k8s.deployment.name (or of the other kinds) of the server',
    server_service LowCardinality(String) COMMENT 'service.name of the server',
    server_pod LowCardinality(String) COMMENT 'k8s.pod.name of the server',
    server_container LowCardinality(String) COMMENT 'container.id of the server',
    server_process LowCardinality(String) COMMENT 'process.executable.name of the server, where it was seen',
    server_pid UInt32 COMMENT 'process.pid of the server, 0 when it was not seen' CODEC(T64, ZSTD(1)),
    trace_id String COMMENT 'Trace id found in headers or SQL comments, 32 hex digits' CODEC(ZSTD(1)),
    span_id String COMMENT 'Span id of the caller, 16 hex digits' CODEC(ZSTD(1)),
    attributes Map(LowCardinality(String), String) COMMENT 'All else, under OpenTelemetry\'s exact keys' CODEC(ZSTD(3)),
    kafka_partition UInt32 COMMENT 'Where the row comes from: rows are resumed and told apart by it' CODEC(ZSTD(1)),
    kafka_offset UInt64 COMMENT 'Offset in kafka_partition' CODEC(Delta, ZSTD(1)),
    INDEX by_time time TYPE minmax GRANULARITY 1,
    INDEX by_exchange exchange_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_trace trace_id TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toDate(time)
ORDER BY (protocol, server_address, server_port, time)
TTL toDateTime(time) + INTERVAL 30 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 1000, index_granularity = 8192
COMMENT 'One row per request with its response, as one side saw it';

CREATE TABLE IF NOT EXISTS connections
(
    time DateTime64(9, 'UTC') COMMENT 'When this was observed: at close, and at intervals while open' CODEC(Delta, ZSTD(1)),
    node LowCardinality(String) COMMENT 'host.name',
    connection_id UInt64 COMMENT 'Unique on the node while it is up' CODEC(ZSTD(1)),
    transport LowCardinality(String) COMMENT 'network.transport: tcp, udp, unix',
    role LowCardinality(String) COMMENT 'Of the traced process: client, server, unknown',
    state LowCardinality(String) COMMENT 'open, closed, reset, failed',
    protocol LowCardinality(String) COMMENT 'Empty when not recognised',
    opaque_reason LowCardinality(String) COMMENT 'Why parsing stopped, empty while it goes on',
    local_address LowCardinality(String) COMMENT 'IP address, or path of a Unix socket',
    local_port UInt16 CODEC(ZSTD(1)),
    remote_address LowCardinality(String) COMMENT 'IP address, or path of a Unix socket',
    remote_port UInt16 CODEC(ZSTD(1)),
    pid UInt32 COMMENT 'process.pid' CODEC(T64, ZSTD(1)),
    process LowCardinality(String) COMMENT 'process.executable.name',
    container_id LowCardinality(String) COMMENT 'container.id',
    opened DateTime64(9, 'UTC') COMMENT '1970-01-01 when it was open before the collector looked' CODEC(Delta, ZSTD(1)),
    ingress_bytes UInt64 COMMENT 'Read by the traced process since open, or since first seen' CODEC(T64, ZSTD(1)),
    egress_bytes UInt64 COMMENT 'Written by it' CODEC(T64, ZSTD(1)),
    decoded_bytes UInt64 COMMENT 'Bytes of messages. ingress + egress + gap = decoded + skipped + gap + truncated + opaque + duplicate + pending' CODEC(T64, ZSTD(1)),
    skipped_bytes UInt64 COMMENT 'Passed over: not part of a message' CODEC(T64, ZSTD(1)),
    gap_bytes UInt64 COMMENT 'Never received, known by their position' CODEC(T64, ZSTD(1)),
    truncated_bytes UInt64 COMMENT 'Known to exist, not captured' CODEC(T64, ZSTD(1)),
    opaque_bytes UInt64 COMMENT 'Not parsed, see opaque_reason' CODEC(T64, ZSTD(1)),
    duplicate_bytes UInt64 COMMENT 'Came again' CODEC(T64, ZSTD(1)),
    pending_bytes UInt64 COMMENT 'Wait for earlier bytes or for the rest of their unit, 0 at the end' CODEC(T64, ZSTD(1)),
    exchanges UInt64 COMMENT 'Rows of table requests so far' CODEC(T64, ZSTD(1)),
    error UInt32 COMMENT 'errno of a failed connect or of a reset, else 0' CODEC(T64, ZSTD(1)),
    kafka_partition UInt32 COMMENT 'Where the row comes from: rows are resumed and told apart by it' CODEC(ZSTD(1)),
    kafka_offset UInt64 COMMENT 'Offset in kafka_partition' CODEC(Delta, ZSTD(1))
)
ENGINE = MergeTree
PARTITION BY toDate(time)
ORDER BY (node, connection_id, time)
TTL toDateTime(time) + INTERVAL 30 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 1000, index_granularity = 8192
COMMENT 'One row per connection as one side saw it: at close, and at intervals while open';

CREATE TABLE IF NOT EXISTS collector_stats
(
    time DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    node LowCardinality(String) COMMENT 'host.name',
    boot_id LowCardinality(String) COMMENT 'Boot of the node\'s kernel',
    collector_start DateTime64(9, 'UTC') COMMENT 'Counters count from here' CODEC(Delta, ZSTD(1)),
    driver LowCardinality(String) COMMENT 'ebpf, kmod, pcap, interface',
    partition UInt32 COMMENT 'Kafka partition of the report' CODEC(T64, ZSTD(1)),
    batches_missing UInt64 COMMENT 'Batches that never arrived, since collector_start, in this partition' CODEC(T64, ZSTD(1)),
    counters Map(LowCardinality(String), UInt64) COMMENT 'Counters of the collector, see docs/counters-collector.md' CODEC(ZSTD(3)),
    kafka_partition UInt32 COMMENT 'Where the row comes from: rows are resumed and told apart by it' CODEC(ZSTD(1)),
    kafka_offset UInt64 COMMENT 'Offset in kafka_partition' CODEC(Delta, ZSTD(1))
)
ENGINE = MergeTree
PARTITION BY toDate(time)
ORDER BY (node, partition, time)
TTL toDateTime(time) + INTERVAL 30 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 1000, index_granularity = 8192
COMMENT 'Counters of the node collectors: what was captured, what was lost and why';
