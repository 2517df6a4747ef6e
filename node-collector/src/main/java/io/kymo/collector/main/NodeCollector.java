package io.kymo.collector.main;

import io.kymo.collector.config.CollectorConfig;
import io.kymo.collector.config.ConfigurationSource;
import io.kymo.collector.driver.Driver;
import io.kymo.collector.driver.DriverChoice;
import io.kymo.collector.driver.DriverException;
import io.kymo.collector.driver.DriverInUseException;
import io.kymo.collector.driver.DriverSettings;
import io.kymo.collector.driver.Finding;
import io.kymo.collector.driver.MachineFindings;
import io.kymo.collector.driver.ebpf.EbpfFindings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.config.ConfigException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The process that runs on every node: {@code [--doctor [--json] | --check | --replay] [--config
 * FILE] [key=value …]}. With {@code --doctor} it only says what this machine offers; the exit code
 * is 0 when it can work. With {@code --check} it only starts the driver as these settings say, and
 * lets go of it. With {@code --replay} it tells a person, not a log, how a file ended. Ends with 2,
 * and one line on standard error, when it is used wrongly or cannot work on this machine.
 */
public final class NodeCollector {
  private static final Logger LOG = LoggerFactory.getLogger(NodeCollector.class);
  private static final int WRONG_USE = 2;
  private static final int FAILURE = 1;

  /** The payload budget renews after such a pause, so that long one-way streams stay visible. */
  private static final long BURST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private NodeCollector() {}

  public static void main(String[] arguments) throws InterruptedException {
    int exit;
    try {
      List<String> rest = new ArrayList<>(List.of(arguments));
      boolean doctor = rest.remove("--doctor");
      boolean json = doctor && rest.remove("--json");
      boolean check = rest.remove("--check");
      boolean replay = rest.remove("--replay");
      CollectorConfig config =
          new CollectorConfig(ConfigurationSource.read(rest.toArray(String[]::new)));
      exit = doctor ? doctor(config, json) : check ? check(config) : run(config, replay);
    } catch (ConfigException | DriverException | IOException e) {
      System.err.println("node-collector: " + e.getMessage());
      exit = WRONG_USE;
    }
    if (exit != 0) {
      System.exit(exit);
    }
  }

  private static int run(CollectorConfig config, boolean replay)
      throws IOException, InterruptedException {
    Driver driver =
        choice(config)
            .start(config.getString(CollectorConfig.CAPTURE_DRIVER), settings(config), LOG::info);
    Collector collector = null;
    try {
      collector = new Collector(config, driver);
    } finally {
      if (collector == null) {
        driver.close();
      }
    }
    Thread stopper = new Thread(stopping(collector), "kymo-stop");
    Runtime.getRuntime().addShutdownHook(stopper);
    collector.start();
    LOG.info(
        "watches {} by {}; health and metrics at http://127.0.0.1:{}",
        collector.watching(),
        driver.describe(),
        collector.httpPort());
    String failure = collector.await();
    if (failure == null) {
      if (driver.finished()) {
        collector.stop();
        System.exit(tell(collector.ending(), replay));
      }
      return 0; // the stopper runs
    }
    LOG.error(failure);
    return FAILURE;
  }

  private static int tell(Ending ending, boolean replay) {
    if (replay) {
      System.out.println(ending.summary());
      ending.problems().forEach(problem -> System.err.println("kymo replay: " + problem));
    } else {
      ending.problems().forEach(LOG::error);
      if (ending.well()) {
        LOG.info("ended, as all was read and delivered: {}", ending.summary());
      }
    }
    return ending.well() ? 0 : FAILURE;
  }

  private static int check(CollectorConfig config) {
    String preference = config.getString(CollectorConfig.CAPTURE_DRIVER);
    try (Driver driver = choice(config).start(preference, settings(config), LOG::debug)) {
      LOG.debug("{} can be used", driver.describe());
    } catch (DriverInUseException e) {
      LOG.debug(e.getMessage());
    }
    return 0;
  }

  private static DriverChoice choice(CollectorConfig config) {
    return Drivers.choice(config.ebpf(), config.getString(CollectorConfig.CAPTURE_MODULE));
  }

  private static int doctor(CollectorConfig config, boolean json) {
    List<Finding> findings = new ArrayList<>(new MachineFindings(Path.of("/")).all());
    findings.addAll(EbpfFindings.all());
    Doctor doctor =
        new Doctor(findings, choice(config), config.getString(CollectorConfig.CAPTURE_DRIVER));
    System.out.print(json ? doctor.json() : doctor.text());
    return doctor.usable() ? 0 : FAILURE;
  }

  private static Runnable stopping(Collector collector) {
    return () -> {
      try {
        collector.stop();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    };
  }

  private static DriverSettings settings(CollectorConfig config) {
    return new DriverSettings(
        config.scope(),
        config.getInt(CollectorConfig.CAPTURE_RING_BYTES),
        config.getInt(CollectorConfig.CAPTURE_PAYLOAD_BYTES),
        BURST_PAUSE_NANOS,
        DriverSettings.SEGMENT_BYTES_MAX,
        config.getInt(CollectorConfig.CONNECTIONS_MAX));
  }
}
