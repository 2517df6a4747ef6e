package io.kymo.collector.driver.pcap.flow;

import io.kymo.collector.driver.pcap.packet.Packet;

/** Flows by their endpoints: chained buckets that grow. */
final class FlowMap {
  private Flow[] buckets = new Flow[1 << 10];
  private int size;

  int size() {
    return size;
  }

  /** Null when there is none. */
  Flow get(Packet packet) {
    int hash = packet.flowHash();
    for (Flow f = buckets[hash & buckets.length - 1]; f != null; f = f.inBucket) {
      if (f.hash == hash && f.matches(packet)) {
        return f;
      }
    }
    return null;
  }

  void add(Flow flow) {
    if (size >= buckets.length) {
      grow();
    }
    put(flow);
    size++;
  }

  private void put(Flow flow) {
    int at = flow.hash & buckets.length - 1;
    flow.inBucket = buckets[at];
    buckets[at] = flow;
  }

  private void grow() {
    Flow[] before = buckets;
    buckets = new Flow[before.length * 2];
    for (Flow head : before) {
      for (Flow f = head; f != null; ) {
        Flow next = f.inBucket;
        put(f);
        f = next;
      }
    }
  }

  /** Of a flow that is there. */
  void remove(Flow flow) {
    int at = flow.hash & buckets.length - 1;
    if (buckets[at] == flow) {
      buckets[at] = flow.inBucket;
    } else {
      Flow before = buckets[at];
      while (before.inBucket != flow) {
        before = before.inBucket;
      }
      before.inBucket = flow.inBucket;
    }
    flow.inBucket = null;
    size--;
  }
}
