package dev.profilepic.worker.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PgmqVersionTest {

  private QueueFixture fixture;

  @BeforeEach
  void migrate() {
    fixture = new QueueFixture();
  }

  @AfterEach
  void drop() {
    fixture.close();
  }

  @Test
  void theVersionThatIsInstalledIsFoundAndGoodEnough() {
    assertThat(fixture.queue.pgmqVersion().filter(PgmqVersion::isSupported)).isPresent();

    PgmqVersion.check(fixture.queue);
  }

  @Test
  void aDatabaseWithoutPgmqIsNamedAsSuch() {
    fixture.jdbc.execute("DROP EXTENSION pgmq CASCADE");

    assertThatThrownBy(() -> PgmqVersion.check(fixture.queue))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("pgmq")
        .hasMessageContaining("migrations");
  }

  @ParameterizedTest
  @CsvSource({
    "1.5.0,false",
    "1.5.1,true",
    "1.11.1,true",
    "2.0.0-rc1,true",
    "1.4.9,false",
    "0.9,false"
  })
  void versionsAreComparedByNumber(String version, boolean supported) {
    assertThat(PgmqVersion.isSupported(version)).isEqualTo(supported);
  }
}
