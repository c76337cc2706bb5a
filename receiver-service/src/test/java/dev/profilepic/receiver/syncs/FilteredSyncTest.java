package dev.profilepic.receiver.syncs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Syncs of the leads with a given state or reason. */
class FilteredSyncTest extends SyncTest {

  @Test
  void aFilterTakesTheLeadsOfItsStateAndReasonAndNoOthers() {
    var leads = leads(5);
    known(leads.get(0), instance, "FAILED", "NO_ANSWER");
    known(leads.get(1), instance, "FAILED", "NO_ANSWER");
    known(leads.get(2), instance, "FAILED", "BAD_IMAGE");
    known(leads.get(3), instance, "HIDDEN", "HIDDEN");
    known(newLead("5562999212484", "other_" + UUID.randomUUID()), "other", "FAILED", "NO_ANSWER");

    assertThat(dry("{'state': 'FAILED'}").path("total_leads").asInt()).isEqualTo(3);
    assertThat(dry("{'reason': 'NO_ANSWER'}").path("total_leads").asInt()).isEqualTo(2);
    assertThat(dry("{'state': 'STORED'}").path("total_leads").asInt()).isZero();
    var tried = dry("{'state': 'FAILED', 'reason': 'NO_ANSWER'}");
    assertThat(tried.path("total_leads").asInt()).isEqualTo(2);
    assertThat(tried.path("at_least").asBoolean()).isFalse();

    var started =
        start(
            "{\"filter\": {\"state\": \"FAILED\", \"reason\": \"NO_ANSWER\"}, \"force_update\": true}");
    feed(6000);
    feed(6000);
    assertThat(asked()).containsExactlyInAnyOrder(leads.get(0), leads.get(1));
    var shown = http.get(path(started, "")).json();
    assertThat(shown.path("kind").asString()).isEqualTo("filtered");
    assertThat(shown.path("filter").toString())
        .isEqualTo("{\"state\":\"FAILED\",\"reason\":\"NO_ANSWER\"}");

    settleOne("STORED");
    settleOne("HIDDEN");
    feed(6000);
    assertFigures(started, 2, 2, 0, 0, "DONE");
  }

  @Test
  void aFilteredSyncStopsAtItsLimit() {
    leads(3).forEach(lead -> known(lead, instance, "HIDDEN", "HIDDEN"));

    var started =
        start("{\"filter\": {\"state\": \"HIDDEN\"}, \"force_update\": true, \"limit\": 2}");
    assertThat(started.path("total_leads").asInt()).isEqualTo(2);
    feed(6000);
    feed(6000);
    assertThat(asked()).hasSize(2);
    settleOne("HIDDEN");
    settleOne("HIDDEN");
    feed(6000);

    assertFigures(started, 2, 2, 0, 0, "DONE");
  }

  @Test
  void aLeadThatTheCrmHasMovedOrDeletedIsNotOfThisSyncAnyMore() {
    var leads = leads(3);
    leads.forEach(lead -> known(lead, instance, "HIDDEN", "HIDDEN"));
    jdbc.sql("UPDATE public.leads SET instance_id = 'elsewhere' WHERE id = ?::uuid")
        .param(leads.get(0))
        .update();
    jdbc.sql("DELETE FROM public.leads WHERE id = ?::uuid").param(leads.get(1)).update();

    var started = start("{\"filter\": {\"state\": \"HIDDEN\"}, \"force_update\": true}");
    feed(6000);
    feed(6000);

    assertThat(asked()).containsExactly(leads.get(2));
    settleOne("HIDDEN");
    feed(6000);
    assertFigures(started, 1, 1, 0, 0, "DONE");
  }

  /** Each step reads one lead. The first lead belongs to another instance by now. */
  @Test
  void aStepWithoutALeadOfThisInstanceIsNotTheLast() {
    var leads = leads(2).stream().sorted().toList();
    leads.forEach(lead -> known(lead, instance, "HIDDEN", "HIDDEN"));
    jdbc.sql("UPDATE public.leads SET instance_id = 'elsewhere' WHERE id = ?::uuid")
        .param(leads.getFirst())
        .update();

    var started = start("{\"filter\": {\"state\": \"HIDDEN\"}, \"force_update\": true}");
    feed(12);
    assertThat(asked()).isEmpty();
    feed(12);

    assertThat(asked()).containsExactly(leads.getLast());
    settleOne("HIDDEN");
    feed(12);
    assertFigures(started, 1, 1, 0, 0, "DONE");
  }

