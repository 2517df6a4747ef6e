package io.kymo.collector.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DriverChoiceTest {
  private static final DriverSettings SETTINGS = DriverSettings.of(Scope.ALL);
  private final List<String> told = new ArrayList<>();

  @Test
  void autoIsEbpfThenTheModule() {
    assertThat(DriverChoice.parse("auto"))
        .extracting(DriverChoice.Wanted::toString)
        .containsExactly("ebpf", "kmod");
    assertThat(DriverChoice.parse("auto,interface:eth0,pcap:/tmp/a,b:c.pcap"))
        .extracting(DriverChoice.Wanted::toString)
        .containsExactly("ebpf", "kmod", "interface:eth0", "pcap:/tmp/a,b:c.pcap");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "tcpdump", "pcap", "pcap:", "interface", "ebpf:x", "auto,", ",auto"})
  void whatIsNoPreference(String text) {
    assertThatThrownBy(() -> DriverChoice.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("use auto, ebpf");
  }

  @Test
  void theFirstUsableOneIsTakenAndTold() {
    Kind ebpf = new Kind("ebpf", false, null);
    Kind kmod = new Kind("kmod", true, null);

    Driver driver = start("auto", ebpf, kmod);

    assertThat(driver.name()).isEqualTo("kmod");
    assertThat(ebpf.made).isNull();
    assertThat(told).containsExactly("driver kmod: kmod looks good (not ebpf: ebpf is not there)");
  }

  @Test
  void oneThatDoesNotStartGivesWay() {
    Kind ebpf = new Kind("ebpf", true, "the verifier refused");
    Kind kmod = new Kind("kmod", true, null);

    assertThat(start("auto", ebpf, kmod).name()).isEqualTo("kmod");

    assertThat(ebpf.made.closed).isTrue();
    assertThat(told)
        .containsExactly("driver kmod: kmod looks good (not ebpf: the verifier refused)");
  }

  @Test
  void anotherOneIsNotTakenThanWasAskedFor() {
    Kind kmod = new Kind("kmod", true, null);

    assertThatThrownBy(() -> start("ebpf,interface:eth9", new Kind("ebpf", false, null), kmod))
        .isInstanceOf(DriverException.class)
        .hasMessage(
            "no usable driver: ebpf: ebpf is not there; interface:eth9: this build has no driver interface");
    assertThat(kmod.made).isNull();
    assertThat(told).isEmpty();
  }

  @Test
  void oneThatTakesNoSuchScopeGivesWay() {
    Kind ebpf = new Kind("ebpf", true, null);
    ebpf.refusal = new DriverException("cannot apply filters of kind comm");

    assertThat(start("auto", ebpf, new Kind("kmod", true, null)).name()).isEqualTo("kmod");

    assertThat(told.get(0)).endsWith("(not ebpf: cannot apply filters of kind comm)");
  }

  @Test
  void oneThatAnotherCollectorHasIsTold() {
    Kind kmod = new Kind("kmod", true, null);
    kmod.refusal = new DriverInUseException("in use");

    assertThatThrownBy(() -> start("auto", new Kind("ebpf", false, null), kmod))
        .isInstanceOf(DriverInUseException.class)
        .hasMessage("no usable driver: ebpf: ebpf is not there; kmod: in use");
  }

  @Test
  void theArgumentIsHandedOn() {
    Kind pcap = new Kind("pcap", true, null);
    start("pcap:/tmp/x.pcap", pcap);
    assertThat(pcap.argument).isEqualTo("/tmp/x.pcap");
  }

  private Driver start(String preference, DriverKind... kinds) {
    return new DriverChoice(List.of(kinds)).start(preference, SETTINGS, told::add);
  }

  private static final class Kind implements DriverKind {
    private final String name;
    private final boolean usable;
    private final String failure;
    private FakeStart made;
    private String argument;
    private DriverException refusal;

    Kind(String name, boolean usable, String failure) {
      this.name = name;
      this.usable = usable;
      this.failure = failure;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public Probe probe(String argument) {
      return usable ? Probe.usable(name + " looks good") : Probe.unusable(name + " is not there");
    }

    @Override
    public Driver create(String argument, DriverSettings settings) {
      this.argument = argument;
      if (refusal != null) {
        throw refusal;
      }
      made = new FakeStart(name, failure);
      return made;
    }
  }

  /** Starts, or does not. */
  private static final class FakeStart implements Driver {
    private final String name;
    private final String failure;
    private boolean closed;

    FakeStart(String name, String failure) {
      this.name = name;
      this.failure = failure;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public String describe() {
      return name;
    }

    @Override
    public void start() {
      if (failure != null) {
        throw new DriverException(failure);
      }
    }

    @Override
    public int poll(EventHandler handler, int limit) {
      return 0;
    }

    @Override
    public int cpus() {
      return 1;
    }

    @Override
    public void counters(KernelCounters into) {
      into.clear();
    }

    @Override
    public long backlogBytes() {
      return 0;
    }

    @Override
    public long capacityBytes() {
      return 0;
    }

    @Override
    public void excludeProcess(int tgid, boolean leaveOut) {}

    @Override
    public void scope(Scope scope) {}

    @Override
    public void stop() {}

    @Override
    public void close() {
      closed = true;
    }
  }
}
