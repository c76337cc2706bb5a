package dev.profilepic.worker.tracing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.profilepic.embedded.TestDatabase;
import dev.profilepic.embedded.TraceCollector;
import dev.profilepic.worker.FakeBridge;
import dev.profilepic.worker.Pictures;
import dev.profilepic.worker.RunningWorker;
import java.awt.Color;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;

/** The worker's half of a trace, from the message's headers to the bridge and the lead's row. */
class TracesTest {

  private static final String PHONE = "5562999212484";
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String REQUEST = "00f067aa0ba902b7";

  private final TestDatabase database = TestDatabase.migrated();
  private final FakeBridge bridge = new FakeBridge();
  private final TraceCollector collector = new TraceCollector();
  private final JdbcTemplate jdbc = new JdbcTemplate(database.sessions());
  private final AtomicReference<String> toldTheBridge = new AtomicReference<>("");

  @AfterEach
  void stop() {
    collector.close();
    bridge.close();
    database.close();
  }

  @Test
  void oneTraceLeadsFromTheRequestThroughTheWorkerToTheBridgeAndTheLeadsRow() {
    bridge
        .lookup(
            PHONE,
            exchange -> {
              toldTheBridge.set(exchange.getRequestHeaders().getFirst("traceparent"));
              bridge.found("/photo.jpg", "1").to(exchange);
            })
        .file("/photo.jpg", FakeBridge.bytes(200, "image/jpeg", Pictures.jpeg(Color.RED)));

    try (var _ =
        RunningWorker.start(
            database,
            bridge,
            "PROFILE_PIC_TRACING_ENABLED=true",
            "PROFILE_PIC_TRACING_ENDPOINT=" + collector.endpoint(),
            "management.opentelemetry.tracing.export.schedule-delay=100ms")) {
      var lead = send("00-" + TRACE + "-" + REQUEST + "-01");
      await().until(() -> collector.span(TRACE, "lead row").isPresent());
      await().until(() -> collector.span(TRACE, "message").isPresent());

      var message = collector.span(TRACE, "message").orElseThrow();
      var lookup = collector.span(TRACE, "lookup").orElseThrow();
      var settle = collector.span(TRACE, "settle").orElseThrow();
      assertThat(message.service()).isEqualTo("profile-pic-worker");
      assertThat(message.parentId()).isEqualTo(REQUEST);
      assertThat(message.attributes())
          .containsEntry("profile_pic.lead", lead)
          .containsEntry("profile_pic.instance", "demo")
          .containsEntry("profile_pic.outcome", "STORED");
      assertThat(lookup.parentId()).isEqualTo(message.spanId());
      assertThat(lookup.isNamedBy(Objects.requireNonNull(toldTheBridge.get()))).isTrue();
      assertThat(collector.span(TRACE, "download").orElseThrow().parentId())
          .isEqualTo(message.spanId());
      assertThat(settle.parentId()).isEqualTo(message.spanId());
      assertThat(collector.span(TRACE, "lead row").orElseThrow())
          .satisfies(row -> {
            assertThat(row.parentId()).isEqualTo(settle.spanId());
            assertThat(row.attributes()).containsEntry("profile_pic.result", "written");
          });
      assertThat(collector.paths()).containsOnly("/v1/traces");
      assertThat(collector.spansOf(TRACE).toString()).doesNotContain(PHONE);
    }
  }

  @Test
  void nothingIsSentUnlessSomebodyCollectsAndTheBridgeHearsOfTheRequestAllTheSame() {
    var parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    bridge.lookup(
        PHONE,
        exchange -> {
          toldTheBridge.set(exchange.getRequestHeaders().getFirst("traceparent"));
          FakeBridge.json(200, "{\"status\":\"not_set\"}").to(exchange);
        });

    try (var _ =
        RunningWorker.start(
            database, bridge, "PROFILE_PIC_TRACING_ENDPOINT=" + collector.endpoint())) {
      var lead = send(parent);
      await().until(() -> state(lead).equals("NOT_SET"));
    }

    assertThat(toldTheBridge.get()).isEqualTo(parent);
    assertThat(collector.spansOf("0af7651916cd43dd8448eb211c80319c")).isEmpty();
  }

  private String send(String traceparent) {
    var lead = UUID.randomUUID().toString();
    jdbc.update(
        "INSERT INTO public.leads (id, phone, instance_id) VALUES (?::uuid, ?, 'demo')",
        lead,
        PHONE);
    jdbc.queryForList(
        "SELECT pgmq.send('profile_pic_queue', jsonb_build_object('lead_id', ?::text, 'phone', ?::text), jsonb_build_object('traceparent', ?::text))",
        lead,
        PHONE,
        traceparent);
    return lead;
  }

  private String state(String lead) {
    return jdbc
        .queryForList(
            "SELECT state FROM profile_pic.pictures WHERE lead_id = ?", String.class, lead)
        .stream()
        .findFirst()
        .orElse("");
  }
}
