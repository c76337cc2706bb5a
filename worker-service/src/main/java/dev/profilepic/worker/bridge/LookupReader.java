package dev.profilepic.worker.bridge;

import java.io.IOException;
import java.time.Duration;
import java.util.function.IntConsumer;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpHeaders;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads the bridge's answer: its status code decides, its body says the rest. */
final class LookupReader {

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int LONGEST_ANSWER = 64 * 1024;

  /** More than any lookup costs: a number that we do not believe. */
  private static final int MOST_QUERIES = 10;

  private static final Duration RETRY_AFTER = Duration.ofSeconds(60);
  private static final Duration LONGEST_RETRY_AFTER = Duration.ofHours(24);

  private LookupReader() {}

  /**
   * @param queries is told how many queries to WhatsApp the answer cost, when it says so
   */
  static Lookup read(ClassicHttpResponse response, IntConsumer queries) throws IOException {
    return switch (response.getCode()) {
      case 200 -> {
        var answer = JSON.readTree(response.getEntity().getContent().readNBytes(LONGEST_ANSWER));
        queries.accept(Math.clamp(answer.path("queries").asInt(1), 0, MOST_QUERIES));
        yield answer(answer);
      }
      case 401, 403 ->
          new Lookup.BridgeDown("the bridge refused our token (profile-pic.bridge.token)");
      case 404 -> new Lookup.InstanceDown("the bridge does not know the instance");
      // Asked again, they may be answered: the question was not heard to its end.
      case 408, 425 -> new Lookup.BridgeDown("the bridge answered " + response.getCode());
      case 429 -> new Lookup.Throttled(retryAfter(response));
      case 503 ->
          isUnavailable(response)
              ? new Lookup.BridgeDown("the bridge cannot reach its database, or is stopping")
              : new Lookup.InstanceDown("the instance is not connected");
      case 504 -> new Lookup.NoAnswer();
      default ->
          response.getCode() / 100 == 4
              ? new Lookup.Refused("the bridge refused the question: " + response.getCode())
              : new Lookup.BridgeDown("the bridge answered " + response.getCode());
    };
  }

  /** Whether it is the bridge itself that cannot answer, and not one number. */
  private static boolean isUnavailable(ClassicHttpResponse response) throws IOException {
    var entity = response.getEntity();
    if (entity == null) {
      return false;
    }
    try {
      var answer = JSON.readTree(entity.getContent().readNBytes(LONGEST_ANSWER));
      return "unavailable".equals(answer.path("status").asString(""));
    } catch (JacksonException notJson) {
      return false;
    }
  }

  private static Lookup answer(JsonNode answer) {
    @Nullable String jid = text(answer, "jid");
    return switch (answer.path("status").asString("")) {
      case "found" -> {
        @Nullable String url = text(answer, "url");
        yield url == null
            ? new Lookup.BridgeDown("the bridge found a picture without a url")
            : new Lookup.Found(url, text(answer, "picture_id"), jid);
      }
      case "unchanged" -> new Lookup.Unchanged(jid);
      case "not_set" -> new Lookup.NotSet(jid);
      case "hidden" -> new Lookup.Hidden(jid, answer.path("token").asBoolean(true));
      case "unknown" -> new Lookup.Unknown();
      case "not_on_whatsapp" -> new Lookup.NotOnWhatsapp();
      default -> new Lookup.BridgeDown("the bridge answered with a status that we do not know");
    };
  }

  private static Duration retryAfter(ClassicHttpResponse response) {
    var header = response.getFirstHeader(HttpHeaders.RETRY_AFTER);
    @Nullable String value = header == null ? null : header.getValue();
    if (value == null || !value.matches("[0-9]{1,6}")) {
      return RETRY_AFTER;
    }
    var asked = Duration.ofSeconds(Math.max(1, Long.parseLong(value)));
    return asked.compareTo(LONGEST_RETRY_AFTER) < 0 ? asked : LONGEST_RETRY_AFTER;
  }

  private static @Nullable String text(JsonNode node, String field) {
    return node.path(field).isString() ? node.path(field).asString() : null;
  }
}
