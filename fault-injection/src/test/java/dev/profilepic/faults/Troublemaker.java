package dev.profilepic.faults;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;

/**
 * Lets one fault after the other strike until the run is over, in random order but with equal
 * frequency. Several troublemakers work at once.
 */
final class Troublemaker implements Runnable {

  private static final Duration SHORTEST_PEACE = Duration.ofMillis(300);
  private static final Duration LONGEST_PEACE = Duration.ofSeconds(4);

  /** The period during which a fault was active. */
  record Strike(String fault, Instant began, Instant ended) {}

  private final ChaosRun run;
  private final List<Fault> faults;
  private final Queue<Strike> strikes;

  /**
   * @param strikes collects a record of each strike
   */
  Troublemaker(ChaosRun run, List<Fault> faults, Queue<Strike> strikes) {
    this.run = run;
    this.faults = faults;
    this.strikes = strikes;
  }

  @Override
  public void run() {
    var next = new ArrayList<Fault>();
    try {
      while (run.pause(SHORTEST_PEACE, LONGEST_PEACE)) {
        if (next.isEmpty()) {
          next.addAll(faults);
          Collections.shuffle(next);
        }
        strike(next.removeLast());
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  private static String firstLine(Exception failure) {
    return String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
  }

  private void strike(Fault fault) throws InterruptedException {
    var began = Instant.now();
    try {
      fault.action().strike();
      strikes.add(new Strike(fault.name(), began, Instant.now()));
    } catch (InterruptedException stopped) {
      throw stopped;
    } catch (Exception inTheWay) {
      System.out.printf("  (%s came to nothing: %s)%n", fault.name(), firstLine(inTheWay));
    }
  }
}
