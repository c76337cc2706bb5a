package dev.profilepic.worker.lids;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The SQL of unknown LIDs: each method is one function of {@code R__30} in db-migrations. */
@Component
class LidSql {

  /** A person of whom only the LID is known. */
  record Unknown(String instanceId, String lid) {}

  private final JdbcClient jdbc;

  LidSql(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * Takes LIDs that their sources should be asked about now. No other worker takes them for two
   * minutes.
   *
   * @param each the most LIDs of one instance
   * @param most the most LIDs of all instances
   * @param every the time between two calls that give out LIDs, for all replicas together
   */
  List<Unknown> take(int each, int most, Duration every) {
    return jdbc.sql(
            "SELECT instance_id, lid FROM profile_pic.take_unknown_lids(?, ?, ? * interval '1 ms')")
        .params(each, most, every.toMillis())
        .query((row, number) -> new Unknown(row.getString("instance_id"), row.getString("lid")))
        .list();
  }

  /**
   * Notes the source's answer.
   *
   * @param phone digits; null when the source does not know it
   * @param digest of the phone, by which people who asked to be forgotten are recognised
   */
  void answered(Unknown person, @Nullable String phone, @Nullable String digest, int mostTries) {
    jdbc.sql("SELECT 1 FROM profile_pic.lid_answered(?, ?, ?::text, ?::text, ?)")
        .param(person.instanceId())
        .param(person.lid())
        .param(phone)
        .param(digest)
        .param(mostTries)
        .query(Integer.class)
        .list();
  }

  /** Puts a LID off, because its source could not be asked. This counts as no try. */
  void later(Unknown person, Duration wait) {
    jdbc.sql("SELECT 1 FROM profile_pic.ask_lid_later(?, ?, ?)")
        .params(person.instanceId(), person.lid(), wait.toMillis())
        .query(Integer.class)
        .list();
  }
}
