package dev.profilepic.embedded;

import static java.util.concurrent.Executors.callable;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Migrators that start at the same moment, as replicas of a job do. */
class SeveralMigratorsTest {

  private final Crm crm = new Crm();

  @AfterEach
  void drop() {
    crm.close();
  }

  @Test
  void allOfThemSucceed() throws Exception {
    crm.execute("CREATE TABLE public.leads (id bigint PRIMARY KEY, phone text, instance_id text)");

    try (var migrators = Executors.newFixedThreadPool(3)) {
      for (var migrator : migrators.invokeAll(Collections.nCopies(3, callable(crm::migrate)))) {
        migrator.get();
      }
    }

    assertThat(
            crm.column(
                "SELECT description FROM profile_pic.flyway_schema_history GROUP BY 1 HAVING count(*) > 1"))
        .isEmpty();
  }
}
