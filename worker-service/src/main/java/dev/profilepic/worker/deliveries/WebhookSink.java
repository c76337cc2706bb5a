package dev.profilepic.worker.deliveries;

import dev.profilepic.contract.WebhookSecret;
import dev.profilepic.worker.exchanges.Deadline;
import dev.profilepic.worker.exchanges.FencedHttp;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/**
 * Posts an event as Standard Webhooks describes it: {@code type}, {@code timestamp} and {@code
 * data} as JSON; id, time and signature in headers.
 */
@Component
final class WebhookSink implements Sink {

  private final FencedHttp http;
  private final JsonMapper json;
  private final InstantSource clock;

  WebhookSink(FencedHttp http, JsonMapper json, InstantSource clock) {
    this.http = http;
    this.json = json;
    this.clock = clock;
  }

  @Override
  public Ending deliver(Delivery delivery, Deadline deadline) throws IOException {
    var event = json.createObjectNode();
    event.put("type", delivery.type()).put("timestamp", delivery.at().toString());
    var data = event.putObject("data").put("instance_id", delivery.instanceId());
    delivery.data().forEachEntry(data::set);
    var body = json.writeValueAsString(event);

    var now = clock.instant();
    var request = new HttpPost(delivery.url());
    request.setHeader(HttpHeaders.USER_AGENT, "profile-pic");
    request.setHeader("webhook-id", delivery.eventId());
    request.setHeader("webhook-timestamp", Long.toString(now.getEpochSecond()));
    request.setHeader(
        "webhook-signature",
        Stream.of(delivery.secret(), delivery.formerSecret())
            .filter(Objects::nonNull)
            .map(secret -> new WebhookSecret(secret).sign(delivery.eventId(), now, body))
            .collect(Collectors.joining(" ")));
    request.setEntity(
        new ByteArrayEntity(body.getBytes(StandardCharsets.UTF_8), ContentType.APPLICATION_JSON));
    var answer = http.exchange(request, true, deadline);
    return answer.status() / 100 == 2
        ? new Ending.Delivered(answer.status())
        : Ending.Failed.of(answer);
  }
}
