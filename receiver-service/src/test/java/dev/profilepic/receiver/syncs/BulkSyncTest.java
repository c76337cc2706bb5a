package dev.profilepic.receiver.syncs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.receiver.support.QueueHand;
import dev.profilepic.receiver.support.ReceiverTest;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class BulkSyncTest extends ReceiverTest {

  private final String instance = "sync_" + UUID.randomUUID();

  @Test
  void leadsWithoutAPhotoAreFedInTheInstancesPaceAndCountedExactly() {
    var leads = leads(5);
    jdbc.sql("UPDATE public.leads SET profile_pic_url = 'https://x' WHERE id = ?::uuid")
        .param(leads.removeLast())
        .update();

    var started = start("{}");
    assertThat(started.path("total_leads").asInt()).isEqualTo(4);

    // 24 lookups a minute for 5 s: two at a time.
    feed(24);
    assertThat(waitingMessages()).isEqualTo(2);
    feed(24);
    assertThat(waitingMessages()).as("no further ahead than the pace").isEqualTo(2);
    assertFigures(started, 4, 0, 2, 2, "RUNNING");

    settleOne("STORED");
    settleOne("NOT_SET");
    assertFigures(started, 4, 2, 0, 2, "RUNNING");
    feed(24);
    settleOne("HIDDEN");
    settleOne("NO_ANSWER");
    feed(24);
    feed(24);

    var sync = assertFigures(started, 4, 4, 0, 0, "DONE");
    assertThat(sync.path("outcomes").toString())
        .contains("\"STORED\":1", "\"NOT_SET\":1", "\"HIDDEN\":1", "\"FAILED\":1");
    assertThat(sync.path("finished_at").asString()).endsWith("Z");
  }

  @Test
  void aListIsWorkedWhetherOrNotItsLeadsExist() {
    var lead = newLead("5562999212484", instance);

    var started =
        start(
            """
            {"phone_list": [{"lead_id": "%s", "phone": "(62) 99921-2484"}, {"lead_id": "%s", "phone": "(62) 99921-2484"},
                            {"lead_id": "%s", "phone": "(11) 99999-0000"}]}
            """
                .formatted(lead, lead, UUID.randomUUID()));
    assertThat(started.path("total_leads").asInt()).isEqualTo(2);
    feed(6000);
    settleOne("STORED");
    feed(6000);

    assertThat(assertFigures(started, 2, 2, 0, 0, "DONE").path("outcomes").toString())
        .contains("\"LEAD_GONE\":1", "\"STORED\":1");
  }

  @Test
  void aPausedSyncFeedsNothingAndGoesOnWhereItStood() {
    leads(3);
    var started = start("{}");
    feed(12);
    assertThat(http.post(path(started, "/pause"), "").json().path("state").asString())
        .isEqualTo("PAUSED");
    settleOne("STORED");

    feed(6000);
    assertThat(waitingMessages()).isZero();
    assertFigures(started, 3, 1, 0, 2, "PAUSED");

    http.post(path(started, "/resume"), "");
    feed(6000);
    assertThat(waitingMessages()).isEqualTo(2);
  }

  @Test
  void aCancelledSyncStopsAndItsFiguresStillAddUp() {
    leads(3);
    var started = start("{}");
    feed(12);

    http.post(path(started, "/cancel"), "");
    feed(6000);
    settleOne("STORED");

    assertFigures(started, 3, 1, 0, 2, "CANCELLED");
    assertThat(http.post(path(started, "/resume"), "").status()).isEqualTo(409);
  }

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

  /** The clock of the count stands at its end at once. */
  @Test
  void whatCannotBeCountedInTimeIsSaidToBeMore() {
    leads(3).forEach(lead -> known(lead, instance, "HIDDEN", "HIDDEN"));

    assertThat(counted("NULL", "0 seconds")).isEqualTo("false");
    assertThat(counted("'HIDDEN'", "0 seconds")).isEqualTo("false");
    assertThat(counted("'HIDDEN'", "1 minute")).isEqualTo("true");
    assertThat(counted("NULL", "1 minute")).isEqualTo("true");
  }

  @Test
  void anEstimateKnowsTheHoursInWhichTheInstanceWorks() {
    leads(2);
    jdbc.sql(
            "INSERT INTO profile_pic.instances (instance_id, hours_zone, hours_days, hours_from, hours_to) VALUES (?, 'UTC', '{1,2,3,4,5,6,7}', (now() AT TIME ZONE 'UTC' + interval '2 hours')::time, (now() AT TIME ZONE 'UTC' + interval '3 hours')::time)")
        .param(instance)
        .update();

    assertThat(start("{}").path("eta_seconds").asLong()).isBetween(7_080L, 7_260L);
  }

  @Test
  void oneSyncAtATimePerInstance() {
    leads(1);
    start("{}");

    assertThat(http.post("/instance/" + instance + "/sync-profile-pics-bulk", "{}").status())
        .isEqualTo(409);
    assertThat(http.get("/bulk-sync-status").json().path("bulk_sync_in_progress").asBoolean())
        .isTrue();
  }

  @Test
  void aDryRunCountsAndStartsNothing() {
    leads(3);

    var answer =
        http.post(
            "/instance/" + instance + "/sync-profile-pics-bulk",
            "{\"dry_run\": true, \"limit\": 2}");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.json().path("total_leads").asInt()).isEqualTo(2);
    assertThat(answer.json().path("pace_per_minute").asInt()).isEqualTo(6000);
    assertThat(answer.json().path("eta_seconds").asInt()).isEqualTo(1);
    feed(6000);
    assertThat(waitingMessages()).isZero();
  }

  @Test
  void leadsThatNameNoInstanceBelongToTheDefaultOne() {
    newLead("5562999212484", null);

    var ofDefault =
        http.post("/instance/demo/sync-profile-pics-bulk", "{\"dry_run\": true}").json();
    var other =
        http.post("/instance/" + instance + "/sync-profile-pics-bulk", "{\"dry_run\": true}")
            .json();

    assertThat(ofDefault.path("total_leads").asInt()).isPositive();
    assertThat(other.path("total_leads").asInt()).isZero();
  }

  @Test
  void aLimitEndsTheSyncThere() {
    leads(3);
    var started = start("{\"limit\": 2}");
    feed(6000);
    settleOne("STORED");
    settleOne("STORED");
    feed(6000);

    assertFigures(started, 2, 2, 0, 0, "DONE");
  }

  @Test
  void whatIsFreshNeedsNoMessage() {
    var lead = leads(1).getFirst();
    jdbc.sql(
            """
            INSERT INTO profile_pic.pictures (lead_id, phone, state, requested_at, next_check_at)
            SELECT ?, phone, 'NOT_SET', now(), now() + interval '1 day' FROM public.leads WHERE id = ?::uuid
            """)
        .params(lead, lead)
        .update();
    var started = start("{}");

    feed(6000);
    feed(6000);

    assertThat(waitingMessages()).isZero();
    assertThat(assertFigures(started, 1, 1, 0, 0, "DONE").at("/outcomes/FRESH").asInt())
        .isEqualTo(1);
  }

  @Test
  void aMessageThatSomebodyRemovedDoesNotHoldUpTheSync() {
    leads(1);
    var started = start("{}");
    feed(6000);
    jdbc.sql("DELETE FROM pgmq.q_profile_pic_queue WHERE message ->> 'instance_id' = ?")
        .param(instance)
        .update();

    feed(6000);

    assertFigures(started, 1, 1, 0, 0, "DONE");
  }

  @Test
  void aWrongListIsNamedEntryByEntry() {
    var answer =
        http.post(
            "/instance/" + instance + "/sync-profile-pics-bulk",
            "{\"phone_list\": [{\"lead_id\": \"1\", \"phone\": \"x\"}, 7], \"batch_size\": 0}");

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().path("errors"))
        .extracting(error -> error.path("field").asString())
        .contains("phone_list[0].phone", "phone_list[1]", "batch_size");
  }

  @Test
  void anUnknownSyncIsNotFound() {
    assertThat(http.get("/syncs/999999999").status()).isEqualTo(404);
    assertThat(http.get("/syncs/x").status()).isEqualTo(400);
    assertThat(http.get("/syncs?limit=0").status()).isEqualTo(400);
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

  /** The leads that the queue has messages for, of this sync's instance. */
  private List<String> asked() {
    return jdbc.sql(
            "SELECT message ->> 'lead_id' FROM pgmq.q_profile_pic_queue WHERE message ->> 'instance_id' = ?")
        .param(instance)
        .query(String.class)
        .list();
  }

  private List<String> leads(int count) {
    var leads = new ArrayList<String>();
    for (int i = 0; i < count; i++) {
      leads.add(newLead("55629" + (80_000_000 + i), instance));
    }
    return leads;
  }

  private JsonNode start(String body) {
    var answer = http.post("/instance/" + instance + "/sync-profile-pics-bulk", body);
    assertThat(answer.status()).as(answer.text()).isEqualTo(202);
    return answer.json();
  }

  /** One step of the worker's feeder, at a pace per minute, five seconds ahead. */
  private void feed(int pace) {
    jdbc.sql("SELECT profile_pic.feed_syncs(?, interval '5 s')")
        .param(pace)
        .query(Long.class)
        .single();
  }

  private void settleOne(String outcome) {
    var lead =
        jdbc.sql(
                "SELECT message ->> 'lead_id' FROM pgmq.q_profile_pic_queue WHERE message ->> 'instance_id' = ? ORDER BY msg_id LIMIT 1")
            .param(instance)
            .query(String.class)
            .single();
    new QueueHand(jdbc).settle(lead, outcome);
  }

  private long waitingMessages() {
    return jdbc.sql(
            "SELECT count(*) FROM pgmq.q_profile_pic_queue WHERE message ->> 'instance_id' = ?")
        .param(instance)
        .query(Long.class)
        .single();
  }

  private JsonNode assertFigures(
      JsonNode started, int total, int done, int inFlight, int waiting, String state) {
    var sync = http.get(path(started, "")).json();
    assertThat(sync.path("total").asInt()).as("total").isEqualTo(total);
    assertThat(sync.path("done").asInt()).as("done").isEqualTo(done);
    assertThat(sync.path("in_flight").asInt()).as("in flight").isEqualTo(inFlight);
    assertThat(sync.path("waiting").asInt()).as("waiting").isEqualTo(waiting);
    assertThat(sync.path("state").asString()).isEqualTo(state);
    return sync;
  }

  private static String path(JsonNode started, String action) {
    return "/syncs/" + started.path("sync_id").asLong() + action;
  }
}
