package io.kymo.collector.driver;

/**
 * One thing that a driver can use, and whether this machine has it.
 *
 * @param name short and stable, lower case
 * @param there false: it is missing
 * @param detail one line: what was found
 * @param remedy one line: what to do when it is missing and wanted, else empty
 */
public record Finding(String name, boolean there, String detail, String remedy) {
  public static Finding there(String name, String detail) {
    return new Finding(name, true, detail, "");
  }

  public static Finding missing(String name, String detail, String remedy) {
    return new Finding(name, false, detail, remedy);
  }
}
