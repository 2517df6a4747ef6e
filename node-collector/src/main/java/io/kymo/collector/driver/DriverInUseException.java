package io.kymo.collector.driver;

/** All would be well, if another collector did not have what one at a time can have. */
public final class DriverInUseException extends DriverException {
  private static final long serialVersionUID = 1L;

  public DriverInUseException(String message) {
    super(message);
  }
}
