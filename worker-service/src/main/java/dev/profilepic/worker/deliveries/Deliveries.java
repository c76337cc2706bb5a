package dev.profilepic.worker.deliveries;

import dev.profilepic.worker.exchanges.Deadline;
import dev.profilepic.worker.queue.Complaints;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.http.client.FilteredHostException;
import org.springframework.dao.DataAccessException;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Delivers events to the endpoints. Each endpoint with due deliveries has its own thread, so a slow
 * endpoint delays no other endpoint. When a process dies, its deliveries are taken again two
 * minutes later.
 */
@Component
class Deliveries implements DisposableBean {

  /**
   * The calls that each worker makes to one endpoint at once. A small server answers this many side
   * by side.
   */
  private static final int AT_ONCE = 8;

  private static final int SPREAD_AT_ONCE = 500;

  private final Complaints complaints = new Complaints(LoggerFactory.getLogger(Deliveries.class));
  private final Set<Long> busy = ConcurrentHashMap.newKeySet();
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("delivery-", 0).factory());

  private final DeliverySql sql;
  private final WebhookSink webhooks;
  private final ChatwootSink chatwoot;
  private final DeliveryProperties properties;
  private final MeterRegistry meters;

  Deliveries(
      DeliverySql sql,
      WebhookSink webhooks,
      ChatwootSink chatwoot,
      DeliveryProperties properties,
      MeterRegistry meters) {
    this.sql = sql;
    this.webhooks = webhooks;
    this.chatwoot = chatwoot;
    this.properties = properties;
    this.meters = meters;
    List.of("delivered", "skipped", "failed").forEach(this::told);
  }

  @Scheduled(fixedDelayString = "PT1S")
  void tick() {
    if (!properties.enabled()) {
      return;
    }
    try {
      int spread;
      do {
        spread = sql.spread(SPREAD_AT_ONCE);
      } while (spread == SPREAD_AT_ONCE);
      for (var endpoint : sql.endpointsDue()) {
        if (busy.add(endpoint)) {
          threads.execute(() -> serve(endpoint));
        }
      }
    } catch (RuntimeException failure) {
      complaints.about("events were not told: {}", failure);
    }
  }

  @Override
  public void destroy() {
    threads.shutdownNow();
  }

  /** Makes the due deliveries to one endpoint, a few at once, until none is due. */
  private void serve(long endpoint) {
    try {
      var taken = sql.take(endpoint, AT_ONCE);
      while (!taken.isEmpty() && !Thread.currentThread().isInterrupted()) {
        threads.invokeAll(
            taken.stream()
                .map(each -> (Callable<Object>) Executors.callable(() -> end(each)))
                .toList());
        taken = sql.take(endpoint, AT_ONCE);
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException failure) {
      complaints.about("events were not told: {}", failure);
    } finally {
      busy.remove(endpoint);
    }
  }

  private void end(DeliverySql.Taken taken) {
    try {
      var ending = taken.delivery().map(this::attempt).orElseGet(Deliveries::unreadable);
      switch (ending) {
        case Ending.Delivered delivered -> {
          sql.ended(taken.id(), "delivered", delivered.status(), null);
          count("delivered");
        }
        case Ending.Skipped skipped -> {
          sql.ended(taken.id(), "skipped", null, skipped.why());
          count("skipped");
        }
        case Ending.Failed failed -> {
          sql.failed(taken.id(), failed);
          count("failed");
        }
      }
    } catch (RuntimeException failure) {
      complaints.about("what became of an event was not noted: {}", failure);
    }
  }

  private Ending attempt(Delivery delivery) {
    Sink sink =
        switch (delivery.kind()) {
          case WEBHOOK -> webhooks;
          case CHATWOOT -> chatwoot;
        };
    try {
      return sink.deliver(delivery, Deadline.in(properties.timeout()));
    } catch (IOException away) {
      return Ending.Failed.of("it could not be reached: " + reason(away));
    } catch (FilteredHostException inside) {
      return Ending.Failed.of(
          "it could not be reached: its address is not public, and its origin is none of"
              + " PROFILE_PIC_SOURCES_TRUSTED_ORIGINS");
    } catch (DataAccessException ours) {
      throw ours;
    } catch (RuntimeException impossible) {
      // Whatever a stored url does to the client: the attempt counts, or it would be made for ever.
      complaints.about("an event could not be sent: {}", impossible);
      return Ending.Failed.of("its url cannot be called");
    }
  }

  /** Returns the reason without the exception's message, which may name the address of a host. */
  private static String reason(IOException failure) {
    return switch (failure) {
      case SocketTimeoutException late -> "it did not answer in time";
      case UnknownHostException unknown -> "its host is not known";
      default -> failure.getClass().getSimpleName();
    };
  }

  private static Ending unreadable() {
    return Ending.Failed.of(
        "its secret cannot be opened: set PROFILE_PIC_SOURCES_KEY to the receiver's");
  }

  private void count(String result) {
    told(result).increment();
  }

  private Counter told(String result) {
    return Counter.builder("profilepic.deliveries")
        .description("Attempts to tell a webhook endpoint, by what came of them")
        .tag("result", result)
        .register(meters);
  }
}
