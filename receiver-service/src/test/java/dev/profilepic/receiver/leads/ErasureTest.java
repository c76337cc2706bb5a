package dev.profilepic.receiver.leads;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.contract.AvatarLink;
import dev.profilepic.contract.ErasedPerson;
import dev.profilepic.contract.ErasureKey;
import dev.profilepic.receiver.avatars.Avatars;
import dev.profilepic.receiver.support.QueueHand;
import dev.profilepic.receiver.support.ReceiverTest;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** No table names an erased person any more, and no other row leads to a lookup of the person. */
class ErasureTest extends ReceiverTest {

  private static final String INSTANCE = "erasing";

  @Autowired private Avatars avatars;
  @Autowired private ErasureKey key;

  /** The last eight digits, which every spelling of the number contains. */
  private final String digits =
      Integer.toString(ThreadLocalRandom.current().nextInt(90_000_000, 99_999_999));

  private final String phone = "55629" + digits;
  private final String old = "5562" + digits;
  private final String typed =
      "+55 (62) 9 %s-%s".formatted(digits.substring(0, 4), digits.substring(4));
  private final String lid = "77" + digits + "0042";
  private final String name = "Zuleica" + digits.replaceAll("[0-9]", "x") + lid.hashCode();

  @Test
  void aSearchOfEveryTableFindsNothingOfAnErasedPerson() throws GeneralSecurityException {
    var lead = personWithTraces();
    assertThat(tablesThatTell()).hasSizeGreaterThan(9);

    assertThat(http.delete("/leads/" + lead + "/profile-pic").status()).isEqualTo(204);

    assertThat(tablesThatTell()).isEmpty();
    // The bridge still learns the identity of the person.
    var sealed =
        jdbc.sql("SELECT person FROM profile_pic.bridge_erasures ORDER BY id DESC LIMIT 1")
            .query(byte[].class)
            .single();
    var person = ErasedPerson.fromJson(key.open(sealed));
    assertThat(person.phones()).contains(phone);
    assertThat(person.lids()).containsExactly(lid);
    assertThat(person.instances()).isEmpty();
  }

  @Test
  void theOldLinkShowsNoInitials() {
    var lead = newLead(phone);
    jdbc.sql("UPDATE public.leads SET name = 'Ana Souza' WHERE id = ?::uuid").param(lead).update();
    var link = initialsOf(lead);
    assertThat(withKey(null).get(link).text()).contains(">AS</text>");

    http.delete("/leads/" + lead + "/profile-pic");

    assertThat(withKey(null).get(link).status()).isEqualTo(404);
    assertThat(withKey(null).get(link).text()).doesNotContain("AS");
  }

  @Test
  void anotherRowWithTheSamePhoneIsNotFetchedUntilItIsAllowed() {
    http.delete("/leads/" + newLead(typed) + "/profile-pic");
    var later = newLead(old);

    assertThat(post(later, phone)).isEqualTo(409);
    assertThat(post(later, old)).isEqualTo(409);
    assertThat(http.post("/leads/" + later + "/profile-pic/refresh", "").status()).isEqualTo(409);
    assertThat(messagesFor(later)).isEmpty();

    assertThat(http.post("/leads/" + later + "/profile-pic/allow", "").status()).isEqualTo(204);
    assertThat(post(later, phone)).isEqualTo(202);
  }

  @Test
  void allowingOneLeadLetsAllOthersOfThePersonBackIn() {
    var erased = newLead(phone);
    var sibling = newLead(old);
    http.delete("/leads/" + erased + "/profile-pic");
    assertThat(state(sibling)).isEqualTo("ERASED");

    http.post("/leads/" + sibling + "/profile-pic/allow", "");

    assertThat(post(erased, phone)).isEqualTo(202);
    assertThat(post(sibling, phone)).isEqualTo(202);
    // Events find the leads by phone again.
    assertThat(suffixes(erased, sibling)).isEqualTo(2);
  }

