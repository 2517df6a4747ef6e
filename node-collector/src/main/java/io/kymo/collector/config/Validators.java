package io.kymo.collector.config;

import io.kymo.collector.driver.DriverChoice;
import io.kymo.collector.driver.Scope;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;

/** Checks of values, each with the words that the generated page uses for it. */
enum Validators implements ConfigDef.Validator {
  NAME("any name without blanks") {
    @Override
    void check(Object value) {
      require(!value.toString().matches(".*\\s.*"), "must not hold blanks");
    }
  },
  PATH("an absolute path") {
    @Override
    void check(Object value) {
      require(value.toString().startsWith("/"), "must begin with /");
    }
  },
  PATH_OR_EMPTY("an absolute path, or empty") {
    @Override
    void check(Object value) {
      require(value.toString().isEmpty() || value.toString().startsWith("/"), "must begin with /");
    }
  },
  SERVERS("HOST:PORT, …") {
    @Override
    void check(Object value) {
      require(!list(value).isEmpty(), "needs at least one HOST:PORT");
      for (Object server : list(value)) {
        require(server.toString().matches(".+:\\d{1,5}"), "'" + server + "' is not HOST:PORT");
      }
    }
  },
  URLS("http(s) URLs") {
    @Override
    void check(Object value) {
      require(!list(value).isEmpty(), "needs at least one URL");
      for (Object url : list(value)) {
        String scheme = URI.create(url.toString()).getScheme();
        require("http".equals(scheme) || "https".equals(scheme), "'" + url + "' is not http(s)");
      }
    }
  },
  DRIVER(DriverChoice.WORDS) {
    @Override
    void check(Object value) {
      DriverChoice.parse(value.toString());
    }
  },
  FILTER("netns:PATH, cgroup:PATH, pid:N, comm:NAME, port:N") {
    @Override
    void check(Object value) {
      Scope scope = Scope.parse(list(value).stream().map(Object::toString).toList(), Set.of());
      for (Path path : scope.netns()) {
        require(path.isAbsolute(), "'netns:" + path + "': the path must begin with /");
      }
      for (Path path : scope.cgroups()) {
        require(path.isAbsolute(), "'cgroup:" + path + "': the path must begin with /");
      }
    }
  },
  PORTS("numbers from 1 to 65535") {
    @Override
    void check(Object value) {
      for (Object port : list(value)) {
        boolean number = port.toString().matches("\\d{1,5}");
        require(
            number
                && Integer.parseInt(port.toString()) >= 1
                && Integer.parseInt(port.toString()) <= 65_535,
            "'" + port + "' is not a port");
      }
    }
  },
  POWER_OF_TWO("a power of two from 65536 to 1073741824") {
    @Override
    void check(Object value) {
      int bytes = (Integer) value;
      require(bytes >= 1 << 16 && Integer.bitCount(bytes) == 1, "must be a power of two ≥ 65536");
    }
  };

  private final String words;

  Validators(String words) {
    this.words = words;
  }

  abstract void check(Object value);

  @Override
  public void ensureValid(String name, Object value) {
    try {
      check(value);
    } catch (IllegalArgumentException e) {
      throw new ConfigException("Invalid value for " + name + ": " + e.getMessage());
    }
  }

  @Override
  public String toString() {
    return words;
  }

  private static List<?> list(Object value) {
    return (List<?>) value;
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException(message);
    }
  }
}
