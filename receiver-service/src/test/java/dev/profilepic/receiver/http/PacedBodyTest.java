package dev.profilepic.receiver.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockHttpServletRequest;

/** Bodies whose sender takes its time. */
class PacedBodyTest {

  private Instant now = Instant.EPOCH;

  @Test
  void aBodyOfSingleBytesIsRefusedAfterSeconds() {
    var dripping = dripping(60_000, Duration.ofSeconds(2));

    assertRefused(new BoundedBodyRequest(dripping, 65_536, () -> now));

    assertThat(now).isBefore(Instant.EPOCH.plusSeconds(15));
  }

  @Test
  void soIsAWebhook() {
    var dripping = dripping(60_000, Duration.ofSeconds(2));

    assertRefused(new StreamedBodyRequest(dripping, 65_536, () -> now));
  }

  @Test
  void aBodyAtAnOrdinaryPaceIsTaken() throws Exception {
    var body =
        new BoundedBodyRequest(dripping(60_000, Duration.ofNanos(50_000)), 65_536, () -> now);

    assertThat(body.getInputStream().readAllBytes()).hasSize(60_000);
  }

  private static void assertRefused(HttpServletRequest request) {
    assertThatThrownBy(() -> request.getInputStream().readAllBytes())
        .isInstanceOfSatisfying(
            ProblemException.class, late -> assertThat(late.problem()).isEqualTo(Problem.TIMEOUT));
  }

  /** Returns a request whose body comes byte by byte. */
  private MockHttpServletRequest dripping(int length, Duration each) {
    var bytes =
        new ServletInputStream() {
          private int left = length;

          @Override
          public int read() {
            now = now.plus(each);
            return left-- > 0 ? 'x' : -1;
          }

          @Override
          public int read(byte[] target, int offset, int most) {
            if (most == 0) {
              return 0;
            }
            int one = read();
            if (one < 0) {
              return -1;
            }
            target[offset] = (byte) one;
            return 1;
          }

          @Override
          public boolean isFinished() {
            return left <= 0;
          }

          @Override
          public boolean isReady() {
            return true;
          }

          @Override
          public void setReadListener(ReadListener listener) {
            throw new UnsupportedOperationException("the body is read here");
          }
        };
    return new MockHttpServletRequest("POST", "/dead-letters/replay") {
      @Override
      public ServletInputStream getInputStream() {
        return bytes;
      }

      @Override
      public long getContentLengthLong() {
        return length;
      }
    };
  }
}
