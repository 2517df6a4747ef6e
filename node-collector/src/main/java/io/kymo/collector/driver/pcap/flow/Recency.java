package io.kymo.collector.driver.pcap.flow;

/** Flows in the order in which they were last seen, linked through themselves. */
final class Recency {
  final long idleNs;
  private Flow oldest;
  private Flow newest;

  /**
   * @param idleNs a flow not seen for so long is given up
   */
  Recency(long idleNs) {
    this.idleNs = idleNs;
  }

  /** Null when there is none. */
  Flow oldest() {
    return oldest;
  }

  void touch(Flow flow) {
    if (newest == flow) {
      return;
    }
    if (flow.recency != null) {
      flow.recency.remove(flow);
    }
    flow.recency = this;
    flow.older = newest;
    if (newest == null) {
      oldest = flow;
    } else {
      newest.newer = flow;
    }
    newest = flow;
  }

  void remove(Flow flow) {
    if (flow.older == null) {
      oldest = flow.newer;
    } else {
      flow.older.newer = flow.newer;
    }
    if (flow.newer == null) {
      newest = flow.older;
    } else {
      flow.newer.older = flow.older;
    }
    flow.older = null;
    flow.newer = null;
    flow.recency = null;
  }
}
