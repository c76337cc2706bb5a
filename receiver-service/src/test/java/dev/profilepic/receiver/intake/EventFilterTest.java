package dev.profilepic.receiver.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.profilepic.receiver.support.Http.Answer;
import dev.profilepic.receiver.support.ReceiverTest;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.test.context.TestPropertySource;
import org.springframework.web.context.support.ServletRequestHandledEvent;

/**
 * Plain events are answered in front of Spring Security, all other calls behind it. An ignored
 * query parameter makes a request take the long way, so that the tests compare both ways.
 */
@TestPropertySource(properties = "profile-pic.auth.ingest-per-minute=40")
class EventFilterTest extends ReceiverTest {

  private static final String SHORT = "/profile-pics";
  private static final String LONG = "/profile-pics?way=long";

  private static final AtomicInteger HANDLED_BY_MVC = new AtomicInteger();

  @TestConfiguration
  static class Counting {

    @Bean
    ApplicationListener<ServletRequestHandledEvent> counting() {
      return event -> HANDLED_BY_MVC.incrementAndGet();
    }
  }

  private final String phone = "5562" + (940_000_000 + (int) (Math.random() * 9_000_000));

  @BeforeEach
  void countAnew() {
    HANDLED_BY_MVC.set(0);
  }

  @Test
  void plainEventsTakeTheShortWayAndOthersTheLongOne() {
    assertThat(event(SHORT, newLead(phone)).status()).isEqualTo(202);
    assertThat(event(LONG, newLead(phone)).status()).isEqualTo(202);

    // MVC reports a request after the response, so the report may come a moment later.
    await().untilAsserted(() -> assertThat(HANDLED_BY_MVC).hasValue(1));
  }

