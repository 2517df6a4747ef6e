package io.kymo.stack.launcher;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/** Stands in the list of commands; the script starts {@code io.kymo.captures.Decode} itself. */
@Command(
    name = "decode",
    description =
        "Turns captures (pcap, pcapng) into exchanges on standard output; no server needed.")
final class DecodeHelp implements Callable<Integer> {
  @Unmatched private List<String> unusedHere;

  @Override
  public Integer call() {
    throw new UserErrorException("decode is a program of its own: start it by ./kymo decode");
  }
}
