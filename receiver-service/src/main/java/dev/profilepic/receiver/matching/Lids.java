package dev.profilepic.receiver.matching;

import dev.profilepic.contract.PhoneNumber;
import dev.profilepic.receiver.database.Times;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Our knowledge of people whom WhatsApp shows under a LID: their number, once any event has shown
 * it, and their earlier events. All of this belongs to the instance through which it came. A list
 * of any length takes one statement. {@code callers} are the instances that a caller is bound to;
 * data of other instances is neither found nor changed. It is null when the caller is bound to
 * none.
 */
@Component
public class Lids {

  /** The sources of a LID's number. Each source ranks above the sources before it. */
  public enum Source {
    /** The number stood beside a message that has another address. */
    BESIDE,
    /** One message or contact has both addresses. */
    MESSAGE,
    /** A gateway's own table of mappings. */
    MAPPING,
    /** A gateway was asked for this LID. */
    ASKED
  }

  /**
   * A person under a LID.
   *
   * @param instanceId empty when the event named no instance
   */
  public record Key(String instanceId, String lid) {

    public static Key of(@Nullable String instanceId, String lid) {
      return new Key(instanceId == null ? "" : instanceId, lid);
    }
  }

  /** A source's statement that a LID has this number. */
  public record Mapping(Key key, PhoneNumber phone, Source source, Instant at) {}

  /** The number of a LID, as far as it is known. */
  public record Known(PhoneNumber phone, Source source) {}

  /**
   * An event of a person whose number was not known.
   *
   * @param url a link that came with the event
   */
  public record Unmatched(Key key, boolean force, @Nullable String url, Instant occurredAt) {}

  /** A stored event, and the number that is now known. */
  public record Identified(Unmatched event, PhoneNumber phone) {}

  private final JdbcClient jdbc;

  Lids(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** Returns the numbers of these people, as far as they are known. */
  public Map<Key, Known> resolve(Collection<Key> keys, String @Nullable [] callers) {
    var found = new HashMap<Key, Known>();
    if (!keys.isEmpty()) {
      jdbc.sql(
              "SELECT instance_id, lid, phone, source FROM profile_pic.resolve_lids(?::text[], ?::text[], ?::text[])")
          .param(instances(keys))
          .param(lids(keys))
          .param(callers)
          .query((row, number) -> found.put(key(row), known(row)))
          .list();
    }
    return found;
  }

  /** Learns numbers, unless a better or newer number is known. */
  public void learn(Collection<Mapping> mappings, String @Nullable [] callers) {
    if (mappings.isEmpty()) {
      return;
    }
    var keys = mappings.stream().map(Mapping::key).toList();
    jdbc.sql(
            "SELECT profile_pic.learn_lids(?::text[], ?::text[], ?::text[], ?::text[], ?::timestamptz[], ?::text[])")
        .param(instances(keys))
        .param(lids(keys))
        .param(mappings.stream().map(each -> each.phone().digits()).toArray(String[]::new))
        .param(mappings.stream().map(each -> word(each.source())).toArray(String[]::new))
        .param(times(mappings.stream().map(Mapping::at).toList()))
        .param(callers)
        .query(Integer.class)
        .single();
  }

  /** Stores events until the numbers are known; only the newest event of a person is kept. */
  public void keep(Collection<Unmatched> events, String @Nullable [] callers) {
    if (events.isEmpty()) {
      return;
    }
    var keys = events.stream().map(Unmatched::key).toList();
    jdbc.sql(
            "SELECT 1 FROM profile_pic.keep_unmatched(?::text[], ?::text[], ?::boolean[], ?::text[], ?::timestamptz[], ?::text[])")
        .param(instances(keys))
        .param(lids(keys))
        .param(events.stream().map(Unmatched::force).toArray(Boolean[]::new))
        .param(events.stream().map(Unmatched::url).toArray(String[]::new))
        .param(times(events.stream().map(Unmatched::occurredAt).toList()))
        .param(callers)
        .query(Integer.class)
        .list();
  }

  /** Returns the stored events of these people. */
  public List<Unmatched> kept(Collection<Key> keys, String @Nullable [] callers) {
    return keys.isEmpty()
        ? List.of()
        : jdbc.sql(
                "SELECT instance_id, lid, force, url, occurred_at FROM profile_pic.kept_unmatched(?::text[], ?::text[], ?::text[])")
            .param(instances(keys))
            .param(lids(keys))
            .param(callers)
            .query((row, number) -> unmatched(row))
            .list();
  }

  /** Returns the stored events of people whose numbers other sources have shown since. */
  public List<Identified> identified(int most) {
    return jdbc.sql(
            "SELECT instance_id, lid, force, url, occurred_at, phone FROM profile_pic.known_unmatched(?)")
        .param(most)
        .query((row, number) ->
            new Identified(unmatched(row), new PhoneNumber(row.getString("phone"))))
        .list();
  }

  /** Deletes stored events whose requests are now in the queue. Newer events stay. */
  public void forget(Collection<Unmatched> events, String @Nullable [] callers) {
    if (events.isEmpty()) {
      return;
    }
    var keys = events.stream().map(Unmatched::key).toList();
    jdbc.sql(
            "SELECT 1 FROM profile_pic.forget_unmatched(?::text[], ?::text[], ?::timestamptz[], ?::text[])")
        .param(instances(keys))
        .param(lids(keys))
        .param(times(events.stream().map(Unmatched::occurredAt).toList()))
        .param(callers)
        .query(Integer.class)
        .list();
  }

  private static Key key(ResultSet row) throws SQLException {
    return new Key(row.getString("instance_id"), row.getString("lid"));
  }

  private static Known known(ResultSet row) throws SQLException {
    return new Known(
        new PhoneNumber(row.getString("phone")),
        Source.valueOf(row.getString("source").toUpperCase(Locale.ROOT)));
  }

  private static Unmatched unmatched(ResultSet row) throws SQLException {
    return new Unmatched(
        key(row), row.getBoolean("force"), row.getString("url"), Times.of(row, "occurred_at"));
  }

  private static String word(Source source) {
    return source.name().toLowerCase(Locale.ROOT);
  }

  private static String[] instances(Collection<Key> keys) {
    return keys.stream().map(Key::instanceId).toArray(String[]::new);
  }

  private static String[] lids(Collection<Key> keys) {
    return keys.stream().map(Key::lid).toArray(String[]::new);
  }

  private static String[] times(Collection<Instant> times) {
    return times.stream()
        .map(time -> OffsetDateTime.ofInstant(time, ZoneOffset.UTC).toString())
        .toArray(String[]::new);
  }
}
