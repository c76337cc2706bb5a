package dev.profilepic.receiver.http;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * The kept parts of a webhook's body.
 *
 * @param json null when the body was not a JSON object
 * @param verifyToken the key that the sender put into the body because it cannot send a header
 */
public record WebhookBody(@Nullable ObjectNode json, @Nullable String verifyToken) {

  private static final String ATTRIBUTE = WebhookBody.class.getName();

  /** Returns the body of this call, when it was already read. */
  public static Optional<WebhookBody> readOf(HttpServletRequest request) {
    return request.getAttribute(ATTRIBUTE) instanceof WebhookBody body
        ? Optional.of(body)
        : Optional.empty();
  }

  void belongsTo(HttpServletRequest request) {
    request.setAttribute(ATTRIBUTE, this);
  }

  /** Returns a text without the key. */
  @Override
  public String toString() {
    return "WebhookBody";
  }
}
