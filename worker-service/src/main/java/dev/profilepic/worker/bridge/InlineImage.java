package dev.profilepic.worker.bridge;

import java.util.Base64;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** A picture inside an answer: WhatsApp sends small pictures without a link. */
public final class InlineImage {

  private InlineImage() {}

  /**
   * @param answer with a field {@code image}, an object whose {@code base64} holds the bytes
   * @return the bytes; empty when there is no image, or it is not base64
   */
  public static Optional<byte[]> of(JsonNode answer) {
    var written = answer.path("image").path("base64").asString("");
    if (written.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(Base64.getDecoder().decode(written));
    } catch (IllegalArgumentException notBase64) {
      return Optional.empty();
    }
  }
}
