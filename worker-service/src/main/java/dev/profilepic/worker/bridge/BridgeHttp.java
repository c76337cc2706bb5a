package dev.profilepic.worker.bridge;

import dev.profilepic.contract.PathSegment;
import dev.profilepic.worker.exchanges.ExchangeDeadlines;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import org.apache.hc.client5.http.classic.HttpClient;
import org.apache.hc.client5.http.classic.methods.HttpDelete;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.io.HttpClientResponseHandler;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;

/** Requests to the bridge: its address, its token and the longest time that a request may take. */
@Component
class BridgeHttp {

  private final HttpClient http;
  private final String base;
  private final String authorization;
  private final ExchangeDeadlines deadlines;
  private final Duration timeout;

  BridgeHttp(
      HttpClient bridgeHttpClient, BridgeProperties properties, ExchangeDeadlines deadlines) {
    this.http = bridgeHttpClient;
    this.base = properties.url().toString().replaceFirst("/+$", "");
    this.authorization = "Bearer " + properties.token();
    this.deadlines = deadlines;
    this.timeout = properties.timeout();
  }

  /** Encodes a text for a segment of a path, or for a parameter. */
  static String encoded(String text) {
    return PathSegment.of(text);
  }

  HttpGet get(String path) {
    return authorized(new HttpGet(base + path));
  }

  HttpDelete delete(String path) {
    return authorized(new HttpDelete(base + path));
  }

  HttpPost post(String path, byte[] json) {
    var request = authorized(new HttpPost(base + path));
    request.setEntity(new ByteArrayEntity(json, ContentType.APPLICATION_JSON));
    return request;
  }

  /**
   * Sends a request and reads the response.
   *
   * @throws SocketTimeoutException when the bridge was reached, or may have been, and did not
   *     answer in time
   */
  <T> T execute(HttpUriRequestBase request, HttpClientResponseHandler<T> reader)
      throws IOException {
    var deadline = deadlines.of(request, timeout);
    try (deadline) {
      return http.execute(request, reader);
    } catch (IOException | JacksonException failure) {
      if (deadline.hasPassed()) {
        throw (IOException) new SocketTimeoutException("no answer in time").initCause(failure);
      }
      throw failure;
    }
  }

  private <R extends HttpUriRequestBase> R authorized(R request) {
    request.setHeader(HttpHeaders.AUTHORIZATION, authorization);
    return request;
  }
}
