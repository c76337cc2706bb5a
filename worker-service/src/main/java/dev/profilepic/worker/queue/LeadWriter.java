package dev.profilepic.worker.queue;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/**
 * Writes the CRM's own rows: those of a settle right after its commit, and at every poll those that
 * were held, refused or left by a worker that died. Each group is a transaction of its own, which
 * waits for nobody; a group that the CRM refuses is halved until the refused row stands alone.
 */
final class LeadWriter implements EngineLoop.Step {

  private static final Logger log = LoggerFactory.getLogger(LeadWriter.class);
  private static final int LARGEST_GROUP = 100;

  private final LeadWriteSql leads;
  private final Duration pollInterval;
  private final MeterRegistry meters;
  private final BlockingQueue<String> written = new LinkedBlockingQueue<>(100_000);
  private long lookAgainAt = System.nanoTime();

  LeadWriter(LeadWriteSql leads, Duration pollInterval, MeterRegistry meters) {
    this.leads = leads;
    this.pollInterval = pollInterval;
    this.meters = meters;
  }

  /** Notes a lead whose row must be written. One that finds no room is found at the next poll. */
  void add(String leadId) {
    written.offer(leadId);
  }

  @Override
  public void run() throws InterruptedException {
    long left = lookAgainAt - System.nanoTime();
    @Nullable String first = left > 0 ? written.poll(left, TimeUnit.NANOSECONDS) : null;
    if (first != null) {
      var group = new ArrayList<String>();
      group.add(first);
      written.drainTo(group, LARGEST_GROUP - 1);
      write(List.copyOf(new LinkedHashSet<>(group)));
    }
    if (lookAgainAt - System.nanoTime() <= 0) {
      lookAgainAt = System.nanoTime() + pollInterval.toNanos();
      writeDue();
    }
  }

  /** Writes what is due and was not written at once. */
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
        write(due);
      }
    } while (due.size() == LARGEST_GROUP);
  }

  private void write(List<String> group) {
    try {
      leads.write(group).forEach((lead, result) -> count(result));
    } catch (DataAccessException | TransactionException failure) {
      if (group.size() > 1) {
        write(group.subList(0, group.size() / 2));
        write(group.subList(group.size() / 2, group.size()));
      } else {
        refused(group.getFirst(), failure);
      }
    }
  }

  private void refused(String lead, RuntimeException failure) {
    count("refused");
    try {
      leads.failed(lead, failure);
    } catch (DataAccessException | TransactionException away) {
      log.warn("a refused row could not be noted: {}", away.getMessage());
    }
  }

  private void count(String result) {
    Counter.builder("profilepic.lead.writes")
        .description("Rows of the CRM by what came of writing them")
        .tag("result", result)
        .register(meters)
        .increment();
  }
}
