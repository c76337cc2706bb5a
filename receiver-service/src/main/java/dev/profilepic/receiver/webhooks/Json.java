package dev.profilepic.receiver.webhooks;

import dev.profilepic.receiver.http.Fields;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads values that senders write in different ways. */
final class Json {

  /** A larger number cannot be seconds (this is the year 5138), so it is milliseconds. */
  private static final long MOST_SECONDS = 100_000_000_000L;

  /** The first time of a year that neither Postgres nor RFC 3339 can be relied on to take. */
  private static final Instant TOO_LATE = Instant.parse("9999-01-01T00:00:00Z");

  private Json() {}

  /**
   * Returns the objects of a list, or a single object as a list; an empty list for all other
   * values.
   */
  static List<JsonNode> objects(JsonNode node) {
    if (node.isObject()) {
      return List.of(node);
    }
    return node.isArray() ? node.valueStream().filter(JsonNode::isObject).toList() : List.of();
  }

  /**
   * Returns the first of these fields with text or a whole number; null when no field has one. Text
   * that Postgres does not accept counts as absent, so it gets no further than this.
   */
  static @Nullable String text(JsonNode node, String... fields) {
    for (var field : fields) {
      var value = node.path(field);
      if (value.isString() || value.isIntegralNumber()) {
        var text = value.asString().strip();
        if (!text.isEmpty() && Fields.isPlain(text)) {
          return text;
        }
      }
    }
    return null;
  }

  static boolean isTrue(JsonNode node) {
    return node.asBoolean(false) || node.asString("").equalsIgnoreCase("true");
  }

  /**
   * Returns the event's name. {@code MESSAGES_UPSERT} and {@code messages.upsert} are the same
   * event.
   */
  static String event(JsonNode body) {
    @Nullable String event = text(body, "event");
    return event == null ? "" : event.toLowerCase(Locale.ROOT).replace('_', '.');
  }

  /**
   * Reads the time of an event: RFC 3339, Unix seconds or milliseconds, as text, number or
   * protobuf's {low, high}. A time that cannot be read, or that no event can have, counts as
   * absent; a time in the future is now.
   *
   * @param receivedAt now, for events without a time
   */
  static Instant time(Instant receivedAt, JsonNode... candidates) {
    @Nullable Instant time = timeOrNull(candidates);
    return time == null || time.isAfter(receivedAt) ? receivedAt : time;
  }

  /** Reads a time that may lie in the future, in the same spellings; null when there is none. */
  static @Nullable Instant timeOrNull(JsonNode... candidates) {
    for (var node : candidates) {
      var value = node.isObject() ? node.path("low") : node;
      try {
        if (value.isString() && value.asString().indexOf('-') > 0) {
          var time = OffsetDateTime.parse(value.asString()).toInstant();
          if (isPossible(time)) {
            return time;
          }
          continue;
        }
        long number = value.asLong(value.isString() ? Long.parseLong(value.asString()) : 0);
        if (number > 0) {
          var time =
              number > MOST_SECONDS ? Instant.ofEpochMilli(number) : Instant.ofEpochSecond(number);
          if (isPossible(time)) {
            return time;
          }
        }
      } catch (DateTimeException | NumberFormatException notATime) {
        // The next candidate may be a time.
      }
    }
    return null;
  }

  private static boolean isPossible(Instant time) {
    return time.isAfter(Instant.EPOCH) && time.isBefore(TOO_LATE);
  }

  /** Returns the event name in a path ({@code messages-upsert}). */
  static String eventOfPath(String segment) {
    return segment.replace('-', '.');
  }

  /** Returns whether a contact hints that its picture has changed or is gone. */
  static boolean saysPictureChanged(JsonNode contact) {
    @Nullable String picture = text(contact, "picture", "imgUrl");
    return "changed".equals(picture) || "removed".equals(picture);
  }

  /** Returns a link to the picture, under any of the names that senders use. */
  static @Nullable String pictureUrl(JsonNode node) {
    @Nullable String url =
        text(node, "profilePicUrl", "profile_pic_url", "profilePictureUrl", "profilePictureURL");
    @Nullable String image = text(node, "imgUrl");
    return url == null && image != null && image.startsWith("https://") ? image : url;
  }
}
