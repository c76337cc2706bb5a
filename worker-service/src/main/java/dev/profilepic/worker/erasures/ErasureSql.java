package dev.profilepic.worker.erasures;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The SQL of erasures: each method is one function of {@code R__33} in db-migrations. */
@Component
class ErasureSql {

  /**
   * A message's lead.
   *
   * @param instanceId the instance to ask; null when it is not known yet
   * @param digest of the phone
   */
  record Asked(String leadId, @Nullable String instanceId, String digest) {}

  /** An erasure for the bridge. */
  record Erasure(long id, byte[] person) {}

  private final JdbcClient jdbc;

  ErasureSql(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  boolean isAnybodyBuried() {
    return jdbc.sql("SELECT profile_pic.any_tombstones()").query(Boolean.class).single();
  }

  /** Returns the places in the list, from 0, of the people for whom nothing may be fetched. */
  Set<Integer> buried(List<Asked> asked) {
    return jdbc
        .sql("SELECT profile_pic.which_are_buried(?::text[], ?::text[], ?::text[])")
        .param(asked.stream().map(Asked::leadId).toArray(String[]::new))
        .param(asked.stream().map(Asked::instanceId).toArray(String[]::new))
        .param(asked.stream().map(Asked::digest).toArray(String[]::new))
        .query(Integer.class)
        .list()
        .stream()
        .map(place -> place - 1)
        .collect(Collectors.toSet());
  }

  /** Takes erasures that the bridge should get now. */
  List<Erasure> take(int most) {
    return jdbc.sql("SELECT id, person FROM profile_pic.take_bridge_erasures(?)")
        .param(most)
        .query((row, number) -> new Erasure(row.getLong("id"), row.getBytes("person")))
        .list();
  }

  void done(long id) {
    jdbc.sql("SELECT 1 FROM profile_pic.bridge_erasure_done(?)")
        .param(id)
        .query(Integer.class)
        .list();
  }

  void failed(long id, String why) {
    jdbc.sql("SELECT 1 FROM profile_pic.bridge_erasure_failed(?, ?)")
        .params(id, why)
        .query(Integer.class)
        .list();
  }
}
