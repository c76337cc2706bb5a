package dev.profilepic.worker.sources;

import dev.profilepic.worker.bridge.Lookup;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * WhatsApp's own errors, as gateways pass them on: the texts of Baileys ({@code item-not-found})
 * and of whatsmeow ({@code that user or group does not have a profile picture}).
 */
final class WhatsAppErrors {

  /** Our own choice, because gateways do not pass on how long to rest. */
  private static final Duration REST = Duration.ofSeconds(60);

  private static final List<String> NOT_SET =
      List.of("item-not-found", "does not have a profile picture");
  private static final List<String> HIDDEN =
      List.of("not-authorized", "hidden their profile picture");
  private static final List<String> THROTTLED =
      List.of("rate-overlimit", "status 429", "status 423");
  private static final List<String> SILENT = List.of("timed out", "deadline exceeded");
  private static final List<String> DISCONNECTED =
      List.of(
          "connection closed",
          "connection terminated",
          "connection was lost",
          "connection failure",
          "not connected",
          "not logged in",
          "disconnected",
          "no active session",
          "doesn't contain a device jid");

  /** Failures at WhatsApp's end, which may pass. */
  private static final List<String> PASSING =
      List.of(
          "internal-server-error",
          "partial-server-error",
          "service-unavailable",
          "resource-limit",
          "bad-request",
          "status 400",
          "status 500",
          "status 501",
          "status 503");

  private WhatsAppErrors() {}

  /** Returns the meaning of an error for the picture; empty when the error is not WhatsApp's. */
  static Optional<Lookup> read(String text) {
    var error = text.toLowerCase(Locale.ROOT);
    if (says(error, NOT_SET)) {
      return Optional.of(new Lookup.NotSet(null));
    }
    if (says(error, HIDDEN)) {
      return Optional.of(new Lookup.Hidden(null, true));
    }
    if (says(error, THROTTLED)) {
      return Optional.of(new Lookup.Throttled(REST));
    }
    if (says(error, DISCONNECTED)) {
      return Optional.of(new Lookup.InstanceDown("the instance is not connected"));
    }
    return says(error, SILENT) || says(error, PASSING)
        ? Optional.of(new Lookup.NoAnswer())
        : Optional.empty();
  }

  private static boolean says(String error, List<String> texts) {
    return texts.stream().anyMatch(error::contains);
  }
}
