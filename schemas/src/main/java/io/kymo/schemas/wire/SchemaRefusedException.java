package io.kymo.schemas.wire;

import java.io.IOException;

/**
 * The registry holds a version of this subject that ours is not compatible with. Trying again does
 * not help.
 */
public final class SchemaRefusedException extends IOException {
  public SchemaRefusedException(String message, Throwable cause) {
    super(message, cause);
  }
}
