package dev.profilepic.receiver.syncs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.receiver.support.QueueHand;
import dev.profilepic.receiver.support.ReceiverTest;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import tools.jackson.databind.JsonNode;

/** Bulk syncs of a separate instance, and the step of the worker that feeds the syncs. */
abstract class SyncTest extends ReceiverTest {

  final String instance = "sync_" + UUID.randomUUID();

  List<String> leads(int count) {
    var leads = new ArrayList<String>();
    for (int i = 0; i < count; i++) {
      leads.add(newLead("55629" + (80_000_000 + i), instance));
    }
    return leads;
  }

  JsonNode start(String body) {
    var answer = http.post("/instance/" + instance + "/sync-profile-pics-bulk", body);
    assertThat(answer.status()).as(answer.text()).isEqualTo(202);
    return answer.json();
  }

  /** Gives the instance a pace of its own. */
  void pace(int perMinute) {
    jdbc.sql("INSERT INTO profile_pic.instances (instance_id, pace_per_minute) VALUES (?, ?)")
        .params(instance, perMinute)
        .update();
  }

  /** Runs one step of the worker's feeder, five seconds ahead at a pace per minute. */
  void feed(int pace) {
    jdbc.sql("SELECT profile_pic.feed_syncs(?, interval '5 s')")
        .param(pace)
        .query(Long.class)
        .single();
  }

  void settleOne(String outcome) {
    var lead =
        jdbc.sql(
                "SELECT message ->> 'lead_id' FROM pgmq.q_profile_pic_queue WHERE message ->> 'instance_id' = ? ORDER BY msg_id LIMIT 1")
            .param(instance)
            .query(String.class)
            .single();
    new QueueHand(jdbc).settle(lead, outcome);
  }

  long waitingMessages() {
    return jdbc.sql(
            "SELECT count(*) FROM pgmq.q_profile_pic_queue WHERE message ->> 'instance_id' = ?")
        .param(instance)
        .query(Long.class)
        .single();
  }

  JsonNode assertFigures(
      JsonNode started, int total, int done, int inFlight, int waiting, String state) {
    var sync = http.get(path(started, "")).json();
    assertThat(sync.path("total").asInt()).as("total").isEqualTo(total);
    assertThat(sync.path("done").asInt()).as("done").isEqualTo(done);
    assertThat(sync.path("in_flight").asInt()).as("in flight").isEqualTo(inFlight);
    assertThat(sync.path("waiting").asInt()).as("waiting").isEqualTo(waiting);
    assertThat(sync.path("state").asString()).isEqualTo(state);
    return sync;
  }

  static String path(JsonNode started, String action) {
    return "/syncs/" + started.path("sync_id").asLong() + action;
  }
}
