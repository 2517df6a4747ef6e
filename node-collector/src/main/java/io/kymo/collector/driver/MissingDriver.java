package io.kymo.collector.driver;

/**
 * A driver that this build lacks.
 *
 * @param name as users write it
 */
public record MissingDriver(String name) implements DriverKind {
  @Override
  public Probe probe(String argument) {
    return Probe.unusable("this build has no driver " + name);
  }

  @Override
  public Driver create(String argument, DriverSettings settings) {
    throw new DriverException(probe(argument).why());
  }
}
