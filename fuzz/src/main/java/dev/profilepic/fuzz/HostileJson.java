package dev.profilepic.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamWriteConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Turns a sensible JSON sample into senseless JSON, or into something that is nearly JSON. */
final class HostileJson {

  private static final int NESTING = 10_000;

  /** Allows deeper nesting than the services' own readers. */
  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(NESTING).build())
                  .streamWriteConstraints(
                      StreamWriteConstraints.builder().maxNestingDepth(NESTING).build())
                  .build())
          .build();

  /** Valid JSON that PostgreSQL stores as {@code jsonb}. */
  private static final List<String> VALUES =
      List.of(
          "null",
          "true",
          "-1",
          "0",
          "1e308",
          "123456789012345678901234567890",
          "0." + "0".repeat(900) + "1",
          "[".repeat(700) + "]".repeat(700),
          "{\"data\":".repeat(700) + "1" + "}".repeat(700),
          "\"\"",
          "\"x\"",
          "\" \"",
          "\"\\u00e9\\ud83d\\ude00\\u202e\\ufeff\"",
          "\"\\u0001\\u001b[31m\\r\\nLevel: ERROR\"",
          "\"status@broadcast\"",
          "\"5562999212484@s.whatsapp.net\"",
          "\"" + "9".repeat(5_000) + "\"",
          "\"" + "a".repeat(70_000) + "\"",
          "[]",
          "{}",
          "[[[[[[]]]]]]",
          "\"../../etc/passwd\"",
          "\"'; DROP TABLE leads; --\"",
          "\"2026-02-31T99:99:99Z\"",
          "\"-292275055-05-16T16:47:04Z\"",
          "\"+999999999-12-31T23:59:59Z\"",
          "\"infinity\"",
          "\"NaN\"",
          "{\"low\": -5, \"high\": 0}",
          "\"http://[::1]:80/\"",
          "\"https://pps.whatsapp.net/%zz\"",
          "\"http://169.254.169.254/latest\"");

  /** Texts that JSON or PostgreSQL refuse. They are only for bodies, which are sent as text. */
  private static final List<String> BROKEN =
      List.of(
          "1e999999999",
          "-1E+2147483647",
          "[".repeat(5_000),
          "{\"data\":".repeat(5_000),
          "\"a\", \"phone\": \"5562999212484\"",
          "\"\\u0000\"",
          "\"\\ud83d\"",
          "NaN",
          "\"",
          "/*");

  private HostileJson() {}

  /**
   * Returns another body: values replaced, pieces cut, doubled or put in, bytes that are no UTF-8.
   */
  static byte[] mutatedText(RandomGenerator random, String sample) {
    var body = new StringBuilder(sample);
    for (int i = random.nextInt(4); i > 0 && !body.isEmpty(); i--) {
      switch (random.nextInt(7)) {
        case 0 -> replaceValue(body, random);
        case 1 -> body.setCharAt(random.nextInt(body.length()), (char) random.nextInt(0x250));
        case 2 -> body.setLength(1 + random.nextInt(body.length()));
        case 3 -> body.insert(random.nextInt(body.length()), any(random));
        case 4 -> body.insert(1, "\"data\": " + any(random) + ",");
        case 5 -> mutateTree(body, random);
        default -> body.insert(body.length(), body.substring(body.length() / 2));
      }
    }
    var bytes = body.toString().getBytes(StandardCharsets.UTF_8);
    if (bytes.length > 0 && random.nextInt(8) == 0) {
      bytes[random.nextInt(bytes.length)] = (byte) 0xC3;
    }
    return bytes;
  }

  /** Returns JSON that is still valid but of another shape, and seldom an unrelated value. */
  static String mutatedTree(RandomGenerator random, String sample) {
    if (random.nextInt(20) == 0) {
      return valid(random);
    }
    var root = JSON.readTree(sample);
    for (int i = random.nextInt(4); i > 0; i--) {
      mutate(root, random);
    }
    return JSON.writeValueAsString(root);
  }

  /** Returns a text for a path, a parameter or a header, not encoded. */
  static String text(RandomGenerator random) {
    return random.nextInt(10) == 0 ? any(random) : JSON.readTree(valid(random)).asString("");
  }

  private static void mutateTree(StringBuilder body, RandomGenerator random) {
    try {
      var mutated = mutatedTree(random, body.toString());
      body.setLength(0);
      body.append(mutated);
    } catch (tools.jackson.core.JacksonException brokenAlready) {
      body.append('}');
    }
  }

  private static void mutate(JsonNode root, RandomGenerator random) {
    var containers = new ArrayList<JsonNode>();
    collect(root, containers);
    if (containers.isEmpty()) {
      return;
    }
    var value = JSON.readTree(valid(random));
    switch (containers.get(random.nextInt(containers.size()))) {
      case ObjectNode object -> {
        var names = List.copyOf(object.propertyNames());
        var name = names.isEmpty() ? "data" : names.get(random.nextInt(names.size()));
        switch (random.nextInt(8)) {
          case 0 -> object.remove(name);
          case 1 -> object.set(name + random.nextInt(10), value);
          default -> object.set(name, value);
        }
      }
      case ArrayNode array -> array.add(value);
      default -> throw new IllegalStateException("neither object nor array");
    }
  }

  private static void collect(JsonNode node, List<JsonNode> containers) {
    if (node.isContainer()) {
      containers.add(node);
      node.forEach(child -> collect(child, containers));
    }
  }

  private static void replaceValue(StringBuilder body, RandomGenerator random) {
    var colon = body.indexOf(":", random.nextInt(body.length()));
    if (colon > 0) {
      var end = body.indexOf("\n", colon);
      body.replace(
          colon + 1,
          end < 0 ? body.length() : end,
          any(random) + (random.nextBoolean() ? "," : ""));
    }
  }

  private static String any(RandomGenerator random) {
    int which = random.nextInt(VALUES.size() + BROKEN.size());
    return which < VALUES.size() ? VALUES.get(which) : BROKEN.get(which - VALUES.size());
  }

  private static String valid(RandomGenerator random) {
    return VALUES.get(random.nextInt(VALUES.size()));
  }
}
