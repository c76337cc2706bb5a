package dev.profilepic.faults;

import java.time.Duration;
import java.util.List;

/** The faults of the bridge, and of WhatsApp behind the bridge. */
final class BridgeFaults {

  private static final Duration A_WHILE = Duration.ofSeconds(4);

  private final ChaosRun run;
  private final FaultyBridge bridge;
  private final SwitchableAnswers answers;

  BridgeFaults(ChaosRun run, FaultyBridge bridge, SwitchableAnswers answers) {
    this.run = run;
    this.bridge = bridge;
    this.answers = answers;
  }

  List<Fault> all() {
    return List.of(
        new Fault("bridge hangs", this::hang),
        new Fault("bridge down", this::goDown),
        new Fault("429 on all replicas", this::throttle),
        new Fault("WhatsApp silent (504)", this::fallSilent));
  }

  private void hang() throws InterruptedException {
    answers.hang(true);
    try {
      run.pause(A_WHILE);
    } finally {
      answers.hang(false);
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
    answers.throttle(Crm.INSTANCE);
    try {
      run.pause(A_WHILE);
    } finally {
      answers.relent(Crm.INSTANCE);
    }
  }

  private void fallSilent() throws InterruptedException {
    // Rare enough that no message fails often enough to become a dead letter.
    answers.leaveUnanswered(0.05);
    try {
      run.pause(A_WHILE);
    } finally {
      answers.leaveUnanswered(0);
    }
  }
}
