package dev.profilepic.receiver.auth;

import dev.profilepic.receiver.database.Times;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The receiver's view of the keys in the database. */
@Component
class ApiKeyTable {

  private final JdbcClient jdbc;

  ApiKeyTable(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  List<ApiKey> valid() {
    return jdbc.sql(
            "SELECT id, name, sha256, scopes, instances, expires_at FROM profile_pic.valid_keys()")
        .query(ApiKeyTable::key)
        .list();
  }

  /** Records when keys were last used. */
  void noteUses(Map<Long, Instant> uses) {
    var ids = List.copyOf(uses.keySet());
    jdbc.sql("SELECT 1 FROM profile_pic.note_key_uses(?::bigint[], ?::timestamptz[])")
        .param(ids.toArray(Long[]::new))
        .param(ids.stream().map(id -> String.valueOf(uses.get(id))).toArray(String[]::new))
        .query(Integer.class)
        .list();
  }

  private static ApiKey key(ResultSet row, int number) throws SQLException {
    return new ApiKey(
        row.getLong("id"),
        row.getString("name"),
        new ApiKey.Digest(row.getBytes("sha256")),
        texts(row.getArray("scopes")),
        texts(row.getArray("instances")),
        Times.orNull(row, "expires_at"));
  }

  private static Set<String> texts(@Nullable Array array) throws SQLException {
    return array == null ? Set.of() : Set.of((String[]) array.getArray());
  }
}
