package dev.profilepic.worker.queue;

import dev.profilepic.worker.tracing.Step;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.context.Context;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/**
 * Writes the CRM's own rows: the rows of a settle right after its commit, and at every poll the
 * rows that were held, refused or left by a worker that died. Each group has its own transaction,
 * which waits for a lock only briefly. The rows of a settle stay together, because a transaction
 * costs the database as much as dozens of rows do. A group that the CRM refuses is halved until the
 * refused row stands alone.
 */
final class LeadWriter implements EngineLoop.Step {

  private static final Logger log = LoggerFactory.getLogger(LeadWriter.class);
  private static final int LARGEST_GROUP = 100;

  /** The results of {@code profile_pic.write_leads}, and our own result "refused". */
  private static final List<String> RESULTS =
      List.of("written", "same", "held", "kept", "stopped", "gone", "refused");

  private final LeadWriteSql leads;
  private final Duration pollInterval;
  private final MeterRegistry meters;
  private final BlockingQueue<List<Row>> settled = new LinkedBlockingQueue<>(10_000);
  private long lookAgainAt = System.nanoTime();

  /**
   * A row to write.
   *
   * @param trace trace context of the settle that asked for the write
   */
  record Row(String lead, Context trace) {}

  LeadWriter(LeadWriteSql leads, Duration pollInterval, MeterRegistry meters) {
    this.leads = leads;
    this.pollInterval = pollInterval;
    this.meters = meters;
    RESULTS.forEach(this::written);
  }

  /** Notes the rows of a settle. Rows for which there is no room are found at the next poll. */
  void add(List<Row> rows) {
    for (int from = 0; from < rows.size(); from += LARGEST_GROUP) {
      settled.offer(rows.subList(from, Math.min(rows.size(), from + LARGEST_GROUP)));
    }
  }

  @Override
  public void run() throws InterruptedException {
    long left = lookAgainAt - System.nanoTime();
    @Nullable List<Row> first = left > 0 ? settled.poll(left, TimeUnit.NANOSECONDS) : null;
    if (first != null) {
      writeTraced(withWaiting(first));
    }
    if (lookAgainAt - System.nanoTime() <= 0) {
      lookAgainAt = System.nanoTime() + pollInterval.toNanos();
      writeDue();
    }
  }

  /** Adds the rows of later settles that have come meanwhile, as far as there is room. */
  private List<Row> withWaiting(List<Row> first) {
    var group = new ArrayList<>(first);
    for (var next = settled.peek();
        next != null && group.size() + next.size() <= LARGEST_GROUP;
        next = settled.peek()) {
      group.addAll(settled.remove());
    }
    return group;
  }

  private void writeTraced(List<Row> group) {
    var steps = new HashMap<String, Step>();
    try {
      for (var row : group) {
        steps.computeIfAbsent(row.lead(), lead -> Step.later(row.trace(), "lead row"));
      }
      write(group.stream().map(Row::lead).distinct().toList(), steps);
    } finally {
      steps.values().forEach(Step::close);
    }
  }

  /** Writes the rows that are due and were not written at once. */
  private void writeDue() {
    List<String> due;
    do {
      try {
        due = leads.due(LARGEST_GROUP);
      } catch (DataAccessException | TransactionException away) {
        log.warn("the leads whose rows are due are unknown: {}", away.getMessage());
        return;
      }
      if (!due.isEmpty()) {
        write(due, Map.of());
      }
    } while (due.size() == LARGEST_GROUP);
  }

  private void write(List<String> group, Map<String, Step> steps) {
    try {
      leads.write(group).forEach((lead, result) -> count(lead, result, steps));
    } catch (DataAccessException | TransactionException failure) {
      if (group.size() > 1) {
        write(group.subList(0, group.size() / 2), steps);
        write(group.subList(group.size() / 2, group.size()), steps);
      } else {
        refused(group.getFirst(), failure, steps);
      }
    }
  }

  private void refused(String lead, RuntimeException failure, Map<String, Step> steps) {
    count(lead, "refused", steps);
    try {
      leads.failed(lead, failure);
    } catch (DataAccessException | TransactionException away) {
      log.warn("a refused row could not be noted: {}", away.getMessage());
    }
  }

  private void count(String lead, String result, Map<String, Step> steps) {
    @Nullable Step step = steps.get(lead);
    if (step != null) {
      step.with("profile_pic.result", result);
    }
    written(result).increment();
  }

  private Counter written(String result) {
    return Counter.builder("profilepic.lead.writes")
        .description("Rows of the CRM by what came of writing them")
        .tag("result", result)
        .register(meters);
  }
}
