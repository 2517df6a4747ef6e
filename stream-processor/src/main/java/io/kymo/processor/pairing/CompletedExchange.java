package io.kymo.processor.pairing;

import io.kymo.protocol.Message;
import io.kymo.protocol.Side;
import io.kymo.protocol.Status;
import io.kymo.schemas.ClientEndpoint;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A request with its response, or with the reason why it has none; or a one-way message. A
 * flyweight.
 */
public final class CompletedExchange {
  // so that a server's one-way message has another id than the client's request at the same
  // position
  private static final long SERVER_SIDE = 1L << 32;

  private Part request;
  private Part response;
  private Ending ending;
  private boolean stream;
  private boolean incomplete;

  CompletedExchange wrap(Part request, Part response, Ending ending, boolean stream) {
    this.request = request;
    this.response = response;
    this.ending = ending;
    this.stream = stream;
    this.incomplete =
        ending == Ending.CAPTURE_TRUNCATED
            || request.message().truncated()
            || response != null && response.message().truncated();
    return this;
  }

  /** The request, or the one-way message. */
  public Part request() {
    return request;
  }

  /** Null when there is none. */
  public Part response() {
    return response;
  }

  public Ending ending() {
    return ending;
  }

  public boolean oneWay() {
    return ending == Ending.ONE_WAY;
  }

  /** Start of the request, ns. */
  public long time() {
    return request.startTime();
  }

  /**
   * First byte of the request to last byte of the response, or to the end of the connection that
   * cut it, ns; 0 without a response.
   */
  public long durationNs() {
    return response == null ? 0 : Math.max(0, response.endTime() - request.startTime());
  }

  /**
   * Last byte of the request to first byte of the response, ns; 0 when the response came before the
   * request's end.
   */
  public long ttfbNs() {
    return response == null ? 0 : Math.max(0, response.startTime() - request.endTime());
  }

  public String operation() {
    return first(request.message().operation(), response == null ? "" : message().operation());
  }

  public String resource() {
    return first(request.message().resource(), response == null ? "" : message().resource());
  }

  public String statement() {
    return first(request.message().statement(), response == null ? "" : message().statement());
  }

  public Status status() {
    return hasAnswer() ? message().status() : ending.status();
  }

  public String statusCode() {
    return hasAnswer() ? message().statusCode() : "";
  }

  public String errorType() {
    return hasAnswer() ? message().errorType() : ending.errorType();
  }

  public String traceId() {
    return request.message().traceId();
  }

  public String spanId() {
    return request.message().spanId();
  }

  public long requestBytes() {
    if (request.side() == Side.SERVER && oneWay()) {
      return 0;
    }
    return request.bytes() + (response == null ? 0 : message().moreRequestBytes());
  }

  public long responseBytes() {
    if (request.side() == Side.SERVER && oneWay()) {
      return request.bytes();
    }
    return response == null ? 0 : response.bytes();
  }

  /** Part of the request or response was not captured, so that something may be missing. */
  public boolean truncated() {
    return incomplete;
  }

  /** Attributes of both messages; the response's win. */
  public Map<String, String> attributes() {
    Map<String, String> ofRequest = request.message().attributes();
    if (response == null || response.message().attributes().isEmpty()) {
      return Collections.unmodifiableMap(ofRequest);
    }
    Map<String, String> both = new LinkedHashMap<>(ofRequest);
    both.putAll(response.message().attributes());
    return both;
  }

  /**
   * Id of this exchange, equal on both sides' rows.
   *
   * @param clientEndpoint see {@link ClientEndpoint}
   */
  public long id(long clientEndpoint) {
    if (!stream) {
      return ClientEndpoint.exchangeId(
          clientEndpoint, request.message().correlation(), request.payloadHash());
    }
    return request.side() == Side.SERVER
        ? ClientEndpoint.exchangeId(clientEndpoint, request.position() & 0xffffffffL, SERVER_SIDE)
        : ClientEndpoint.exchangeId(clientEndpoint, request.position());
  }

  private boolean hasAnswer() {
    return response != null || oneWay();
  }

  private Message message() {
    return response == null ? request.message() : response.message();
  }

  private static String first(String a, String b) {
    return a.isEmpty() ? b : a;
  }
}
