package dev.profilepic.receiver.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.profilepic.receiver.database.DatabaseCalls;
import dev.profilepic.receiver.support.ReceiverTest;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.core.env.StandardEnvironment;

class KeysTest extends ReceiverTest {

  @Autowired private KeyUses uses;
  @Autowired private ApiKeyTable table;
  @Autowired private DatabaseCalls database;

  private final AuthProperties properties = new AuthProperties(null, 1, 1, List.of());

  @ParameterizedTest
  @CsvSource({
    "Authorization, Bearer local-dev-key",
    "authorization, bearer local-dev-key",
    "x-api-token, local-dev-key",
    "apikey, local-dev-key"
  })
  void aKeyIsTakenFromAnyOfThreeHeaders(String header, String value) {
    var answer = withKey(null).post("/profile-pics", "{}", header, value);

    assertThat(answer.status()).isEqualTo(400);
  }

  @ParameterizedTest
  @CsvSource({
    "Authorization, Bearer wrong",
    "Authorization, Basic bG9jYWwtZGV2LWtleTo=",
    "x-api-token, local-dev-key2",
    "apikey, ''"
  })
  void anyOtherIsRefusedWithoutBeingRepeated(String header, String value) {
    var answer = withKey(null).post("/profile-pics", "{}", header, value);

    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.header("www-authenticate")).isEqualTo("Bearer");
    assertThat(answer.json().path("success").asBoolean(true)).isFalse();
    assertThat(answer.text()).doesNotContain("local-dev-key");
  }

  @Test
  void aKeyOpensOnlyWhatItsScopesName() {
    addKey("reader", "reader-secret", "{read}");
    awaitKey("reader-secret");

    assertThat(withKey("reader-secret").post("/profile-pics", "{}").status()).isEqualTo(403);
    assertThat(withKey("reader-secret").get("/leads/nobody/profile-pic").status()).isEqualTo(404);
  }

  @Test
  void noScopeIncludesAnother() {
    var ingest = withKey(newKey("ingest"));
    var operate = withKey(newKey("operate"));

    assertThat(ingest.post("/profile-pics", "{}").status()).isEqualTo(400);
    assertThat(ingest.get("/syncs").status()).isEqualTo(403);
    assertThat(ingest.post("/syncs/999999999/pause", "").status()).isEqualTo(403);
    assertThat(operate.post("/syncs/999999999/pause", "").status()).isEqualTo(404);
    assertThat(operate.get("/syncs").status()).isEqualTo(403);
    assertThat(operate.post("/profile-pics", "{}").status()).isEqualTo(403);
    assertThat(operate.post("/webhooks/fazer", "{}").status()).isEqualTo(403);
    assertThat(operate.get("/audit").status()).isEqualTo(200);
    assertThat(withKey(newKey("read")).get("/audit").status()).isEqualTo(403);
  }

  @Test
  void aKeyThatHasExpiredIsRefused() {
    addKey("short-lived", "short-lived-secret", "{read}");
    awaitKey("short-lived-secret");

    jdbc.sql("UPDATE profile_pic.api_keys SET expires_at = now() WHERE name = 'short-lived'")
        .update();

    await().until(() -> withKey("short-lived-secret").get("/syncs").status() == 401);
  }

  @Test
  void aKeyThatExpiresWhileItIsRememberedIsForgottenThen() {
    addKey("remembered", "remembered-secret", "{read}");
    jdbc.sql(
            "UPDATE profile_pic.api_keys SET expires_at = now() + interval '1 hour' WHERE name = 'remembered'")
        .update();
    var now = new AtomicReference<>(expiryOf("remembered").minusSeconds(1));
    var ring = new KeyRing(table, database, now::get, properties, new StandardEnvironment());

    assertThat(ring.find("remembered-secret")).isPresent();
    now.set(expiryOf("remembered"));
    assertThat(ring.find("remembered-secret")).isEmpty();
  }

  @Test
  void theDatabasesClockDecidesWhetherAKeyHasExpired() {
    addKey("over", "over-secret", "{read}");
    jdbc.sql("UPDATE profile_pic.api_keys SET expires_at = now() WHERE name = 'over'").update();
    var anHourLate = expiryOf("over").minusSeconds(3600);
    var ring =
        new KeyRing(table, database, () -> anHourLate, properties, new StandardEnvironment());

    assertThat(ring.find("over-secret")).isEmpty();
  }

  @Test
  void theDatabaseRefusesAllWorkOnKeysForBoundCallers() {
    addKey("of-others", "of-others-secret", "{read}");
    var id =
        jdbc.sql("SELECT id FROM profile_pic.api_keys WHERE name = 'of-others'")
            .query(Long.class)
            .single();

    assertThat(holds("SELECT count(*) = 0 FROM profile_pic.list_keys(ARRAY['mine'])")).isTrue();
    assertThat(
            holds(
                "SELECT profile_pic.create_key(ARRAY['mine'], 'me', 'mine', sha256('mine'), '{read}', '{mine}', NULL) IS NULL"))
        .isTrue();
    assertThat(holds("SELECT profile_pic.revoke_key(ARRAY['mine'], 'me', " + id + ")")).isFalse();
    assertThat(holds("SELECT profile_pic.revoke_key(NULL, 'me', " + id + ")")).isTrue();
    assertThat(holds("SELECT profile_pic.revoke_key(NULL, 'me', " + id + ")"))
        .as("a second time")
        .isFalse();
  }

  @Test
  void aKeyIsMadeForTheTimeThatWasAskedFor() {
    assertThat(
            holds(
                "SELECT profile_pic.create_key(NULL, 'me', 'for-a-week', sha256('for-a-week'), '{read}', '{}', '7 days') > 0"))
        .isTrue();

    assertThat(
            holds(
                "SELECT expires_at = created_at + interval '7 days' AND instances IS NULL FROM profile_pic.api_keys WHERE name = 'for-a-week'"))
        .isTrue();
  }

  private boolean holds(String condition) {
    return jdbc.sql(condition).query(Boolean.class).single();
  }

  private Instant expiryOf(String name) {
    return jdbc.sql("SELECT expires_at FROM profile_pic.api_keys WHERE name = ?")
        .param(name)
        .query(OffsetDateTime.class)
        .single()
        .toInstant();
  }

  @Test
  void whenAKeyWasUsedLastIsWrittenOnceAMinuteAndNotByTheRequest() {
    addKey("used", "used-secret", "{read}");
    awaitKey("used-secret");
    withKey("used-secret").get("/syncs");

    uses.write();
    var first = lastUse("used");
    withKey("used-secret").get("/syncs");
    uses.write();
    var second = lastUse("used");
    // Another replica, which does not know this receiver's last write, notes the same use.
    noteUse("used", "now()");

    assertThat(first).isNotNull();
    assertThat(second).isEqualTo(first);
    assertThat(lastUse("used")).isEqualTo(first);
    jdbc.sql(
            "UPDATE profile_pic.api_keys SET last_used_at = now() - interval '2 minutes' WHERE name = 'used'")
        .update();
    noteUse("used", "now() + interval '1 day'");
    assertThat(
            jdbc.sql("SELECT last_used_at <= now() FROM profile_pic.api_keys WHERE name = 'used'")
                .query(Boolean.class)
                .single())
        .as("no clock runs ahead of the database's")
        .isTrue();
  }

  private void noteUse(String name, String at) {
    jdbc.sql(
            "SELECT 1 FROM profile_pic.note_key_uses(ARRAY(SELECT id FROM profile_pic.api_keys WHERE name = ?), ARRAY["
                + at
                + "])")
        .param(name)
        .query(Integer.class)
        .list();
  }

  private @Nullable String lastUse(String name) {
    return jdbc.sql("SELECT last_used_at::text FROM profile_pic.api_keys WHERE name = ?")
        .param(name)
        .query((row, number) -> Optional.ofNullable(row.getString(1)))
        .single()
        .orElse(null);
  }

  private void addKey(String name, String secret, String scopes) {
    jdbc.sql(
            "INSERT INTO profile_pic.api_keys (name, sha256, scopes) VALUES (?, sha256(?::bytea), ?::text[])")
        .params(name, secret, scopes)
        .update();
  }
}
