package dev.profilepic.worker.faults;

import java.time.Duration;
import java.util.List;

/** What happens at the bridge and behind it. */
final class BridgeFaults {

  private static final Duration A_WHILE = Duration.ofSeconds(4);

  private final ChaosRun run;
  private final FaultyBridge bridge;
  private final Moods moods;

  BridgeFaults(ChaosRun run, FaultyBridge bridge, Moods moods) {
    this.run = run;
    this.bridge = bridge;
    this.moods = moods;
  }

  List<Fault> all() {
    return List.of(
        new Fault("bridge hangs", this::hang),
        new Fault("bridge down", this::goDown),
        new Fault("429 on all replicas", this::throttle),
        new Fault("WhatsApp silent (504)", this::fallSilent));
  }

  private void hang() throws InterruptedException {
    moods.hang(true);
    try {
      run.pause(A_WHILE);
    } finally {
      moods.hang(false);
    }
  }

  private void goDown() throws Exception {
    bridge.goDown();
    try {
      run.pause(A_WHILE);
    } finally {
      bridge.comeBack();
    }
  }

  private void throttle() throws InterruptedException {
    moods.throttle(Crm.INSTANCE);
    try {
      run.pause(A_WHILE);
    } finally {
      moods.relent(Crm.INSTANCE);
    }
  }

  private void fallSilent() throws InterruptedException {
    // Rarely enough that no message fails as often as makes it a dead letter.
    moods.leaveUnanswered(0.05);
    try {
      run.pause(A_WHILE);
    } finally {
      moods.leaveUnanswered(0);
    }
  }
}