  @Test
  void bothWaysAnswerTheSame() {
    var lead = newLead(phone);

    var first = event(SHORT, lead);
    var again = event(LONG, lead);

    assertThat(first.status()).isEqualTo(again.status()).isEqualTo(202);
    assertThat(headers(first)).isEqualTo(headers(again)).containsKey("x-content-type-options");
    assertThat(fields(first)).isEqualTo(fields(again));
    assertThat(first.json().path("status").asString()).isEqualTo("queued");
    assertThat(again.json().path("status").asString()).isEqualTo("duplicate");
    assertThat(again.json().path("message_id")).isEqualTo(first.json().path("message_id"));
    assertThat(messagesFor(lead)).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "\"text\"",
        "{\"lead_id\": ",
        "{}",
        "{\"lead_id\": \"1\", \"phone\": \"5562999212484\"} {}",
        "{\"lead_id\": true, \"phone\": 5562999212484}",
        "{\"lead_id\": \"LEAD\", \"phone\": \"no number\"}",
        "{\"lead_id\": \"LEAD\", \"phone\": \"5562999212484\", \"force_update\": \"yes\"}",
        "{\"lead_id\": \"LEAD\", \"phone\": \"5562999212484\", \"instance_id\": \"a b\"}",
        "{\"lead_id\": \"LEAD\", \"phone\": \"5562999212484\", \"profile_pic_url\": \"https://evil.example/x.jpg\"}",
        "{\"lead_id\": \"nobody\", \"phone\": \"5562999212484\"}"
      })
  void bothWaysRefuseTheSame(String template) {
    var body = template.replace("LEAD", newLead(phone));

    var shortWay = http.post(SHORT, body);
    var longWay = http.post(LONG, body);

    assertThat(shortWay.status()).isEqualTo(longWay.status()).isBetween(400, 404);
    assertThat(headers(shortWay)).isEqualTo(headers(longWay));
    assertThat(fields(shortWay)).isEqualTo(fields(longWay));
  }

  @Test
  void aKeyThatIsMissingUnknownOrForOtherThingsIsRefused() {
    var lead = newLead(phone);
    var body = body(lead, null);

    assertThat(withKey(null).post(SHORT, body).status()).isEqualTo(401);
    assertThat(withKey("ppk_unknown").post(SHORT, body).status()).isEqualTo(401);
    assertThat(withKey(newKey("read")).post(SHORT, body).status()).isEqualTo(403);
    assertThat(messagesFor(lead)).isEmpty();
  }

  @Test
  void aKeyForOneInstanceSuppliesItAndMayNameNoOther() {
    var key = newKey("ingest,read", "mine");
    var lead = newLead(phone);
    var foreign = newLead(phone, "theirs");

    assertThat(withKey(key).post(SHORT, body(lead, "theirs")).status()).isEqualTo(403);
    assertThat(withKey(key).post(SHORT, body(foreign, null)).status()).isEqualTo(404);
    assertThat(withKey(key).post(SHORT, body(lead, null)).status()).isEqualTo(202);
    assertThat(messagesFor(foreign)).isEmpty();
    assertThat(messagesFor(lead)).singleElement().asString().contains("\"instance_id\": \"mine\"");
  }

  @Test
  void anErasedPersonIsRefused() {
    var lead = newLead(phone);
    assertThat(http.delete("/leads/" + lead + "/profile-pic").status()).isEqualTo(204);

    var answer = event(SHORT, lead);

    assertThat(answer.status()).isEqualTo(event(LONG, lead).status()).isEqualTo(409);
    assertThat(answer.header("content-type")).isEqualTo("application/problem+json");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Accept=text/html",
        "Content-Type=text/csv",
        "Origin=https://evil.example",
        "Content-Type=application/json;charset=iso-8859-1"
      })
  void whatNeedsADecisionIsDecidedAsBehindSpringSecurity(String header) {
    var parts = header.split("=", 2);
    var shortWay = http.post(SHORT, body(newLead(phone), null), parts);
    var longWay = http.post(LONG, body(newLead(phone), null), parts);

    assertThat(shortWay.status()).isEqualTo(longWay.status());
    assertThat(headers(shortWay)).isEqualTo(headers(longWay));
  }

  @Test
  void anIdempotencyKeyIsHonoured() {
    var lead = newLead(phone);
    var key = UUID.randomUUID().toString();

    var first = http.post(SHORT, body(lead, null), "Idempotency-Key", key);
    var again = http.post(SHORT, body(lead, null), "Idempotency-Key", key);

    assertThat(again.text()).isEqualTo(first.text());
    assertThat(again.header("idempotency-replayed")).isEqualTo("true");
  }

  @Test
  void bothWaysShareOneLimitAndARefusedBodyCountsOnce() {
    var key = newKey("ingest");
    var caller = withKey(key);
    var lead = newLead(phone);
    int accepted = 0;
    Answer answer;
    do {
      assertThat(caller.post(SHORT, "{}").status()).isIn(400, 429);
      answer = caller.post(accepted % 2 == 0 ? SHORT : LONG, body(lead, null));
      accepted += answer.status() == 202 ? 1 : 0;
    } while (answer.status() == 202);

    assertThat(answer.status()).isEqualTo(429);
    assertThat(Integer.parseInt(answer.header("retry-after"))).isPositive();
    // The limit is forty requests at once. A slow machine gains some more while it sends.
    assertThat(accepted).isBetween(20, 30);
  }

  @Test
  void theRouteIsCountedAndTheKeysUseIsNoted() {
    var key = newKey("ingest");
    assertThat(withKey(key).post(SHORT, body(newLead(phone), null)).status()).isEqualTo(202);

    var metrics = management.get("/actuator/prometheus").text();
    assertThat(metrics)
        .containsPattern(
            "http_server_requests_seconds_count\\{[^}]*status=\"202\"[^}]*uri=\"/profile-pics\"");
    await()
        .until(() ->
            jdbc.sql("SELECT last_used_at IS NOT NULL FROM profile_pic.api_keys WHERE name = ?")
                .param(key)
                .query(Boolean.class)
                .single());
  }

  private Answer event(String path, String lead) {
    return http.post(path, body(lead, null));
  }

  private String body(String lead, @Nullable String instance) {
    return "{\"lead_id\": \"%s\", \"phone\": \"%s\"%s}"
        .formatted(lead, phone, instance == null ? "" : ", \"instance_id\": \"" + instance + "\"");
  }

  /** Returns the headers, except headers that vary per request or mark the end of the body. */
  private static Map<String, List<String>> headers(Answer answer) {
    var headers = new TreeMap<>(answer.headers());
    List.of("date", "content-length", "transfer-encoding").forEach(headers::remove);
    return headers;
  }

  /** Returns the response's fields, without the values that vary per request. */
  private static Map<String, String> fields(Answer answer) {
    var fields = new TreeMap<String, String>();
    answer
        .json()
        .properties()
        .forEach(field -> fields.put(field.getKey(), field.getValue().toString()));
    fields.replaceAll((name, value) ->
        List.of("timestamp", "status").contains(name) && answer.status() == 202 ? "" : value);
    return fields;
  }
}
