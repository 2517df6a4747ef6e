package io.kymo.protocol;

/**
 * What is taken out of messages before they leave the stream-processor. Parsers get one at
 * construction.
 *
 * @param sqlLiterals literals in SQL become {@code ?}
 * @param redisValues arguments that are not keys become {@code ?}
 * @param urlQueryValues values in URL queries become {@code ?}
 */
public record Privacy(boolean sqlLiterals, boolean redisValues, boolean urlQueryValues) {
  /** Everything is taken out. */
  public static final Privacy DEFAULT = new Privacy(true, true, true);
}
