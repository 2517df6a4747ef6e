package io.kymo.stack.launcher;

import io.kymo.stack.broker.BrokerProbe;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "up",
    mixinStandardHelpOptions = true,
    description =
        "Starts the stack in the background and waits until a request made now becomes a row.")
final class UpCommand implements Callable<Integer> {
  private static final long PATIENCE_MS = 120_000;
  private static final Pattern DRIVER = Pattern.compile("auto|ebpf|kmod|pcap:.+|interface:.+");

  @Spec private CommandSpec spec;

  @Option(
      names = "--only",
      paramLabel = "FILTER",
      description =
          "See only what matches, decided in the kernel; repeatable. netns:PATH, cgroup:PATH, pid:N (with its children), comm:NAME, port:N."
              + " Several of one kind: any of them. Several kinds: all of them.")
  private List<String> only = new ArrayList<>();

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Where data live (default: .kymo/data under the checkout).")
  private Path data;

  @Option(
      names = "--driver",
      paramLabel = "DRIVER",
      defaultValue = "auto",
      description =
          "How to capture: auto (default: ebpf, else kmod), ebpf, kmod, pcap:FILE, interface:NAME. Several, with"
              + " commas between them: the first that is usable here.")
  private String driver;

  @Option(
      names = "--btf",
      paramLabel = "FILE",
      description = "Types of this kernel (BTF), for a kernel built without them.")
  private Path btf;

  private final Home home = Home.fromEnvironment();
  private final Console console = new Console();

  @Override
  public Integer call() {
    check();
    StackState state = StackState.load(home.state());
    Path dir = dataDirectory(state);
    Installation.complete(home, console);
    Set<String> running = new LinkedHashSet<>();
    StackPlan.NAMES.stream().filter(n -> state.running(n).isPresent()).forEach(running::add);
    Map<String, Integer> ports = StackPlan.choosePorts(state.ports, running);
    check(state, processes(new StackPlan(home, dir, ports))); // before anything is touched
    if (!ports.equals(state.ports)) {
      // each was told the others' ports
      stop(state, running);
      state.ports = StackPlan.choosePorts(state.ports, running);
    }
    StackPlan plan = new StackPlan(home, dir, state.ports);
    List<StackProcess> all = processes(plan);
    state.data = dir.toString();
    List<StackProcess> changed =
        all.stream()
            .filter(p -> running.contains(p.name()))
            .filter(p -> p.differs(state.processes.get(p.name())))
            .toList();
    if (!changed.isEmpty()) {
      // first what is missing, so that those which end now can hand over what they still hold
      start(state, running, all.stream().filter(p -> !changed.contains(p)).toList(), plan);
      all.forEach(p -> running.add(p.name()));
      Set<String> names = new LinkedHashSet<>();
      changed.forEach(p -> names.add(p.name()));
      console.progress("other settings now: starting " + String.join(", ", names) + " again");
      Shutdown.end(state, home, names, console);
      running.removeAll(names);
    }
    start(state, running, all, plan);
    report(plan);
    return 0;
  }

  private void check() {
    for (String filter : only) {
      Filters.problem(filter)
          .ifPresent(
              problem -> {
                throw new ParameterException(
                    spec.commandLine(), "--only " + filter + ": " + problem);
              });
    }
    driver = absolute(driver);
    if (btf != null && !Files.isReadable(btf)) {
      throw new ParameterException(
          spec.commandLine(), "--btf " + btf + ": there is no such file that can be read");
    }
  }

  /** A collector that is well goes on until it is known that the other settings work. */
  private void check(StackState state, List<StackProcess> wanted) {
    StackProcess collector = wanted.get(wanted.size() - 1);
    if (state.running(collector.name()).isEmpty()
        || !collector.differs(state.processes.get(collector.name()))) {
      return;
    }
    console.progress("checking the other settings");
    CollectorCheck.problem(home, collector.settings())
        .ifPresent(
            problem -> {
              throw new ParameterException(
                  spec.commandLine(),
                  problem + "\nThe collector that runs was left as it is, with its settings.");
            });
  }

