package dev.profilepic.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;

class DatabaseConnectionTest {

  private static final String THRESHOLD =
      "spring.datasource.hikari.data-source-properties.prepareThreshold";
  private static final String ISOLATION = "spring.datasource.hikari.transaction-isolation";
  private static final String LISTEN = "profile-pic.worker.listen";

  @ParameterizedTest
  @ValueSource(strings = {"", "direct", "session", "DIRECT"})
  void whereSessionsLastTheyAreReadCommittedAndWhatElseWasSetCounts(String word) {
    var environment = environment(word);

    DatabaseConnectionPostProcessor.addTo(environment);

    assertThat(environment.getProperty(ISOLATION)).isEqualTo("TRANSACTION_READ_COMMITTED");
    assertThat(environment.getProperty(THRESHOLD)).isEqualTo("5");
    assertThat(environment.getProperty(LISTEN)).isEqualTo("true");
  }

  @Test
  void behindAPoolerInTransactionModeNothingIsKeptBetweenTransactionsWhateverElseWasSet() {
    var environment = environment("transaction");

    DatabaseConnectionPostProcessor.addTo(environment);

    assertThat(environment.getProperty(THRESHOLD)).isEqualTo("0");
    assertThat(environment.getProperty(LISTEN)).isEqualTo("false");
    assertThat(environment.getProperty(ISOLATION)).isNull();
  }

  @Test
  void anUnknownWordIsLeftToTheBindingWhichStopsTheStart() {
    assertThat(DatabaseConnectionPostProcessor.of(environment("statement"))).isEmpty();
  }

  private static ConfigurableEnvironment environment(String word) {
    var environment = new StandardEnvironment();
    environment
        .getPropertySources()
        .addFirst(
            new MapPropertySource(
                "test", Map.of(DatabaseConnection.PROPERTY, word, THRESHOLD, "5", LISTEN, "true")));
    return environment;
  }
}
