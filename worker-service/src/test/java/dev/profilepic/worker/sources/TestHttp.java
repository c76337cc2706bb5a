package dev.profilepic.worker.sources;

import dev.profilepic.contract.SourceUrlPolicy;
import dev.profilepic.worker.exchanges.BodyBudget;
import dev.profilepic.worker.exchanges.ExchangeDeadlines;
import dev.profilepic.worker.exchanges.FencedHttp;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** HTTP to gateways as the worker is configured, without a worker. */
final class TestHttp {

  private TestHttp() {}

  static FencedHttp http() {
    var properties =
        new SourceProperties(
            new SourceProperties.Configured("bridge", null, null, null),
            Map.of(),
            null,
            List.of(),
            Duration.ofSeconds(30));
    return new SourceConfiguration()
        .fencedHttp(
            properties, new SourceUrlPolicy(List.of()), new ExchangeDeadlines(), new BodyBudget());
  }
}