  /** The collector runs elsewhere: relative names of files are made absolute here. */
  private String absolute(String preference) {
    List<String> words = new ArrayList<>();
    for (String word : preference.split(",(?=auto|ebpf|kmod|pcap:|interface:)", -1)) {
      if (!DRIVER.matcher(word).matches()) {
        throw new ParameterException(
            spec.commandLine(),
            "--driver " + word + ": use auto, ebpf, kmod, pcap:FILE or interface:NAME");
      }
      if (!word.startsWith("pcap:")) {
        words.add(word);
        continue;
      }
      Path path = Path.of(word.substring("pcap:".length())).toAbsolutePath().normalize();
      if (!Files.isReadable(path)) {
        throw new ParameterException(
            spec.commandLine(), "--driver " + word + ": there is no " + path + " to read");
      }
      words.add("pcap:" + path);
    }
    return String.join(",", words);
  }

  private Path dataDirectory(StackState state) {
    Path dir = (data != null ? data : home.defaultData()).toAbsolutePath().normalize();
    boolean any = StackPlan.NAMES.stream().anyMatch(n -> state.running(n).isPresent());
    if (any && !state.data.isEmpty() && !state.data.equals(dir.toString())) {
      throw new UserErrorException(
          "the stack runs on " + state.data + ": end it with ./kymo down before you use " + dir);
    }
    return DataPlace.prepare(dir);
  }

  private void stop(StackState state, Set<String> running) {
    if (!running.isEmpty()) {
      console.progress("ending what is left of an earlier start: " + String.join(", ", running));
      Shutdown.end(state, home, running, console);
      running.clear();
    }
  }

  /** All at once is how they start: the later ones wait for the earlier by themselves. */
  private List<StackProcess> processes(StackPlan plan) {
    return List.of(
        plan.broker(),
        plan.registry(),
        plan.clickhouse(),
        plan.processor(),
        plan.collector(driver, only, btf));
  }

  private void start(
      StackState state, Set<String> running, List<StackProcess> processes, StackPlan plan) {
    Map<String, StackProcess> waiting = new LinkedHashMap<>();
    for (StackProcess process : processes) {
      if (!running.contains(process.name())) {
        start(state, process);
      }
      waiting.put(process.name(), process);
    }
    long giveUp = System.currentTimeMillis() + PATIENCE_MS;
    while (!waiting.isEmpty()) {
      StringBuilder text = new StringBuilder("waiting for ");
      for (StackProcess process : List.copyOf(waiting.values())) {
        if (state.running(process.name()).isEmpty()) {
          if (running.remove(process.name())) { // it was ending when we looked
            start(state, process);
            continue;
          }
          throw new UserErrorException(
              process.name()
                  + " ended; its log says:\n  "
                  + StackProcess.logTail(home.log(process.name())));
        }
        Optional<String> reason = notReady(process, plan);
        if (reason.isEmpty()) {
          waiting.remove(process.name());
        } else {
          text.append(process.name()).append(" (").append(reason.get()).append(") ");
        }
      }
      if (!waiting.isEmpty()) {
        if (System.currentTimeMillis() > giveUp) {
          throw new UserErrorException(
              text
                  + "took longer than "
                  + PATIENCE_MS / 1000
                  + " s; see ./kymo logs "
                  + waiting.keySet().iterator().next());
        }
        console.progress(text.toString());
        sleep();
      }
    }
  }

  private void start(StackState state, StackProcess process) {
    console.progress("starting " + process.name());
    state.processes.put(process.name(), process.start(home));
    state.save(home.state());
  }

  private static Optional<String> notReady(StackProcess process, StackPlan plan) {
    if (process.name().equals(StackPlan.BROKER)) {
      return BrokerProbe.notReady(plan.bootstrapServers());
    }
    return process.notReady();
  }

  private static void sleep() {
    try {
      Thread.sleep(150);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UserErrorException("interrupted; what was started goes on, ./kymo down ends it");
    }
  }

  /** As the collector says; one that plays a short file may have ended. */
  private String watching(StackPlan plan) {
    Http.Answer answer = Http.get(plan.collectorUrl() + "/watching");
    return answer.ok() ? answer.body().strip() : driver + ", which has ended";
  }

  private void report(StackPlan plan) {
    console.line("Kymo is up: a request made now becomes a row within seconds.");
    System.out.println("ClickHouse       " + plan.clickhouseUrl() + "  (database kymo)");
    System.out.println("Kafka            " + plan.bootstrapServers());
    System.out.println("Schema registry  " + plan.registryUrl());
    System.out.println("Watching         " + watching(plan));
    System.out.println();
    System.out.println(
        "Try:  ./kymo sql \"SELECT time, protocol, operation, resource, status, duration_ns / 1e6 AS ms FROM requests ORDER BY time DESC LIMIT 10\"");
  }
}
