package dev.profilepic.receiver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.profilepic.embedded.TestDatabase;
import dev.profilepic.receiver.support.Console;
import dev.profilepic.receiver.support.Http;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The receiver does all its work as its own role, which may do nothing else. */
class RolesTest {

  private static final String LEAD = "0f9d4a4e-8f2e-4a53-a5f5-0a7e0e6b2c11";

  private final TestDatabase database = TestDatabase.migratedWithTriggers();

  @AfterEach
  void drop() {
    database.close();
  }

  @Test
  void itsOwnRoleIsEnoughForEverything() {
    var owner = JdbcClient.create(database.dataSource());
    owner
        .sql("INSERT INTO public.leads (id, phone) VALUES (?::uuid, '5562999212484')")
        .param(LEAD)
        .update();
    owner.sql("DELETE FROM pgmq.q_profile_pic_queue").update();
    owner
        .sql("SELECT pgmq.send('profile_pic_dlq', '{\"lead_id\": \"x\", \"phone\": \"1\"}')")
        .query(Long.class)
        .single();

    owner
        .sql(
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_isolation = serializable', current_database()); END $$")
        .update();

    try (var receiver =
        new SpringApplicationBuilder(ReceiverApplication.class)
            .profiles("local")
            .run(
                "--server.port=0",
                "--management.server.port=0",
                "--spring.datasource.url=" + database.jdbcUrl(),
                "--spring.datasource.hikari.connection-init-sql=SET ROLE profile_pic_receiver")) {
      var http =
          new Http(
              Integer.parseInt(receiver.getEnvironment().getRequiredProperty("local.server.port")),
              "local-dev-key");
      var lead = "/leads/" + LEAD + "/profile-pic";
      assertThat(
              receiver
                  .getBean(JdbcClient.class)
                  .sql("SHOW transaction_isolation")
                  .query(String.class)
                  .single())
          .as("whatever the CRM's database does by default")
          .isEqualTo("read committed");

      assertThat(
              http.post(
                      "/profile-pics",
                      "{\"lead_id\": \"" + LEAD + "\", \"phone\": \"5562999212484\"}")
                  .status())
          .isEqualTo(202);
      assertThat(
              http.post(
                      "/webhooks/baileys",
                      "{\"event\": \"messages.upsert\", \"data\": [{\"jid\": \"5562999212484@s.whatsapp.net\", \"lid\": \"98765432100001@lid\"}]}")
                  .status())
          .isEqualTo(202);
      assertThat(
              http.post(
                      "/webhooks/baileys",
                      "{\"event\": \"messages.upsert\", \"data\": [{\"lid\": \"98765432100002@lid\"}]}")
                  .status())
          .isEqualTo(202);
      assertThat(http.get(lead).status()).isEqualTo(200);
      assertThat(http.get(lead + "/history").status()).isEqualTo(200);
      assertThat(http.post(lead + "/refresh", "").status()).isEqualTo(202);
      assertThat(http.post("/instance/i/sync-profile-pics-bulk", "{}").status()).isEqualTo(202);
      assertThat(http.get("/syncs").status()).isEqualTo(200);
      assertThat(http.post("/syncs/1/cancel", "").status()).isEqualTo(200);
      assertThat(http.get("/instances").status()).isEqualTo(200);
      assertThat(http.patch("/instances/i", "{\"paused\": true}").status()).isEqualTo(200);
      assertThat(http.patch("/instances/i", "{\"paused\": false}").status()).isEqualTo(200);
      assertThat(http.get("/dead-letters").status()).isEqualTo(200);
      assertThat(http.post("/dead-letters/replay", "{\"all\": true}").status()).isEqualTo(200);
      assertThat(http.delete("/dead-letters/1").status()).isEqualTo(204);
      assertThat(http.delete(lead).status()).isEqualTo(204);
      checkConsole(Console.signIn(new Http(http.port(), null), "local-dev-key"));
    }
  }

  private static void checkConsole(Console console) {
    for (var path :
        List.of(
            "/",
            "/console/overview/charts",
            "/console/leads",
            "/console/leads?state=ERASED",
            "/console/leads?q=somebody",
            "/console/leads?q=5562999212484",
            "/console/leads/" + LEAD,
            "/console/instances",
            "/console/instances/i",
            "/console/syncs",
            "/console/dead-letters",
            "/console/webhooks",
            "/console/keys",
            "/console/log")) {
      assertThat(console.get(path).status()).as(path).isEqualTo(200);
    }
    assertThat(console.post("/console/keys", "name=made&scope=read").text()).contains("ppk_");
    assertThat(console.post("/console/keys/1/revoke", "").status()).isEqualTo(302);
    assertThat(console.post("/console/sign-out", "").status()).isEqualTo(302);
  }

  @Test
  void itMayNotTouchWhatIsTheCrms() {
    var jdbc = JdbcClient.create(database.dataSource());

    assertThatThrownBy(() ->
            jdbc.sql("SET ROLE profile_pic_receiver; UPDATE public.leads SET phone = '1'").update())
        .hasStackTraceContaining("permission denied");
    assertThatThrownBy(
            () -> jdbc.sql("SET ROLE profile_pic_receiver; DELETE FROM public.leads").update())
        .hasStackTraceContaining("permission denied");
    assertThatThrownBy(() ->
            jdbc.sql("SET ROLE profile_pic_worker; SELECT * FROM profile_pic.api_keys").update())
        .hasStackTraceContaining("permission denied");
    assertThatThrownBy(() ->
            jdbc.sql("SET ROLE profile_pic_receiver; SELECT * FROM profile_pic.api_keys").update())
        .hasStackTraceContaining("permission denied");
  }
}
