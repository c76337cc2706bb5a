package dev.profilepic.receiver.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.profilepic.receiver.support.Http.Answer;
import dev.profilepic.receiver.support.ReceiverTest;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.sql.DataSource;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient.StatementSpec;

class OperatorDatabaseTest extends ReceiverTest {

  /** More than all connections of the receiver together. */
  private static final int OPERATORS = 20;

  @Autowired private DataSource events;
  @Autowired private OperatorDatabase operators;
  @Autowired private DatabaseProperties properties;

  @Test
  void operatorsWhoWaitForLockedRowsKeepNoEventWaiting() throws Exception {
    var held = heldLeads();
    // The event has another phone: as soon as an erasure begins, the erased phone is no longer
    // looked up.
    var event =
        "{\"lead_id\": \"%s\", \"phone\": \"5562999212485\"}".formatted(newLead("5562999212485"));

    try (var crm = events.getConnection();
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      crm.setAutoCommit(false);
      lock(crm, held);
      var erasures = new ArrayList<Future<Answer>>();
      // One key never has all places.
      var another = withKey(newKey("operate"));
      for (int i = 0; i < held.size(); i++) {
        var key = i % 2 == 0 ? http : another;
        var path = "/leads/" + held.get(i) + "/profile-pic";
        erasures.add(threads.submit(() -> key.delete(path)));
      }
      Awaitility.await()
          .pollInterval(Duration.ofMillis(5))
          .until(() -> erasuresThatWait() == properties.operators().connections());

      assertThat(http.post("/profile-pics", event).status()).isEqualTo(202);
      assertThat(management.get("/actuator/health/readiness").status()).isEqualTo(200);

      for (var erasure : erasures) {
        assertThat(erasure.get().status()).isEqualTo(503);
        assertThat(erasure.get().header("retry-after")).isNotEmpty();
      }
      crm.rollback();
    }
  }

  @Test
  void theirStatementsEndAfterAWhileAndOthersAreLeftAlone() {
    assertThat(setting(operators.jdbc().sql("SHOW statement_timeout"))).isEqualTo("5s");
    assertThat(setting(jdbc.sql("SHOW statement_timeout"))).isEqualTo("0");
  }

  @Test
  void errorsThatAreLoggedRepeatNoRows() {
    var failing =
        "DO $$ BEGIN RAISE EXCEPTION 'refused' USING DETAIL = 'Failing row contains (5562999212484).'; END $$";

    for (var database : List.of(jdbc, operators.jdbc())) {
      assertThatThrownBy(() -> database.sql(failing).update())
          .rootCause()
          .hasMessageContaining("refused")
          .message()
          .doesNotContain("5562999212484");
    }
  }

  private List<String> heldLeads() {
    var leads = new ArrayList<String>();
    for (int i = 0; i < OPERATORS; i++) {
      var lead = newLead("5562999212484");
      jdbc.sql(
              "INSERT INTO profile_pic.pictures (lead_id, phone, requested_at) VALUES (?, '5562999212484', now())")
          .param(lead)
          .update();
      leads.add(lead);
    }
    return leads;
  }

  private static void lock(Connection crm, List<String> leads) throws SQLException {
    try (var statement =
        crm.prepareStatement(
            "SELECT FROM profile_pic.pictures WHERE lead_id = ANY (?) FOR UPDATE")) {
      statement.setArray(1, crm.createArrayOf("text", leads.toArray()));
      statement.execute();
    }
  }

  /** Counts only erasures, because the receiver's own jobs may wait for a moment, too. */
  private int erasuresThatWait() {
    return jdbc.sql(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%profile_pic.erase_lead(%'")
        .query(Integer.class)
        .single();
  }

  private static String setting(StatementSpec show) {
    return show.query(String.class).single();
  }
}
