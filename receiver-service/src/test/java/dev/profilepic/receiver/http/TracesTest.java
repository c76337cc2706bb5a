package dev.profilepic.receiver.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.profilepic.embedded.TraceCollector;
import dev.profilepic.receiver.support.ReceiverTest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** The receiver's part of a trace, from the request to the headers of the message. */
class TracesTest extends ReceiverTest {

  private static final TraceCollector COLLECTOR = new TraceCollector();

  @DynamicPropertySource
  static void collected(DynamicPropertyRegistry registry) {
    registry.add("PROFILE_PIC_TRACING_ENABLED", () -> "true");
    registry.add("PROFILE_PIC_TRACING_ENDPOINT", COLLECTOR::endpoint);
    registry.add("management.opentelemetry.tracing.export.schedule-delay", () -> "100ms");
  }

  @AfterAll
  static void stop() {
    COLLECTOR.close();
  }

  @Test
  void aRequestIsASpanThatTheMessageNamesAsItsParent() {
    var parent = ask("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    var trace = "4bf92f3577b34da6a3ce929d0e0e4736";

    await().until(() -> COLLECTOR.span(trace, "POST /profile-pics").isPresent());

    var request = COLLECTOR.span(trace, "POST /profile-pics").orElseThrow();
    assertThat(request.service()).isEqualTo("receiver-service");
    assertThat(request.parentId()).isEqualTo("00f067aa0ba902b7");
    assertThat(request.attributes())
        .containsEntry("http.response.status_code", "202")
        .containsEntry("http.route", "/profile-pics");
    assertThat(request.isNamedBy(parent)).isTrue();
    assertThat(COLLECTOR.paths()).containsOnly("/v1/traces");
  }

  @Test
  void aRequestWithoutATraceBeginsOne() {
    var parent = ask();
    var trace = parent.split("-", -1)[1];

    await().until(() -> !COLLECTOR.spansOf(trace).isEmpty());

    assertThat(COLLECTOR.spansOf(trace))
        .singleElement()
        .satisfies(request -> {
          assertThat(request.parentId()).isEmpty();
          assertThat(request.isNamedBy(parent)).isTrue();
        });
  }

  @Test
  void healthAndMetricsAreNoTraces() {
    management.get("/actuator/prometheus");
    var trace = ask().split("-", -1)[1];

    await().until(() -> !COLLECTOR.spansOf(trace).isEmpty());

    assertThat(COLLECTOR.names()).allMatch(name -> name.equals("POST /profile-pics"));
  }

  /** Sends an event and returns the trace context in the headers of its message. */
  private String ask(String... headers) {
    var lead = newLead("5562999212484");
    http.post(
        "/profile-pics",
        "{\"lead_id\": \"%s\", \"phone\": \"5562999212484\"}".formatted(lead),
        headers);
    return jdbc.sql(
            "SELECT headers ->> 'traceparent' FROM pgmq.q_profile_pic_queue WHERE message ->> 'lead_id' = ?")
        .param(lead)
        .query(String.class)
        .single();
  }
}
