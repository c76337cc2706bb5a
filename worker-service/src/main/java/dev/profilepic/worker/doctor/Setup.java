package dev.profilepic.worker.doctor;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The set-up that the checks look at, and the facts that they have learned about it. */
final class Setup implements AutoCloseable {

  /** Writing to the database, as a part of the set-up that may be away. */
  static final String WRITES = "writes";

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Settings settings;
  private final InstantSource clock;
  private final Web web = new Web();
  private final Map<String, ClockReading> clocks = new LinkedHashMap<>();
  private final Set<String> away = new HashSet<>();
  private @Nullable Database database;
  private Optional<JsonNode> bridge = Optional.empty();

  /** The time on a server's clock, and on ours at the same moment. */
  record ClockReading(Instant theirs, Instant ours) {

    /** Returns how far the server's clock is ahead. */
    Duration skew() {
      return Duration.between(ours, theirs);
    }
  }

  Setup(Settings settings, InstantSource clock) {
    this.settings = settings;
    this.clock = clock;
  }

  Settings settings() {
    return settings;
  }

  InstantSource clock() {
    return clock;
  }

  Web web() {
    return web;
  }

  /** Returns the database, as the user that the doctor is configured with. */
  Database database() throws SQLException {
    if (database == null) {
      database =
          Database.connect(
              settings.databaseUrl(), settings.databaseUser(), settings.databasePassword());
    }
    return database;
  }

  /** Remembers an answer's date, for the check of clocks. */
  Web.Answer timed(String server, Web.Answer answer) {
    try {
      var date = ZonedDateTime.parse(answer.date(), DateTimeFormatter.RFC_1123_DATE_TIME);
      clocks.put(server, new ClockReading(date.toInstant(), clock.instant()));
    } catch (DateTimeParseException noDate) {
      // The server's clock is unknown then.
    }
    return answer;
  }

  /**
   * Returns whether a server's clock is so wrong that signatures are refused for this reason alone.
   */
  boolean isFarOff(String server) {
    var clock = clocks.get(server);
    return clock != null && clock.skew().abs().compareTo(ClockCheck.FAR_OFF) > 0;
  }

  /** Notes that a part of the set-up is away, so that it is not reported twice. */
  void isAway(String what) {
    away.add(what);
  }

  boolean wasAway(String what) {
    return away.contains(what);
  }

  Map<String, ClockReading> clocks() {
    return clocks;
  }

  /** Returns the bridge's report on itself; empty until there is a report. */
  Optional<JsonNode> bridge() {
    return bridge;
  }

  void bridgeSaid(JsonNode overview) {
    bridge = Optional.of(overview);
  }

  /** Returns whether our bridge is asked at all. */
  boolean asksBridge() {
    return settings.sourceKind().equals("bridge");
  }

  static JsonNode json(String text) throws IOException {
    try {
      return JSON.readTree(text);
    } catch (JacksonException notJson) {
      throw new IOException("an answer that is not JSON", notJson);
    }
  }

  @Override
  public void close() throws SQLException {
    web.close();
    if (database != null) {
      database.close();
    }
  }
}
