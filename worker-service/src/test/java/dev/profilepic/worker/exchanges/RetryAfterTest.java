package dev.profilepic.worker.exchanges;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.apache.hc.core5.http.message.BasicHttpResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RetryAfterTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0|PT0S",
        "17|PT17S",
        "1000000|PT1000000S",
        "99999999999999999999|PT999999999S",
        "Sat, 28 Nov 2026 12:10:00 GMT|PT10M",
        "Saturday, 28-Nov-26 12:10:00 GMT|PT10M",
        "Sat, 28 Nov 2026 11:00:00 GMT|PT0S",
      })
  void secondsAndDatesAreRead(String header, Duration wait) {
    assertThat(RetryAfter.of(response(header))).isEqualTo(wait);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-5", "1.5", "soon", "Sat, 99 Nov 2026 12:10:00 GMT"})
  void anythingElseSaysNothing(String header) {
    assertThat(RetryAfter.of(response(header))).isNull();
  }

  @Test
  void aServerWithoutAClockSaysNothingByADate() {
    var response = new BasicHttpResponse(429);
    response.setHeader("Retry-After", "Sat, 28 Nov 2026 12:10:00 GMT");

    assertThat(RetryAfter.of(response)).isNull();
  }

  private static BasicHttpResponse response(String header) {
    var response = new BasicHttpResponse(429);
    response.setHeader("Date", "Sat, 28 Nov 2026 12:00:00 GMT");
    response.setHeader("Retry-After", header);
    return response;
  }
}
