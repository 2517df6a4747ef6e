package io.kymo.stack.engine;

import java.util.Locale;

/** Content types of ClickHouse's output formats. */
final class Formats {
  private Formats() {}

  static String contentType(String format) {
    String name = format.toLowerCase(Locale.ROOT);
    if (name.startsWith("jsoneachrow")
        || name.startsWith("jsoncompacteachrow")
        || name.startsWith("jsonstringseachrow")
        || name.startsWith("jsoncompactstringseachrow")
        || name.startsWith("jsonlines")
        || name.equals("ndjson")) {
      return "application/x-ndjson; charset=UTF-8";
    }
    if (name.startsWith("json")) {
      return "application/json; charset=UTF-8";
    }
    if (name.startsWith("csv")) {
      boolean header = name.contains("names");
      return "text/csv; charset=UTF-8; header=" + (header ? "present" : "absent");
    }
    if (name.startsWith("tabseparated") || name.startsWith("tsv") || name.startsWith("raw")) {
      return "text/tab-separated-values; charset=UTF-8";
    }
    if (name.startsWith("xml")) {
      return "application/xml; charset=UTF-8";
    }
    if (name.equals("markdown")) {
      return "text/markdown; charset=UTF-8";
    }
    if (name.startsWith("pretty")
        || name.startsWith("vertical")
        || name.startsWith("values")
        || name.startsWith("template")
        || name.startsWith("sqlinsert")
        || name.startsWith("tskv")) {
      return "text/plain; charset=UTF-8";
    }
    return "application/octet-stream";
  }
}
