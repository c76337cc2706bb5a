package dev.profilepic.receiver.privacy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.receiver.support.ReceiverTest;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.mock.env.MockEnvironment;

/**
 * Writes a person to every table of the project, and finds the person in no table after an erasure.
 * A new table must be added to {@link Places}, with a row that names the person or with the reason
 * why it can name nobody. {@code erase.test.ts} covers the bridge's tables, and the worker's {@code
 * StoreContract} covers objects in a bucket.
 */
class EveryPlaceTest extends ReceiverTest {

  private static final String INSTANCE = "every_place";

  @Autowired private DataSource dataSource;

  private final String digits =
      Integer.toString(ThreadLocalRandom.current().nextInt(90_000_000, 99_999_999));

  /** A part of values that must be unique. It is not the phone of any person. */
  private final String number =
      Integer.toString(ThreadLocalRandom.current().nextInt(10_000_000, 79_999_999));

  private final String phone = "55629" + digits;
  private final String lid = "77" + digits + "0042";
  private final String name = "Zuleica" + UUID.randomUUID().toString().replace("-", "");
  private final String token = "sig" + UUID.randomUUID().toString().replace("-", "");
  private String lead = "";
  private String link = "";

  @AfterEach
  void leaveNothingToOthers() throws SQLException {
    run(0, "erase", "--phone", phone);
    jdbc.sql("DELETE FROM profile_pic.webhook_endpoints WHERE description = ?")
        .param(number)
        .update();
    jdbc.sql("DELETE FROM profile_pic.unrecognised_webhooks WHERE instance_id LIKE ?")
        .param(number + "%")
        .update();
  }

  @Test
  void everyTableIsKnown() {
    var known = new TreeSet<>(Places.OF_PEOPLE.keySet());
    known.addAll(Places.OF_NOBODY.keySet());

    assertThat(
            tables().stream()
                .filter(
                    table -> table.startsWith("profile_pic.") || table.contains("_profile_pic_")))
        .as(
            "a new table is erased from in R__33_erasure.sql and filled here, or is listed with the reason why it names nobody")
        .containsExactlyInAnyOrderElementsOf(known);
  }

  @Test
  void afterADeletionNobodyIsFound() {
    fill();

    assertThat(http.delete("/leads/" + lead + "/profile-pic").status()).isEqualTo(204);

    nobodyIsFound();
  }

  @Test
  void afterAnErasureByThePhoneNobodyIsFound() throws SQLException {
    fill();

    run(0, "erase", "--phone", "+" + phone);

    nobodyIsFound();
  }

  @Test
  void aPersonWhoIsNoLeadIsFoundNowhereEither() throws SQLException {
    fill();
    jdbc.sql("DELETE FROM public.leads WHERE id = ?::uuid").param(lead).update();

    run(0, "erase", "--phone", phone);

    nobodyIsFound();
  }

  @Test
  void theExportNamesEveryTableThatHoldsThePerson() throws SQLException {
    fill();

    var told = run(0, "export", "--lead", lead);

    // The export holds the bytes of these two tables under "photos".
    var held = new TreeSet<>(Places.OF_PEOPLE.keySet());
    held.removeAll(List.of("profile_pic.avatars", "profile_pic.thumbnails"));
    assertThat(held).allSatisfy(table -> assertThat(told).contains("\"" + table + "\""));
    assertThat(told)
        .contains("\"name\" : \"" + name + "\"")
        .contains("every/" + number + "-present", "every/" + number + "-former")
        .contains(lid, link);
    assertThat(audit("lead_exported"))
        .singleElement()
        .satisfies(row ->
            assertThat(row)
                .contains("bin/export")
                .doesNotContain(lead)
                .doesNotContain(digits)
                .doesNotContain(name));
  }

