package io.kymo.collector.driver;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Picks the driver: the first usable one of those that the user prefers. {@code auto} stands for
 * {@code ebpf,kmod}: an interface or a file is observed only when it is named.
 */
public final class DriverChoice {
  /** What users may write, for messages and documentation. */
  public static final String WORDS = "auto, ebpf, kmod, pcap:FILE, interface:NAME";

  /**
   * A comma begins another driver only before one of these: files may have commas in their names.
   */
  private static final String SEPARATOR = ",(?=auto|ebpf|kmod|pcap:|interface:)";

  private final List<DriverKind> kinds;

  /**
   * @param kinds all that there are
   */
  public DriverChoice(List<DriverKind> kinds) {
    this.kinds = List.copyOf(kinds);
  }

  /**
   * One driver that the user named.
   *
   * @param argument what stood behind the colon, or empty
   */
  public record Wanted(String name, String argument) {
    @Override
    public String toString() {
      return argument.isEmpty() ? name : name + ":" + argument;
    }
  }

  /**
   * Reads a preference such as {@code auto}, {@code kmod} or {@code auto,interface:eth0}.
   *
   * @throws IllegalArgumentException that names what is wrong
   */
  public static List<Wanted> parse(String preference) {
    List<Wanted> wanted = new ArrayList<>();
    for (String word : preference.split(SEPARATOR, -1)) {
      int colon = word.indexOf(':');
      String name = colon < 0 ? word : word.substring(0, colon);
      String argument = colon < 0 ? "" : word.substring(colon + 1);
      boolean needsArgument = name.equals("pcap") || name.equals("interface");
      boolean known =
          needsArgument || name.equals("auto") || name.equals("ebpf") || name.equals("kmod");
      if (!known || needsArgument == argument.isEmpty() || (colon >= 0 && !needsArgument)) {
        throw new IllegalArgumentException("driver '" + word + "': use " + WORDS);
      }
      if (name.equals("auto")) {
        wanted.add(new Wanted("ebpf", ""));
        wanted.add(new Wanted("kmod", ""));
      } else {
        wanted.add(new Wanted(name, argument));
      }
    }
    return wanted;
  }

  /**
   * Asks every driver that the preference names, in its order.
   *
   * @param scope that each is to have
   */
  public List<Answer> probe(String preference, Function<DriverKind, Scope> scope) {
    List<Answer> answers = new ArrayList<>();
    for (Wanted wanted : parse(preference)) {
      DriverKind kind = kind(wanted);
      answers.add(new Answer(wanted, kind.probe(wanted.argument(), scope.apply(kind))));
    }
    return answers;
  }

  /** What {@link #probe} found of one driver. */
  public record Answer(Wanted wanted, DriverKind.Probe probe) {}

  /**
   * Starts the first driver that is usable and starts.
   *
   * @param preference see {@link #parse}
   * @param tell takes one line: which was picked and why, and why not those before it
   * @throws DriverException with the reasons of all when there is none; {@link
   *     DriverInUseException} when one of them only waits for another collector to end
   */
  public Driver start(String preference, DriverSettings settings, Consumer<String> tell) {
    return start(preference, kind -> settings, tell);
  }

  /**
   * As {@link #start(String, DriverSettings, Consumer)}, with settings of each driver's own.
   *
   * @param settings for the driver that is asked
   */
  public Driver start(
      String preference, Function<DriverKind, DriverSettings> settings, Consumer<String> tell) {
    List<String> refused = new ArrayList<>();
    boolean inUse = false;
    for (Answer answer : probe(preference, kind -> settings.apply(kind).scope())) {
      String reason = answer.probe().why();
      if (answer.probe().usable()) {
        try {
          Driver driver = started(answer.wanted(), settings);
          String without = refused.isEmpty() ? "" : " (not " + String.join("; not ", refused) + ")";
          tell.accept("driver " + answer.wanted() + ": " + reason + without);
          return driver;
        } catch (DriverException e) {
          inUse |= e instanceof DriverInUseException;
          reason = e.getMessage();
        }
      }
      refused.add(answer.wanted() + ": " + reason);
    }
    String why = "no usable driver: " + String.join("; ", refused);
    throw inUse ? new DriverInUseException(why) : new DriverException(why);
  }

  private Driver started(Wanted wanted, Function<DriverKind, DriverSettings> settings) {
    DriverKind kind = kind(wanted);
    Driver driver = kind.create(wanted.argument(), settings.apply(kind));
    try {
      driver.start();
      return driver;
    } catch (DriverException e) {
      driver.close();
      throw e;
    }
  }

  private DriverKind kind(Wanted wanted) {
    return kinds.stream()
        .filter(kind -> kind.name().equals(wanted.name()))
        .findFirst()
        .orElseGet(() -> new MissingDriver(wanted.name()));
  }
}
