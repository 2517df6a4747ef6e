package io.kymo.protocol;

/** Who sent the bytes: CLIENT bytes carry requests, SERVER bytes carry responses. */
public enum Side {
  CLIENT,
  SERVER;

  public Side opposite() {
    return this == CLIENT ? SERVER : CLIENT;
  }
}
