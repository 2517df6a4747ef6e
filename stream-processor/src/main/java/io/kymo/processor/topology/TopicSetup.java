package io.kymo.processor.topology;

import io.kymo.schemas.Topics;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Creates the topics that are not there yet. What is there keeps its settings. */
public final class TopicSetup {
  /** Bytes of the largest record, in any topic. */
  public static final int LARGEST_RECORD = Topics.LARGEST_RECORD_BYTES;

  private static final int TRIES = 100;
  private static final long PAUSE_MS = 100;

  private static final List<String> ROWS =
      List.of(
          Topics.EXCHANGES,
          Topics.CONNECTIONS,
          Topics.TCP_EVENTS,
          Topics.COLLECTOR_STATS,
          Topics.DEAD_LETTERS);

  private final int partitions;
  private final short replicationFactor;
  private final long segmentsRetentionMs;
  private final long rowsRetentionMs;

  /**
   * @param partitions of topics that are not there yet
   */
  public TopicSetup(
      int partitions, short replicationFactor, long segmentsRetentionMs, long rowsRetentionMs) {
    this.partitions = partitions;
    this.replicationFactor = replicationFactor;
    this.segmentsRetentionMs = segmentsRetentionMs;
    this.rowsRetentionMs = rowsRetentionMs;
  }

  /**
   * Rows go out by the partition of the segments that they come from, so their topics get as many
   * partitions as kymo.segments has.
   *
   * @return partitions of kymo.segments
   * @throws ExecutionException when Kafka does not answer, or refuses
   */
  public int create(Admin admin) throws ExecutionException, InterruptedException {
    create(admin, List.of(topic(Topics.SEGMENTS, partitions, segmentsRetentionMs)));
    int wide = partitionsOf(admin, Set.of(Topics.SEGMENTS)).get(Topics.SEGMENTS);
    List<NewTopic> rows = new ArrayList<>();
    for (String name : ROWS) {
      rows.add(topic(name, wide, rowsRetentionMs));
    }
    create(admin, rows);
    Map<String, NewPartitions> wider = new HashMap<>();
    partitionsOf(admin, ROWS)
        .forEach(
            (name, n) -> {
              if (n < wide) {
                wider.put(name, NewPartitions.increaseTo(wide));
              }
            });
    admin.createPartitions(wider).all().get();
    return wide;
  }

  private NewTopic topic(String name, int partitions, long retentionMs) {
    return new NewTopic(name, partitions, replicationFactor).configs(Topics.settings(retentionMs));
  }

  private static void create(Admin admin, List<NewTopic> topics)
      throws ExecutionException, InterruptedException {
    for (var result : admin.createTopics(topics).values().values()) {
      try {
        result.get();
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof TopicExistsException)) {
          throw e;
        }
      }
    }
  }

  private static Map<String, Integer> partitionsOf(Admin admin, Collection<String> topics)
      throws ExecutionException, InterruptedException {
    for (int tries = 1; ; tries++) {
      try {
        Map<String, Integer> counts = new HashMap<>();
        admin
            .describeTopics(topics)
            .allTopicNames()
            .get()
            .forEach((name, description) -> counts.put(name, description.partitions().size()));
        return counts;
      } catch (ExecutionException e) {
        // a broker learns of a new topic a moment after the controller has made it
        if (!(e.getCause() instanceof UnknownTopicOrPartitionException) || tries == TRIES) {
          throw e;
        }
        Thread.sleep(PAUSE_MS);
      }
    }
  }
}