  @Test
  void anErasureHoldsForTheErasersInstancesOnly() {
    var ours = newLead(phone, INSTANCE);
    var theirs = newLead(phone, "other_tenant");
    post(theirs, phone);
    new QueueHand(jdbc)
        .settle(theirs, "STORED", Map.of("storage_key", "k", "sha256", "ab".repeat(32)));
    learnLid("other_tenant");
    var bound = withKey(boundKey());

    assertThat(bound.delete("/leads/" + theirs + "/profile-pic").status()).isEqualTo(404);
    assertThat(bound.delete("/leads/" + ours + "/profile-pic").status()).isEqualTo(204);

    assertThat(state(ours)).isEqualTo("ERASED");
    assertThat(state(theirs)).isEqualTo("STORED");
    assertThat(post(newLead(phone, INSTANCE), phone)).isEqualTo(409);
    assertThat(post(newLead(phone, "other_tenant"), phone)).isEqualTo(202);
    assertThat(
            jdbc.sql("SELECT instance_id FROM profile_pic.lids WHERE lid = ?")
                .param(lid)
                .query(String.class)
                .list())
        .containsExactly("other_tenant");
  }

  @Test
  void whoIsBoundCannotAllowWhatWasErasedForAll() {
    var lead = newLead(phone, INSTANCE);
    http.delete("/leads/" + lead + "/profile-pic");

    assertThat(withKey(boundKey()).post("/leads/" + lead + "/profile-pic/allow", "").status())
        .isEqualTo(409);
    assertThat(post(lead, phone)).isEqualTo(409);
  }

  @Test
  void aLeadOfSomebodyElseForgetsThePhoneAndStays() {
    var stranger = newLead("5511987650000");
    post(stranger, phone);

    http.delete("/leads/" + newLead(phone) + "/profile-pic");

    assertThat(tablesThatTell()).isEmpty();
    assertThat(post(stranger, "5511987650000")).isEqualTo(202);
  }

  @Test
  void theWalkOverTheLeadsFindsNoErasedOne() {
    var lead = newLead(phone);
    http.delete("/leads/" + lead + "/profile-pic");

    jdbc.sql("UPDATE profile_pic.lead_phones_walk SET after_id = NULL, finished_at = NULL")
        .update();
    while (jdbc.sql("SELECT profile_pic.read_lead_page(1000)").query(Boolean.class).single()) {}

    assertThat(suffixes(lead)).isZero();
  }

  /** Writes a person to every table that can hold people, and returns the lead. */
  private String personWithTraces() {
    var lead = newLead(typed, INSTANCE);
    var sibling = newLead(old);
    jdbc.sql("UPDATE public.leads SET name = ? WHERE id = ?::uuid").params(name, lead).update();
    post(lead, phone);
    new QueueHand(jdbc)
        .settle(
            lead,
            "STORED",
            Map.of("storage_key", "k", "sha256", "ab".repeat(32), "lead_url", "https://photos/x"));
    jdbc.sql("UPDATE profile_pic.pictures SET jid = ? WHERE lead_id = ?")
        .params(lid + "@lid", lead)
        .update();
    http.post("/leads/" + lead + "/profile-pic/refresh", "");
    post(sibling, old);
    learnLid(INSTANCE);
    jdbc.sql(
            "SELECT 1 FROM profile_pic.keep_unmatched(ARRAY[?], ARRAY[?], ARRAY[false], ARRAY[NULL::text], ARRAY[now()])")
        .params("", lid)
        .query(Integer.class)
        .list();
    jdbc.sql(
            """
            WITH sync AS (
              INSERT INTO profile_pic.syncs (instance_id, kind, state, total, batch_size) VALUES (?, 'list', 'DONE', 1, 1) RETURNING id)
            INSERT INTO profile_pic.sync_items (sync_id, lead_id, phone) SELECT id, ?, ? FROM sync
            """)
        .params(INSTANCE, "another", typed)
        .update();
    for (var table : List.of("q_profile_pic_queue", "q_profile_pic_dlq")) {
      // These messages are sent directly to the queues, as any sender may do. The first queue's
      // message stands in the line of a paused instance.
      jdbc.sql(
              "INSERT INTO pgmq."
                  + table
                  + " (vt, message) VALUES (profile_pic.hidden(), jsonb_build_object('lead_id', ?::text, 'phone', ?::text)), "
                  + "(profile_pic.hidden(), jsonb_build_object('contact', jsonb_build_array(?::text)))")
          .params(sibling, typed, lid + "@lid")
          .update();
    }
    jdbc.sql(
            "INSERT INTO profile_pic.waiting (msg_id, instance_id, paced, place) "
                + "SELECT msg_id, ?, true, now() FROM pgmq.q_profile_pic_queue WHERE message::text LIKE ?")
        .params(INSTANCE, "%" + lid + "%")
        .update();
    for (var table : List.of("a_profile_pic_queue", "a_profile_pic_dlq")) {
      jdbc.sql(
              "INSERT INTO pgmq."
                  + table
                  + " (msg_id, read_ct, enqueued_at, vt, message) VALUES (?, 1, now(), now(), jsonb_build_object('lead_id', 'gone', 'phone', ?::text))")
          .params(-Long.parseLong(digits), typed)
          .update();
    }
    return lead;
  }

