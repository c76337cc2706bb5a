package dev.profilepic.receiver.auth;

import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The table of keys, read side. */
@Component
class ApiKeyTable {

  private final JdbcClient jdbc;

  ApiKeyTable(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  List<ApiKey> valid() {
    return jdbc.sql(
            "SELECT name, sha256, scopes, instances FROM profile_pic.api_keys WHERE revoked_at IS NULL")
        .query(ApiKeyTable::key)
        .list();
  }

  private static ApiKey key(ResultSet row, int number) throws SQLException {
    return new ApiKey(
        row.getString("name"),
        new ApiKey.Digest(row.getBytes("sha256")),
        texts(row.getArray("scopes")),
        texts(row.getArray("instances")));
  }

  private static Set<String> texts(@Nullable Array array) throws SQLException {
    return array == null ? Set.of() : Set.of((String[]) array.getArray());
  }
}
