package dev.profilepic.worker.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PgmqVersionTest extends QueueTest {

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

  @Test
  void whatIsMissingOfItIsNamedAndTheExtensionItselfIsNotNeeded() {
    fixture.jdbc.execute("UPDATE pg_extension SET extname = 'another' WHERE extname = 'pgmq'");
    try {
      PgmqVersion.check(fixture.queue);

      fixture.jdbc.execute(
          "ALTER FUNCTION pgmq.archive(text, bigint[]) RENAME TO archive_all;"
              + "ALTER TABLE pgmq.q_profile_pic_dlq RENAME headers TO others");

      assertThatThrownBy(() -> PgmqVersion.check(fixture.queue))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining(
              "pgmq.archive(text,bigint[]), pgmq.q_profile_pic_dlq.headers. Run the migrations");
    } finally {
      fixture.jdbc.execute("UPDATE pg_extension SET extname = 'pgmq' WHERE extname = 'another'");
    }
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
