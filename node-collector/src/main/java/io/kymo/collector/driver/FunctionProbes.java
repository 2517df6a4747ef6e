package io.kymo.collector.driver;

import java.nio.file.Path;
import java.util.List;

/** Attaches the driver's programs to functions of programs and libraries. For one thread. */
public interface FunctionProbes {
  /**
   * One place in a file.
   *
   * @param program name of the driver's program that runs there
   * @param offset of the instruction in the file, in bytes
   * @param atReturn when the function that begins there returns, rather than there
   */
  record Probe(String program, long offset, boolean atReturn) {}

  /** Probes of one file, while they are attached. */
  interface Attachment extends AutoCloseable {
    /**
     * Lets go of one of them, for which the kernel waits until no CPU runs it: some 0.1 s.
     *
     * @return whether there are more
     */
    boolean release();

    /** Lets go of all of them. */
    @Override
    void close();
  }

  /**
   * Attaches to every process that runs this file now or later; the scope holds in the kernel.
   *
   * @param probes in this order; detached in the opposite one
   * @throws DriverException when one of them can not be attached: then none is
   */
  Attachment attach(Path file, List<Probe> probes);

  /**
   * How a Go program's TLS connection leads to its socket; offsets in bytes.
   *
   * @param tcpType address of the table that makes a *net.TCPConn a net.Conn, 0 when not known
   * @param conn of the interface in crypto/tls.Conn
   * @param netFd of the *netFD in net.TCPConn
   * @param descriptor of the file descriptor in net.netFD
   */
  record GoLayout(long tcpType, int conn, int netFd, int descriptor) {}

  /** Makes a Go program known, by its file's inode; before its functions are attached to. */
  void tell(long inode, GoLayout layout);

  /** Makes the kernel tell of every file that a process of the scope maps to run it. */
  void tellMappings();
}
