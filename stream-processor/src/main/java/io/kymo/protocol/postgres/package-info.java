/**
 * PostgreSQL's frontend/backend protocol 3.0 and 3.2 (PostgreSQL documentation, chapter 55). {@link
 * io.kymo.protocol.postgres.PostgresParser} is the way in.
 */
package io.kymo.protocol.postgres;
