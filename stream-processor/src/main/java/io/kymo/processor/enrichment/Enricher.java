package io.kymo.processor.enrichment;

import io.kymo.schemas.Exchange;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Fills in who stood at the two ends of an exchange, and keeps what the parsers found within
 * bounds. Of the end that was not observed only the address is known.
 */
public final class Enricher {
  private static final int LONGEST_OPERATION = 128;
  private static final int LONGEST_RESOURCE = 1_024;
  private static final int LONGEST_STATEMENT = 16_384;
  private static final int LONGEST_CODE = 64;
  private static final int LONGEST_ATTRIBUTE = 4_096;
  private static final int MOST_ATTRIBUTES = 64;

  /**
   * @param localIsClient whether the traced process was the client
   */
  public void enrich(Exchange row, LocalEnd end, boolean localIsClient) {
    blank(row);
    if (localIsClient) {
      row.setClientAddress(end.localAddress());
      row.setClientPort(end.localPort());
      row.setServerAddress(end.path().isEmpty() ? end.remoteAddress() : end.path());
      row.setServerPort(end.remotePort());
      row.setClientNode(end.node());
      row.setClientProcess(end.process());
      row.setClientPid(end.pid());
      row.setClientContainer(end.container());
    } else {
      row.setServerAddress(end.path().isEmpty() ? end.localAddress() : end.path());
      row.setServerPort(end.localPort());
      row.setClientAddress(end.remoteAddress());
      row.setClientPort(end.remotePort());
      row.setServerNode(end.node());
      row.setServerProcess(end.process());
      row.setServerPid(end.pid());
      row.setServerContainer(end.container());
    }
    bound(row);
  }

  /** What the other side's view or Kubernetes would know. */
  private static void blank(Exchange row) {
    row.setClientNode("");
    row.setClientNamespace("");
    row.setClientWorkloadKind("");
    row.setClientWorkload("");
    row.setClientService("");
    row.setClientPod("");
    row.setClientContainer("");
    row.setClientProcess("");
    row.setServerNode("");
    row.setServerNamespace("");
    row.setServerWorkloadKind("");
    row.setServerWorkload("");
    row.setServerService("");
    row.setServerPod("");
    row.setServerContainer("");
    row.setServerProcess("");
  }

  private static void bound(Exchange row) {
    row.setOperation(cut(row.getOperation(), LONGEST_OPERATION));
    row.setResource(cut(row.getResource(), LONGEST_RESOURCE));
    row.setStatement(cut(row.getStatement(), LONGEST_STATEMENT));
    row.setStatusCode(cut(row.getStatusCode(), LONGEST_CODE));
    row.setErrorType(cut(row.getErrorType(), LONGEST_OPERATION));
    Map<String, String> attributes = row.getAttributes();
    boolean within = attributes.size() <= MOST_ATTRIBUTES;
    for (String value : attributes.values()) {
      within &= value.length() <= LONGEST_ATTRIBUTE;
    }
    if (!within) {
      Map<String, String> kept = new LinkedHashMap<>();
      for (Map.Entry<String, String> a : attributes.entrySet()) {
        if (kept.size() < MOST_ATTRIBUTES) {
          kept.put(a.getKey(), cut(a.getValue(), LONGEST_ATTRIBUTE));
        }
      }
      row.setAttributes(kept);
      row.setTruncated(true);
    }
  }

  private static String cut(String text, int longest) {
    if (text.length() <= longest) {
      return text;
    }
    // not through the middle of a surrogate pair: Avro would write '?' for each half
    int end = Character.isHighSurrogate(text.charAt(longest - 1)) ? longest - 1 : longest;
    return text.substring(0, end);
  }
}
