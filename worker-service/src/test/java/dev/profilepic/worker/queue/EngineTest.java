package dev.profilepic.worker.queue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.api.OpenTelemetry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;

/** An engine over a fresh database, with a handler that the test provides. */
abstract class EngineTest extends QueueTest {

  static final Duration NEVER = Duration.ofSeconds(50);

  final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  final List<String> died = new CopyOnWriteArrayList<>();
  private @Nullable QueueEngine engine;

  @AfterEach
  void stop() {
    if (engine != null && engine.isRunning()) {
      engine.stop();
    }
  }

  interface Handling {
    Settlement of(Delivery delivery) throws InterruptedException;
  }

  static MessageHandler handler(Handling handling) {
    return new MessageHandler() {
      @Override
      public Settlement handle(Delivery delivery) throws InterruptedException {
        return handling.of(delivery);
      }

      @Override
      public List<Settlement> handleTogether(List<Delivery> deliveries)
          throws InterruptedException {
        var results = new ArrayList<Settlement>();
        for (var delivery : deliveries) {
          results.add(handling.of(delivery));
        }
        return results;
      }

      @Override
      public void settled(Delivery delivery, Settlement settlement) {}
    };
  }

  static MessageHandler immediately() {
    return handler(delivery -> Results.complete(delivery, "NOT_SET"));
  }

  void start(QueueProperties properties, MessageHandler handler) {
    engine =
        new QueueEngine(
            fixture.queue,
            fixture.leads,
            properties,
            new BatchProperties(true, Duration.ZERO, Duration.ZERO),
            handler,
            deliveries -> deliveries,
            () -> null,
            new Details(fixture.jdbcUrl()),
            meters,
            OpenTelemetry.noop().getTracer("test"),
            "test",
            died::add);
    engine.start();
  }

  QueueEngine requireEngine() {
    return Objects.requireNonNull(engine);
  }

  int listeners() {
    return fixture.count(
        "pg_stat_activity WHERE datname = current_database() AND application_name LIKE '%listener' AND query LIKE 'LISTEN%'");
  }

  private record Details(String jdbcUrl) implements JdbcConnectionDetails {
    @Override
    public @Nullable String getUsername() {
      return null;
    }

    @Override
    public @Nullable String getPassword() {
      return null;
    }

    @Override
    public String getJdbcUrl() {
      return jdbcUrl;
    }
  }
}