  /** Returns the tables of all schemas, except the CRM's own, with a row that names the person. */
  private List<String> tablesThatTell() {
    var telling = new ArrayList<String>();
    var tables =
        jdbc.sql(
                """
                SELECT c.oid::regclass::text FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
                WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
                  AND c.oid <> 'public.leads'::regclass
                """)
            .query(String.class)
            .list();
    for (var table : tables) {
      var rows =
          jdbc.sql(
                  "SELECT count(*) FROM "
                      + table
                      + " AS t WHERE translate(t::text, ' ()+-', '') LIKE ANY (ARRAY[?, ?, ?])")
              .params("%" + digits + "%", "%" + lid + "%", "%" + name + "%")
              .query(Long.class)
              .single();
      if (rows > 0) {
        telling.add(table);
      }
    }
    return telling;
  }

  private void learnLid(String instance) {
    jdbc.sql(
            "SELECT profile_pic.learn_lids(ARRAY[?], ARRAY[?], ARRAY[?], ARRAY['mapping'], ARRAY[now()])")
        .params(instance, lid, old)
        .query(Integer.class)
        .single();
  }

  private int post(String lead, String number) {
    return http.post(
            "/profile-pics",
            "{\"lead_id\": \"%s\", \"phone\": \"%s\", \"force_update\": true}"
                .formatted(lead, number))
        .status();
  }

  private String state(String lead) {
    return http.get("/leads/" + lead + "/profile-pic").json().path("state").asString();
  }

  private long suffixes(String... leads) {
    return jdbc.sql(
            "SELECT count(*) FROM profile_pic.lead_phones WHERE lead_id = ANY (?) AND suffix IS NOT NULL")
        .param(leads)
        .query(Long.class)
        .single();
  }

  private String initialsOf(String lead) {
    var link =
        URI.create(
            new AvatarLink(
                    avatars.baseUrl(),
                    List.of(avatars.signingSecret()),
                    null,
                    InstantSource.system())
                .to(lead, 0, "ab".repeat(32)));
    return link.getRawPath() + "?" + link.getRawQuery() + "&fallback=initials";
  }

  private String boundKey() {
    var secret = "bound-to-erasing-" + digits;
    jdbc.sql(
            "INSERT INTO profile_pic.api_keys (name, sha256, scopes, instances) VALUES (?, sha256(?::bytea), '{ingest,operate,read}', ARRAY[?])")
        .params(secret, secret, INSTANCE)
        .update();
    awaitKey(secret);
    return secret;
  }
}
