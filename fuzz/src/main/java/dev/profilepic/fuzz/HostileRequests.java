package dev.profilepic.fuzz;

import dev.profilepic.fuzz.Routes.Parameter;
import dev.profilepic.fuzz.Routes.Route;
import java.io.ByteArrayOutputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.random.RandomGenerator;

/** Requests to every route of a receiver, wrong in path, parameters, headers, body or framing. */
public final class HostileRequests {

  private static final String OWN_BODY =
      """
      {
      "lead_id": "%1$s",
      "phone": "5562999212484",
      "instance_id": "fuzz",
      "force_update": true,
      "profile_pic_url": null,
      "phone_list": [{"lead_id": "%1$s",
      "phone": "5562999212484"}],
      "pace_per_minute": 600,
      "paused": false,
      "quiet_hours": {"from": "22:00", "to": "07:00", "zone": "America/Sao_Paulo"},
      "working_hours": {"days": ["monday", "friday"], "from": "09:00", "to": "18:00", "zone": "America/Sao_Paulo"},
      "limit": 10,
      "ids": [1, 2],
      "all": true
      }\
      """;
  private static final List<String> TYPES =
      List.of(
          "application/x-www-form-urlencoded",
          "multipart/form-data; boundary=x",
          "multipart/form-data",
          "text/plain",
          "*/*",
          "application/json; charset=utf-16",
          "application/json; charset=nothing",
          "application/",
          ";;;");
  private static final List<String> HEADERS =
      List.of(
          "Accept",
          "Accept-Language",
          "Content-Encoding",
          "Content-Language",
          "Cookie",
          "Forwarded",
          "If-Modified-Since",
          "If-None-Match",
          "Idempotency-Key",
          "Origin",
          "Range",
          "traceparent",
          "Upgrade",
          "X-Forwarded-For",
          "X-HTTP-Method-Override",
          "x-api-token",
          "apikey",
          "webhook-id",
          "webhook-timestamp",
          "webhook-signature",
          "X-Webhook-Hmac",
          "X-Webhook-Timestamp");
  private static final List<String> BAD_ESCAPES =
      List.of("%zz", "%00", "%c3", "%2e%2e%2f", ";a=b", "%", "\\", "//", "[]", "|", "\u00e9");

  private final List<Route> routes;
  private final List<String> samples;
  private final String key;
  private final List<String> leads;

  /**
   * @param routes of the receiver, see {@link Routes#in}
   * @param samples bodies to mutate, see {@link Samples#in}
   * @param key a key with every scope, which most of the requests carry
   * @param leads ids that exist
   */
  public HostileRequests(List<Route> routes, List<String> samples, String key, List<String> leads) {
    this.routes = routes;
    this.samples = samples;
    this.key = key;
    this.leads = leads;
  }

  public HostileRequest next(RandomGenerator random) {
    var route = one(random, routes);
    var body = hasBody(route, random) ? body(random) : new byte[0];
    var head =
        new StringBuilder(random.nextInt(100) == 0 ? HostileJson.text(random) : route.method())
            .append(' ')
            .append(target(route, random))
            .append(" HTTP/1.1");
    var lines = new StringBuilder(oneLine(head.toString())).append("\r\n");
    header(lines, "Host", "127.0.0.1");
    authorize(lines, random);
    header(
        lines, "Content-Type", random.nextInt(10) == 0 ? one(random, TYPES) : "application/json");
    while (random.nextInt(3) == 0) {
      header(lines, one(random, HEADERS), HostileJson.text(random));
    }
    return framed(lines, body, random);
  }

  private boolean hasBody(Route route, RandomGenerator random) {
    return route.method().startsWith("P") ? random.nextInt(50) != 0 : random.nextInt(20) == 0;
  }

  private byte[] body(RandomGenerator random) {
    var sample =
        random.nextBoolean() ? OWN_BODY.formatted(one(random, leads)) : one(random, samples);
    return HostileJson.mutatedText(random, sample);
  }

  private String target(Route route, RandomGenerator random) {
    var path = route.path();
    var query = new StringBuilder();
    for (var parameter : route.parameters()) {
      if (parameter.in().equals("path")) {
        path = path.replace("{" + parameter.name() + "}", value(parameter, random));
      } else if (parameter.in().equals("query") && random.nextInt(3) != 0) {
        query.append('&').append(parameter.name()).append('=').append(value(parameter, random));
      }
    }
    if (random.nextInt(200) == 0) {
      query.append("&a=b".repeat(1 + random.nextInt(2_000)));
    }
    return query.isEmpty() ? path : path + "?" + query.substring(1);
  }

