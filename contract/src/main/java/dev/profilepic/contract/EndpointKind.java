package dev.profilepic.contract;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** The receiver of a webhook endpoint's events. */
public enum EndpointKind {
  /** Takes signed events (Standard Webhooks). */
  WEBHOOK,
  /** Chatwoot: its contacts get the photos. */
  CHATWOOT;

  /** Returns the name of the kind in the API and the database. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static Optional<EndpointKind> of(String id) {
    return Arrays.stream(values()).filter(kind -> kind.id().equals(id)).findAny();
  }

  /** Returns the names of all kinds, for use in a text. */
  public static String ids() {
    return Arrays.stream(values()).map(EndpointKind::id).collect(Collectors.joining(", "));
  }
}
