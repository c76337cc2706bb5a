package dev.profilepic.contract;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** What stands behind a webhook endpoint. */
public enum EndpointKind {
  /** Takes signed events (Standard Webhooks). */
  WEBHOOK,
  /** Chatwoot: its contacts get the photos. */
  CHATWOOT;

  /** As the API and the database call it. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static Optional<EndpointKind> of(String id) {
    return Arrays.stream(values()).filter(kind -> kind.id().equals(id)).findAny();
  }

  /** All of them, for a message. */
  public static String ids() {
    return Arrays.stream(values()).map(EndpointKind::id).collect(Collectors.joining(", "));
  }
}
