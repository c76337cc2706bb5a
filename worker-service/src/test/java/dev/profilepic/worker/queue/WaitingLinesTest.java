package dev.profilepic.worker.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class WaitingLinesTest {

  private final AtomicLong now = new AtomicLong(1_000_000);
  private final WaitingLines lines = new WaitingLines(now::get);

  @Test
  void aRingMakesALineDueAndAnEmptyLineIsForgotten() {
    assertThat(pick(8)).isEmpty();

    lines.rung("a");
    assertThat(pick(8)).extracting(WaitingLines.Pick::instanceId).containsExactly("a");

    lines.told(new LineStatus("a", null, null));
    assertThat(pick(8)).isEmpty();
    assertThat(lines.nextLook()).isNull();
  }

  @Test
  void aRingDuringAClaimIsNotLost() {
    lines.rung("a");
    pick(8);

    lines.rung("a");
    lines.told(new LineStatus("a", null, null));

    assertThat(pick(8)).extracting(WaitingLines.Pick::instanceId).containsExactly("a");
  }

  @Test
  void aRingWhileAllLinesAreLookedAtIsNotLost() {
    lines.rung("a");

    lines.found(List.of());

    assertThat(pick(8)).extracting(WaitingLines.Pick::instanceId).containsExactly("a");
  }

  @Test
  void aLineIsNotAskedBeforeItsNextToken() {
    lines.found(List.of(new LineStatus("a", null, Duration.ofMillis(500))));
    assertThat(pick(8)).isEmpty();
    assertThat(lines.nextLook()).isEqualTo(Duration.ofMillis(500));

    now.addAndGet(Duration.ofMillis(500).toNanos());

    assertThat(pick(8)).hasSize(1);
  }

  @Test
  void whileOthersWaitNoInstanceGetsMoreThanAQuarterAndAloneItMayHaveAll() {
    lines.rung("flood");
    assertThat(lines.pick(128, 128, Map.of()))
        .extracting(WaitingLines.Pick::limit)
        .containsExactly(128);

    lines.rung("flood,quiet");
    assertThat(lines.pick(128, 128, Map.of("flood", 30)))
        .extracting(WaitingLines.Pick::instanceId, WaitingLines.Pick::limit)
        .containsExactlyInAnyOrder(
            org.assertj.core.groups.Tuple.tuple("flood", 2),
            org.assertj.core.groups.Tuple.tuple("quiet", 32));
    assertThat(lines.pick(128, 128, Map.of("flood", 32)))
        .extracting(WaitingLines.Pick::instanceId)
        .containsExactly("quiet");
  }

  @Test
  void linesAreServedInTurn() {
    for (int i = 0; i < 40; i++) {
      lines.rung("line-" + i);
    }
    var first = pick(8).stream().map(WaitingLines.Pick::instanceId).toList();
    now.incrementAndGet();
    var second = pick(8).stream().map(WaitingLines.Pick::instanceId).toList();

    assertThat(first).hasSize(16);
    assertThat(second).hasSize(16).doesNotContainAnyElementsOf(first);
  }

  @Test
  void anUnknownPayloadAsksForALookAtAll() {
    assertThat(lines.rung("a")).isFalse();

    assertThat(lines.rung("")).isTrue();
    assertThat(lines.rung("*")).isTrue();
  }

  private List<WaitingLines.Pick> pick(int permits) {
    return lines.pick(permits, permits, Map.of());
  }
}
