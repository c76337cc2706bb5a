package dev.profilepic.receiver.privacy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.contract.ErasedPerson;
import dev.profilepic.contract.ErasureKey;
import dev.profilepic.receiver.support.QueueHand;
import dev.profilepic.receiver.support.ReceiverTest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.mock.env.MockEnvironment;
import tools.jackson.databind.json.JsonMapper;

class PrivacyCommandTest extends ReceiverTest {

  private static final String NO_DATABASE = "jdbc:postgresql://127.0.0.1:1/none";

  @Autowired private DataSource dataSource;
  @Autowired private ErasureKey key;

  @Value("${spring.datasource.url}")
  private String databaseUrl;

  private final String phone =
      "55629" + ThreadLocalRandom.current().nextInt(90_000_000, 99_999_999);
  private final String lid = "88" + phone;
  private final MockEnvironment environment = new MockEnvironment();

  @Test
  void aPersonIsForgottenByThePhoneAlone() throws Exception {
    var lead = newLead(phone);
    post(lead);
    learnLid();
    environment.setProperty("PROFILE_PIC_ERASURE_KEY", "local-erasure-key");

    assertThat(run(0, "erase", "--phone", "+" + phone)).startsWith("erased: 1 leads");

    assertThat(http.get("/leads/" + lead + "/profile-pic").text()).contains("ERASED");
    assertThat(post(newLead(phone))).isEqualTo(409);
    assertThat(count("profile_pic.lids WHERE lid = ?", lid)).isZero();
    assertThat(messagesFor(lead)).isEmpty();
    var sealed =
        jdbc.sql("SELECT person FROM profile_pic.bridge_erasures ORDER BY id DESC LIMIT 1")
            .query(byte[].class)
            .single();
    var person = ErasedPerson.fromJson(key.open(sealed));
    assertThat(person.phones()).containsExactly(phone);
    assertThat(person.lids()).containsExactly(lid);
    assertThat(
            count(
                "profile_pic.audit WHERE actor = 'bin/erase' AND audit::text LIKE ?",
                "%" + phone + "%"))
        .isZero();
  }

  @Test
  void aPersonWhoIsNoLeadIsForgottenToo() throws SQLException {
    learnLid();
    jdbc.sql("SELECT pgmq.send('profile_pic_dlq', jsonb_build_object('phone', ?::text))")
        .param(phone)
        .query()
        .listOfRows();
    environment.setProperty("PROFILE_PIC_ERASURE_KEY", "local-erasure-key");

    assertThat(run(0, "erase", "--phone", phone)).startsWith("erased: 0 leads");

    assertThat(count("profile_pic.lids WHERE lid = ?", lid)).isZero();
    assertThat(count("pgmq.q_profile_pic_dlq WHERE message ->> 'phone' = ?", phone)).isZero();
    assertThat(post(newLead(phone))).isEqualTo(409);
  }

  @Test
  void whatIsWrongIsNamed() throws SQLException {
    assertThat(run(2, "erase", "--phone", "12")).contains("--phone");
    assertThat(run(2, "erase", "--phone", phone)).contains("PROFILE_PIC_ERASURE_KEY");
    assertThat(run(1, "export", "--lead", "b0b0b0b0-0000-4000-8000-000000000000"))
        .contains("no lead");
    assertThat(run(2, "forget")).contains("usage");
  }

  @Test
  void secretsComeAsFilesToo(@TempDir Path folder) throws IOException {
    newLead(phone);
    var secret = Files.writeString(folder.resolve("erasure"), "local-erasure-key\n");

    var done =
        start(Map.of("PROFILE_PIC_ERASURE_KEY_FILE", secret.toString()), "erase", "--phone", phone);
    var refused =
        start(
            Map.of("PROFILE_PIC_ERASURE_KEY_FILE", folder + "/nothing"), "erase", "--phone", phone);

    assertThat(done).startsWith("0 erased: 1 leads");
    assertThat(refused)
        .startsWith("2 PROFILE_PIC_ERASURE_KEY_FILE names")
        .contains("Let it name a file");
  }

