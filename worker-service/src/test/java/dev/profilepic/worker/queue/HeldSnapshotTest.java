package dev.profilepic.worker.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
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

  /** Prepares one more call of the same statement, and returns the statement. */
  @FunctionalInterface
  private interface Call {
    String prepared();
  }

  private void assertReadsNoMore(Call call) {
    int before = pagesOnceWarm(call);
    fixture.jdbc.update(
        """
        INSERT INTO profile_pic.waiting (msg_id, instance_id, paced, place)
        SELECT -n, 'other', true, now() + n * interval '1 ms' FROM generate_series(1, ?) AS n
        """,
        PASSED);
    fixture.jdbc.update("DELETE FROM profile_pic.waiting");
    fixture.jdbc.execute("VACUUM (ANALYZE) profile_pic.waiting");

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
