package dev.profilepic.receiver.database;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.embedded.TestDatabase;
import dev.profilepic.receiver.ReceiverApplication;
import dev.profilepic.receiver.support.Http;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A receiver that is set up for a pooler in transaction mode leaves no state on a connection. */
@ExtendWith(OutputCaptureExtension.class)
class TransactionModeTest {

  @Test
  void itTakesEventsAndOperatorsCallsAndLeavesNothingOnItsConnections(CapturedOutput output) {
    try (var database = TestDatabase.migrated();
        var receiver =
            new SpringApplicationBuilder(ReceiverApplication.class)
                .profiles("local")
                .run(
                    "--server.port=0",
                    "--management.server.port=0",
                    "--profile-pic.database.connection=transaction",
                    "--logging.level.dev.profilepic.receiver.database=info",
                    "--spring.datasource.url=" + database.jdbcUrl())) {
      var port = receiver.getEnvironment().getRequiredProperty("local.server.port");
      var http = new Http(Integer.parseInt(port), "local-dev-key");
      var lead = UUID.randomUUID().toString();
      var direct = JdbcClient.create(database.dataSource());
      direct
          .sql("INSERT INTO public.leads (id, phone) VALUES (?::uuid, '5562999212484')")
          .param(lead)
          .update();
      for (int i = 0; i < 20; i++) {
        assertThat(
                http.post(
                        "/profile-pics",
                        "{\"lead_id\": \"%s\", \"phone\": \"5562999212484\"}".formatted(lead))
                    .status())
            .isEqualTo(202);
        assertThat(http.get("/leads/" + lead + "/profile-pic").status()).isEqualTo(200);
      }

      leavesNothing(receiver.getBean(JdbcClient.class));
      leavesNothing(receiver.getBean(OperatorDatabase.class).jdbc());
      assertThat(output)
          .contains("connections to the database are transaction: a pooler gives each transaction");
    }
  }

  private static void leavesNothing(JdbcClient connections) {
    for (int i = 0; i < 20; i++) {
      assertThat(
              connections.sql("SELECT name FROM pg_prepared_statements").query(String.class).list())
          .isEmpty();
      assertThat(
              connections
                  // Poolers keep the application name of each client.
                  .sql(
                      "SELECT name FROM pg_settings WHERE source = 'session' AND name <> 'application_name'")
                  .query(String.class)
                  .list())
          .isEmpty();
    }
  }
}
