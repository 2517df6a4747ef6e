package io.kymo.processor.enrichment;

import io.kymo.processor.pairing.CompletedExchange;
import io.kymo.schemas.Exchange;
import io.kymo.schemas.Transport;
import java.util.HashMap;

/** Makes rows of table {@code requests} of what a connection's conversation hands out. */
public final class ExchangeRows {
  private ExchangeRows() {}

  /**
   * Everything but the fields that begin with client and server, which are the {@link Enricher}'s.
   *
   * @param clientEndpoint see {@link io.kymo.schemas.ClientEndpoint}
   * @param localIsClient whether the observed end is the client
   */
  public static Exchange of(
      CompletedExchange e,
      String protocol,
      Transport transport,
      long connectionId,
      long clientEndpoint,
      boolean localIsClient) {
    Exchange row = new Exchange();
    row.setTime(e.time());
    row.setDurationNs(e.durationNs());
    row.setTtfbNs(e.ttfbNs());
    row.setProtocol(protocol);
    row.setObservedAt(localIsClient ? "client" : "server");
    row.setExchangeId(e.id(clientEndpoint));
    row.setConnectionId(connectionId);
    row.setTransport(transport.networkTransport());
    row.setOperation(e.operation());
    row.setResource(e.resource());
    row.setStatement(e.statement());
    row.setStatus(e.status().id());
    row.setStatusCode(e.statusCode());
    row.setErrorType(e.errorType());
    row.setRequestBytes(e.requestBytes());
    row.setResponseBytes(e.responseBytes());
    row.setTruncated(e.truncated());
    row.setTraceId(e.traceId());
    row.setSpanId(e.spanId());
    row.setAttributes(new HashMap<>(e.attributes())); // the exchange is a flyweight
    return row;
  }
}
