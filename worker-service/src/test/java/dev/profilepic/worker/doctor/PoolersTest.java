package dev.profilepic.worker.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Poolers between the services and PostgreSQL, and the connections that they lend. */
class PoolersTest extends ExaminationTest {

  PoolersTest() throws IOException {}

  @Test
  void aPoolerInTransactionModeOfWhichTheServicesDoNotKnowIsNamed() throws Exception {
    try (var pooler = new TransactionPooler(setup.database.jdbcUrl())) {
      setup.variables.put("PROFILE_PIC_DATABASE_URL", pooler.jdbcUrl());
      var said = setup.examine();

      assertThat(said.problems()).as(said.text()).containsExactly("pooler");
      assertThat(said.text())
          .contains("transaction mode", "PROFILE_PIC_DATABASE_CONNECTION=transaction");

      setup.variables.put("PROFILE_PIC_DATABASE_CONNECTION", "transaction");
      said = setup.examine();
      assertThat(said.problems()).as(said.text()).isEmpty();
      assertThat(said.text()).contains("a pooler in transaction mode, and the services know it");
    }
  }

  /** The variables of releases before PROFILE_PIC_DATABASE_CONNECTION. */
  @Test
  void theTwoOlderVariablesForSuchAPoolerStillCount() throws Exception {
    try (var pooler = new TransactionPooler(setup.database.jdbcUrl())) {
      setup.variables.put("PROFILE_PIC_DATABASE_URL", pooler.jdbcUrl());
      setup.variables.put("PROFILE_PIC_DATABASE_PREPARE_THRESHOLD", "0");
      setup.variables.put("PROFILE_PIC_WORKER_LISTEN", "false");

      assertThat(setup.examine().problems()).isEmpty();
    }
  }

  @Test
  void connectionsAreCountedAgainstWhatAPoolerInSessionModeLends() throws InterruptedException {
    setup.variables.put("PROFILE_PIC_DATABASE_CONNECTION", "session");
    var said = setup.examine();
    assertThat(said.problems()).as(said.text()).isEmpty();
    assertThat(said.text()).contains("12 connections (receiver 3, its operators 2, worker 3");

    setup.variables.put("BRIDGE_DATABASE_POOL", "5");
    said = setup.examine();
    assertThat(said.problems()).as(said.text()).containsExactly("connections");
    assertThat(said.text()).contains("lends 15 connections", "BRIDGE_DATABASE_POOL");

    setup.variables.put("PROFILE_PIC_DOCTOR_POOLER_LIMIT", "30");
    assertThat(setup.examine().problems()).isEmpty();
  }

  @Test
  void settingsForAPoolerThatIsNotThereAreAWarning() throws InterruptedException {
    setup.variables.put("PROFILE_PIC_WORKER_LISTEN", "false");
    var said = setup.examine();

    assertThat(said.text()).contains("WARNING  pooler");
    assertThat(said.status()).isZero();
  }
}
