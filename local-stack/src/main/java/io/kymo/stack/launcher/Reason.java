package io.kymo.stack.launcher;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** Why something does not work, in words for people. */
final class Reason {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern SEVERE = Pattern.compile("\\b(ERROR|FATAL)\\b|^[a-z]+(-[a-z]+)?: ");

  private Reason() {}

  /** One line. */
  static String of(Throwable e) {
    if (e instanceof UncheckedIOException && e.getCause() != null) {
      return of(e.getCause());
    }
    if (e instanceof FileSystemException file) {
      return file.getFile() + ": " + what(file);
    }
    String message = e.getMessage();
    return message == null || message.isBlank()
        ? e.getClass().getSimpleName()
        : message.strip().replaceAll("\\s*\\R\\s*", " ");
  }

  /** Without the file's name. */
  static String only(IOException e) {
    return e instanceof FileSystemException file ? what(file) : of(e);
  }

  private static String what(FileSystemException e) {
    if (e instanceof FileAlreadyExistsException) {
      return "is there already, and no directory";
    }
    if (e instanceof NoSuchFileException) {
      return "is not there";
    }
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    return e.getReason() == null ? e.getClass().getSimpleName() : e.getReason();
  }

  /** What a health page that does not say 200 gives as its reason. */
  static String ofHealth(String body) {
    try {
      JsonNode reason = JSON.readTree(body).path("reason");
      return reason.isTextual() ? reason.asText() : body.strip();
    } catch (JsonProcessingException e) {
      return body.strip();
    }
  }

  /** Why a process ended, as its log tells it. */
  static String ofEnd(Path log) {
    try {
      List<String> lines =
          Files.readString(log, StandardCharsets.ISO_8859_1)
              .lines()
              .filter(line -> !line.isBlank())
              .toList();
      return lines.stream()
          .filter(line -> SEVERE.matcher(line).find())
          .reduce((first, second) -> second)
          .map(line -> "the last error in its log: " + line)
          .orElse(
              lines.isEmpty()
                  ? "its log is empty: it was killed, perhaps"
                  : "its log tells no error (it was killed, perhaps) and ends: "
                      + lines.get(lines.size() - 1));
    } catch (IOException e) {
      return "its log can not be read: " + of(e);
    }
  }
}
