package dev.profilepic.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BoundedBodyTest {

  @ParameterizedTest
  @CsvSource({
    // length, declared, most, read
    "100, 100, 1000, 100",
    "100, -1, 1000, 100",
    "0, 0, 1000, 0",
    "2000, 2000, 1000, 1000",
    "2000, -1, 1000, 1000",
    "60000, 60000, 100000, 60000",
    "60, 100, 1000, 60",
    "60, 1000000, 2000000, 60",
  })
  void aBodyIsReadToItsEndOrToTheLimit(int length, long declared, int most, int read)
      throws IOException {
    var body = new byte[length];

    assertThat(BoundedBody.read(new ByteArrayInputStream(body), declared, most)).hasSize(read);
  }

  @Test
  void aShortBodyNeedsNoLargeArray() throws IOException {
    assertThat(largestArray(100, 100)).isEqualTo(100);
  }

  @Test
  void aLongDeclaredLengthReservesNothing() throws IOException {
    assertThat(largestArray(100, 50_000_000)).isLessThan(100_000);
  }

  /** Returns the size of the largest array that the stream is asked to fill. */
  private static int largestArray(int length, long declared) throws IOException {
    var source = new ByteArrayInputStream(new byte[length]);
    var largest = new AtomicInteger();
    // ByteArrayInputStream has its own readNBytes; sockets use the one of InputStream.
    var body =
        new InputStream() {
          @Override
          public int read() {
            return source.read();
          }

          @Override
          public int read(byte[] target, int offset, int room) {
            largest.accumulateAndGet(target.length, Math::max);
            return source.read(target, offset, room);
          }
        };
    BoundedBody.read(body, declared, 60_000_000);
    return largest.get();
  }
}