  /** Writes the person to every place. */
  private void fill() {
    lead = newLead("+55 (62) 9%s-%s".formatted(digits.substring(0, 4), digits.substring(4)));
    link = "https://photos.example.com/avatars/" + lead + "?sig=" + token;
    jdbc.sql("UPDATE public.leads SET name = ?, profile_pic_url = ? WHERE id = ?::uuid")
        .params(name, link, lead)
        .update();
    var stranger = newLead("5511987650000");
    var values =
        Map.of(
            "lead", lead,
            "stranger", stranger,
            "gone", UUID.randomUUID().toString(),
            "instance", INSTANCE,
            "phone", phone,
            "old", "5562" + digits,
            "typed", "+55 (62) 9 %s-%s".formatted(digits.substring(0, 4), digits.substring(4)),
            "lid", lid,
            "name", name,
            "token", token);
    // Photos come before their thumbnails, all other tables in any order.
    for (var table :
        Stream.concat(
                Stream.of("profile_pic.avatars"),
                Places.OF_PEOPLE.keySet().stream().filter(it -> !it.equals("profile_pic.avatars")))
            .toList()) {
      var sql =
          Objects.requireNonNull(Places.OF_PEOPLE.get(table))
              .replace("{n}", number)
              .replace("{digits}", digits)
              .replace("{link}", link);
      for (var value : values.entrySet()) {
        sql = sql.replace("{" + value.getKey() + "}", value.getValue());
      }
      jdbc.sql(sql).update();
    }
    assertThat(tablesThatTell()).containsExactlyInAnyOrderElementsOf(Places.OF_PEOPLE.keySet());
  }

  private void nobodyIsFound() {
    // Writes the lead's row, as a worker does within moments.
    jdbc.sql("SELECT lead_id FROM profile_pic.write_leads(ARRAY[?])")
        .param(lead)
        .query(String.class)
        .list();

    assertThat(tablesThatTell()).isEmpty();
    assertThat(
            jdbc.sql(
                    "SELECT count(*) FROM public.leads WHERE id = ?::uuid AND (profile_pic_url IS NOT NULL OR profile_pic_storage_path IS NOT NULL)")
                .param(lead)
                .query(Long.class)
                .single())
        .as("photos that the CRM shows")
        .isZero();
    assertThat(
            jdbc.sql("SELECT count(*) FROM profile_pic.avatars WHERE storage_key LIKE ?")
                .param("every/" + number + "%")
                .query(Long.class)
                .single())
        .isZero();
    assertThat(
            jdbc.sql("SELECT phone_digest FROM profile_pic.tombstones").query(String.class).list())
        .isNotEmpty()
        .noneMatch(digest -> digest.contains(digits));
    assertThat(audit("lead_erased")).isNotEmpty();
  }

  /**
   * Returns the tables of all schemas, except the CRM's own, with a row whose texts or bytes name
   * the person.
   */
  private List<String> tablesThatTell() {
    var telling = new ArrayList<String>();
    for (var table : tables()) {
      var bytes =
          jdbc.sql(
                  "SELECT format(', encode(t.%I, ''escape'')', a.attname) FROM pg_attribute AS a WHERE a.attrelid = ?::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.atttypid = 'bytea'::regtype")
              .param(table)
              .query(String.class)
              .list();
      var rows =
          jdbc.sql(
                  "SELECT count(*) FROM "
                      + table
                      + " AS t WHERE translate(concat(t::text"
                      + String.join("", bytes)
                      + "), ' ()+-./', '') LIKE ANY (ARRAY[?, ?, ?, ?])")
              .params("%" + digits + "%", "%" + lid + "%", "%" + name + "%", "%" + token + "%")
              .query(Long.class)
              .single();
      if (rows > 0) {
        telling.add(table);
      }
    }
    return telling;
  }

  private List<String> tables() {
    return jdbc.sql(
            """
            SELECT format('%I.%I', n.nspname, c.relname)
            FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
              AND c.oid <> 'public.leads'::regclass
            """)
        .query(String.class)
        .list();
  }

  private List<String> audit(String deed) {
    return jdbc.sql(
            "SELECT a::text FROM profile_pic.audit AS a WHERE a.deed = ? AND a.subject = profile_pic.lead_digest(?)")
        .params(deed, lead)
        .query(String.class)
        .list();
  }

  private String run(int status, String... arguments) throws SQLException {
    var environment = new MockEnvironment();
    environment.setProperty("PROFILE_PIC_ERASURE_KEY", "local-erasure-key");
    var printed = new ByteArrayOutputStream();
    try (var connection = dataSource.getConnection();
        var out = new PrintStream(printed, true, StandardCharsets.UTF_8)) {
      assertThat(new PrivacyCommand(connection, environment, out, out).execute(List.of(arguments)))
          .isEqualTo(status);
    }
    return printed.toString(StandardCharsets.UTF_8);
  }
}
