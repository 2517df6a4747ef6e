package io.kymo.stack.engine;

/** What a statement did, as X-ClickHouse-Summary shows it; nanoseconds, rows and bytes. */
record Statistics(
    long readRows,
    long readBytes,
    long writtenRows,
    long writtenBytes,
    long resultRows,
    long resultBytes,
    long elapsedNs) {
  static final Statistics NONE = new Statistics(0, 0, 0, 0, 0, 0, 0);

  String json() {
    return "{\"read_rows\":\""
        + readRows
        + "\",\"read_bytes\":\""
        + readBytes
        + "\",\"written_rows\":\""
        + writtenRows
        + "\",\"written_bytes\":\""
        + writtenBytes
        + "\",\"total_rows_to_read\":\"0\",\"result_rows\":\""
        + resultRows
        + "\",\"result_bytes\":\""
        + resultBytes
        + "\",\"elapsed_ns\":\""
        + elapsedNs
        + "\"}";
  }
}
