package dev.profilepic.receiver.http;

import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;

/** Whether the browser speaks https, also when a proxy in front of the receiver does so for it. */
public final class ForwardedHttps {

  private ForwardedHttps() {}

  /**
   * Returns whether cookies of this answer must be {@code Secure}. The header may be forged, but a
   * forger gets only own cookies that work less.
   */
  public static boolean of(HttpServletRequest request) {
    if (request.isSecure()) {
      return true;
    }
    @Nullable String forwarded = request.getHeader("X-Forwarded-Proto");
    return forwarded != null && forwarded.split(",", 2)[0].strip().equalsIgnoreCase("https");
  }
}
