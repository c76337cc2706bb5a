package dev.profilepic.worker.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that free a message held until its number's hours, and requests that do not. */
class HeldMessagesTest extends HoursTest {

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aLiveEventFreesTheMessageOfItsLeadThatIsHeld(boolean forced) {
    closed("demo");
    var lead = fixture.lead();
    var bulk = fixture.enqueue(request(lead, "bulk"));
    assertThat(claim()).isEmpty();

    fixture.enqueue(
        Map.of(
            "lead_id",
            lead,
            "phone",
            "5562999212484",
            "sync_type",
            "manual",
            "force_update",
            forced));

    assertThat(ids(claim())).containsExactly(bulk);
  }

  /**
   * A lead that is fed counts as looked up for the time being, so the event alone would ask for
   * nothing.
   */
  @Test
  void aLiveEventFreesTheRefreshOfItsLeadThatIsHeld() {
    due();
    assertThat(feedRefreshes()).isEqualTo(1);
    closed("demo");
    assertThat(claim()).isEmpty();
    var lead = fixture.one(String.class, "SELECT lead_id FROM profile_pic.pictures");

    fixture.enqueue(request(lead, "webhook"));
    assertThat(claim()).hasSize(1);
  }

  @Test
  void whatIsHeldIsNotFedTwiceWhenTheHoursBegin() {
    due();
    feedRefreshes();
    closed("demo");
    claim();
    open("demo");

    assertThat(feedRefreshes()).isZero();
    assertThat(feedRefreshes()).isZero();
    assertThat(fixture.queued()).isEqualTo(1);
  }

  @Test
  void aLiveEventThatComesBeforeTheMessageIsHeldKeepsItFromThat() {
    closed("demo");
    var lead = fixture.lead();
    var bulk = fixture.enqueue(request(lead, "bulk"));
    fixture.enqueue(request(lead, "webhook"));

    assertThat(ids(claim())).containsExactly(bulk);
  }

  @Test
  void moreBackgroundWorkFreesNothing() {
    closed("demo");
    var lead = fixture.lead();
    fixture.enqueue(request(lead, "refresh"));
    assertThat(claim()).isEmpty();

    fixture.enqueue(request(lead, "bulk"));

    assertThat(claim()).isEmpty();
  }

  @Test
  void anEventThatComesWhileItsMessageRunsIsServedAfterwardsAlthoughTheHoursEnded() {
    var lead = fixture.lead();
    fixture.jdbc.update("INSERT INTO profile_pic.instances (instance_id) VALUES ('demo')");
    open("demo");
    fixture.enqueue(request(lead, "bulk"));
    var running = fixture.claimOne();
    closed("demo");
    fixture.enqueue(Map.of("lead_id", lead, "phone", "5562999212484", "force_update", true));

    fixture.settle(Results.complete(running, "NOT_SET"));

    assertThat(claim()).hasSize(1);
  }
}
