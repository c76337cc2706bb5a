package dev.profilepic.receiver.webhooks;

import dev.profilepic.receiver.auth.Caller;
import dev.profilepic.receiver.database.DatabaseCalls;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Finds the instance that a gateway means. A source may have its own name for an instance ({@code
 * PATCH /instances/{id}} with {@code source.name}); the gateway's webhooks then use that name too.
 * The names are read again every few seconds.
 */
@Component
class GatewayNames {

  private static final Duration FRESH = Duration.ofSeconds(5);

  /**
   * @param isAnId whether the name is also the id of an instance
   */
  private record Named(String instanceId, String name, boolean isAnId) {}

  private record Snapshot(Map<String, List<Named>> byName, Instant readAt) {}

  private final JdbcClient jdbc;
  private final DatabaseCalls database;
  private final InstantSource clock;
  private final AtomicBoolean reading = new AtomicBoolean();
  private volatile @Nullable Snapshot known;

  GatewayNames(JdbcClient jdbc, DatabaseCalls database, InstantSource clock) {
    this.jdbc = jdbc;
    this.database = database;
    this.clock = clock;
  }

  /**
   * Finds the instance of a webhook. A name that is an instance's id means that instance, unless
   * the caller is bound to another instance whose source has this name. So a source with the name
   * of another caller's instance cannot take the events of that instance.
   *
   * @param written the name in the webhook; null when there is none
   * @return the id; {@code written} itself when the name belongs to no instance, or to several
   */
  @Nullable String instance(@Nullable String written, Caller caller) {
    if (written == null || caller.instances().contains(written)) {
      return written;
    }
    var meant =
        names().getOrDefault(written, List.of()).stream()
            .filter(each ->
                caller.isBound() ? caller.instances().contains(each.instanceId()) : !each.isAnId())
            .toList();
    return meant.size() == 1 ? meant.getFirst().instanceId() : written;
  }

  /**
   * Returns the names. One webhook at a time reads them again; other webhooks use the known names.
   */
  private Map<String, List<Named>> names() {
    var last = known;
    if (last != null && (isFresh(last) || !reading.compareAndSet(false, true))) {
      return last.byName();
    }
    try {
      var begun = clock.instant();
      var read = new Snapshot(database.briefly(this::read), begun);
      known = read;
      return read.byName();
    } finally {
      reading.set(false);
    }
  }

  private boolean isFresh(Snapshot snapshot) {
    return snapshot.readAt().plus(FRESH).isAfter(clock.instant());
  }

  private Map<String, List<Named>> read() {
    return jdbc
        .sql("SELECT instance_id, name, is_an_id FROM profile_pic.gateway_names()")
        .query((row, number) ->
            new Named(
                row.getString("instance_id"), row.getString("name"), row.getBoolean("is_an_id")))
        .list()
        .stream()
        .collect(Collectors.groupingBy(Named::name));
  }
}
