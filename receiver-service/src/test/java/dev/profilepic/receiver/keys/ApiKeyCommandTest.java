package dev.profilepic.receiver.keys;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.receiver.support.ReceiverTest;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;

class ApiKeyCommandTest extends ReceiverTest {

  @Autowired private DataSource dataSource;

  private final String name = "key-" + UUID.randomUUID();

  @Test
  void aKeyWorksFromItsCreationToItsRevocation() throws SQLException {
    var key = run(0, "create", name, "--scopes", "read");

    awaitKey(key);
    assertThat(key).matches("ppk_[A-Za-z0-9_-]{43}");
    assertThat(withKey(key).get("/bulk-sync-status").status()).isEqualTo(200);
    assertThat(withKey(key).post("/profile-pics", "{}").status()).isEqualTo(403);
    assertThat(run(0, "list")).contains(name, "read").doesNotContain(key);

    run(0, "revoke", name);
    Awaitility.await().until(() -> withKey(key).get("/bulk-sync-status").status() == 401);
  }

  @Test
  void aKeyForOneInstanceSpeaksForNoOther() throws SQLException {
    var key = run(0, "create", name, "--scopes", "ingest,operate", "--instances", "usuario_1");
    awaitKey(key);
    var lead = newLead("5562999212484");
    var body = "{\"lead_id\": \"%s\", \"phone\": \"5562999212484\"%s}";

    assertThat(
            withKey(key)
                .post("/profile-pics", body.formatted(lead, ", \"instance_id\": \"usuario_2\""))
                .status())
        .isEqualTo(403);
    assertThat(withKey(key).patch("/instances/usuario_2", "{}").status()).isEqualTo(403);
    assertThat(withKey(key).post("/profile-pics", body.formatted(lead, "")).status())
        .isEqualTo(202);
    assertThat(messagesFor(lead)).singleElement().asString().contains("usuario_1");
  }

  @Test
  void aKeyMayBeMadeForATimeOnly() throws SQLException {
    run(0, "create", name, "--expires", "90d");
    run(0, "create", name + "-day", "--expires", "2099-12-31", "--scopes", "read,operate");

    assertThat(
            jdbc.sql(
                    "SELECT expires_at - created_at = interval '90 days' FROM profile_pic.api_keys WHERE name = ?")
                .param(name)
                .query(Boolean.class)
                .single())
        .isTrue();
    assertThat(run(0, "list")).contains("2100-01-01 00:00", "never");
    assertThat(run(2, "create", name + "-x", "--expires", "soon")).contains("--expires");
    assertThat(run(2, "create", name + "-x", "--expires", "-1d")).contains("--expires");
    assertThat(run(2, "create", name + "-x", "--instances", "a b")).contains("--instances");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2020-01-01",
        "-0001-01-01",
        "+999999-12-31",
        "9999-12-31",
        "1ns",
        "59s",
        "9999999999d",
        "99999999999999999d",
        "99999999999999999999d"
      })
  void aLifeThatIsOverOrEndlessIsRefused(String expires) throws SQLException {
    assertThat(run(2, "create", name, "--expires", expires))
        .startsWith("--expires:")
        .doesNotContain("ppk_");
    assertThat(run(1, "revoke", name)).contains("no key");
  }

  @Test
  void theLastMomentsAreTaken() throws SQLException {
    run(0, "create", name, "--expires", "1m");
    run(0, "create", name + "-today", "--expires", LocalDate.now(ZoneOffset.UTC).toString());
    run(0, "create", name + "-last", "--expires", "9999-12-30");

    assertThat(run(0, "list")).contains(name + "-last");
  }

  @ParameterizedTest
  @ValueSource(strings = {"bootstrap", "WORKER", "webhook:evolution", "<b>x</b>", "", " ", "a\nb"})
  void aNameThatIsOursOrMarkupIsRefused(String wrong) throws SQLException {
    assertThat(run(2, "create", wrong, "--instances", "ta"))
        .startsWith("NAME:")
        .doesNotContain("ppk_");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", ",", " , "})
  void instancesThatAreNoneAreNotAll(String instances) throws SQLException {
    assertThat(run(2, "create", name, "--instances", instances)).contains("--instances");
  }

  @Test
  void revokingAKeyAgainKeepsTheTimeOfTheFirstRevocation() throws SQLException {
    run(0, "create", name);
    jdbc.sql("UPDATE profile_pic.api_keys SET revoked_at = '2026-01-02T03:04Z' WHERE name = ?")
        .param(name)
        .update();

    run(0, "revoke", name);

    assertThat(
            jdbc.sql(
                    "SELECT revoked_at = '2026-01-02T03:04Z' FROM profile_pic.api_keys WHERE name = ?")
                .param(name)
                .query(Boolean.class)
                .single())
        .isTrue();
  }

  @Test
  void wrongUsageIsExplained() throws SQLException {
    assertThat(run(2)).startsWith("usage:");
    assertThat(run(2, "create", name, "--scopes", "everything")).startsWith("usage:");
    assertThat(run(1, "revoke", name)).contains("no key");
    run(0, "create", name);
    assertThat(run(1, "create", name)).contains("already");
  }

  @Test
  void wrongUsageIsExplainedWithoutADatabase() {
    var away = Map.of("PROFILE_PIC_DATABASE_URL", "jdbc:postgresql://127.0.0.1:1/none");

    assertThat(start(away, "--help")).startsWith("2 usage:");
    assertThat(start(away, "list")).startsWith("1 the database refused:");
  }

  @Test
  void aSecretThatCannotBeReadIsNamed(@TempDir Path folder) {
    assertThat(start(Map.of("PROFILE_PIC_DATABASE_PASSWORD_FILE", folder + "/nothing"), "list"))
        .startsWith("2 PROFILE_PIC_DATABASE_PASSWORD_FILE names")
        .contains("Let it name a file");
  }

  /** Runs the command as a separate process would. Returns its status and its output. */
  private static String start(Map<String, String> variables, String... arguments) {
    var printed = new ByteArrayOutputStream();
    try (var out = new PrintStream(printed, true, StandardCharsets.UTF_8)) {
      return ApiKeyCommand.run(List.of(arguments), variables, out, out)
          + " "
          + printed.toString(StandardCharsets.UTF_8);
    }
  }

  private String run(int status, String... arguments) throws SQLException {
    var out = new ByteArrayOutputStream();
    try (var connection = dataSource.getConnection()) {
      var command =
          new ApiKeyCommand(connection, new PrintStream(out, true, StandardCharsets.UTF_8));
      assertThat(command.execute(List.of(arguments))).isEqualTo(status);
    }
    return out.toString(StandardCharsets.UTF_8).strip();
  }
}