  @Test
  void aKeyThatCouldBeGuessedAndAStoreWithoutItsBucketAreNamed() {
    var lead = newLead(phone);

    assertThat(start(Map.of("PROFILE_PIC_ERASURE_KEY", "short"), "erase", "--phone", phone))
        .startsWith("2 profile-pic.erasure.key must have at least 16 characters")
        .doesNotContain("short");
    assertThat(start(Map.of("PROFILE_PIC_STORE_TYPE", "s3"), "export", "--lead", lead))
        .startsWith("2 ")
        .doesNotContain("\tat ");
  }

  @Test
  void wrongUsageIsExplainedWithoutADatabase() {
    assertThat(start(Map.of("PROFILE_PIC_DATABASE_URL", NO_DATABASE), "erase"))
        .startsWith("2 usage:");
    assertThat(start(Map.of("PROFILE_PIC_DATABASE_URL", NO_DATABASE), "export", "--lead", "1"))
        .startsWith("1 the database refused:");
  }

  @Test
  void everythingThatIsHeldIsTold() throws Exception {
    var lead = newLead(phone);
    post(lead);
    var storageKey = "avatars/" + lead;
    var bytes = new byte[] {1, 2, 3};
    jdbc.sql(
            "INSERT INTO profile_pic.avatars (storage_key, content_type, bytes) VALUES (?, 'image/jpeg', ?)")
        .params(storageKey, bytes)
        .update();
    new QueueHand(jdbc)
        .settle(lead, "STORED", Map.of("storage_key", storageKey, "sha256", "ab".repeat(32)));
    learnLid();
    post(lead);
    jdbc.sql("SELECT pgmq.send('profile_pic_dlq', jsonb_build_object('lead_id', ?::text))")
        .param(lead)
        .query()
        .listOfRows();
    newLead("5511987654321");

    var told = JsonMapper.builder().build().readTree(run(0, "export", "--lead", lead));

    assertThat(told.path("leads").toString()).isEqualTo("[\"" + lead + "\"]");
    assertThat(told.path("lids").toString()).contains(lid);
    assertThat(told.path("crm").toString()).contains(phone);
    assertThat(told.path("held").propertyNames())
        .contains(
            "profile_pic.pictures",
            "profile_pic.picture_history",
            "profile_pic.requests",
            "profile_pic.lids",
            "pgmq.q_profile_pic_dlq");
    assertThat(told.toString()).doesNotContain("5511987654321");
    var photo = told.path("photos").path(0);
    assertThat(photo.path("storage_key").asString()).isEqualTo(storageKey);
    assertThat(Base64.getDecoder().decode(photo.path("base64").asString())).isEqualTo(bytes);
  }

  /**
   * Runs the command as a separate process would, with these environment variables. Returns its
   * status and its output.
   */
  private String start(Map<String, Object> variables, String... arguments) {
    var all = new HashMap<String, Object>(variables);
    all.putIfAbsent("PROFILE_PIC_DATABASE_URL", databaseUrl);
    var started = new StandardEnvironment();
    started
        .getPropertySources()
        .replace(
            StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
            new SystemEnvironmentPropertySource(
                StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, all));
    var printed = new ByteArrayOutputStream();
    try (var out = new PrintStream(printed, true, StandardCharsets.UTF_8)) {
      return PrivacyCommand.run(List.of(arguments), started, out, out)
          + " "
          + printed.toString(StandardCharsets.UTF_8);
    }
  }

  private int post(String lead) {
    return http.post(
            "/profile-pics",
            "{\"lead_id\": \"%s\", \"phone\": \"%s\", \"force_update\": true}"
                .formatted(lead, phone))
        .status();
  }

  private void learnLid() {
    jdbc.sql(
            "SELECT profile_pic.learn_lids(ARRAY['demo'], ARRAY[?], ARRAY[?], ARRAY['mapping'], ARRAY[now()])")
        .params(lid, phone)
        .query(Integer.class)
        .single();
  }

  private long count(String from, String argument) {
    return jdbc.sql("SELECT count(*) FROM " + from).param(argument).query(Long.class).single();
  }

  private String run(int status, String... arguments) throws SQLException {
    var printed = new ByteArrayOutputStream();
    try (var connection = dataSource.getConnection();
        var out = new PrintStream(printed, true, StandardCharsets.UTF_8)) {
      assertThat(new PrivacyCommand(connection, environment, out, out).execute(List.of(arguments)))
          .isEqualTo(status);
    }
    return printed.toString(StandardCharsets.UTF_8);
  }
}
