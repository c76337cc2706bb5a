package dev.profilepic.worker.instances;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.profilepic.embedded.TestDatabase;
import dev.profilepic.worker.FakeBridge;
import dev.profilepic.worker.RunningWorker;
import dev.profilepic.worker.bridge.InstanceCircuits;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;

class CircuitReportsTest {

  private final TestDatabase database = TestDatabase.migrated();
  private final JdbcTemplate jdbc = new JdbcTemplate(database.sessions());

  @AfterEach
  void drop() {
    database.close();
  }

  @Test
  void aNumberThatIsDownIsPausedForAllAndWorksAgainWhenItIsBack() {
    jdbc.update(
        """
        INSERT INTO public.leads (phone, instance_id)
        SELECT '55629' || (90000000 + n), CASE WHEN n <= 12 THEN 'down' ELSE 'up' END FROM generate_series(1, 22) AS n
        """);
    try (var bridge = new FakeBridge();
        var worker =
            RunningWorker.start(
                database,
                bridge,
                "profile-pic.worker.concurrency=4",
                "resilience4j.circuitbreaker.configs.instance.wait-duration-in-open-state=1s",
                "resilience4j.circuitbreaker.configs.instance.exponential-max-wait-duration-in-open-state=2s")) {
      bridge.allOtherLookups(exchange ->
          (exchange.getRequestURI().getPath().contains("/down/")
                  ? FakeBridge.json(503, "{\"status\":\"disconnected\"}")
                  : FakeBridge.json(200, "{\"status\":\"not_set\"}"))
              .to(exchange));
      bridge.overview(
          FakeBridge.json(
              200,
              "{\"instances\":[{\"id\":\"up\",\"state\":\"open\",\"budget\":{\"per_minute\":90,\"used_today\":7}}]}"));
      jdbc.execute(
          """
          SELECT profile_pic.enqueue(jsonb_agg(jsonb_build_object('lead_id', id, 'phone', phone))) FROM public.leads
          """);

      await()
          .untilAsserted(() ->
              assertThat(instance("down"))
                  .containsEntry("breaker", "OPEN")
                  .containsEntry("pause_reason", "INSTANCE_DOWN")
                  .containsEntry("paused", true));
      await()
          .untilAsserted(() ->
              assertThat(count("profile_pic.pictures WHERE state = 'NOT_SET'")).isEqualTo(10));
      assertThat(instance("up")).containsEntry("breaker", "CLOSED").containsEntry("paused", false);
      assertThat(count("profile_pic.pictures WHERE attempts > 0")).isZero();
      worker.bean(BudgetReports.class).report();
      assertThat(count("profile_pic.instances WHERE budget ->> 'per_minute' = '90'")).isEqualTo(1);

      bridge.allOtherLookups(FakeBridge.json(200, "{\"status\":\"not_set\"}"));

      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(() ->
              assertThat(count("profile_pic.pictures WHERE state = 'NOT_SET'")).isEqualTo(22));
      await()
          .untilAsserted(() ->
              assertThat(instance("down"))
                  .containsEntry("breaker", "CLOSED")
                  .containsEntry("pause_reason", null)
                  .containsEntry("paused", false));
      assertThat(worker.port()).isPositive();
    }
  }

  @Test
  void whileACircuitIsOpenNothingOfItsLineIsLeasedOnAnyReplica() {
    jdbc.update("INSERT INTO public.leads (phone, instance_id) VALUES ('5562999212484', 'down')");
    jdbc.execute(
        "SELECT profile_pic.enqueue(jsonb_agg(jsonb_build_object('lead_id', id, 'phone', phone))) FROM public.leads");

    changed("OPEN", "1 minute");
    assertThat(claimed()).isZero();

    changed("CLOSED", "0");
    assertThat(claimed()).isEqualTo(1);
  }

  @Test
  void thePauseOfWhatsappOrAnOperatorIsNeitherShortenedNorEnded() {
    jdbc.update(
        "INSERT INTO profile_pic.instances (instance_id, paused_until, pause_reason) VALUES ('down', now() + interval '1 hour', 'THROTTLED')");

    changed("OPEN", "1 minute");
    changed("CLOSED", "0");

    assertThat(instance("down")).containsEntry("pause_reason", "THROTTLED");
    assertThat(count("profile_pic.instances WHERE paused_until > now() + interval '59 min'"))
        .isEqualTo(1);
  }

