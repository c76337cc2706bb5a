package dev.profilepic.receiver.leads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.profilepic.receiver.support.QueueHand;
import dev.profilepic.receiver.support.ReceiverTest;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

class LeadOperationsTest extends ReceiverTest {

  private static final String PHONE = "5562999212484";

  /**
   * A separate phone for people who are erased, because all tests of this kind share the database.
   */
  private static final String ERASED = "5562999218800";

  @Autowired private DataSource dataSource;

  @Test
  void aRefreshLooksAgainHoweverFreshThePhotoIs() {
    var lead = newLead("(62) 99921-2484");
    post(lead);
    new QueueHand(jdbc)
        .settle(lead, "STORED", Map.of("storage_key", "k", "sha256", "ab".repeat(32)));

    var answer = http.post("/leads/" + lead + "/profile-pic/refresh", "");

    assertThat(answer.status()).isEqualTo(202);
    assertThat(messagesFor(lead))
        .singleElement()
        .asString()
        .contains("\"sync_type\": \"manual\"", "\"force_update\": true", PHONE);
  }

  @Test
  void aLeadWithoutAUsablePhoneCannotBeRefreshed() {
    assertThat(http.post("/leads/" + newLead("call me") + "/profile-pic/refresh", "").status())
        .isEqualTo(409);
    assertThat(http.post("/leads/" + UUID.randomUUID() + "/profile-pic/refresh", "").status())
        .isEqualTo(404);
  }

  @Test
  void anInstancesOwnEndpointProcessesOneLead() {
    var lead = newLead(PHONE);

    var answer =
        http.post(
            "/instance/usuario_9/process-profile-pic",
            "{\"lead_id\": \"%s\", \"phone\": \"%s\"}".formatted(lead, PHONE));

    assertThat(answer.status()).isEqualTo(202);
    assertThat(messagesFor(lead)).singleElement().asString().contains("usuario_9");
  }

  @Test
  void theHistoryIsReadPageByPageNewestFirst() {
    var lead = newLead(PHONE);
    for (int i = 1; i <= 3; i++) {
      jdbc.sql(
              "INSERT INTO profile_pic.picture_history (lead_id, outcome, state, message_id) VALUES (?, 'STORED', 'STORED', ?)")
          .params(lead, i)
          .update();
    }

    var first = http.get("/leads/" + lead + "/profile-pic/history?limit=2").json();
    var second =
        http.get(
                "/leads/"
                    + lead
                    + "/profile-pic/history?limit=2&before="
                    + first.path("next").asLong())
            .json();

    assertThat(first.path("items")).hasSize(2);
    assertThat(second.path("items")).hasSize(1);
    assertThat(second.has("next")).isFalse();
    assertThat(second.at("/items/0/id").asLong()).isLessThan(first.at("/items/1/id").asLong());
  }

  @Test
  void erasingLeavesNothingButATombstone() {
    var lead = newLead(ERASED);
    var key = "avatars/" + UUID.randomUUID();
    post(lead, ERASED);
    new QueueHand(jdbc)
        .settle(
            lead,
            "STORED",
            Map.of("storage_key", key, "sha256", "ab".repeat(32), "lead_url", "https://photos/x"));
    http.post("/leads/" + lead + "/profile-pic/refresh", "");
    jdbc.sql("SELECT pgmq.send('profile_pic_dlq', jsonb_build_object('lead_id', ?::text))")
        .param(lead)
        .query(Long.class)
        .single();
    jdbc.sql(
            "INSERT INTO pgmq.a_profile_pic_queue (msg_id, read_ct, enqueued_at, vt, message) "
                + "VALUES (-1, 1, now(), now(), jsonb_build_object('lead_id', ?::text))")
        .param(lead)
        .update();

    assertThat(http.delete("/leads/" + lead + "/profile-pic").status()).isEqualTo(204);
    assertThat(http.delete("/leads/" + lead + "/profile-pic").status()).isEqualTo(204);

    // Writes the lead's row, as a worker does right after the erasure.
    jdbc.sql("SELECT result FROM profile_pic.write_leads(ARRAY[?])")
        .param(lead)
        .query(String.class)
        .list();
    assertThat(
            jdbc.sql(
                    """
                    SELECT (SELECT count(*) FROM profile_pic.picture_history WHERE lead_id = :lead)
                         + (SELECT count(*) FROM profile_pic.avatars WHERE storage_key = :key)
                         + (SELECT count(*) FROM profile_pic.lead_phones WHERE lead_id = :lead)
                         + (SELECT count(*) FROM pgmq.q_profile_pic_queue WHERE message ->> 'lead_id' = :lead)
                         + (SELECT count(*) FROM pgmq.q_profile_pic_dlq WHERE message ->> 'lead_id' = :lead)
                         + (SELECT count(*) FROM pgmq.a_profile_pic_queue WHERE message ->> 'lead_id' = :lead)
                         + (SELECT count(*) FROM public.leads WHERE id = :lead::uuid AND profile_pic_url IS NOT NULL)
                         + (SELECT count(*) FROM profile_pic.pictures WHERE lead_id = :lead AND phone <> '')
                    """)
                .param("lead", lead)
                .param("key", key)
                .query(Long.class)
                .single())
        .isZero();
    assertThat(http.get("/leads/" + lead + "/profile-pic").json().path("state").asString())
        .isEqualTo("ERASED");
    assertThat(http.delete("/leads/" + UUID.randomUUID() + "/profile-pic").status()).isEqualTo(404);
  }

