package dev.profilepic.receiver.webhooks;

import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Knows which leads have the very picture that an event names, so that it needs not be fetched. */
@Component
class KnownPictures {

  private final JdbcClient jdbc;

  KnownPictures(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * @param named WhatsApp's ids of pictures, by lead
   * @return the leads whose stored picture is the one
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
   * The leads whose photo we show, of some for whom a gateway has none to show, unless they were
   * looked at within the last ten minutes: a gateway that fails says so with every message.
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
