package dev.profilepic.worker.sources;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** The sources that the API set, as the table of instances holds them. */
@Component
class SourceTable {

  /**
   * A row. Rows that are equal mean the same source.
   *
   * @param sealed the credential as the receiver sealed it
   * @param environment name of the environment variable that holds the credential instead
   */
  record Row(
      String instanceId,
      String kind,
      @Nullable String url,
      @Nullable String name,
      byte @Nullable [] sealed,
      @Nullable String environment) {

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Row row
          && instanceId.equals(row.instanceId)
          && kind.equals(row.kind)
          && Objects.equals(url, row.url)
          && Objects.equals(name, row.name)
          && Arrays.equals(sealed, row.sealed)
          && Objects.equals(environment, row.environment);
    }

    @Override
    public int hashCode() {
      return Objects.hash(instanceId, kind, url, name, Arrays.hashCode(sealed), environment);
    }

    @Override
    public String toString() {
      return "Row[instanceId=" + instanceId + ", kind=" + kind + ", credential=***]";
    }
  }

  private final JdbcTemplate jdbc;

  SourceTable(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
  }

  Map<String, Row> read() {
    var rows = new HashMap<String, Row>();
    jdbc.query(
        """
        SELECT instance_id, source_kind, source_url, source_name, source_credential, source_credential_env
        FROM profile_pic.instance_sources()
        """,
        row -> {
          var id = row.getString("instance_id");
          rows.put(
              id,
              new Row(
                  id,
                  row.getString("source_kind"),
                  row.getString("source_url"),
                  row.getString("source_name"),
                  row.getBytes("source_credential"),
                  row.getString("source_credential_env")));
        });
    return rows;
  }
}
