package io.kymo.processor.reassembly;

/** Why positions were declared lost. */
public enum GapCause {
  /** Later bytes waited longer than the reordering bounds allow. */
  MISSING,
  /** The connection ended and these bytes had not come. */
  AT_END
}