  @Test
  void theEndOfAPauseThatIsOverIsNoReasonToKeepItsReason() {
    jdbc.update(
        "INSERT INTO profile_pic.instances (instance_id, paused_until, pause_reason) VALUES ('down', now() - interval '1 s', 'THROTTLED')");

    changed("OPEN", "1 minute");
    assertThat(instance("down")).containsEntry("pause_reason", "INSTANCE_DOWN");

    changed("CLOSED", "0");
    assertThat(instance("down")).containsEntry("paused", false).containsEntry("pause_reason", null);
  }

  @Test
  void whatIsToldTwiceIsNewsOnce() {
    assertThat(changed("OPEN", "1 minute")).isTrue();
    assertThat(changed("OPEN", "1 minute")).isFalse();
    assertThat(changed("HALF_OPEN", "0")).isTrue();
    assertThat(changed("CLOSED", "0")).isTrue();
    assertThat(changed("CLOSED", "0")).isFalse();
  }

  @Test
  void whatCouldNotBeWrittenDownIsWrittenLater() {
    jdbc.update(
        "INSERT INTO public.leads (phone, instance_id) SELECT '55629' || (90000000 + n), 'down' FROM generate_series(1, 10) AS n");
    jdbc.execute("ALTER FUNCTION profile_pic.breaker_changed RENAME TO away");
    try (var bridge = new FakeBridge();
        var worker = RunningWorker.start(database, bridge)) {
      bridge.allOtherLookups(FakeBridge.json(503, "{\"status\":\"disconnected\"}"));
      jdbc.execute(
          "SELECT profile_pic.enqueue(jsonb_agg(jsonb_build_object('lead_id', id, 'phone', phone))) FROM public.leads");
      await().until(() -> worker.bean(InstanceCircuits.class).open() == 1);
      worker.bean(CircuitReports.class).tick();
      assertThat(instance("down")).containsEntry("breaker", "CLOSED");

      jdbc.execute("ALTER FUNCTION profile_pic.away RENAME TO breaker_changed");

      await().untilAsserted(() -> assertThat(instance("down")).containsEntry("breaker", "OPEN"));
    }
  }

  @Test
  void aCircuitThatAnotherWorkerLeftOpenIsClosedByTheFirstSuccess() {
    changed("OPEN", "0");
    jdbc.update("INSERT INTO public.leads (phone, instance_id) VALUES ('5562999212484', 'down')");
    try (var bridge = new FakeBridge();
        var worker = RunningWorker.start(database, bridge)) {
      jdbc.execute(
          "SELECT profile_pic.enqueue(jsonb_agg(jsonb_build_object('lead_id', id, 'phone', phone))) FROM public.leads");

      await().untilAsserted(() -> assertThat(instance("down")).containsEntry("breaker", "CLOSED"));
      assertThat(worker.port()).isPositive();
    }
  }

  private int claimed() {
    return count(
        "profile_pic.claim(ARRAY['down'], ARRAY[NULL::timestamptz], ARRAY[10], 10, '1 minute', NULL, 60) WHERE msg_id IS NOT NULL");
  }

  private boolean changed(String state, String openFor) {
    return Boolean.TRUE.equals(
        jdbc.queryForObject(
            "SELECT profile_pic.breaker_changed('down', ?, ?::interval)",
            Boolean.class,
            state,
            openFor));
  }

  /** Returns an instance's row, or an empty map before the instance's first lookup. */
  private Map<String, Object> instance(String id) {
    return jdbc
        .queryForList(
            "SELECT breaker, pause_reason, paused_until > now() AS paused FROM profile_pic.instances WHERE instance_id = ?",
            id)
        .stream()
        .findFirst()
        .orElse(Map.of());
  }

  private int count(String what) {
    Integer count = jdbc.queryForObject("SELECT count(*) FROM " + what, Integer.class);
    return count == null ? 0 : count;
  }
}
