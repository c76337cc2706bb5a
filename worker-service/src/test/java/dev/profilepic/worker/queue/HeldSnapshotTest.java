package dev.profilepic.worker.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import tools.jackson.databind.json.JsonMapper;

/**
 * While a session holds a snapshot, passed messages stay in the indexes of the lines, and the
 * statistics call the lines all but empty. Every index then looks equally good to the planner. The
 * number of pages that a statement touches must not grow with the number of passed messages.
 */
class HeldSnapshotTest {

  private static final int PASSED = 20_000;

  /** A few pages for deeper indexes. The pages of all passed messages are hundreds. */
  private static final int TOLERANCE = 60;

  private static final String CLAIM =
      "SELECT * FROM profile_pic.claim(ARRAY['demo'], ARRAY[NULL]::timestamptz[], ARRAY[1], 1, interval '1 minute', NULL, 6000000)";

  private static final String CLAIM_FOR_DEFAULT =
      "SELECT * FROM profile_pic.claim(ARRAY[''], ARRAY[NULL]::timestamptz[], ARRAY[1], 1, interval '1 minute', 'demo', 6000000)";

  /** What a settle does for siblings and syncs, for one message that concerns neither. */
  private static final String AFTER_SETTLE =
      """
      SELECT profile_pic.after_settle(ARRAY[jsonb_populate_record(
        NULL::profile_pic.attempt_result, '{"msg_id": 1, "action": "complete", "outcome": "NOT_SET", "phone": "5562999212484"}')])
      """;

  private QueueFixture fixture;
  private Connection holder;
  private Connection connection;
  private JdbcTemplate session;

  @BeforeEach
  void hold() throws SQLException {
    fixture = new QueueFixture();
    holder = DriverManager.getConnection(fixture.jdbcUrl());
    holder.setAutoCommit(false);
    holder.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
    try (var snapshot = holder.createStatement()) {
      snapshot.execute("SELECT count(*) FROM public.leads");
    }
    connect();
  }

  private void connect() throws SQLException {
    connection = DriverManager.getConnection(fixture.jdbcUrl());
    session = new JdbcTemplate(new SingleConnectionDataSource(connection, true));
  }

  @AfterEach
  void drop() throws SQLException {
    connection.close();
    holder.close();
    fixture.close();
  }

  @Test
  void aClaimReadsNoMoreAfterManyPassed() {
    assertReadsNoMore(() -> {
      fixture.enqueue(fixture.lead());
      return CLAIM;
    });
  }

  @Test
  void aClaimForTheDefaultInstanceReadsNoMoreAfterManyPassed() {
    assertReadsNoMore(() -> {
      fixture.enqueue(fixture.lead(null));
      return CLAIM_FOR_DEFAULT;
    });
  }

  @Test
  void aRequestThatJoinsAWaitingOneReadsNoMoreAfterManyPassed() {
    assertReadsNoMore(() -> {
      var lead = fixture.lead();
      fixture.enqueue(lead);
      return """
      SELECT * FROM profile_pic.enqueue('[{"lead_id": "%s", "phone": "5562999212484", "instance_id": "another"}]')
      """
          .formatted(lead);
    });
  }

  @Test
  void aForcedRequestThatAWaitingOneServesReadsNoMoreAfterManyPassed() {
    assertReadsNoMore(() -> {
      var lead = fixture.lead();
      fixture.enqueue(Map.of("lead_id", lead, "phone", "5562999212484", "force_update", true));
      return """
      SELECT * FROM profile_pic.enqueue('[{"lead_id": "%s", "phone": "5562999212484", "force_update": true}]')
      """
          .formatted(lead);
    });
  }

  @Test
  void healingReadsNoMoreAfterManyPassed() {
    assertReadsNoMore(() -> {
      fixture.enqueue(fixture.lead());
      return "SELECT * FROM profile_pic.heal(0, 100)";
    });
  }

  @Test
  void erasingReadsNoMoreAfterManyPassed() {
    assertReadsNoMore(() -> {
      var lead = fixture.lead();
      fixture.enqueue(lead);
      return "SELECT profile_pic.erase('%s')".formatted(lead);
    });
  }

  @Test
  void theEffectsOfASettleReadNoMoreAfterManyLeadsOfASyncPassed() {
    assertReadsNoMore(
        () -> AFTER_SETTLE,
        List.of(
            """
            INSERT INTO profile_pic.syncs (id, instance_id, kind, force_update, with_default, total, batch_size)
            OVERRIDING SYSTEM VALUE VALUES (1, 'demo', 'list', false, false, %1$d, 100);
            INSERT INTO profile_pic.sync_items (sync_id, lead_id, message_id)
            SELECT 1, n::text, -n FROM generate_series(1, %1$d) AS n;
            UPDATE profile_pic.sync_items SET outcome = 'NOT_SET'
            """
                .formatted(PASSED)),
        "profile_pic.sync_items");
  }

  @Test
  void theEffectsOfASettleReadNoMoreAfterManySiblingsPassed() {
    assertReadsNoMore(
        () -> AFTER_SETTLE,
        List.of(
            """
            INSERT INTO profile_pic.lookup_siblings (message_id, lead_id, phone)
            SELECT -n, n::text, '5511977776666' FROM generate_series(1, %d) AS n
            """
                .formatted(PASSED),
            "DELETE FROM profile_pic.lookup_siblings"),
        "profile_pic.lookup_siblings");
  }

  @Test
  void aRepeatedRequestReadsNoMoreAfterManyBatchesPassed() {
    assertReadsNoMore(
        () -> {
          var lead = fixture.lead();
          fixture.enqueue(lead);
          return """
          SELECT * FROM profile_pic.enqueue('[{"lead_id": "%s", "phone": "5562999212484"}]')
          """
              .formatted(lead);
        },
        List.of(
            """
            INSERT INTO profile_pic.deliveries (msg_id, batch_of)
            SELECT -n, 'other' FROM generate_series(1, %d) AS n
            """
                .formatted(PASSED),
            "DELETE FROM profile_pic.deliveries"),
        "profile_pic.deliveries");
  }

  /** Prepares one more call of the same statement, and returns the statement. */
  @FunctionalInterface
  private interface Call {
    String prepared();
  }

  private void assertReadsNoMore(Call call) {
    assertReadsNoMore(
        call,
        List.of(
            """
            INSERT INTO profile_pic.waiting (msg_id, instance_id, paced, place)
            SELECT -n, 'other', true, now() + n * interval '1 ms' FROM generate_series(1, %d) AS n
            """
                .formatted(PASSED),
            "DELETE FROM profile_pic.waiting"),
        "profile_pic.waiting");
  }

  private void assertReadsNoMore(Call call, List<String> passing, String table) {
    int before = pagesOnceWarm(call);
    passing.forEach(fixture.jdbc::execute);
    fixture.jdbc.execute("VACUUM (ANALYZE) " + table);

    assertThat(pagesOnceWarm(call)).isLessThan(before + TOLERANCE);
  }

  /** Counts the pages of a warm call: the first calls also read the catalogue, and plan. */
  private int pagesOnceWarm(Call call) {
    for (int i = 0; i < 3; i++) {
      pages(call);
    }
    return pages(call);
  }

  private int pages(Call call) {
    var plan =
        session.queryForObject(
            "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + call.prepared(), String.class);
    var root = JsonMapper.builder().build().readTree(plan).get(0).get("Plan");
    return root.get("Shared Hit Blocks").asInt() + root.get("Shared Read Blocks").asInt();
  }
}
