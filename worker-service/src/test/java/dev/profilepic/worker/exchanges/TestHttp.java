package dev.profilepic.worker.exchanges;

import dev.profilepic.contract.SourceUrlPolicy;
import java.util.List;
import org.apache.hc.client5.http.classic.HttpClient;

/** Makes the HTTP of these tests, with no origin that the operator trusts. */
final class TestHttp {

  private static final int LARGEST_ANSWER = 100_000;

  private TestHttp() {}

  static FencedHttp with(HttpClient client) {
    return with(client, client, new BodyBudget(), LARGEST_ANSWER);
  }

  static FencedHttp with(
      HttpClient publicServers, HttpClient trustedServers, BodyBudget memory, int largestAnswer) {
    return new FencedHttp(
        publicServers,
        trustedServers,
        new SourceUrlPolicy(List.of()),
        new ExchangeDeadlines(),
        memory,
        largestAnswer);
  }

  static FencedHttp with(HttpClient publicServers, HttpClient trustedServers) {
    return with(publicServers, trustedServers, new BodyBudget(), LARGEST_ANSWER);
  }
}
