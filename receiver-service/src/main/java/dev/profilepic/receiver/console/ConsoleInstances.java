package dev.profilepic.receiver.console;

import dev.profilepic.receiver.auth.Caller;
import dev.profilepic.receiver.database.OperatorDatabase;
import dev.profilepic.receiver.database.Times;
import dev.profilepic.receiver.instances.Instance;
import dev.profilepic.receiver.instances.Instances;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The instances as pages show them. */
@Component
class ConsoleInstances {

  static final int PAGE = 100;
  private static final Duration LATELY = Duration.ofHours(6);

  /**
   * An instance and its present condition.
   *
   * @param state open, down, paused, resting (WhatsApp asked for it) or quiet
   * @param waiting messages in its line, 10,000 at the most
   * @param restsUntil the instance starts no query until then; null when it may start queries
   * @param pace lookups per minute
   * @param tokens lookups that it may start now
   * @param burst the most tokens that it can have at once
   * @param lately the outcomes of its lookups in the last hours, with their counts
   */
  record Row(
      Instance instance,
      String state,
      int waiting,
      @Nullable Instant restsUntil,
      int pace,
      int tokens,
      int burst,
      Map<String, Long> lately) {

    public long leads(String state) {
      return instance.states().getOrDefault(state, 0L);
    }

    public long allLeads() {
      return instance.states().values().stream().mapToLong(Long::longValue).sum();
    }

    /**
     * Judges whether lookups on this number seem to fail, so that they tell nothing about contacts.
     * A contact who hides the photo counts as an answer and not as a failure.
     */
    public Health health() {
      var health = health(lately);
      return health.verdict().equals("unknown") ? health(instance.outcomes()) : health;
    }

    private static Health health(Map<String, Long> outcomes) {
      long failed = 0;
      long answered = 0;
      long untold = 0;
      for (var outcome : outcomes.entrySet()) {
        switch (outcome.getKey()) {
          case "STORED", "UNCHANGED", "KEPT", "NOT_SET", "HIDDEN", "NOT_ON_WHATSAPP" ->
              answered += outcome.getValue();
          case "UNKNOWN" -> untold += outcome.getValue();
          case "NO_ANSWER", "DOWNLOAD_FAILED", "INSTANCE_DOWN", "BRIDGE_DOWN", "URL_EXPIRED" ->
              failed += outcome.getValue();
          default -> {}
        }
      }
      return Health.of(failed, answered, untold, outcomes.getOrDefault("HIDDEN", 0L));
    }
  }

  /**
   * The results of an instance's lookups, judged as a whole.
   *
   * @param verdict unknown, good, hidden (most contacts hide their photo), untold (the gateway
   *     mostly cannot say whether there is no photo or nothing works) or broken
   * @param percent of lookups that WhatsApp answered; for untold, of lookups without a clear answer
   * @param hiddenPercent percent of the answers that said hidden
   */
  record Health(String verdict, int percent, int hiddenPercent) {

    private static final int FEWEST = 10;

    static Health of(long failed, long answered, long untold, long hidden) {
      long told = failed + answered;
      if (told + untold < FEWEST) {
        return new Health("unknown", 0, 0);
      }
      if (untold > told) {
        return new Health("untold", Math.toIntExact(100 * untold / (told + untold)), 0);
      }
      int percent = Math.toIntExact(100 * answered / told);
      int hiddenPercent = answered == 0 ? 0 : Math.toIntExact(100 * hidden / answered);
      return new Health(
          percent < 80 ? "broken" : hiddenPercent > 60 ? "hidden" : "good", percent, hiddenPercent);
    }
  }

  /**
   * A change of an instance's state.
   *
   * @param until when the state is to end; null when the end is unknown
   */
  record Event(
      Instant at, String state, String before, @Nullable String reason, @Nullable Instant until) {}

  private record Facts(
      int waiting, @Nullable Instant restsUntil, int pace, int tokens, int burst) {}

  private final Instances instances;
  private final JdbcClient jdbc;
  private final InstantSource clock;

  ConsoleInstances(Instances instances, OperatorDatabase database, InstantSource clock) {
    this.instances = instances;
    this.jdbc = database.jdbc();
    this.clock = clock;
  }

  /**
   * Returns the instances in the order of their ids.
   *
   * @param after the id before the first instance; empty for the beginning
   */
  List<Row> list(Caller caller, String after, int most) {
    return rows(caller, instances.lately(caller, after, most));
  }

  Optional<Row> find(Caller caller, String id) {
    return rows(caller, instances.findLately(caller, id).stream().toList()).stream().findFirst();
  }

  /** Returns the events of an instance's connection, newest first. */
  List<Event> events(Caller caller, String id, int most) {
    return jdbc.sql("SELECT * FROM profile_pic.list_instance_events(?::text[], ?, ?)")
        .param(caller.reach())
        .param(id)
        .param(most)
        .query((row, number) ->
            new Event(
                Times.of(row, "at"),
                row.getString("state"),
                row.getString("before"),
                row.getString("reason"),
                Times.orNull(row, "until")))
        .list();
  }

  private List<Row> rows(Caller caller, List<Instance> found) {
    var ids = found.stream().map(Instance::instanceId).toArray(String[]::new);
    var facts = facts(caller, ids);
    var lately = lately(caller, ids);
    return found.stream()
        .map(instance ->
            row(
                instance,
                facts.get(instance.instanceId()),
                lately.getOrDefault(instance.instanceId(), Map.of())))
        .toList();
  }

  private static Row row(Instance instance, @Nullable Facts facts, Map<String, Long> lately) {
    var known = facts == null ? new Facts(0, null, 1, 0, 1) : facts;
    return new Row(
        instance,
        state(instance, known.restsUntil()),
        known.waiting(),
        known.restsUntil(),
        known.pace(),
        known.tokens(),
        known.burst(),
        lately);
  }

  private static String state(Instance instance, @Nullable Instant restsUntil) {
    if (!instance.breaker().equals("CLOSED") || "INSTANCE_DOWN".equals(instance.pauseReason())) {
      return "down";
    }
    if (instance.paused()) {
      return "paused";
    }
    if (instance.pausedUntil() != null) {
      return "resting";
    }
    return restsUntil == null ? "open" : "quiet";
  }

  private Map<String, Facts> facts(Caller caller, String[] ids) {
    var facts = new HashMap<String, Facts>();
    jdbc.sql("SELECT * FROM profile_pic.instance_facts(?::text[], ?::text[])")
        .param(caller.reach())
        .param(ids)
        .query(row -> {
          facts.put(row.getString("instance_id"), facts(row));
        });
    return facts;
  }

  private Map<String, Map<String, Long>> lately(Caller caller, String[] ids) {
    var outcomes = new HashMap<String, Map<String, Long>>();
    jdbc.sql(
            "SELECT instance_id, outcome, looks FROM profile_pic.instance_outcomes(?::text[], ?::text[], ?)")
        .param(caller.reach())
        .param(ids)
        .param(clock.instant().minus(LATELY).atOffset(ZoneOffset.UTC))
        .query(row -> {
          outcomes
              .computeIfAbsent(row.getString("instance_id"), id -> new HashMap<>())
              .put(row.getString("outcome"), row.getLong("looks"));
        });
    return outcomes;
  }

  private static Facts facts(ResultSet row) throws SQLException {
    return new Facts(
        row.getInt("waiting"),
        Times.orNull(row, "rests_until"),
        row.getInt("pace"),
        row.getInt("tokens"),
        row.getInt("burst"));
  }
}
