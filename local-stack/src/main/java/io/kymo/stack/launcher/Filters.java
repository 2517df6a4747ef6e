package io.kymo.stack.launcher;

import io.kymo.collector.driver.NetworkNamespace;
import io.kymo.collector.driver.Scope;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Checks what a user wants to see, before anything is started or ended. */
final class Filters {
  private static final Pattern KIND = Pattern.compile("(netns|cgroup|pid|comm|port):");

  private Filters() {}

  /** What is wrong with a filter; empty when it can be used. */
  static Optional<String> problem(String filter) {
    if (!KIND.matcher(filter).lookingAt()) {
      return Optional.of("a filter is netns:PATH, cgroup:PATH, pid:N, comm:NAME or port:N");
    }
    if (filter.contains(",")) {
      return Optional.of("no commas; repeat --only for each filter");
    }
    try {
      check(Scope.parse(List.of(filter), Set.of()));
      return Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.of(e.getMessage().replaceFirst("^filter '.*?': ", ""));
    }
  }

  private static void check(Scope scope) {
    for (Path path : scope.netns()) {
      NetworkNamespace.inode(path);
    }
    for (Path path : scope.cgroups()) {
      require(path.isAbsolute(), "the path must begin with /");
      require(Files.exists(path), "there is no " + path);
      require(Files.exists(path.resolve("cgroup.controllers")), "is no cgroup (of version 2)");
    }
    for (int pid : scope.pids()) {
      require(ProcessHandle.of(pid).isPresent(), "there is no such process");
    }
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException(otherwise);
    }
  }
}
