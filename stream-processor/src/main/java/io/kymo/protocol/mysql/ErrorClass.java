package io.kymo.protocol.mysql;

import io.kymo.protocol.Status;

/**
 * Whose fault an ERR packet names. SQLSTATE's class decides (ISO 9075-2, table "SQLSTATE class and
 * subclass values"); under MySQL's catch-all {@code HY000}, and where a class mixes both, the error
 * number does.
 */
final class ErrorClass {
  private ErrorClass() {}

  /**
   * The statement, its data or its credentials are wrong: client. The server is overloaded, out of
   * something, deadlocked, killed it, or broke: server.
   *
   * @param state SQLSTATE, empty before it is known (errors instead of a greeting)
   */
  static Status of(int code, String state) {
    switch (code) {
      case 1040, // too many connections
      1203, // too many connections of this user
      1226, // resource limit of this user
      1213, // deadlock
      1317, // interrupted
      1969, // max_statement_time
      3024: // max_execution_time
        return Status.SERVER_ERROR;
      case 1129,
      1130, // host blocked, host not allowed
      1193, // unknown system variable
      1210, // incorrect arguments
      1221, // incorrect usage
      1231,
      1232, // wrong value, wrong type for variable
      1243, // unknown prepared statement
      1248, // derived table without alias
      1251,
      1275, // client too old
      1264,
      1265,
      1292,
      1364,
      1366, // value out of range, truncated, missing, of the wrong type
      1298, // unknown time zone
      1524, // authentication plugin unknown
      1698, // access denied without password
      3140, // invalid JSON text
      3819,
      4025: // check constraint
        return Status.CLIENT_ERROR;
      default:
        break;
    }
    if (state.length() != 5) {
      return Status.SERVER_ERROR;
    }
    return switch (state.substring(0, 2)) {
      case "02",
          "07",
          "0A",
          "20",
          "21",
          "22",
          "23",
          "24",
          "25",
          "26",
          "27",
          "28",
          "2B",
          "2D",
          "2F",
          "33",
          "34",
          "35",
          "36",
          "3B",
          "3C",
          "3D",
          "3F",
          "42",
          "44",
          "45" ->
          Status.CLIENT_ERROR;
      default -> Status.SERVER_ERROR;
    };
  }

  /** OpenTelemetry's error.type: SQLSTATE where it says something, else the number. */
  static String type(int code, String state) {
    return state.isEmpty() || state.equals("HY000") ? Integer.toString(code) : state;
  }
}
