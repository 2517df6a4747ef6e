package io.kymo.acceptance;

import java.nio.file.Path;

/**
 * A self-signed certificate for the server's name and addresses, which clients are told to trust.
 */
public final class Certificate {
  /** The name that it is for, beside the server's addresses. */
  public static final String NAME = "shop.kymo.test";

  public final Path certificate;
  public final Path key;

  Certificate(Lab lab) {
    Path dir = lab.directory("certificate");
    certificate = dir.resolve("server.crt");
    key = dir.resolve("server.key");
    Shell.run(
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=" + NAME,
            "-addext",
            "subjectAltName=DNS:" + NAME + ",IP:" + Lab.SERVER4,
            "-keyout",
            key.toString(),
            "-out",
            certificate.toString())
        .orFail();
  }
}
