package dev.profilepic.fuzz;

import dev.profilepic.fuzz.HostileMessages.HostileMessage;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** The leads, the queue, and the repairs that an operator makes between two rounds. */
final class Stage implements AutoCloseable {

  private static final Duration LOOK_AGAIN = Duration.ofMillis(100);
  private static final List<String> TABLES =
      List.of(
          "pgmq.q_profile_pic_queue",
          "profile_pic.waiting",
          "profile_pic.deliveries",
          "profile_pic.lead_writes",
          "profile_pic.requests WHERE message_id IS NOT NULL");

  /** Leads that hostile input may name and change. */
  static final List<String> VICTIMS =
      IntStream.range(0, 20).mapToObj("f0220000-0000-4000-8000-%012d"::formatted).toList();

  /**
   * Leads that no hostile input names: each must get its photo, even when hostile messages are in
   * its batch.
   */
  static final List<String> WITNESSES =
      IntStream.range(0, 10).mapToObj("60000000-0000-4000-8000-%012d"::formatted).toList();

  /**
   * Removes all settings by which operators and gateways can make the leads of an instance wait.
   */
  private static final String LET_INSTANCES_GO_ON =
      """
      UPDATE profile_pic.instances
      SET paused_until = '-infinity', pause_reason = NULL, pace_per_minute = NULL, quiet_from = NULL, quiet_to = NULL, quiet_zone = NULL,
          hours_zone = NULL, hours_days = NULL, hours_from = NULL, hours_to = NULL,
          source_kind = NULL, source_url = NULL, source_name = NULL, source_credential = NULL, source_credential_env = NULL,
          connection_state = NULL, connection_reason = NULL, connection_until = NULL, restricted_until = NULL
      WHERE paused_until > now() OR pace_per_minute IS NOT NULL OR quiet_from IS NOT NULL OR hours_zone IS NOT NULL OR source_kind IS NOT NULL
        OR connection_state IS NOT NULL OR restricted_until IS NOT NULL
      """;

  private final Connection connection;

  Stage(String database) throws SQLException {
    this.connection = DriverManager.getConnection(database);
  }

  /** Inserts new victims and witnesses; the table's trigger asks for the photo of each lead. */
  void setUp() throws SQLException {
    run("DELETE FROM public.leads");
    run("DELETE FROM profile_pic.syncs");
    run(LET_INSTANCES_GO_ON);
    run("DELETE FROM pgmq.q_profile_pic_dlq");
    // The same leads lose their row in each round. The writer takes this for a CRM that keeps
    // overwriting our link, and gives up after three times.
    run("UPDATE profile_pic.pictures SET rewrites = 0");
    insert(VICTIMS, 5562999212484L, 0, "fuzz");
    insert(WITNESSES, 5562991000000L, 1, "witness");
  }

  private void insert(List<String> leads, long phone, int step, String instance)
      throws SQLException {
    try (var insert =
        connection.prepareStatement(
            "INSERT INTO public.leads (id, phone, instance_id) SELECT id::uuid, (? + ? * n)::text, ? FROM unnest(?::text[]) WITH ORDINALITY AS l (id, n)")) {
      insert.setLong(1, phone);
      insert.setInt(2, step);
      insert.setString(3, instance);
      insert.setArray(4, connection.createArrayOf("text", leads.toArray()));
      insert.executeUpdate();
    }
  }

  /**
   * Sends messages, as anyone who can call {@code pgmq.send} may.
   *
   * @return the messages' ids, in order
   */
  List<Long> send(List<HostileMessage> messages) throws SQLException {
    try (var send =
        connection.prepareStatement(
            "SELECT s.id FROM unnest(?::text[], ?::text[]) WITH ORDINALITY AS u (m, h, n), pgmq.send('profile_pic_queue', m::jsonb, h::jsonb) AS s (id) ORDER BY n")) {
      send.setArray(
          1,
          connection.createArrayOf("text", messages.stream().map(HostileMessage::body).toArray()));
      send.setArray(
          2,
          connection.createArrayOf(
              "text", messages.stream().map(HostileMessage::headers).toArray()));
      var ids = new ArrayList<Long>();
      try (var rows = send.executeQuery()) {
        while (rows.next()) {
          ids.add(rows.getLong(1));
        }
      }
      return ids;
    }
  }

  /**
   * Waits until no rows are left to work on. Returns the rows that are left when the time is over,
   * by table.
   */
  Map<String, Long> settle(Duration patience) throws SQLException, InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    run("UPDATE profile_pic.syncs SET state = 'CANCELLED' WHERE state <> 'DONE'");
    var left = left();
    while (!left.isEmpty() && System.nanoTime() < deadline) {
      // Hostile input may pause instances. An operator would let them go on.
      run(LET_INSTANCES_GO_ON);
      Thread.sleep(LOOK_AGAIN);
      left = left();
    }
    return left;
  }

  private Map<String, Long> left() throws SQLException {
    var left = new TreeMap<String, Long>();
    for (var table : TABLES) {
      long rows = number("SELECT count(*) FROM " + table);
      if (rows > 0) {
        left.put(table, rows);
      }
    }
    return left;
  }

  /** Returns the reasons why messages may still wait: the instances, and the pace of each. */
  String instances() throws SQLException {
    try (var statement = connection.createStatement();
        var rows =
            statement.executeQuery(
                """
                SELECT coalesce(string_agg((to_jsonb(i) || coalesce(to_jsonb(p), '{}'))::text, chr(10)), 'none')
                FROM profile_pic.instances AS i LEFT JOIN profile_pic.pace_states AS p USING (instance_id)
                """)) {
      rows.next();
      return rows.getString(1);
    }
  }

  /** Returns the ids of messages that are still in the queue. */
  List<Long> stuck() throws SQLException {
    var ids = new ArrayList<Long>();
    try (var statement = connection.createStatement();
        var rows =
            statement.executeQuery(
                "SELECT msg_id FROM pgmq.q_profile_pic_queue ORDER BY msg_id LIMIT 100")) {
      while (rows.next()) {
        ids.add(rows.getLong(1));
      }
    }
    return ids;
  }

  /** Returns how many witnesses have their photo. */
  long served() throws SQLException {
    return number(
        "SELECT count(*) FROM public.leads WHERE instance_id = 'witness' AND profile_pic_url IS NOT NULL");
  }

  private long number(String sql) throws SQLException {
    try (var statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getLong(1);
    }
  }

  private void run(String sql) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
