package io.kymo.protocol;

import io.kymo.protocol.dns.DnsParser;
import io.kymo.protocol.http.HttpParser;
import io.kymo.protocol.mysql.MysqlParser;
import io.kymo.protocol.postgres.PostgresParser;
import io.kymo.protocol.redis.RedisParser;
import io.kymo.protocol.tls.TlsParser;
import java.util.function.Function;

/**
 * The protocols that Kymo decodes. The order is the probing order: the surest to recognise come
 * first.
 */
public enum Protocol {
  HTTP("http", HttpParser::new),
  TLS("tls", privacy -> new TlsParser()),
  POSTGRESQL("postgresql", PostgresParser::new),
  MYSQL("mysql", MysqlParser::new),
  REDIS("redis", RedisParser::new),
  DNS("dns", DnsParser::new);

  private static final Protocol[] ALL = values();

  private final String id;
  private final Function<Privacy, Parser> factory;

  Protocol(String id, Function<Privacy, Parser> factory) {
    this.id = id;
    this.factory = factory;
  }

  /** As it stands in column {@code protocol}. */
  public String id() {
    return id;
  }

  public Parser parser(Privacy privacy) {
    return factory.apply(privacy);
  }

  public static Protocol[] all() {
    return ALL.clone();
  }
}
