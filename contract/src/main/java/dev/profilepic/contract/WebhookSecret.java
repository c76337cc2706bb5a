package dev.profilepic.contract;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;

/**
 * The secret that a webhook endpoint shares with us, and the signatures made with it (Standard
 * Webhooks, <a href="https://www.standardwebhooks.com">standardwebhooks.com</a>).
 */
public final class WebhookSecret {

  private static final String PREFIX = "whsec_";
  private static final int LENGTH = 32;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final HmacSha256 key;

  /**
   * @param text {@code whsec_} and the key in base64
   * @throws IllegalArgumentException when the text is not a secret of this form; never repeats it
   */
  public WebhookSecret(String text) {
    byte[] bytes;
    try {
      bytes =
          Base64.getDecoder()
              .decode(text.startsWith(PREFIX) ? text.substring(PREFIX.length()) : "");
    } catch (IllegalArgumentException notBase64) {
      bytes = new byte[0];
    }
    if (bytes.length == 0) {
      throw new IllegalArgumentException("must be whsec_ and a key in base64");
    }
    this.key = new HmacSha256(bytes);
  }

  private WebhookSecret(byte[] key) {
    this.key = new HmacSha256(key);
  }

  /**
   * Reads a configured secret. It has the same form, or is any other text, whose bytes then are the
   * key.
   *
   * @throws IllegalArgumentException when the text is empty, or begins with {@code whsec_} and is
   *     not base64; never repeats it
   */
  public static WebhookSecret ofAnyText(String text) {
    return text.isEmpty() || text.startsWith(PREFIX)
        ? new WebhookSecret(text)
        : new WebhookSecret(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Generates a secret, in the form that the endpoint's owner gets. */
  public static String generate() {
    var bytes = new byte[LENGTH];
    RANDOM.nextBytes(bytes);
    return PREFIX + Base64.getEncoder().encodeToString(bytes);
  }

  /**
   * Returns one value for the header {@code webhook-signature}.
   *
   * @param id the header {@code webhook-id}
   * @param at the header {@code webhook-timestamp}, which is in seconds
   * @param body exactly as it is sent
   */
  public String sign(String id, Instant at, String body) {
    return "v1,"
        + Base64.getEncoder().encodeToString(key.of(id + "." + at.getEpochSecond() + "." + body));
  }
}
