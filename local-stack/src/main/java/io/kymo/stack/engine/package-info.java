/**
 * ClickHouse of the one-machine default: the engine as a shared library (libchdb), behind an HTTP
 * façade that speaks ClickHouse's HTTP interface.
 *
 * <p>{@link io.kymo.stack.engine.SqlText} finds out what kind of statement a request is; {@link
 * io.kymo.stack.engine.EngineConnection} runs it; {@link io.kymo.stack.engine.QueryHandler} ties
 * both to a request.
 */
package io.kymo.stack.engine;
