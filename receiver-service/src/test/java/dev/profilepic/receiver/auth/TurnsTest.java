package dev.profilepic.receiver.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TurnsTest {

  private static final Duration LONG = Duration.ofMinutes(1);

  @Test
  void oneCallerNeverHoldsAllPlaces() {
    var turns = new Turns(3);

    assertThat(turns.take("a", LONG)).isTrue();
    assertThat(turns.take("a", LONG)).isTrue();
    assertThat(turns.take("a", Duration.ZERO)).isFalse();
    assertThat(turns.take("b", Duration.ZERO)).isTrue();
  }

  @Test
  void aSinglePlaceIsForEverybody() {
    var turns = new Turns(1);

    assertThat(turns.take("a", LONG)).isTrue();
    assertThat(turns.take("b", Duration.ZERO)).isFalse();
    end(turns, "a");
    assertThat(turns.take("b", Duration.ZERO)).isTrue();
  }

  @Test
  void whoeverGaveUpLeavesThePlaceToOthers() {
    var turns = new Turns(1);
    turns.take("a", LONG);
    assertThat(turns.take("b", Duration.ZERO)).isFalse();

    end(turns, "a");

    assertThat(turns.take("c", Duration.ZERO)).isTrue();
  }

  @Test
  void callersAreServedInTurnHoweverManyCallsEachOfThemHas() throws Exception {
    var turns = new Turns(1);
    turns.take("first", LONG);
    var served = Collections.synchronizedList(new ArrayList<String>());
    var threads = new ArrayList<Thread>();
    for (var caller : List.of("loud", "loud", "loud", "quiet")) {
      threads.add(
          Thread.ofPlatform()
              .start(() -> {
                if (turns.take(caller, LONG)) {
                  served.add(caller);
                  end(turns, caller);
                }
              }));
      while (threads.getLast().getState() != Thread.State.TIMED_WAITING) {
        Thread.onSpinWait();
      }
    }

    end(turns, "first");
    for (var thread : threads) {
      thread.join();
    }

    assertThat(served).containsExactly("loud", "quiet", "loud", "loud");
  }

  private static void end(Turns turns, String caller) {
    turns.end(caller);
    turns.free();
  }
}
