package dev.profilepic.worker.queue;

import dev.profilepic.contract.StepSpacing;
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
 * which waits for a lock only briefly. A group that the CRM refuses is halved until the refused row
 * stands alone.
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
  private final BlockingQueue<Row> written = new LinkedBlockingQueue<>(100_000);
  private final StepSpacing spacing = new StepSpacing(Settler.SPACING);
  private long lookAgainAt = System.nanoTime();

  /**
   * A row to write.
   *
   * @param trace trace context of the settle that asked for the write
   */
  private record Row(String lead, Context trace) {}

  LeadWriter(LeadWriteSql leads, Duration pollInterval, MeterRegistry meters) {
    this.leads = leads;
    this.pollInterval = pollInterval;
    this.meters = meters;
    RESULTS.forEach(this::written);
  }

  /**
   * Notes a lead whose row must be written. A lead for which there is no room is found at the next
   * poll.
   */
  void add(String leadId, Context trace) {
    written.offer(new Row(leadId, trace));
  }

  @Override
  public void run() throws InterruptedException {
    long left = lookAgainAt - System.nanoTime();
    @Nullable Row first = left > 0 ? written.poll(left, TimeUnit.NANOSECONDS) : null;
    if (first != null) {
      var group = new ArrayList<Row>();
      group.add(first);
      spacing.await(() -> written.size() >= Settler.ENOUGH);
      written.drainTo(group, LARGEST_GROUP - 1);
      writeTraced(group);
    }
    if (lookAgainAt - System.nanoTime() <= 0) {
      lookAgainAt = System.nanoTime() + pollInterval.toNanos();
      writeDue();
    }
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
