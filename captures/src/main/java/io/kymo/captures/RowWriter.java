package io.kymo.captures;

import io.kymo.schemas.Exchange;
import java.util.function.Supplier;

/** Writes one row as one line. One instance a thread. */
interface RowWriter {
  void write(Exchange row, Text out);

  /** What stands above all rows; may be empty. */
  default String head() {
    return "";
  }

  /** Forms in which rows can be had. */
  enum Format {
    JSON(JsonRows::new),
    TABLE(TableRows::new);

    private final Supplier<RowWriter> maker;

    Format(Supplier<RowWriter> maker) {
      this.maker = maker;
    }

    RowWriter writer() {
      return maker.get();
    }

    @Override
    public String toString() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }
}
