package dev.profilepic.receiver.webhooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.profilepic.receiver.auth.Caller;
import dev.profilepic.receiver.auth.Callers;
import dev.profilepic.receiver.http.Problem;
import dev.profilepic.receiver.http.ProblemException;
import org.junit.jupiter.api.Test;

class LongListsTest {

  private final LongLists lists = new LongLists();
  private final Caller loud = Callers.named("loud");
  private final Caller quiet = Callers.named("quiet");

  @Test
  void oneCallerHasOneListAtATime() {
    assertRefused(
        Problem.TOO_MANY_REQUESTS, () -> lists.inTurn(loud, () -> lists.inTurn(loud, () -> 1)));
  }

  @Test
  void anotherCallerWaitsForItsTurn() {
    assertRefused(
        Problem.BUSY,
        () ->
            lists.inTurn(
                loud,
                () -> {
                  // The interrupt ends the wait at once, as the timeout would.
                  Thread.currentThread().interrupt();
                  return lists.inTurn(quiet, () -> 1);
                }));
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void afterAFailureTheNextListHasItsTurn() {
    assertThatThrownBy(() ->
            lists.inTurn(
                loud,
                () -> {
                  throw new IllegalStateException("a bug");
                }))
        .hasMessage("a bug");

    assertThat(lists.inTurn(loud, () -> 1)).isOne();
  }

  private static void assertRefused(Problem problem, Runnable call) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            ProblemException.class,
            refusal -> {
              assertThat(refusal.problem()).isEqualTo(problem);
              assertThat(refusal.retryAfter()).isNotNull();
            });
  }
}
