package dev.profilepic.receiver.webhooks;

import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Finds the leads that already have the picture of an event, so that it need not be fetched. */
@Component
class KnownPictures {

  private final JdbcClient jdbc;

  KnownPictures(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * @param named the ids of WhatsApp's pictures, by lead
   * @return the leads whose stored picture has that id
   */
  Set<String> leadsThatHave(Map<String, String> named) {
    if (named.isEmpty()) {
      return Set.of();
    }
    Collection<String> leads = named.keySet();
    return new HashSet<>(
        jdbc.sql("SELECT profile_pic.leads_that_have(?::text[], ?::text[])")
            .param(leads.toArray(String[]::new))
            .param(leads.stream().map(named::get).toArray(String[]::new))
            .query(String.class)
            .list());
  }

  /**
   * Selects the leads whose photo we show, among leads for whom a gateway has no photo to show.
   * Leads looked at within the last ten minutes are left out, because a failing gateway repeats
   * this with every message.
   */
  Set<String> leadsToLookAtAgain(Set<String> leads) {
    if (leads.isEmpty()) {
      return Set.of();
    }
    return new HashSet<>(
        jdbc.sql("SELECT profile_pic.leads_to_look_at_again(?::text[])")
            .param(leads.toArray(String[]::new))
            .query(String.class)
            .list());
  }
}
