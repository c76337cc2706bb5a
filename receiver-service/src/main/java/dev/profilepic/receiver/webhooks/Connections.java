package dev.profilepic.receiver.webhooks;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Records the connection states of the bridge's numbers, for operators. */
@Component
class Connections {

  private final JdbcClient jdbc;

  Connections(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * @param callers the instances that the caller is bound to; null when it is bound to none
   */
  void note(List<Reading.Connection> connections, String @Nullable [] callers) {
    for (var each : connections) {
      jdbc.sql("SELECT profile_pic.note_connection(?, ?, ?::text, ?::timestamptz, ?, ?::text[])")
          .param(each.instanceId())
          .param(each.state())
          .param(each.reason())
          .param(time(each.until()))
          .param(time(each.at()))
          .param(callers)
          .query(Boolean.class)
          .single();
    }
  }

  private static @Nullable OffsetDateTime time(@Nullable Instant instant) {
    return instant == null ? null : instant.atOffset(ZoneOffset.UTC);
  }
}
