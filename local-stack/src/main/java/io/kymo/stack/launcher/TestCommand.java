package io.kymo.stack.launcher;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "test",
    mixinStandardHelpOptions = true,
    description = "Builds with all checks and runs the tests.")
final class TestCommand implements Callable<Integer> {
  /** Which tests. */
  enum Scope {
    unit,
    acceptance,
    kernels,
    all
  }

  @Parameters(
      arity = "0..1",
      defaultValue = "all",
      description =
          "unit, acceptance, kernels (each driver on each of Debian's kernels, in QEMU) or all (default).")
  private Scope scope;

  @Option(
      names = "--only",
      paramLabel = "CLASS",
      description = "Only this test class (and its methods as CLASS#METHOD).")
  private String only;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Home home = Home.fromEnvironment();
    install(home);
    List<String> command = new ArrayList<>(List.of("mvn", "-B", "-ntp"));
    switch (scope) {
      case unit -> command.addAll(List.of("-pl", "!acceptance,!benchmarks", "verify"));
      case acceptance ->
          command.addAll(
              List.of(
                  "-pl", "acceptance", "-am", "verify", "-Dfast", "-Dkymo.skip.unit.tests=true"));
      case kernels ->
          command.addAll(
              List.of(
                  "-pl",
                  "acceptance",
                  "-am",
                  "verify",
                  "-Dfast",
                  "-Dkymo.skip.unit.tests=true",
                  "-Dkymo.docs.write=true",
                  "-Dtest=Kernel*Test",
                  "-Dsurefire.failIfNoSpecifiedTests=false"));
      case all -> command.add("verify");
    }
    if (only != null) {
      command.add("-Dtest=" + only);
      command.add("-Dsurefire.failIfNoSpecifiedTests=false");
    }
    TestReports.clear(home.root());
    int exit =
        new ProcessBuilder(command).directory(home.root().toFile()).inheritIO().start().waitFor();
    TestReports.Sum sum = TestReports.sum(home.root());
    if (exit != 0 && sum.failed() == 0) {
      System.out.println("the build failed before or beside the tests, see above");
    }
    System.out.println(sum.passed() + " passed, " + sum.failed() + " failed");
    return exit == 0 && sum.failed() == 0 && sum.passed() > 0 ? 0 : 1;
  }

  private static void install(Home home) throws IOException, InterruptedException {
    for (String[] step :
        new String[][] {
          {"local-stack/bin/install-engine", home.lib().toString()},
          {"local-stack/bin/install-registry", home.registryDirectory().toString()},
          {"acceptance/bin/install-servers"}
        }) {
      List<String> command = new ArrayList<>(List.of(step));
      command.set(0, home.root().resolve(step[0]).toString());
      int exit = new ProcessBuilder(command).inheritIO().start().waitFor();
      if (exit != 0) {
        throw new UserErrorException(step[0] + " failed, see above");
      }
    }
  }
}
