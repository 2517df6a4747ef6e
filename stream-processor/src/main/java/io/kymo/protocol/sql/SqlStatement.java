package io.kymo.protocol.sql;

/**
 * What is kept of one SQL text.
 *
 * @param text without literals and comments, at most {@link SqlNormaliser#MAX_TEXT} bytes of UTF-8;
 *     ends with {@code …} when something is missing
 * @param operation verb in upper case ({@code SELECT}, {@code CREATE TABLE}, for {@code WITH} the
 *     main verb), of the first statement if there are several; empty when the text starts with no
 *     verb that is known
 * @param table first table of the main statement, {@code schema.table} as written, without quotes;
 *     may be empty
 * @param summary OpenTelemetry's {@code db.query.summary}: verbs and their tables in order, {@code
 *     INSERT archive SELECT orders}; at most 255 characters
 * @param traceId from a comment with {@code traceparent} (sqlcommenter), 32 hex digits or empty
 * @param spanId 16 hex digits or empty
 */
public record SqlStatement(
    String text, String operation, String table, String summary, String traceId, String spanId) {
  /** Of no text. */
  public static final SqlStatement EMPTY = new SqlStatement("", "", "", "", "", "");
}
