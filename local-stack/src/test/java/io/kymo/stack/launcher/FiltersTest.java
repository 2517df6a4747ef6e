package io.kymo.stack.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FiltersTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "colour:red | a filter is netns:PATH",
        "port: | a number from 1 to 65535 is needed",
        "port:http | a number from 1 to 65535 is needed",
        "port:0 | from 1 to 65535",
        "port:99999 | from 1 to 65535",
        "port:80,port:81 | no commas",
        "pid: | a number from 1",
        "comm: | a process's name is needed",
        "netns: | a path is needed",
        "cgroup: | a path is needed",
        "pid:0 | from 1",
        "pid:2147483647 | no such process",
        "comm:sixteen-bytes-16 | 15 bytes",
        "cgroup:/etc | no cgroup",
        "cgroup:/no/such | there is no /no/such",
        "netns:/etc/passwd | no network namespace",
        "netns:/tmp | no network namespace",
        "netns:/proc/self/ns/mnt | no network namespace",
        "netns:blue | must begin with /",
        "netns:/run/netns/no-such | there is no /run/netns/no-such"
      })
  void whatWouldWatchNothingIsRefused(String filter, String why) {
    assertThat(Filters.problem(filter)).hasValueSatisfying(p -> assertThat(p).contains(why));
  }

  @Test
  void whatIsThereIsTaken() {
    assertThat(Filters.problem("netns:/proc/self/ns/net")).isEmpty();
    assertThat(Filters.problem("pid:" + ProcessHandle.current().pid())).isEmpty();
    assertThat(Filters.problem("port:8081")).isEmpty();
    assertThat(Filters.problem("comm:nginx")).isEmpty();
  }
}
