package dev.profilepic.worker.bridge;

import dev.profilepic.contract.PathSegment;
import dev.profilepic.worker.exchanges.BodyBudget;
import dev.profilepic.worker.exchanges.Deadline;
import dev.profilepic.worker.exchanges.Exchange;
import dev.profilepic.worker.exchanges.ExchangeDeadlines;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import org.apache.hc.client5.http.classic.HttpClient;
import org.apache.hc.client5.http.classic.methods.HttpDelete;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.io.HttpClientResponseHandler;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;

/** Requests to the bridge: its address, its token and the longest time that a request may take. */
@Component
class BridgeHttp {

  /** In bytes. An answer may hold the picture itself, in base64; all others are shorter. */
  private static final int LONGEST_ANSWER = 2 * 1024 * 1024;

  private final HttpClient http;
  private final String base;
  private final String authorization;
  private final ExchangeDeadlines deadlines;
  private final BodyBudget memory;
  private final Duration timeout;

  BridgeHttp(
      HttpClient bridgeHttpClient,
      BridgeProperties properties,
      ExchangeDeadlines deadlines,
      BodyBudget memory) {
    this.http = bridgeHttpClient;
    this.base = properties.url().toString().replaceFirst("/+$", "");
    this.authorization = "Bearer " + properties.token();
    this.deadlines = deadlines;
    this.memory = memory;
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
   * @param reader gets the response with a body that was read already; empty where none came
   * @throws SocketTimeoutException when the request was sent and not answered in time; as {@link
   *     org.apache.hc.client5.http.ConnectTimeoutException} when the bridge was not reached
   */
  <T> T execute(HttpUriRequestBase request, HttpClientResponseHandler<T> reader)
      throws IOException {
    var deadline = Deadline.in(timeout);
    var watch = deadlines.of(request, timeout);
    var exchange = new Exchange();
    try (watch) {
      return http.execute(
          request,
          exchange.context(),
          response -> {
            readBody(response, request, deadline);
            return reader.handleResponse(response);
          });
    } catch (IOException failure) {
      throw exchange.failure(failure, watch.hasPassed() ? silent(failure) : failure);
    } catch (JacksonException failure) {
      if (watch.hasPassed()) {
        throw silent(failure);
      }
      throw failure;
    }
  }

  private static IOException silent(Exception failure) {
    var silent = new SocketTimeoutException("no answer in time");
    silent.initCause(failure);
    return silent;
  }

  private void readBody(ClassicHttpResponse response, HttpUriRequestBase request, Deadline deadline)
      throws IOException {
    byte[] bytes;
    try {
      bytes = memory.answer(response, LONGEST_ANSWER, deadline);
    } catch (IOException failure) {
      // Otherwise the client would read an endless body to its end.
      request.abort();
      throw failure;
    }
    response.setEntity(new ByteArrayEntity(bytes, null));
  }

  private <R extends HttpUriRequestBase> R authorized(R request) {
    request.setHeader(HttpHeaders.AUTHORIZATION, authorization);
    return request;
  }
}
