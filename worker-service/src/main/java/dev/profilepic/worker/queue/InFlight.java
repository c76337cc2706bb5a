package dev.profilepic.worker.queue;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The leases that are running here, each with the thread that works on it. */
final class InFlight {

  private record Running(Thread worker, @Nullable String instance) {}

  private final Map<Lease, Running> running = new ConcurrentHashMap<>();

  /**
   * @param instance the instance whose share the message uses; empty when the message names no
   *     instance, null for a message of a batch
   */
  void started(Lease lease, Thread worker, @Nullable String instance) {
    running.put(lease, new Running(worker, instance));
  }

  /** Returns how many messages of each instance run. */
  Map<String, Integer> byInstance() {
    var counts = new HashMap<String, Integer>();
    for (var one : running.values()) {
      if (one.instance() != null) {
        counts.merge(one.instance(), 1, Integer::sum);
      }
    }
    return counts;
  }

  void ended(Lease lease) {
    running.remove(lease);
  }

  /** Returns whether the lease still belongs to its thread. */
  boolean isOurs(Lease lease) {
    return running.containsKey(lease);
  }

  List<Lease> leases() {
    return List.copyOf(running.keySet());
  }

  boolean isEmpty() {
    return running.isEmpty();
  }

  /**
   * Drops the leases whose renewal failed, and interrupts their threads.
   *
   * @param asked the leases for which the renewal was asked
   * @param stillOurs ids of the messages whose renewal succeeded
   * @return how many leases were lost while they ran
   */
  int interruptAllBut(Collection<Lease> asked, Set<Long> stillOurs) {
    int lost = 0;
    for (var lease : asked) {
      if (!stillOurs.contains(lease.messageId()) && interrupt(lease)) {
        lost++;
      }
    }
    return lost;
  }

  /**
   * Takes a lease away from its thread. The thread is interrupted when it has no other lease.
   * Returns false when the lease had ended already.
   */
  boolean interrupt(Lease lease) {
    var one = running.remove(lease);
    if (one == null) {
      return false;
    }
    if (running.values().stream().noneMatch(other -> other.worker() == one.worker())) {
      one.worker().interrupt();
    }
    return true;
  }
}
