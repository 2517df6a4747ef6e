package io.kymo.collector.main;

import io.kymo.collector.driver.Driver;
import io.kymo.collector.driver.DriverChoice;
import io.kymo.collector.driver.DriverException;
import io.kymo.collector.driver.DriverKind;
import io.kymo.collector.driver.DriverSettings;
import io.kymo.collector.driver.Finding;
import io.kymo.collector.metrics.JsonText;
import java.util.ArrayList;
import java.util.List;

/**
 * Says what this machine offers, which driver would be used, and what is missing and what to do.
 * The driver is really started, for a moment, with a scope that nothing is in.
 */
final class Doctor {
  private final List<Finding> findings;
  private final List<DriverChoice.Answer> drivers;
  private final List<String> told = new ArrayList<>();
  private String used = "";
  private String problem = "";

  /**
   * @param preference of drivers
   */
  Doctor(List<Finding> findings, DriverChoice choice, String preference) {
    this.findings = findings;
    this.drivers = choice.probe(preference, DriverKind::nothing);
    try (Driver driver =
        choice.start(preference, kind -> DriverSettings.of(kind.nothing()), told::add)) {
      used = driver.describe();
    } catch (DriverException e) {
      problem = e.getMessage();
    }
  }

  /** True when a driver started. */
  boolean usable() {
    return problem.isEmpty();
  }

  /** For people. */
  String text() {
    StringBuilder text = new StringBuilder();
    for (Finding finding : findings) {
      text.append(line(finding.there() ? "yes" : "no", finding.name(), finding.detail()));
      if (!finding.there()) {
        text.append(line("", "", "→ " + finding.remedy()));
      }
    }
    text.append('\n');
    for (DriverChoice.Answer answer : drivers) {
      boolean usable = answer.probe().usable();
      String name = "driver " + answer.wanted();
      text.append(line(usable ? "yes" : "no", name, answer.probe().why()));
    }
    return text.append(usable() ? "\nUsed: " + used : "\nNot usable: " + problem)
        .append('\n')
        .toString();
  }

  private static String line(String mark, String name, String detail) {
    return String.format("%-4s%-16s %s%n", mark, name, detail);
  }

  /** For programs: one object. */
  String json() {
    List<String> facts = new ArrayList<>();
    for (Finding finding : findings) {
      facts.add(
          object(
              "\"name\":" + JsonText.quote(finding.name()),
              "\"there\":" + finding.there(),
              "\"detail\":" + JsonText.quote(finding.detail()),
              "\"remedy\":" + JsonText.quote(finding.remedy())));
    }
    List<String> kinds = new ArrayList<>();
    for (DriverChoice.Answer answer : drivers) {
      kinds.add(
          object(
              "\"driver\":" + JsonText.quote(answer.wanted().toString()),
              "\"usable\":" + answer.probe().usable(),
              "\"why\":" + JsonText.quote(answer.probe().why())));
    }
    return object(
            "\"usable\":" + usable(),
            "\"used\":" + JsonText.quote(used),
            "\"problem\":" + JsonText.quote(problem),
            "\"drivers\":[" + String.join(",", kinds) + "]",
            "\"findings\":[" + String.join(",", facts) + "]")
        + "\n";
  }

  private static String object(String... members) {
    return "{" + String.join(",", members) + "}";
  }
}
