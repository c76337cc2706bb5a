package dev.profilepic.receiver.webhooks;

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

  /** Returns the first of these fields with text or a whole number; null when no field has one. */
  static @Nullable String text(JsonNode node, String... fields) {
    for (var field : fields) {
      var value = node.path(field);
      if (value.isString() || value.isIntegralNumber()) {
        var text = value.asString().strip();
        if (!text.isEmpty()) {
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
   * Reads a time: RFC 3339, Unix seconds or milliseconds, as text, number or protobuf's {low,
   * high}.
   */
  static Instant time(Instant otherwise, JsonNode... candidates) {
    for (var node : candidates) {
      var value = node.isObject() ? node.path("low") : node;
      try {
        if (value.isString() && value.asString().indexOf('-') > 0) {
          return OffsetDateTime.parse(value.asString()).toInstant();
        }
        long number = value.asLong(value.isString() ? Long.parseLong(value.asString()) : 0);
        if (number > 0) {
          return number > MOST_SECONDS
              ? Instant.ofEpochMilli(number)
              : Instant.ofEpochSecond(number);
        }
      } catch (DateTimeException | NumberFormatException notATime) {
        // The next candidate may be a time.
      }
    }
    return otherwise;
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
