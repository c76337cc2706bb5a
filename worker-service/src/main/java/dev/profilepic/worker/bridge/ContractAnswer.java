package dev.profilepic.worker.bridge;

import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** Reads the parts that all answers in the bridge's contract have in common, from any server. */
public final class ContractAnswer {

  /** More than any lookup costs. A larger number counts as this one. */
  private static final int MOST_QUERIES = 10;

  private ContractAnswer() {}

  /**
   * Returns the number of queries to WhatsApp that the answer cost; 1 when the answer does not say.
   */
  public static int queries(JsonNode answer) {
    return Math.clamp(answer.path("queries").asInt(1), 0, MOST_QUERIES);
  }

  /** Returns whether the answer's author read the question, and can never answer it. */
  public static boolean isBadRequest(JsonNode answer) {
    return "bad_request".equals(answer.path("status").asString(""));
  }

  /**
   * Returns the result that the answer's status states. Empty when an answer with this status must
   * bring a picture, or when the contract does not have this status.
   */
  public static Optional<Lookup> withoutPicture(JsonNode answer, Contact contact) {
    return Optional.ofNullable(
        switch (answer.path("status").asString("")) {
          case "unchanged" -> new Lookup.Unchanged(contact);
          case "not_set" -> new Lookup.NotSet(contact);
          case "hidden" -> new Lookup.Hidden(contact, answer.path("token").asBoolean(true));
          case "unknown" -> new Lookup.Unknown();
          case "not_on_whatsapp" -> new Lookup.NotOnWhatsapp();
          default -> null;
        });
  }
}
