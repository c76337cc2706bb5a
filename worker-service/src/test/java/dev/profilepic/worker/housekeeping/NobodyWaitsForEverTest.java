package dev.profilepic.worker.housekeeping;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A lead without a request and without a time for the next check would keep its state for ever. */
class NobodyWaitsForEverTest extends ChoresTest {

  @Test
  void aLeadWhoseMessageWasPurgedIsAskedForAgain() {
    request();
    jdbc.execute("SELECT pgmq.purge_queue('profile_pic_queue')");
    assertThat(feed()).isZero();

    assertThat(housekeeping.doWhatIsDue()).containsEntry(Chore.LOST_REQUESTS, 1L);

    assertThat(feed()).isEqualTo(1);
    assertThat(kinds()).containsExactly("refresh");
    assertThat(feed()).as("it was asked for").isZero();
  }

  @Test
  void aLeadThatIsCheckedLaterKeepsItsTime() {
    request();
    jdbc.execute("SELECT pgmq.purge_queue('profile_pic_queue')");
    jdbc.execute("UPDATE profile_pic.pictures SET next_check_at = now() + interval '1 hour'");

    assertThat(housekeeping.doWhatIsDue()).containsEntry(Chore.LOST_REQUESTS, 1L);

    assertThat(feed()).isZero();
  }

  @Test
  void anErasedLeadWhoseRequestIsLostIsNotAskedFor() {
    request();
    jdbc.execute("SELECT pgmq.purge_queue('profile_pic_queue')");
    jdbc.execute("UPDATE profile_pic.pictures SET state = 'ERASED', erased_at = now()");

    assertThat(housekeeping.doWhatIsDue()).containsEntry(Chore.LOST_REQUESTS, 1L);

    assertThat(count("profile_pic.pictures WHERE next_check_at IS NOT NULL")).isZero();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aLeadThatIsAllowedAgainIsAskedForWithoutAnEvent(boolean wasKnown) {
    request();
    if (!wasKnown) {
      jdbc.execute("DELETE FROM profile_pic.requests");
      jdbc.execute("DELETE FROM profile_pic.pictures");
      jdbc.execute("SELECT pgmq.purge_queue('profile_pic_queue')");
    }
    jdbc.execute("SELECT profile_pic.erase(id::text, NULL, NULL, NULL, NULL) FROM public.leads");
    assertThat(feed()).isZero();

    jdbc.execute("SELECT profile_pic.allow_person(id::text, NULL, '{}', 'test') FROM public.leads");
    assertThat(count("pgmq.q_profile_pic_queue")).as("the call itself asks for nothing").isZero();

    assertThat(feed()).isEqualTo(1);
    assertThat(kinds()).containsExactly("refresh");
  }

  private void request() {
    jdbc.update("INSERT INTO public.leads (phone, instance_id) VALUES ('5562999212484', 'demo')");
    jdbc.execute(
        "SELECT profile_pic.enqueue(jsonb_agg(jsonb_build_object('lead_id', id, 'phone', phone, 'instance_id', 'demo'))) FROM public.leads");
  }

  private long feed() {
    Long fed =
        jdbc.queryForObject("SELECT profile_pic.feed_refreshes(NULL, 60, '5 s', 100)", Long.class);
    return fed == null ? 0 : fed;
  }

  private List<String> kinds() {
    return jdbc.queryForList(
        "SELECT message ->> 'sync_type' FROM pgmq.q_profile_pic_queue", String.class);
  }
}
