package io.kymo.stack.launcher;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What {@code up} started, kept in a file so that the other commands find it. */
public final class StackState {
  private static final ObjectMapper JSON =
      new ObjectMapper()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  /** One started process. {@code startedMs} tells it from another that got its pid later. */
  public static final class Entry {
    public long pid;
    public long startedMs;
    public int port;
    public String healthUrl = "";
    public List<String> command = new ArrayList<>();
    public List<String> settings = new ArrayList<>();

    Optional<ProcessHandle> handle() {
      return ProcessHandle.of(pid)
          .filter(ProcessHandle::isAlive)
          .filter(
              p ->
                  p.info()
                      .startInstant()
                      .map(i -> Math.abs(i.toEpochMilli() - startedMs) < 2_000)
                      .orElse(true));
    }
  }

  public String data = "";
  public Map<String, Entry> processes = new LinkedHashMap<>();
  public Map<String, Integer> ports = new LinkedHashMap<>();

  static StackState load(Path file) {
    if (!Files.exists(file)) {
      return new StackState();
    }
    try {
      return JSON.readValue(file.toFile(), StackState.class);
    } catch (IOException e) {
      throw new UserErrorException(
          file
              + " is damaged ("
              + e.getMessage()
              + "): remove it, end the processes it named, run kymo up");
    }
  }

  void save(Path file) {
    try {
      Path next = file.resolveSibling(file.getFileName() + ".next");
      JSON.writeValue(next.toFile(), this);
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Optional<ProcessHandle> running(String name) {
    return Optional.ofNullable(processes.get(name)).flatMap(Entry::handle);
  }

  /** Ports by purpose, or an error that says what to do when the stack was never started. */
  int port(String purpose) {
    Integer port = ports.get(purpose);
    if (port == null) {
      throw new UserErrorException("nothing is running here: start it with ./kymo up");
    }
    return port;
  }
}
