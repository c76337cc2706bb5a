package dev.profilepic.worker.exchanges;

import java.time.Duration;
import org.apache.hc.client5.http.utils.DateUtils;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpResponse;
import org.jspecify.annotations.Nullable;

/** Reads how long a server asks its callers to wait. */
public final class RetryAfter {

  /** A number with more digits counts as this one; callers allow much less. */
  private static final int MOST_DIGITS = 9;

  private static final Duration LONGEST = Duration.ofSeconds(999_999_999);

  private RetryAfter() {}

  /**
   * Returns the wait that the header Retry-After asks for, as a number of seconds or as a date. A
   * date is compared with the server's own clock, in the header Date.
   *
   * @return never negative; null when the server does not say, or it cannot be read
   */
  public static @Nullable Duration of(HttpResponse response) {
    var asked = value(response, HttpHeaders.RETRY_AFTER);
    if (asked.matches("[0-9]+")) {
      return asked.length() > MOST_DIGITS ? LONGEST : Duration.ofSeconds(Long.parseLong(asked));
    }
    var until = DateUtils.parseStandardDate(asked);
    var now = DateUtils.parseStandardDate(value(response, HttpHeaders.DATE));
    if (until == null || now == null) {
      return null;
    }
    var wait = Duration.between(now, until);
    return wait.isNegative() ? Duration.ZERO : wait;
  }

  private static String value(HttpResponse response, String name) {
    var header = response.getFirstHeader(name);
    return header == null ? "" : header.getValue().strip();
  }
}
