package dev.profilepic.receiver.intake;

import dev.profilepic.receiver.http.FieldError;
import dev.profilepic.receiver.http.Problem;
import dev.profilepic.receiver.http.ProblemException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.List;
import java.util.Locale;
import org.springframework.stereotype.Component;

/** Takes requests and counts their results. */
@Component
public class Intake {

  private static final int LONG_LIST = 500;
  private static final String FAILED = "failed";

  private final EnqueueBatcher batcher;
  private final MeterRegistry meters;
  private final Timer seconds;

  Intake(EnqueueBatcher batcher, MeterRegistry meters) {
    this.batcher = batcher;
    this.meters = meters;
    this.seconds =
        Timer.builder("profilepic.enqueue")
            .description("From a checked request to its committed answer")
            .publishPercentileHistogram()
            .register(meters);
  }

  /**
   * Takes a request whose lead must exist.
   *
   * @param source of the event, as a label of the metric: one of a few values
   * @throws ProblemException when the lead is unknown or erased
   */
  public Accepted accept(PhotoRequest request, String source) {
    var receipt = acceptAll(List.of(request), source).getFirst();
    return switch (receipt.status()) {
      case QUEUED, DUPLICATE ->
          new Accepted(
              true,
              wordFor(receipt.status()),
              receipt.leadId(),
              receipt.messageId(),
              request.timestamp());
      case UNKNOWN_LEAD ->
          throw new ProblemException(
              Problem.UNKNOWN_LEAD,
              "Create the lead in the CRM first, or correct lead_id.",
              List.of(new FieldError("lead_id", "must be the id of a lead that exists")),
              null);
      case ERASED ->
          throw new ProblemException(
              Problem.ERASED,
              "Nothing is fetched for this lead any more.",
              List.of(new FieldError("lead_id", "belongs to a person who asked to be forgotten")),
              null);
    };
  }

  /**
   * Takes requests of any kind; a refused request does not stop the other requests.
   *
   * @param source of the event, as a label of the metric: one of a few values
   */
  public List<Receipt> acceptAll(List<PhotoRequest> requests, String source) {
    var sample = Timer.start(meters);
    try {
      var receipts =
          requests.size() > LONG_LIST ? batcher.enqueueList(requests) : batcher.enqueue(requests);
      receipts.forEach(receipt -> count(source, wordFor(receipt.status()), 1));
      return receipts;
    } catch (RuntimeException failure) {
      count(source, FAILED, requests.size());
      throw failure;
    } finally {
      sample.stop(seconds);
    }
  }

  /**
   * Creates the counters of a source at zero. Prometheus would see no increase in a counter that
   * appears with its first event.
   */
  public void expect(String source) {
    for (var status : Receipt.Status.values()) {
      counter(source, wordFor(status));
    }
    counter(source, FAILED);
  }

  private void count(String source, String result, int events) {
    counter(source, result).increment(events);
  }

  private Counter counter(String source, String result) {
    return meters.counter("profilepic.events", "source", source, "result", result);
  }

  private static String wordFor(Receipt.Status status) {
    return status.name().toLowerCase(Locale.ROOT);
  }
}