  @Test
  void theDefaultInstancesFilterTakesLeadsOfNoInstanceToo() {
    var lead = newLead("5562982000001");
    known(lead, "demo", "NOT_SET", "OF_NO_INSTANCE");
    jdbc.sql("UPDATE profile_pic.pictures SET instance_id = NULL WHERE lead_id = ?")
        .param(lead)
        .update();
    jdbc.sql("UPDATE profile_pic.syncs SET state = 'DONE' WHERE instance_id = 'demo'").update();
    assertThat(dry("{'reason': 'OF_NO_INSTANCE'}").path("total_leads").asInt()).isZero();

    var started =
        http.post(
                "/instance/demo/sync-profile-pics-bulk",
                "{\"filter\": {\"reason\": \"OF_NO_INSTANCE\"}, \"force_update\": true}")
            .json();
    assertThat(started.path("total_leads").asInt()).isEqualTo(1);
    feed(6000);
    feed(6000);

    assertThat(messagesFor(lead)).hasSize(1);
    http.post(path(started, "/cancel"), "");
  }

  @Test
  void aFilterByReasonFindsNoErasedLeads() {
    known(leads(1).getFirst(), instance, "ERASED", "ERASED");

    assertThat(dry("{'reason': 'ERASED'}").path("total_leads").asInt()).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      delimiter = '|',
      value = {
        "{'filter': {'state': 'ERASED'}} | filter.state",
        "{'filter': {'state': 'hidden'}} | filter.state",
        "{'filter': {'state': 7}} | filter.state",
        "{'filter': {'reason': 'no answer'}} | filter.reason",
        "{'filter': {}} | filter",
        "{'filter': 'HIDDEN'} | filter",
        "{'filter': {'state': 'HIDDEN'}, 'phone_list': []} | filter"
      })
  void aFilterThatCannotBeIsRefusedByItsField(String body, String field) {
    var answer =
        http.post(
            "/instance/" + instance + "/sync-profile-pics-bulk", body.replace((char) 39, '"'));

    assertThat(answer.status()).isEqualTo(400);
    assertThat(
            answer.json().path("errors").valueStream().map(error -> error.path("field").asString()))
        .contains(field);
  }

  /** A limit of 0 seconds ends the count at once. */
  @Test
  void whatCannotBeCountedInTimeIsSaidToBeMore() {
    leads(3).forEach(lead -> known(lead, instance, "HIDDEN", "HIDDEN"));

    assertThat(counted("NULL", "0 seconds")).isEqualTo("false");
    assertThat(counted("'HIDDEN'", "0 seconds")).isEqualTo("false");
    assertThat(counted("'HIDDEN'", "1 minute")).isEqualTo("true");
    assertThat(counted("NULL", "1 minute")).isEqualTo("true");
  }

  private JsonNode dry(String filter) {
    return http.post(
            "/instance/" + instance + "/sync-profile-pics-bulk",
            "{\"dry_run\": true, \"filter\": " + filter.replace((char) 39, '"') + "}")
        .json();
  }

  private String counted(String state, String within) {
    return jdbc.sql(
            "SELECT complete::text FROM profile_pic.count_to_sync(?, false, "
                + state
                + ", NULL, NULL, ?::interval)")
        .params(instance, within)
        .query(String.class)
        .single();
  }

  private void known(String lead, String of, String state, String reason) {
    jdbc.sql(
            "INSERT INTO profile_pic.pictures (lead_id, phone, instance_id, state, reason, requested_at, checked_at) VALUES (?, '5562999212484', ?, ?, ?, now() - interval '1 day', now() - interval '1 day')")
        .params(lead, of, state, reason)
        .update();
  }

  /** Returns the leads of this sync's instance that have a message in the queue. */
  private List<String> asked() {
    return jdbc.sql(
            "SELECT message ->> 'lead_id' FROM pgmq.q_profile_pic_queue WHERE message ->> 'instance_id' = ?")
        .param(instance)
        .query(String.class)
        .list();
  }
}
