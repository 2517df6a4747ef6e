package io.kymo.collector.driver.pcap.file;

/** Told of parts of a file that could not be read. */
@FunctionalInterface
public interface Trouble {
  /**
   * @param offset in the file (uncompressed), of the first byte that makes no sense
   * @param bytes how many were passed over
   */
  void passedOver(long offset, long bytes, String reason);
}
