package dev.profilepic.receiver.auth;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A few places that callers share. One caller never holds all of them, and the callers who wait are
 * served in turn, one call each, no matter how many calls each of them has.
 */
final class Turns {

  private static final class Waiting {
    private final Condition served;
    private boolean hasPlace;

    Waiting(Condition served) {
      this.served = served;
    }
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Deque<Waiting>> queues = new LinkedHashMap<>();
  private final Map<String, Integer> held = new HashMap<>();
  private final int share;
  private int free;

  Turns(int places) {
    this.free = places;
    this.share = Math.max(1, places - 1);
  }

  /**
   * Waits for a place.
   *
   * @return whether the caller has a place now
   */
  boolean take(String caller, Duration longest) {
    lock.lock();
    try {
      var waiting = new Waiting(lock.newCondition());
      queues.computeIfAbsent(caller, first -> new ArrayDeque<>()).add(waiting);
      serve();
      try {
        long left = longest.toNanos();
        while (!waiting.hasPlace && left > 0) {
          left = waiting.served.awaitNanos(left);
        }
      } catch (InterruptedException stopped) {
        Thread.currentThread().interrupt();
      }
      if (!waiting.hasPlace) {
        leave(caller, waiting);
      }
      return waiting.hasPlace;
    } finally {
      lock.unlock();
    }
  }

  private void leave(String caller, Waiting waiting) {
    var queue = queues.get(caller);
    if (queue != null && queue.remove(waiting) && queue.isEmpty()) {
      queues.remove(caller);
    }
  }

  /** Ends the caller's use of a place. The place itself may rest before it is {@link #free}. */
  void end(String caller) {
    lock.lock();
    try {
      int left = held.getOrDefault(caller, 1) - 1;
      if (left > 0) {
        held.put(caller, left);
      } else {
        held.remove(caller);
      }
      serve();
    } finally {
      lock.unlock();
    }
  }

  /** Makes a place available whose use has ended. */
  void free() {
    lock.lock();
    try {
      free++;
      serve();
    } finally {
      lock.unlock();
    }
  }

  private void serve() {
    while (free > 0) {
      var next =
          queues.keySet().stream()
              .filter(caller -> held.getOrDefault(caller, 0) < share)
              .findFirst();
      if (next.isEmpty()) {
        return;
      }
      var caller = next.get();
      var queue = Objects.requireNonNull(queues.remove(caller));
      var first = queue.remove();
      if (!queue.isEmpty()) {
        queues.put(caller, queue); // behind all others
      }
      free--;
      held.merge(caller, 1, Integer::sum);
      first.hasPlace = true;
      first.served.signal();
    }
  }
}
