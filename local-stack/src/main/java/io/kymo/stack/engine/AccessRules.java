package io.kymo.stack.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What statements may touch. An embedded engine reads and writes every file that its process can,
 * which here is often root's, for whoever reaches the port: so the engine's user gets everything
 * that concerns databases, and no source outside of them (files, URLs, other servers, programs).
 */
final class AccessRules {
  private static final String GRANTS =
      "SHOW, SELECT, INSERT, ALTER, CREATE, DROP, UNDROP TABLE, TRUNCATE, OPTIMIZE, KILL QUERY,"
          + " SYSTEM, dictGet, INTROSPECTION, CHECK ON *.*";

  private AccessRules() {}

  /**
   * Writes the engine's configuration below the directory of its data.
   *
   * @return arguments for the engine
   */
  static List<String> write(Path data) throws IOException {
    Path directory = Files.createDirectories(data.resolve("access"));
    Path users = directory.resolve("users.xml");
    Path config = directory.resolve("config.xml");
    Files.writeString(
        users,
        String.join(
            "\n",
            "<clickhouse>",
            "  <profiles><default/></profiles>",
            "  <quotas><default/></quotas>",
            "  <users>",
            "    <default>",
            "      <password/>",
            "      <networks><ip>::/0</ip></networks>",
            "      <profile>default</profile>",
            "      <quota>default</quota>",
            "      <grants><query>GRANT " + GRANTS + "</query></grants>",
            "    </default>",
            "  </users>",
            "</clickhouse>",
            ""));
    Files.writeString(
        config,
        String.join(
            "\n",
            "<clickhouse>",
            "  <users_config>" + xml(users.toString()) + "</users_config>",
            "  <access_control_improvements>",
            "    <table_engines_require_grant>true</table_engines_require_grant>",
            "  </access_control_improvements>",
            "</clickhouse>",
            ""));
    return List.of("--config-file=" + config);
  }

  private static String xml(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;");
  }
}