  @Test
  void bytesThatAnotherLeadIsGivenAtThisMomentStay() throws Exception {
    var lead = newLead(ERASED);
    var other = newLead(PHONE);
    var key = "avatars/" + UUID.randomUUID();
    jdbc.sql(
            "INSERT INTO profile_pic.pictures (lead_id, phone, state, storage_key, requested_at) VALUES (?, ?, 'STORED', ?, now())")
        .params(lead, ERASED, key)
        .update();
    jdbc.sql(
            "INSERT INTO profile_pic.avatars (storage_key, content_type, bytes) VALUES (?, 'image/jpeg', '')")
        .param(key)
        .update();

    try (var settling = dataSource.getConnection()) {
      settling.setAutoCommit(false);
      try (var statement = settling.createStatement()) {
        statement.execute(
            "INSERT INTO profile_pic.pictures (lead_id, phone, state, storage_key, requested_at) VALUES ('%s', '%s', 'STORED', '%s', now())"
                .formatted(other, PHONE, key));
        statement.execute(
            "UPDATE profile_pic.avatars SET created_at = now() WHERE storage_key = '" + key + "'");
      }
      var erased =
          CompletableFuture.supplyAsync(() -> http.delete("/leads/" + lead + "/profile-pic"));
      await()
          .until(() ->
              jdbc.sql("SELECT count(*) FROM pg_locks WHERE NOT granted").query(Long.class).single()
                  > 0);
      settling.commit();
      settling.setAutoCommit(true);
      assertThat(erased.get().status()).isEqualTo(204);
    }

    assertThat(
            jdbc.sql("SELECT count(*) FROM profile_pic.avatars WHERE storage_key = ?")
                .param(key)
                .query(Long.class)
                .single())
        .isEqualTo(1);
  }

  @Test
  void bytesThatAnotherLeadSharesStay() {
    var lead = newLead(ERASED);
    var other = newLead(PHONE);
    var key = "avatars/" + UUID.randomUUID();
    for (var each : java.util.List.of(lead, other)) {
      jdbc.sql(
              "INSERT INTO profile_pic.pictures (lead_id, phone, state, storage_key, requested_at) VALUES (?, ?, 'STORED', ?, now())")
          .params(each, each.equals(lead) ? ERASED : PHONE, key)
          .update();
    }
    jdbc.sql(
            "INSERT INTO profile_pic.avatars (storage_key, content_type, bytes) VALUES (?, 'image/jpeg', '')")
        .param(key)
        .update();

    http.delete("/leads/" + lead + "/profile-pic");

    assertThat(
            jdbc.sql("SELECT count(*) FROM profile_pic.avatars WHERE storage_key = ?")
                .param(key)
                .query(Long.class)
                .single())
        .isEqualTo(1);
  }

  private void post(String lead) {
    post(lead, PHONE);
  }

  private void post(String lead, String phone) {
    http.post("/profile-pics", "{\"lead_id\": \"%s\", \"phone\": \"%s\"}".formatted(lead, phone));
  }
}
