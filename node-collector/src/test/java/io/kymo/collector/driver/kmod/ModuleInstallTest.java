package io.kymo.collector.driver.kmod;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code make -C bpf/kmod dkms-install} where it cannot work: it leaves nothing behind. */
class ModuleInstallTest {
  private static final Path MODULE = Path.of("..", "bpf", "kmod");

  @TempDir private Path directory;
  private String said;

  @Test
  void namesThePackageWithTheHeaders() throws IOException, InterruptedException {
    dkms("exit 0");

    assertThat(install(directory.resolve("no-such"))).isNotZero();

    assertThat(said).contains("install the package linux-headers-");
    assertThat(directory.resolve("calls")).doesNotExist();
    assertThat(directory.resolve("usr")).doesNotExist();
  }

  @Test
  void whatCannotBeBuiltIsTakenOutOfDkms() throws IOException, InterruptedException {
    dkms("[ $1 != install ]");

    assertThat(install(headers())).isNotZero();

    assertThat(said).contains("could not be built and installed");
    assertThat(Files.readAllLines(directory.resolve("calls")))
        .containsExactly("install", "status", "remove");
    assertThat(directory.resolve("usr/src")).isEmptyDirectory();
  }

  @Test
  void whatIsInstalledForAnotherKernelStays() throws IOException, InterruptedException {
    dkms(
        "[ $1 != status ] || echo 'kymo/0.1.0, 6.1.0-1-amd64, x86_64: installed'; [ $1 != install ]");

    assertThat(install(headers())).isNotZero();

    assertThat(Files.readAllLines(directory.resolve("calls"))).containsExactly("install", "status");
    assertThat(directory.resolve("usr/src")).isNotEmptyDirectory();
  }

  /** A program of this name that notes what it is called for. */
  private void dkms(String then) throws IOException {
    Path program = Files.createDirectory(directory.resolve("bin")).resolve("dkms");
    Files.writeString(
        program, "#!/bin/sh\necho $1 >>" + directory.resolve("calls") + "\n" + then + "\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private Path headers() throws IOException {
    Path headers = Files.createDirectory(directory.resolve("headers"));
    Files.createFile(headers.resolve("Makefile"));
    return headers;
  }

  private int install(Path headers) throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(
                "make",
                "-C",
                MODULE.toString(),
                "dkms-install",
                "KERNEL=" + headers,
                "DESTDIR=" + directory)
            .redirectErrorStream(true);
    builder.environment().merge("PATH", "", (path, none) -> directory.resolve("bin") + ":" + path);
    Process make = builder.start();
    said = new String(make.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return make.waitFor();
  }
}
