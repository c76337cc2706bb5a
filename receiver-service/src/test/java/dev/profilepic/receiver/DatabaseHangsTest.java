package dev.profilepic.receiver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.embedded.TestDatabase;
import dev.profilepic.receiver.support.DatabaseProxy;
import dev.profilepic.receiver.support.Http;
import dev.profilepic.receiver.support.Http.Answer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The database accepts connections but never answers. The receiver notices this failure later than
 * a refused connection.
 */
class DatabaseHangsTest {

  private static final int CALLERS = 64;
  private static final String KEY = "a-key-from-the-table";

  /** The contract's two seconds, doubled for a machine that is busy with other tests. */
  private static final Duration PATIENCE = Duration.ofSeconds(4);

  private final TestDatabase database = TestDatabase.migrated();
  private final DatabaseProxy proxy = new DatabaseProxy(database.jdbcUrl());
  private final JdbcClient direct = JdbcClient.create(database.sessions());
  private final ConfigurableApplicationContext receiver =
      new SpringApplicationBuilder(ReceiverApplication.class)
          .profiles("local")
          .run(
              "--server.port=0",
              "--management.server.port=0",
              "--spring.datasource.url=" + proxy.jdbcUrl());
  private final Http http = new Http(port(), KEY).withPatience(PATIENCE);

  @BeforeEach
  void makeTheKeyKnown() {
    direct
        .sql(
            "INSERT INTO profile_pic.api_keys (name, sha256, scopes) VALUES ('crm', sha256(?::bytea), '{ingest,read}')")
        .param(KEY)
        .update();
    Awaitility.await().until(() -> http.get("/bulk-sync-status").status() == 200);
  }

  @AfterEach
  void stop() throws IOException {
    proxy.resume();
    receiver.close();
    proxy.close();
    database.close();
  }

  @Test
  void everyCallerIsToldInTimeAndNobodyPilesUp() throws Exception {
    hangUnderLoad();

    // Webhooks go first: their connections hang in the middle of a query.
    for (int round = 0; round < 3; round++) {
      assertThat(fromAll(newLeads(), this::sendWebhook))
          .allSatisfy(DatabaseHangsTest::isUnavailable);
      assertThat(fromAll(newLeads(), this::sendEvent)).allSatisfy(DatabaseHangsTest::isUnavailable);
    }

    // The database still hangs, but no calls queue up for it.
    Awaitility.await()
        .untilAsserted(() -> {
          assertThat(gauge("profilepic.database.calls")).isLessThanOrEqualTo(2);
          assertThat(gauge("profilepic.enqueue.waiting")).isZero();
          assertThat(gauge("hikaricp.connections.pending")).isLessThanOrEqualTo(2);
        });
  }

  @Test
  void itGoesOnByItselfOnceTheDatabaseAnswersAgain() throws Exception {
    var leads = newLeads();
    hangUnderLoad();
    var first = fromAll(leads, this::sendEvent);

    proxy.resume();

    assertThat(first).allSatisfy(DatabaseHangsTest::isUnavailable);
    leads.forEach(lead -> assertThat(repeatUntilAccepted(lead)).isIn("queued", "duplicate"));
    assertThat(leads).allSatisfy(lead -> assertThat(messagesFor(lead)).isOne());
  }

  @Test
  void connectionsThatStayDeadAreReplaced() throws Exception {
    var leads = newLeads();
    hangUnderLoad();
    fromAll(leads, this::sendWebhook);

    proxy.resumeForNewConnections();

    leads.forEach(lead -> assertThat(repeatUntilAccepted(lead)).isIn("queued", "duplicate"));
    assertThat(leads).allSatisfy(lead -> assertThat(messagesFor(lead)).isOne());
  }

  @Test
  void anEventWhoseCommitWasNotHeardOfIsNotAcceptedAndItsRepetitionMakesNoSecondMessage()
      throws Exception {
    var leads = newLeads();
    // As in hangUnderLoad: the pool would validate an idle connection first, and no event would be
    // sent to the database.
    fromAll(newLeads(), this::sendEvent);
    proxy.loseAnswers();
    var first = fromAll(leads, this::sendEvent);
    Awaitility.await().until(() -> leads.stream().anyMatch(lead -> messagesFor(lead) == 1));
    var committed = leads.stream().filter(lead -> messagesFor(lead) == 1).toList();

    proxy.resumeForNewConnections();

    assertThat(first).allSatisfy(DatabaseHangsTest::isUnavailable);
    committed.forEach(lead -> assertThat(repeatUntilAccepted(lead)).isEqualTo("duplicate"));
    leads.forEach(this::repeatUntilAccepted);
    assertThat(leads).allSatisfy(lead -> assertThat(messagesFor(lead)).isOne());
  }

  /**
   * Makes the database hang right after a load of calls. The pool does not validate connections
   * that were used just before.
   */
  private void hangUnderLoad() throws Exception {
    fromAll(newLeads(), this::sendEvent);
    fromAll(newLeads(), this::sendWebhook);
    proxy.hang();
  }

  private static void isUnavailable(Answer answer) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(503);
    assertThat(answer.header("retry-after")).isEqualTo("2");
    assertThat(answer.json().path("success").asBoolean(true)).isFalse();
  }

  private Answer sendEvent(String lead) {
    return http.post(
        "/profile-pics", "{\"lead_id\": \"%s\", \"phone\": \"5562999212484\"}".formatted(lead));
  }

  private Answer sendWebhook(String lead) {
    return http.post(
        "/webhooks/whatsapp-web",
        "{\"lead_id\": \"%s\", \"phone\": \"5562999212484\", \"instance_id\": \"usuario_1\"}"
            .formatted(lead));
  }

  private String repeatUntilAccepted(String lead) {
    return Awaitility.await()
        .until(() -> sendEvent(lead), answer -> answer.status() == 202)
        .json()
        .path("status")
        .asString();
  }

  private List<String> newLeads() {
    var ids = Stream.generate(() -> UUID.randomUUID().toString()).limit(CALLERS).toList();
    direct
        .sql("INSERT INTO public.leads (id) SELECT unnest(?::uuid[])")
        .param(ids.toArray(String[]::new))
        .update();
    return ids;
  }

  private long messagesFor(String lead) {
    return direct
        .sql("SELECT count(*) FROM pgmq.q_profile_pic_queue WHERE message ->> 'lead_id' = ?")
        .param(lead)
        .query(Long.class)
        .single();
  }

  private double gauge(String name) {
    return receiver.getBean(MeterRegistry.class).get(name).gauges().stream()
        .mapToDouble(Gauge::value)
        .sum();
  }

  private int port() {
    return receiver
        .getBean(Environment.class)
        .getRequiredProperty("local.server.port", Integer.class);
  }

  private static List<Answer> fromAll(List<String> leads, Function<String, Answer> call)
      throws Exception {
    var answers = new ArrayList<Answer>();
    try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
      var calls = leads.stream().map(lead -> (Callable<Answer>) () -> call.apply(lead)).toList();
      for (var answer : callers.invokeAll(calls)) {
        answers.add(answer.get());
      }
    }
    return answers;
  }
}
