package dev.profilepic.receiver.webhooks;

import dev.profilepic.receiver.http.Problem;
import dev.profilepic.receiver.http.ProblemException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Finds the reader for a body. */
@Component
class WebhookReaders {

  /** The path of senders who do not name the kind of their webhook. */
  static final String AUTO = "auto";

  private final Map<String, WebhookReader> byKind = new LinkedHashMap<>();

  /** The readers are asked in this order: readers of marks that no other system has come first. */
  WebhookReaders(
      FazerReader fazer,
      WuzapiReader wuzapi,
      EvolutionGoReader evolutionGo,
      UazapiReader uazapi,
      ZApiReader zApi,
      WppconnectReader wppconnect,
      WahaReader waha,
      ChatwootReader chatwoot,
      EvolutionReader evolution,
      BaileysReader baileys,
      WhatsAppWebReader whatsAppWeb) {
    List.<WebhookReader>of(
            fazer,
            wuzapi,
            evolutionGo,
            uazapi,
            zApi,
            wppconnect,
            waha,
            chatwoot,
            evolution,
            baileys,
            whatsAppWeb)
        .forEach(reader -> byKind.put(reader.kind(), reader));
  }

  /** Returns the kinds of webhooks. */
  Set<String> kinds() {
    return Set.copyOf(byKind.keySet());
  }

  /**
   * Finds the reader for a body.
   *
   * @param kind from the path
   * @return empty when the body cannot be read as this kind
   * @throws ProblemException 404 when there is no such kind
   */
  Optional<WebhookReader> of(String kind, JsonNode body) {
    if (kind.equals(AUTO)) {
      return byKind.values().stream().filter(reader -> reader.recognises(body)).findFirst();
    }
    var reader = byKind.get(kind);
    if (reader == null) {
      throw new ProblemException(
          Problem.NOT_FOUND,
          "Webhooks are taken from " + String.join(", ", byKind.keySet()) + ", " + AUTO);
    }
    var fazer = byKind.get("fazer");
    if (fazer != null && sendsAsBaileys(kind) && fazer.recognises(body)) {
      return Optional.of(fazer);
    }
    return Optional.of(reader).filter(each -> each.understands(body));
  }

  /**
   * Returns whether users of fazer-ai/baileys-api were given this path before their own path
   * existed.
   */
  private static boolean sendsAsBaileys(String kind) {
    return kind.equals("baileys") || kind.equals("whatsapp-web");
  }
}
