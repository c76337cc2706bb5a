package dev.profilepic.receiver.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.profilepic.receiver.database.DatabaseProperties;
import dev.profilepic.receiver.http.Problem;
import dev.profilepic.receiver.http.ProblemException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.mock.web.DelegatingServletInputStream;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.web.method.HandlerMethod;

@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class OperatorTurnsTest {

  private final AtomicLong clock = new AtomicLong();
  private final List<Long> rests = new ArrayList<>();
  private final Deque<Runnable> resting = new ArrayDeque<>();
  private final OperatorTurns turns =
      new OperatorTurns(
          request -> request.getRequestURI().equals("/profile-pics"),
          new DatabaseProperties.Operators(1, 4),
          clock::get,
          (end, nanos) -> {
            rests.add(nanos);
            resting.add(end);
          });

  /** Stands for a controller. */
  static final class Handlers {
    public void worksFor(Caller caller) {}

    public void isPublic() {}
  }

  @AfterEach
  void signOut() {
    SecurityContextHolder.clearContext();
  }

  @Test
  void aPlaceRestsForAMultipleOfWhatTheCallTook() throws Exception {
    var call = begin("/syncs");
    clock.addAndGet(Duration.ofMillis(3).toNanos());
    turns.end(call);

    assertThat(rests).containsExactly(Duration.ofMillis(12).toNanos());
  }

  @Test
  void aCallThatWaitedForLongItselfBringsNoLongRest() throws Exception {
    var call = begin("/syncs");
    clock.addAndGet(Duration.ofSeconds(3).toNanos());
    turns.end(call);

    assertThat(rests).containsExactly(Duration.ofMillis(100).toNanos());
  }

  @Test
  void theNextCallComesWhenTheRestIsOver() throws Exception {
    turns.end(begin("/syncs"));
    assertThat(isRefused("/syncs")).isTrue();

    resting.remove().run();

    assertThat(isRefused("/syncs")).isFalse();
  }

  @Test
  void theTurnEndsOnceAlthoughBothTheAnswerAndTheCallEnd() throws Exception {
    var call = begin("/syncs");

    turns.end(call);
    turns.postHandle(call, new MockHttpServletResponse(), handler("worksFor"), null);
    turns.afterCompletion(call, new MockHttpServletResponse(), handler("worksFor"), null);

    assertThat(rests).hasSize(1);
  }

  @Test
  void aCallThatFailsGivesItsPlaceBackToo() throws Exception {
    turns.afterCompletion(
        begin("/syncs"),
        new MockHttpServletResponse(),
        handler("worksFor"),
        new IllegalStateException("a bug"));

    resting.remove().run();
    assertThat(isRefused("/syncs")).isFalse();
  }

  @Test
  void whoeverGetsNoPlaceIsToldToComeBack() throws Exception {
    begin("/syncs");
    // The interrupt ends the wait for a place at once, as the timeout would.
    Thread.currentThread().interrupt();

    assertThatThrownBy(() -> begin("/syncs"))
        .isInstanceOfSatisfying(
            ProblemException.class,
            busy -> {
              assertThat(busy.problem()).isEqualTo(Problem.BUSY);
              assertThat(busy.retryAfter()).isEqualTo(Duration.ofSeconds(1));
            });
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void aBodyIsReadBeforeThereIsAPlace() throws Exception {
    var slow =
        new MockHttpServletRequest("POST", "/dead-letters/replay") {
          @Override
          public DelegatingServletInputStream getInputStream() {
            assertThat(isRefused("/syncs")).as("another call meanwhile").isFalse();
            return new DelegatingServletInputStream(new ByteArrayInputStream(new byte[2]));
          }
        };
    slow.setContent(new byte[2]);

    begin(slow, "worksFor");

    resting.forEach(Runnable::run);
    assertThat(slow.getAttributeNames().asIterator()).toIterable().hasSize(1);
  }

  @Test
  void whatIsPublicNeedsNoPlaceThoughAKeyIsSent() throws Exception {
    begin("/syncs");

    begin(new MockHttpServletRequest("GET", "/openapi.yaml"), "isPublic");

    assertThat(rests).isEmpty();
  }

  @Test
  void eventsWaitForNoOperator() throws Exception {
    begin("/syncs");

    turns.end(begin("/profile-pics"));

    assertThat(rests).isEmpty();
  }

  /** Tries a call, and ends it and its rest. */
  private boolean isRefused(String path) {
    Thread.currentThread().interrupt();
    try {
      turns.end(begin(path));
      resting.removeLast().run();
      return false;
    } catch (ProblemException busy) {
      return true;
    } catch (IOException impossible) {
      throw new IllegalStateException(impossible);
    } finally {
      Thread.interrupted();
    }
  }

  private MockHttpServletRequest begin(String path) throws IOException {
    return begin(new MockHttpServletRequest("GET", path), "worksFor");
  }

  private MockHttpServletRequest begin(MockHttpServletRequest request, String handler)
      throws IOException {
    SecurityContextHolder.getContext()
        .setAuthentication(
            new Caller(
                new ApiKey(
                    1L, "operator", ApiKey.Digest.of("key"), Set.of("read"), Set.of(), null)));
    turns.preHandle(request, new MockHttpServletResponse(), handler(handler));
    return request;
  }

  private static HandlerMethod handler(String name) {
    for (var method : Handlers.class.getMethods()) {
      if (method.getName().equals(name)) {
        return new HandlerMethod(new Handlers(), method);
      }
    }
    throw new IllegalArgumentException(name);
  }
}
