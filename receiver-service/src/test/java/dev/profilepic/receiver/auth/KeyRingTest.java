package dev.profilepic.receiver.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.profilepic.receiver.database.DatabaseCalls;
import dev.profilepic.receiver.http.Problem;
import dev.profilepic.receiver.http.ProblemException;
import dev.profilepic.receiver.support.ReceiverTest;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/** The keys that are valid at a given time. The test moves the clock. */
class KeyRingTest extends ReceiverTest {

  private static final Instant BEGIN = Instant.parse("2026-11-27T12:00:00Z");

  private final AtomicReference<Instant> now = new AtomicReference<>(BEGIN);
  private final String secret = "ring-" + UUID.randomUUID();

  @Autowired private DatabaseCalls calls;
  private Database database;
  private KeyRing ring;

  /** The receiver's database, which a test can make unreachable. */
  private static final class Database extends DelegatingDataSource {

    private final AtomicInteger asked = new AtomicInteger();
    private volatile boolean away;

    Database(DataSource database) {
      super(database);
    }

    @Override
    public Connection getConnection() throws SQLException {
      asked.incrementAndGet();
      if (away) {
        throw new SQLTransientConnectionException("connection refused");
      }
      return super.getConnection();
    }
  }

  @BeforeEach
  void connectARing(@Autowired DataSource receivers) {
    database = new Database(receivers);
    ring = ring(null);
  }

  private KeyRing ring(@Nullable String bootstrapKey) {
    return new KeyRing(
        new ApiKeyTable(JdbcClient.create(database)),
        calls,
        now::get,
        new AuthProperties(bootstrapKey, 1, 1, List.of()),
        new StandardEnvironment());
  }

  @Test
  void aKeyThatWasRevokedCountsForFiveMoreSeconds() {
    insert(secret);
    assertThat(ring.find(secret)).isPresent();
    jdbc.sql("UPDATE profile_pic.api_keys SET revoked_at = now() WHERE name = ?")
        .param(secret)
        .update();

    after(Duration.ofMillis(4_999));
    assertThat(ring.find(secret)).isPresent();
    after(Duration.ofSeconds(5));
    assertThat(ring.find(secret)).isEmpty();
  }

  @Test
  void aKeyThatWasMadeASecondAgoCounts() {
    assertThat(ring.find(secret)).isEmpty();
    insert(secret);

    after(Duration.ofMillis(999));
    assertThat(ring.find(secret)).isEmpty();
    after(Duration.ofSeconds(1));
    assertThat(ring.find(secret)).isPresent();
  }

  @Test
  void anyNumberOfWrongKeysCostsOneQueryASecond() {
    for (int i = 0; i < 20; i++) {
      assertThat(ring.find("nobody-" + i)).isEmpty();
    }
    assertThat(database.asked).hasValue(1);

    after(Duration.ofSeconds(1));
    for (int i = 0; i < 20; i++) {
      assertThat(ring.find("nobody-" + i)).isEmpty();
    }
    assertThat(database.asked).hasValue(2);
  }

  @Test
  void knownKeysCountForTenMinutesWhileTheDatabaseIsAway() {
    insert(secret);
    assertThat(ring.find(secret)).isPresent();
    database.away = true;

    after(Duration.ofMinutes(10).minusMillis(1));
    assertThat(ring.find(secret)).isPresent();
    after(Duration.ofMinutes(10));
    assertIsNotSaidToBeWrong(secret);

    database.away = false;
    assertThat(ring.find(secret)).isPresent();
  }

  @Test
  void aKeyThatNobodyCanLookUpIsNotSaidToBeWrong() {
    insert(secret);
    database.away = true;
    assertIsNotSaidToBeWrong(secret);

    database.away = false;
    assertThat(ring.find(secret)).isPresent();
    database.away = true;
    after(Duration.ofSeconds(1));
    assertIsNotSaidToBeWrong("nobody");
  }

  @Test
  void theKeyOfTheConfigurationNeedsNoDatabase() {
    database.away = true;
    var configured = ring("a-key-of-the-configuration");

    assertThat(configured.find("a-key-of-the-configuration"))
        .get()
        .satisfies(key -> {
          assertThat(key.scopes()).containsExactlyInAnyOrder("ingest", "operate", "read");
          assertThat(key.instances()).isEmpty();
        });
    assertThat(database.asked).hasValue(0);
  }

  /** The digest in the table differs from the key's in the last bit. */
  @Test
  void aKeyIsFoundByItsWholeDigestOnly() {
    jdbc.sql(
            "INSERT INTO profile_pic.api_keys (name, sha256, scopes) SELECT ?, set_byte(digest, 31, get_byte(digest, 31) # 1), '{read}' FROM sha256(?::bytea) AS digest")
        .params(secret, secret)
        .update();

    assertThat(ring.find(secret)).isEmpty();
  }

  private void after(Duration time) {
    now.set(BEGIN.plus(time));
  }

  private void assertIsNotSaidToBeWrong(String presented) {
    assertThatThrownBy(() -> ring.find(presented))
        .isInstanceOfSatisfying(
            ProblemException.class,
            failure -> assertThat(failure.problem()).isEqualTo(Problem.UNAVAILABLE));
  }

  private void insert(String key) {
    jdbc.sql(
            "INSERT INTO profile_pic.api_keys (name, sha256, scopes) VALUES (?, sha256(?::bytea), '{read}')")
        .params(key, key)
        .update();
  }
}
