package dev.profilepic.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An erasure finds its own person only, although a LID or a phone is short or junk. */
class ErasureReachTest {

  private static final String LID = "98765432101234";

  private final Crm crm = new Crm();

  @BeforeEach
  void migrate() throws SQLException {
    crm.execute(
        """
        CREATE TABLE public.leads (id bigint PRIMARY KEY, phone text, instance_id text, name text);
        INSERT INTO public.leads VALUES (1, '5562999212484', 'one'), (2, '5511977776666', 'two');
        """);
    crm.migrate();
    crm.execute(
        """
        SELECT profile_pic.enqueue('[{"lead_id": "2", "phone": "5511977776666", "instance_id": "two"}]');
        SELECT pgmq.send('profile_pic_dlq', '{"lead_id": "2", "phone": "5511977776666"}');
        INSERT INTO pgmq.a_profile_pic_queue (msg_id, read_ct, enqueued_at, vt, message)
        VALUES (-1, 1, now(), now(), '{"lead_id": "2", "phone": "5511977776666"}');
        INSERT INTO pgmq.a_profile_pic_dlq (msg_id, read_ct, enqueued_at, vt, message)
        VALUES (-1, 1, now(), now(), '{"lead_id": "2", "phone": "5511977776666"}');
        INSERT INTO profile_pic.idempotency_keys (caller, key, fingerprint, body)
        VALUES ('two', 'k', sha256('1'), '{"success":true,"lead_id":"2","phone":"5511977776666"}');
        """);
  }

  @AfterEach
  void drop() {
    crm.close();
  }

  @Test
  void aShortLidIsNotLearnedAndErasesNothingOfOthers() throws SQLException {
    assertThat(
            crm.column(
                "SELECT profile_pic.learn_lids('{one}', '{5}', '{5562999212484}', '{message}', ARRAY[now()], '{one}')"))
        .containsExactly("0");
    crm.execute(
        "SELECT profile_pic.keep_unmatched('{one}', '{5}', '{f}', '{NULL}', ARRAY[now()], '{one}')");
    assertThat(crm.column("SELECT lid FROM profile_pic.unmatched_events")).isEmpty();

    erase("1");

    othersAreThere();
  }

  @Test
  void aShortLidOfAnEarlierReleaseErasesNothingOfOthers() throws SQLException {
    crm.execute(
        """
        INSERT INTO profile_pic.lids (instance_id, lid, phone)
        VALUES ('one', '5', '5562999212484'), ('one', '"', '5562999212484'), ('one', '', '5562999212484'),
               ('one', '1197777', '5562999212484'), ('one', 'lead_id...', '5562999212484');
        """);

    assertThat(crm.column("SELECT lids FROM profile_pic.person_of('1', NULL)"))
        .containsExactly("{}");
    assertThat(
            crm.column(
                "SELECT jsonb_path_query(profile_pic.person_data('1'), '$.held.keyvalue().key') #>> '{}'"))
        .doesNotContain("pgmq.q_profile_pic_dlq");
    erase("1");

    othersAreThere();
    assertThat(crm.column("SELECT lid FROM profile_pic.lids")).isEmpty();
  }

  @Test
  void aPhoneWithoutAreaCodeErasesNothingOfOthers() throws SQLException {
    crm.execute("UPDATE public.leads SET phone = '7777-6666' WHERE id = 1");

    erase("1");

    othersAreThere();
    assertThat(crm.column("SELECT state FROM profile_pic.pictures WHERE lead_id = '1'"))
        .containsExactly("ERASED");
  }

  @Test
  void aLidIsAWholeRowOfDigits() throws SQLException {
    for (var written :
        List.of(
            "{\"contact\": [\"98765432101234@lid\"]}",
            "{\"contact\": \"98765432101234:12@lid\"}",
            "98765432101234",
            "{\"a\": \"\\u201998765432101234@lid\"}",
            "\\30398765432101234@lid",
            "198765432101234 and 98765432101234")) {
      assertThat(mentions(written, "{}", "{" + LID + "}")).as(written).isTrue();
    }
    for (var written : List.of("198765432101234@lid", "987654321012345@lid", "9876543210123@lid")) {
      assertThat(mentions(written, "{}", "{" + LID + "}")).as(written).isFalse();
    }
  }

  @Test
  void aPhoneWithoutAreaCodeIsAWholeRowOfDigits() throws SQLException {
    for (var written : List.of("5511977776666", "+55 (11) 97777-6666", "{\"a\": 17777666612}")) {
      assertThat(mentions(written, "{77776666,7777-6666}", "{}")).as(written).isFalse();
    }
    for (var written : List.of("call 7777-6666 now", "77776666", "{\"phone\": \"7777 6666\"}")) {
      assertThat(mentions(written, "{7777-6666}", "{}")).as(written).isTrue();
    }
    assertThat(mentions("call 7777-6666 now", "{5511977776666}", "{}")).isTrue();
    assertThat(mentions("00000000-0000-0000-0000-000000000000", "{00000000000}", "{}")).isFalse();
  }

  private boolean mentions(String written, String numbers, String lids) throws SQLException {
    return crm.column(
            "SELECT profile_pic.mentions($x$%s$x$, '%s', '%s')".formatted(written, numbers, lids))
        .contains("t");
  }

  private void erase(String lead) throws SQLException {
    assertThat(crm.column("SELECT profile_pic.erase('%s', NULL, NULL, NULL, NULL)".formatted(lead)))
        .containsExactly("t");
  }

  private void othersAreThere() throws SQLException {
    assertThat(
            crm.column(
                """
                SELECT 'queue' FROM pgmq.q_profile_pic_queue WHERE message ->> 'lead_id' = '2'
                UNION ALL SELECT 'dead letters' FROM pgmq.q_profile_pic_dlq
                UNION ALL SELECT 'archive' FROM pgmq.a_profile_pic_queue
                UNION ALL SELECT 'archived dead letters' FROM pgmq.a_profile_pic_dlq
                UNION ALL SELECT 'answers' FROM profile_pic.idempotency_keys
                UNION ALL SELECT 'request' FROM profile_pic.requests WHERE lead_id = '2'
                """))
        .containsExactly(
            "queue", "dead letters", "archive", "archived dead letters", "answers", "request");
    assertThat(crm.column("SELECT lead_id FROM profile_pic.pictures WHERE state = 'ERASED'"))
        .containsExactly("1");
  }
}
