package dev.profilepic.worker.bridge;

import dev.profilepic.worker.exchanges.RetryAfter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Locale;
import java.util.Set;
import java.util.function.IntConsumer;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/** Reads the bridge's answer. The status code decides, and the body gives the details. */
final class LookupReader {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** The reasons for which the bridge refuses batches but not single lookups. */
  private static final Set<String> OF_BATCHES = Set.of("spacing", "restricted");

  private LookupReader() {}

  /**
   * @param queries receives the number of queries to WhatsApp that the answer cost, when the answer
   *     states it
   */
  static Lookup read(ClassicHttpResponse response, IntConsumer queries) throws IOException {
    var body = body(response);
    queries.accept(ContractAnswer.queries(body));
    return response.getCode() == 200 ? answer(body) : failure(response, body);
  }

  /**
   * Reads the answer to a batch.
   *
   * @param asked number of people in the question
   */
  static PictureIds readIds(ClassicHttpResponse response, int asked, IntConsumer queries)
      throws IOException {
    var body = body(response);
    queries.accept(ContractAnswer.queries(body));
    if (response.getCode() == 200) {
      var people = new ArrayList<PictureId>();
      for (var each : body.path("contacts")) {
        people.add(
            new PictureId(
                oneOf(PictureId.Exists.values(), each.path("exists"), PictureId.Exists.UNKNOWN),
                oneOf(PictureId.Shown.values(), each.path("picture"), PictureId.Shown.UNKNOWN),
                text(each, "picture_id"),
                text(each, "jid")));
      }
      return people.size() == asked
          ? new PictureIds.Told(people)
          : new PictureIds.Failed(new Lookup.Refused("the answer is none to a batch"));
    }
    if (response.getCode() == 429 && OF_BATCHES.contains(body.path("reason").asString(""))) {
      return new PictureIds.Later(throttled(response).retryAfter());
    }
    if (response.getCode() == 404 && !"unknown_instance".equals(body.path("status").asString(""))) {
      return new PictureIds.Failed(new Lookup.Refused("the bridge is older and has no batches"));
    }
    return new PictureIds.Failed(failure(response, body));
  }

  /** Reads a failure. Anything on the way may answer with a client error; only its body tells. */
  private static Lookup failure(ClassicHttpResponse response, JsonNode body) {
    return switch (response.getCode()) {
      case 401, 403 ->
          new Lookup.BridgeDown("the bridge refused our token (profile-pic.bridge.token)");
      case 404 -> new Lookup.InstanceDown("the bridge does not know the instance");
      case 429 -> throttled(response);
      case 503 ->
          "unavailable".equals(body.path("status").asString(""))
              ? new Lookup.BridgeDown("the bridge cannot reach its database, or is stopping")
              : new Lookup.InstanceDown("the instance is not connected");
      case 504 -> new Lookup.NoAnswer();
      default ->
          response.getCode() / 100 == 4 && ContractAnswer.isBadRequest(body)
              ? new Lookup.Refused("the bridge refused the question: " + response.getCode())
              : new Lookup.BridgeDown("the bridge answered " + response.getCode());
    };
  }

  /** Reads the body. Only the body of an answer with status 200 must be JSON. */
  private static JsonNode body(ClassicHttpResponse response) throws IOException {
    try {
      return JSON.readTree(response.getEntity().getContent());
    } catch (JacksonException notJson) {
      if (response.getCode() == 200) {
        throw notJson;
      }
      return MissingNode.getInstance();
    }
  }

  private static <E extends Enum<E>> E oneOf(E[] values, JsonNode written, E otherwise) {
    for (var value : values) {
      if (value.name().toLowerCase(Locale.ROOT).equals(written.asString(""))) {
        return value;
      }
    }
    return otherwise;
  }

  private static Lookup answer(JsonNode answer) {
    var contact = Contact.of(text(answer, "jid"), text(answer, "lid"));
    return ContractAnswer.withoutPicture(answer, contact)
        .orElseGet(() ->
            "found".equals(answer.path("status").asString(""))
                ? found(answer, contact)
                : new Lookup.BridgeDown("the bridge answered with a status that we do not know"));
  }

  private static Lookup found(JsonNode answer, Contact contact) {
    @Nullable String url = text(answer, "url");
    @Nullable String pictureId = text(answer, "picture_id");
    return url != null
        ? new Lookup.Found(url, pictureId, contact)
        : InlineImage.of(answer)
            .<Lookup>map(bytes -> new Lookup.Picture(bytes, pictureId, contact))
            .orElse(new Lookup.BridgeDown("the bridge found a picture without a url"));
  }

  private static Lookup.Throttled throttled(ClassicHttpResponse response) {
    return Lookup.Throttled.after(RetryAfter.of(response));
  }

  private static @Nullable String text(JsonNode node, String field) {
    return node.path(field).isString() ? node.path(field).asString() : null;
  }
}
