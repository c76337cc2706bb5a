package dev.profilepic.worker.queue;

import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The lines that this worker knows to have messages, and the time at which each line is worth a
 * look. This memory only saves looks: every poll fills it anew from the database, which holds the
 * messages, tokens and leases.
 *
 * <p>Lines are taken in turn, starting with the line that was served longest ago. While other lines
 * wait, no instance gets more than a quarter of the worker's permits. An instance that waits alone
 * may have all permits.
 */
final class WaitingLines {

  private static final int MOST_LINES = 10_000;

  /** As many lines as one claim asks for at the most. */
  private static final int MOST_AT_ONCE = 16;

  /**
   * @param since the place of the line's head; null for the line's beginning
   * @param limit the most messages to lease
   */
  record Pick(String instanceId, @Nullable OffsetDateTime since, int limit) {}

  private static final class Line {
    private @Nullable OffsetDateTime since;
    private long dueNanos;
    private long servedNanos;
    private int rings;
    private int ringsWhenPicked;
  }

  private final Map<String, Line> lines = new HashMap<>();
  private final LongSupplier nanoTime;

  WaitingLines(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /**
   * Notes that a message was enqueued.
   *
   * @param payload names instances, separated by commas; empty or {@code *} when it could be any
   * @return whether only a look at all lines tells which instances are meant
   */
  synchronized boolean rung(String payload) {
    if (payload.isEmpty() || payload.equals("*")) {
      return true;
    }
    for (var instance : payload.split(",", -1)) {
      var line = known(instance);
      if (line != null) {
        line.rings++;
        line.dueNanos = nanoTime.getAsLong();
      }
    }
    return false;
  }

  /** Notes the result of a look at all lines. Lines that were not found are empty. */
  synchronized void found(List<LineStatus> statuses) {
    var before = new HashMap<>(lines);
    lines.clear();
    for (var status : statuses) {
      var line = before.getOrDefault(status.instanceId(), new Line());
      if (lines.size() < MOST_LINES) {
        lines.put(status.instanceId(), line);
        line.since = status.since();
        wakeIn(line, status.openIn());
      }
    }
    // Lines that were rung since the look began stay: the look may have missed their messages.
    before.forEach((instance, line) -> {
      if (line.rings != line.ringsWhenPicked && lines.size() < MOST_LINES) {
        lines.putIfAbsent(instance, line);
      }
    });
  }

  /** Notes the status of a line that a claim asked for. */
  synchronized void told(LineStatus status) {
    var line = known(status.instanceId());
    if (line == null) {
      return;
    }
    line.since = status.since();
    if (line.rings != line.ringsWhenPicked) {
      line.dueNanos = nanoTime.getAsLong();
    } else if (status.openIn() == null) {
      lines.remove(status.instanceId());
    } else {
      wakeIn(line, status.openIn());
    }
  }

  /**
   * Returns the lines to claim from now, and the limit of each line.
   *
   * @param permits how many messages may start
   * @param total how many permits the worker has in all
   * @param running how many messages of each instance run here
   */
  synchronized List<Pick> pick(int permits, int total, Map<String, Integer> running) {
    long now = nanoTime.getAsLong();
    var due = new ArrayList<Map.Entry<String, Line>>();
    for (var line : lines.entrySet()) {
      if (line.getValue().dueNanos - now <= 0) {
        due.add(line);
      }
    }
    due.sort(Comparator.comparingLong(line -> line.getValue().servedNanos - now));
    int share = due.size() > 1 ? Math.max(1, total / 4) : total;
    var picks = new ArrayList<Pick>();
    for (var line : due) {
      int limit = Math.min(permits, share - running.getOrDefault(line.getKey(), 0));
      if (limit > 0 && picks.size() < MOST_AT_ONCE) {
        line.getValue().servedNanos = now;
        line.getValue().ringsWhenPicked = line.getValue().rings;
        // A line that the claim does not reach is due again at once.
        picks.add(new Pick(line.getKey(), line.getValue().since, limit));
      }
    }
    return picks;
  }

  /** Returns the time until a line is worth a look; null when no line is known at all. */
  synchronized @Nullable Duration nextLook() {
    long now = nanoTime.getAsLong();
    @Nullable Long next = null;
    for (var line : lines.values()) {
      long wait = Math.max(0, line.dueNanos - now);
      next = next == null ? wait : Math.min(next, wait);
    }
    return next == null ? null : Duration.ofNanos(next);
  }

  /**
   * Returns the line of an instance; null when too many lines are known. The next look at all lines
   * finds such a line.
   */
  private @Nullable Line known(String instance) {
    var line = lines.get(instance);
    if (line == null) {
      if (lines.size() >= MOST_LINES) {
        return null;
      }
      line = new Line();
      line.dueNanos = nanoTime.getAsLong();
      lines.put(instance, line);
    }
    return line;
  }

  private void wakeIn(Line line, @Nullable Duration wait) {
    line.dueNanos = nanoTime.getAsLong() + (wait == null ? 0 : wait.toNanos());
  }
}
