package io.kymo.stack.launcher;

import io.kymo.stack.broker.BrokerProbe;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartition;
import picocli.CommandLine.Command;

@Command(
    name = "topics",
    mixinStandardHelpOptions = true,
    description = "Lists Kymo's Kafka topics with their partitions and records.")
final class TopicsCommand implements Callable<Integer> {
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  @Override
  public Integer call() throws InterruptedException {
    StackState state = StackState.load(Home.fromEnvironment().state());
    try (Admin admin = BrokerProbe.admin("127.0.0.1:" + state.port("kafka"), PATIENCE)) {
      Set<String> names = new TreeSet<>(admin.listTopics().names().get());
      names.removeIf(n -> !n.startsWith("kymo"));
      System.out.printf(
          "%-64s %10s %14s %14s%n", "topic", "partitions", "records kept", "records ever");
      for (TopicDescription topic :
          new java.util.TreeMap<>(admin.describeTopics(names).allTopicNames().get()).values()) {
        long begin = offsets(admin, topic, OffsetSpec.earliest());
        long end = offsets(admin, topic, OffsetSpec.latest());
        System.out.printf(
            "%-64s %10d %14d %14d%n", topic.name(), topic.partitions().size(), end - begin, end);
      }
      return 0;
    } catch (ExecutionException e) {
      throw new UserErrorException(
          "Kafka does not answer ("
              + e.getCause().getMessage()
              + "): ./kymo status tells, ./kymo up starts it");
    }
  }

  private static long offsets(Admin admin, TopicDescription topic, OffsetSpec which)
      throws ExecutionException, InterruptedException {
    Map<TopicPartition, OffsetSpec> query = new HashMap<>();
    topic
        .partitions()
        .forEach(p -> query.put(new TopicPartition(topic.name(), p.partition()), which));
    return admin.listOffsets(query).all().get().values().stream().mapToLong(r -> r.offset()).sum();
  }
}
