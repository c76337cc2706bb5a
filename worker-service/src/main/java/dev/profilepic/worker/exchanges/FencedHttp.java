package dev.profilepic.worker.exchanges;

import dev.profilepic.contract.SourceUrlPolicy;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.apache.hc.client5.http.classic.HttpClient;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.jspecify.annotations.Nullable;

/** HTTP to other servers: bounded in time and size, and fenced where an API key chose the url. */
public final class FencedHttp {

  private final HttpClient publicServers;
  private final HttpClient trustedServers;
  private final SourceUrlPolicy policy;
  private final ExchangeDeadlines deadlines;
  private final BodyBudget memory;
  private final int largestAnswer;

  /**
   * @param publicServers connects to public addresses only
   * @param largestAnswer in bytes
   */
  public FencedHttp(
      HttpClient publicServers,
      HttpClient trustedServers,
      SourceUrlPolicy policy,
      ExchangeDeadlines deadlines,
      BodyBudget memory,
      int largestAnswer) {
    this.publicServers = publicServers;
    this.trustedServers = trustedServers;
    this.policy = policy;
    this.deadlines = deadlines;
    this.memory = memory;
    this.largestAnswer = largestAnswer;
  }

  /**
   * A server's answer, not interpreted.
   *
   * @param retryAfter as {@link RetryAfter} reads it
   */
  public record Answer(int status, byte[] body, @Nullable Duration retryAfter) {}

  /**
   * @throws java.net.SocketTimeoutException when the request was sent and not answered in time; as
   *     {@link org.apache.hc.client5.http.ConnectTimeoutException} when the server was not reached
   * @param fenced whether an API key chose the url; then the call may reach public addresses only,
   *     unless the operator trusts the origin
   */
  public Answer exchange(HttpUriRequestBase request, boolean fenced, Deadline deadline)
      throws IOException {
    var left = deadline.left();
    request.setConfig(
        RequestConfig.custom()
            .setConnectionRequestTimeout(left.toMillis() + 1, TimeUnit.MILLISECONDS)
            .setResponseTimeout(left.toMillis() + 1, TimeUnit.MILLISECONDS)
            .setRedirectsEnabled(false)
            .build());
    var client = fenced && !isTrusted(request) ? publicServers : trustedServers;
    var watched = deadlines.of(request, left);
    var exchange = new Exchange();
    // Aborting, rather than closing, drops the connection without reading an endless body.
    try (watched) {
      var response = (ClassicHttpResponse) client.executeOpen(null, request, exchange.context());
      var body = memory.answer(response, largestAnswer, deadline);
      response.close();
      return new Answer(response.getCode(), body, RetryAfter.of(response));
    } catch (IOException failure) {
      request.abort();
      throw exchange.failure(failure, watched.hasPassed() ? deadline.passed() : failure);
    }
  }

  private boolean isTrusted(HttpUriRequestBase request) throws IOException {
    try {
      URI url = request.getUri();
      return policy.isTrusted(url);
    } catch (URISyntaxException wrong) {
      throw new IOException("the url cannot be read", wrong);
    }
  }
}
