package dev.profilepic.worker.sources;

import dev.profilepic.contract.PathSegment;
import dev.profilepic.worker.exchanges.Deadline;
import dev.profilepic.worker.exchanges.FencedHttp;
import dev.profilepic.worker.tracing.Step;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import tools.jackson.databind.json.JsonMapper;

/** The calls to one gateway that answer one question. All calls share one deadline. */
final class Conversation {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Target target;
  private final Gateway.CredentialHeader header;
  private final FencedHttp http;
  private final Deadline deadline;
  private int queries;

  Conversation(Target target, Gateway.CredentialHeader header, FencedHttp http, Deadline deadline) {
    this.target = target;
    this.header = header;
    this.http = http;
    this.deadline = deadline;
  }

  /** Returns the gateway's url, without a slash at its end. */
  String url() {
    return target.url();
  }

  /** Returns the gateway's name for the instance, encoded for a url. */
  String name() {
    return encoded(target.name());
  }

  /** Returns the gateway's name for the instance, not encoded. */
  String rawName() {
    return target.name();
  }

  /**
   * Returns how long the gateway may wait for WhatsApp and still report in time that no answer
   * came.
   */
  Duration patience() {
    return deadline.whole().dividedBy(2);
  }

  /**
   * @param path behind the gateway's url
   */
  Reply get(String path) throws IOException {
    return getUrl(target.url() + path);
  }

  Reply getUrl(String url) throws IOException {
    return exchange(new HttpGet(url));
  }

  /**
   * Asks the gateway about itself, which is no query to WhatsApp.
   *
   * @param path behind the gateway's url
   */
  Reply aside(String path) throws IOException {
    int before = queries;
    try {
      return get(path);
    } finally {
      queries = before;
    }
  }

  /**
   * @param path behind the gateway's url
   * @param body is sent as JSON
   */
  Reply post(String path, Map<String, ?> body) throws IOException {
    var request = new HttpPost(target.url() + path);
    request.setEntity(
        new ByteArrayEntity(JSON.writeValueAsBytes(body), ContentType.APPLICATION_JSON));
    return exchange(request);
  }

  /**
   * Sets the number of queries to WhatsApp that the gateway reports. Without a report, each call
   * counts as one query.
   */
  void cost(int queries) {
    this.queries = queries;
  }

  int queries() {
    return queries;
  }

  static String encoded(String text) {
    return PathSegment.of(text);
  }

  private Reply exchange(HttpUriRequestBase request) throws IOException {
    queries++;
    if (target.credential() != null) {
      request.setHeader(header.name(), header.prefix() + target.credential());
    }
    Step.addTo(request);
    return Reply.of(http.exchange(request, target.fenced(), deadline));
  }
}
