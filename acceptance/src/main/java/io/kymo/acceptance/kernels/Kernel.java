package io.kymo.acceptance.kernels;

import io.kymo.acceptance.Shell;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * One of Debian's kernels as acceptance/bin/install-kernels unpacked it.
 *
 * @param series 5.10, 6.1, 6.12 or newest
 * @param directory with vmlinuz, initrd.gz, modules/ and the headers' build/
 * @param release the kernel's own name (uname -r)
 */
public record Kernel(String series, Path directory, String release) {
  public static final List<String> SERIES =
      List.of(System.getProperty("kymo.kernels", "5.10,6.1,6.12,newest").split(","));

  /** Where all of them are. */
  public static Path home() {
    return Path.of(System.getProperty("kymo.root"), ".kymo/kernels");
  }

  /**
   * The kernel of a series.
   *
   * @throws AssertionError when install-kernels did not bring it
   */
  public static Kernel of(String series) {
    Path directory = home().resolve(series);
    Path release = directory.resolve("release");
    if (!Files.exists(release)) {
      throw new AssertionError(
          "Linux " + series + " is missing: acceptance/bin/install-kernels could not fetch it");
    }
    try {
      return new Kernel(series, directory, Files.readString(release).strip());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Fetches what is not there yet; {@link #of} fails for a series that could not be fetched. */
  public static void install() {
    Shell.Result installed =
        Shell.run(
            List.of(
                Path.of(System.getProperty("kymo.root"), "acceptance/bin/install-kernels")
                    .toString(),
                home().toString()),
            Map.of(),
            null);
    System.out.print(installed.output());
  }

  /** Builds bpf/kmod for this kernel. */
  public void buildModule(Path to) {
    Shell.run(
            List.of(
                Path.of(System.getProperty("kymo.root"), "acceptance/bin/build-module").toString(),
                directory.toString(),
                to.toString()),
            Map.of(),
            null)
        .orFail();
  }

  Path modules() {
    try {
      return directory.resolve("modules").toRealPath();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
