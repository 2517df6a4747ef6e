package io.kymo.processor.main;

import io.kymo.processor.metrics.Metrics;
import io.kymo.processor.metrics.ProcessorGauge;
import io.kymo.processor.topology.EndOffsets;
import io.kymo.schemas.Topics;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks the broker once a second how far kymo.segments reaches, and how far it is processed. */
final class LagProbe implements EndOffsets, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LagProbe.class);
  private static final long INTERVAL_MS = 1_000;
  private static final long PATIENCE_MS = 5_000;

  private final Admin admin;
  private final String group;
  private final Metrics metrics;
  private final Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
  private final Map<Integer, Observation> observations = new ConcurrentHashMap<>();
  private final Thread thread = new Thread(this::run, "lag-probe");
  private long shownLag;

  LagProbe(Admin admin, String group, int partitions, Metrics metrics) {
    this.admin = admin;
    this.group = group;
    this.metrics = metrics;
    for (int p = 0; p < partitions; p++) {
      latest.put(new TopicPartition(Topics.SEGMENTS, p), OffsetSpec.latest());
    }
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  @Override
  public Observation latest(int partition) {
    return observations.get(partition);
  }

  private void run() {
    try {
      while (true) {
        try {
          observe();
        } catch (ExecutionException | TimeoutException e) {
          LOG.debug("no answer on offsets", e); // whoever reads from the broker says so in the log
        }
        Thread.sleep(INTERVAL_MS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void observe() throws ExecutionException, InterruptedException, TimeoutException {
    long askedAtMs = System.currentTimeMillis();
    Map<TopicPartition, ListOffsetsResultInfo> ends =
        admin.listOffsets(latest).all().get(PATIENCE_MS, TimeUnit.MILLISECONDS);
    Map<TopicPartition, OffsetAndMetadata> done =
        admin
            .listConsumerGroupOffsets(group)
            .partitionsToOffsetAndMetadata()
            .get(PATIENCE_MS, TimeUnit.MILLISECONDS);
    long lag = 0;
    for (Map.Entry<TopicPartition, ListOffsetsResultInfo> e : ends.entrySet()) {
      OffsetAndMetadata committed = done.get(e.getKey());
      long offset = committed == null ? 0 : committed.offset();
      observations.put(
          e.getKey().partition(), new Observation(e.getValue().offset(), offset, askedAtMs));
      lag += Math.max(0, e.getValue().offset() - offset);
    }
    metrics.move(ProcessorGauge.LAG, lag - shownLag);
    shownLag = lag;
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