  private String value(Parameter parameter, RandomGenerator random) {
    if (!parameter.values().isEmpty() && random.nextInt(10) != 0) {
      return one(random, parameter.values());
    }
    return switch (random.nextInt(4)) {
      case 0 -> one(random, leads);
      case 1 -> one(random, List.of("fuzz", "1", "2", "-1", "99999999999999999999"));
      case 2 -> "x" + one(random, BAD_ESCAPES) + random.nextInt(10);
      default -> URLEncoder.encode(HostileJson.text(random), StandardCharsets.UTF_8);
    };
  }

  private void authorize(StringBuilder lines, RandomGenerator random) {
    switch (random.nextInt(20)) {
      case 0 -> {}
      case 1 -> header(lines, "Authorization", HostileJson.text(random));
      case 2 -> header(lines, "Authorization", "Bearer " + HostileJson.text(random));
      case 3 -> header(lines, "Authorization", "Basic " + HostileJson.text(random));
      case 4 -> header(lines, "Authorization", "Basic " + base64(HostileJson.text(random)));
      case 5 ->
          header(
              lines,
              "Authorization",
              "Bearer %s.%s.%s"
                  .formatted(
                      base64("{\"alg\":\"HS256\"}"),
                      base64(HostileJson.mutatedTree(random, "{\"exp\": 4102444800, \"iat\": 1}")),
                      base64(HostileJson.text(random))));
      case 6 -> signed(lines, random);
      default -> header(lines, "Authorization", "Bearer " + key);
    }
  }

  /** Adds the headers of a signed webhook, with a made-up signature. */
  private static void signed(StringBuilder lines, RandomGenerator random) {
    header(lines, "webhook-id", "msg_" + random.nextInt());
    header(
        lines, "webhook-timestamp", random.nextBoolean() ? "1795700000" : HostileJson.text(random));
    header(lines, "webhook-signature", "v1," + base64(HostileJson.text(random)));
  }

  /** Frames a body. Most requests end where they say; some are cut, chunked, or not quite HTTP. */
  private static HostileRequest framed(StringBuilder lines, byte[] body, RandomGenerator random) {
    int kind = random.nextInt(40);
    if (kind < 2) {
      header(lines, "Content-Length", HostileJson.text(random));
      return request(lines, body, false);
    }
    if (kind < 4) {
      header(lines, "Transfer-Encoding", "chunked");
      return request(lines, HostileJson.mutatedText(random, "2\r\n{}\r\n0\r\n\r\n"), false);
    }
    if (kind < 8) {
      header(lines, "Transfer-Encoding", "chunked");
      return request(lines, chunked(body), true);
    }
    header(lines, "Content-Length", Integer.toString(body.length));
    if (kind < 10) {
      var broken = request(lines, body, false);
      for (int i = random.nextInt(1, 6); i > 0; i--) {
        broken.bytes()[random.nextInt(Math.min(300, broken.bytes().length))] =
            (byte) random.nextInt(256);
      }
      return broken;
    }
    return request(lines, body, true);
  }

  private static HostileRequest request(StringBuilder lines, byte[] body, boolean framed) {
    var bytes = new ByteArrayOutputStream();
    bytes.writeBytes(lines.append("\r\n").toString().getBytes(StandardCharsets.UTF_8));
    bytes.writeBytes(body);
    return new HostileRequest(bytes.toByteArray(), framed);
  }

  private static byte[] chunked(byte[] body) {
    var bytes = new ByteArrayOutputStream();
    if (body.length > 0) {
      bytes.writeBytes(
          (Integer.toHexString(body.length) + "\r\n").getBytes(StandardCharsets.UTF_8));
      bytes.writeBytes(body);
      bytes.writeBytes("\r\n".getBytes(StandardCharsets.UTF_8));
    }
    bytes.writeBytes("0\r\n\r\n".getBytes(StandardCharsets.UTF_8));
    return bytes.toByteArray();
  }

  private static void header(StringBuilder lines, String name, String value) {
    lines.append(name).append(": ").append(oneLine(value)).append("\r\n");
  }

  private static String oneLine(String text) {
    return text.replace('\r', ' ').replace('\n', ' ');
  }

  private static String base64(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private static <T> T one(RandomGenerator random, List<T> values) {
    return values.get(random.nextInt(values.size()));
  }
}
