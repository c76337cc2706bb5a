package dev.profilepic.receiver.idempotency;

import dev.profilepic.receiver.http.WebhookBodies;
import dev.profilepic.receiver.http.WebhookBodies.Sender;
import dev.profilepic.receiver.http.WebhookBody;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import org.springframework.stereotype.Component;

/** Computes a digest of a call's method, path and body, which tells one call from another. */
@Component
class Fingerprints {

  private final WebhookBodies bodies;

  Fingerprints(WebhookBodies bodies) {
    this.bodies = bodies;
  }

  /** Computes the digest and reads the body for it. Later code may read the body again. */
  byte[] of(HttpServletRequest request) throws IOException {
    var digest = sha256();
    var query = request.getQueryString() == null ? "" : request.getQueryString();
    digest.update(
        "%s %s?%s\0"
            .formatted(request.getMethod(), request.getRequestURI(), query)
            .getBytes(StandardCharsets.UTF_8));
    if (!request.getRequestURI().startsWith("/webhooks/")) {
      digest.update(request.getInputStream().readAllBytes());
      return digest.digest();
    }
    var read = WebhookBody.readOf(request);
    if (read.isPresent()) {
      // The key stood in the body, so the body was already read. Only its kept parts are left.
      digest.update(String.valueOf(read.get().json()).getBytes(StandardCharsets.UTF_8));
    } else {
      bodies.read(request, Sender.KNOWN, List.of(digest::update));
    }
    return digest.digest();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every Java has SHA-256", impossible);
    }
  }
}
