package io.kymo.stack.engine;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An error as ClickHouse words it: {@code Code: 60. DB::Exception: … (UNKNOWN_TABLE)}. Its name
 * decides the HTTP status.
 */
final class EngineException extends Exception {
  static final int SYNTAX_ERROR = 62;

  private static final int UNKNOWN_EXCEPTION = 1002;
  private static final int SERVER_ERROR = 500;
  private static final Pattern CODE = Pattern.compile("Code: (\\d+)\\.");
  private static final Pattern NAME =
      Pattern.compile("\\(([A-Z][A-Z0-9_]+)\\)(?: \\(version [^)]*\\))?\\s*$");

  /** As ClickHouse's src/Server/HTTP/exceptionCodeToHTTPStatus.cpp has it; all others are 500. */
  private static final Map<String, Integer> STATUS = new HashMap<>();

  static {
    status(401, "REQUIRED_PASSWORD");
    status(
        403,
        "UNKNOWN_USER WRONG_PASSWORD AUTHENTICATION_FAILED SET_NON_GRANTED_ROLE ACCESS_DENIED");
    status(
        400,
        "BAD_ARGUMENTS CANNOT_COMPILE_REGEXP CANNOT_PARSE_TEXT CANNOT_PARSE_ESCAPE_SEQUENCE"
            + " CANNOT_PARSE_QUOTED_STRING CANNOT_PARSE_DATE CANNOT_PARSE_DATETIME"
            + " CANNOT_PARSE_NUMBER CANNOT_PARSE_DOMAIN_VALUE_FROM_STRING CANNOT_PARSE_IPV4"
            + " CANNOT_PARSE_IPV6 CANNOT_PARSE_INPUT_ASSERTION_FAILED CANNOT_PARSE_UUID"
            + " DUPLICATE_COLUMN ILLEGAL_COLUMN UNKNOWN_ELEMENT_IN_AST UNKNOWN_TYPE_OF_AST_NODE"
            + " THERE_IS_NO_COLUMN TOO_DEEP_AST TOO_BIG_AST UNEXPECTED_AST_STRUCTURE SYNTAX_ERROR"
            + " INCORRECT_DATA TYPE_MISMATCH VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE");
    status(
        404,
        "UNKNOWN_TABLE UNKNOWN_FUNCTION UNKNOWN_IDENTIFIER UNKNOWN_TYPE UNKNOWN_STORAGE"
            + " UNKNOWN_DATABASE UNKNOWN_SETTING UNKNOWN_DIRECTION_OF_SORTING"
            + " UNKNOWN_AGGREGATE_FUNCTION UNKNOWN_FORMAT UNKNOWN_DATABASE_ENGINE"
            + " UNKNOWN_TYPE_OF_QUERY UNKNOWN_ROLE");
    status(408, "TIMEOUT_EXCEEDED");
    status(411, "HTTP_LENGTH_REQUIRED");
    status(413, "QUERY_IS_TOO_LARGE");
    status(415, "UNSUPPORTED_MEDIA_TYPE");
    status(501, "NOT_IMPLEMENTED");
    status(503, "SOCKET_TIMEOUT CANNOT_OPEN_FILE CANNOT_SCHEDULE_TASK");
  }

  private final int code;

  private EngineException(int code, String message) {
    super(message, null, false, false);
    this.code = code;
  }

  /** An error of the engine's own, with its text. */
  static EngineException of(String text) {
    Matcher matcher = CODE.matcher(text);
    if (matcher.find()) {
      return new EngineException(Integer.parseInt(matcher.group(1)), text);
    }
    return of(UNKNOWN_EXCEPTION, text, "UNKNOWN_EXCEPTION");
  }

  /** An error that ClickHouse's HTTP handler would raise, not its engine. */
  static EngineException of(int code, String text, String name) {
    return new EngineException(
        code, "Code: " + code + ". DB::Exception: " + text + ". (" + name + ")");
  }

  int code() {
    return code;
  }

  int httpStatus() {
    Matcher matcher = NAME.matcher(getMessage());
    return matcher.find() ? STATUS.getOrDefault(matcher.group(1), SERVER_ERROR) : SERVER_ERROR;
  }

  private static void status(int status, String names) {
    for (String name : names.split(" ", -1)) {
      STATUS.put(name, status);
    }
  }
}
