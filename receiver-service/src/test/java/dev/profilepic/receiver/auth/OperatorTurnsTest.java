package dev.profilepic.receiver.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import dev.profilepic.receiver.database.DatabaseProperties;
import dev.profilepic.receiver.http.ProblemWriter;
import dev.profilepic.receiver.support.ReceiverTest;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.security.core.context.SecurityContextHolder;

@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class OperatorTurnsTest extends ReceiverTest {

  private final AtomicLong clock = new AtomicLong();
  private final List<Long> rests = new ArrayList<>();
  private final Deque<Runnable> resting = new ArrayDeque<>();
  @Autowired private ProblemWriter problems;
  private OperatorTurns turns;

  private OperatorTurns turns() {
    return new OperatorTurns(
        request -> request.getRequestURI().equals("/profile-pics"),
        new DatabaseProperties.Operators(1, 4),
        problems,
        clock::get,
        (end, nanos) -> {
          rests.add(nanos);
          resting.add(end);
        });
  }

  @BeforeEach
  void makeTurns() {
    turns = turns();
  }

  @Test
  void aPlaceRestsForAMultipleOfWhatTheCallTook() throws Exception {
    ask("/syncs", (request, response) -> clock.addAndGet(Duration.ofMillis(3).toNanos()));

    assertThat(rests).containsExactly(Duration.ofMillis(12).toNanos());
  }

  @Test
  void aCallThatWaitedForLongItselfBringsNoLongRest() throws Exception {
    ask("/syncs", (request, response) -> clock.addAndGet(Duration.ofSeconds(3).toNanos()));

    assertThat(rests).containsExactly(Duration.ofMillis(100).toNanos());
  }

  @Test
  void theNextCallComesWhenTheRestIsOver() throws Exception {
    ask("/syncs", (request, response) -> {});
    var answered = new CountDownLatch(1);
    var next =
        Thread.ofVirtual()
            .start(() -> {
              try {
                ask("/syncs", (request, response) -> answered.countDown());
              } catch (Exception failure) {
                throw new IllegalStateException(failure);
              }
            });
    while (next.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait();
    }
    assertThat(answered.getCount()).isOne();

    resting.remove().run();

    next.join();
    assertThat(answered.getCount()).isZero();
  }

  @Test
  void aCallThatFailsGivesItsPlaceBackToo() throws Exception {
    assertThatThrownBy(() ->
            ask(
                "/syncs",
                (request, response) -> {
                  throw new ServletException("a bug");
                }))
        .hasMessage("a bug");
    assertThat(rests).hasSize(1);
    resting.remove().run();
    var answered = new CountDownLatch(1);

    ask("/syncs", (request, response) -> answered.countDown());

    assertThat(answered.getCount()).isZero();
  }

  @Test
  void whoeverGetsNoPlaceIsToldToComeBackAndNothingIsDone() throws Exception {
    ask("/syncs", (request, response) -> {});
    // The interrupt ends the wait for a place at once, as the timeout would.
    Thread.currentThread().interrupt();

    var answer = ask("/syncs", (request, response) -> fail("it has no place"));

    assertThat(Thread.interrupted()).isTrue();
    assertThat(answer.getStatus()).isEqualTo(503);
    assertThat(answer.getHeader("Retry-After")).isEqualTo("1");
    assertThat(rests).as("of the first call only").hasSize(1);
  }

  /** Anonymous calls have already been refused, or ask for public resources. */
  @Test
  void whoeverIsNobodyTakesNoPlace() throws Exception {
    var answered = new CountDownLatch(1);

    turns.doFilter(
        new MockHttpServletRequest("GET", "/openapi.yaml"),
        new MockHttpServletResponse(),
        (request, response) -> answered.countDown());

    assertThat(answered.getCount()).isZero();
    assertThat(rests).isEmpty();
  }

  @Test
  void eventsWaitForNoOperator() throws Exception {
    ask("/syncs", (request, response) -> {});
    var passed = new CountDownLatch(1);

    ask("/profile-pics", (request, response) -> passed.countDown());

    assertThat(passed.getCount()).isZero();
    assertThat(rests).hasSize(1);
  }

  private MockHttpServletResponse ask(String path, FilterChain chain) throws Exception {
    var answer = new MockHttpServletResponse();
    SecurityContextHolder.getContext()
        .setAuthentication(
            new Caller(
                new ApiKey(
                    1L, "operator", ApiKey.Digest.of("key"), Set.of("read"), Set.of(), null)));
    try {
      turns.doFilter(new MockHttpServletRequest("GET", path), answer, chain);
      return answer;
    } finally {
      SecurityContextHolder.clearContext();
    }
  }
}
