package dev.profilepic.receiver.matching;

import dev.profilepic.contract.PhoneNumber;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * What is known of people whom WhatsApp shows under a LID: their number once any event has told it,
 * and what they did before.
 */
@Component
public class Lids {

  /**
   * An event of somebody whose number was not known.
   *
   * @param instanceId empty when the event named none
   */
  public record Unmatched(String instanceId, boolean force, Instant occurredAt) {}

  private final JdbcClient jdbc;

  Lids(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  public Optional<PhoneNumber> phoneOf(String lid) {
    return jdbc.sql("SELECT phone FROM profile_pic.lids WHERE lid = ?")
        .param(lid)
        .query(String.class)
        .optional()
        .map(PhoneNumber::new);
  }

  /**
   * @return whether it was not known before
   */
  public boolean learn(String lid, PhoneNumber phone) {
    return jdbc.sql(
                """
                INSERT INTO profile_pic.lids AS l (lid, phone) VALUES (?, ?)
                ON CONFLICT (lid) DO UPDATE SET phone = excluded.phone, learned_at = statement_timestamp()
                WHERE l.phone <> excluded.phone
                """)
            .params(lid, phone.digits())
            .update()
        > 0;
  }

  /** Keeps an event until the number is known; of several the newest. */
  public void keep(String lid, @Nullable String instanceId, boolean force, Instant occurredAt) {
    jdbc.sql(
            """
            INSERT INTO profile_pic.unmatched_events AS u (lid, instance_id, force, occurred_at) VALUES (?, ?, ?, ?)
            ON CONFLICT (lid, instance_id) DO UPDATE
              SET force = u.force OR excluded.force, occurred_at = greatest(u.occurred_at, excluded.occurred_at),
                  recorded_at = statement_timestamp()
            """)
        .params(
            lid,
            instanceId == null ? "" : instanceId,
            force,
            OffsetDateTime.ofInstant(occurredAt, ZoneOffset.UTC))
        .update();
  }

  public List<Unmatched> kept(String lid) {
    return jdbc.sql(
            "SELECT instance_id, force, occurred_at FROM profile_pic.unmatched_events WHERE lid = ?")
        .param(lid)
        .query((row, number) ->
            new Unmatched(
                row.getString("instance_id"),
                row.getBoolean("force"),
                row.getObject("occurred_at", OffsetDateTime.class).toInstant()))
        .list();
  }

  /** Forgets what was kept: its wishes are in the queue. */
  public void forget(String lid) {
    jdbc.sql("DELETE FROM profile_pic.unmatched_events WHERE lid = ?").param(lid).update();
  }
}
