package dev.profilepic.worker.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * The database's clock ran an hour ahead and was set back. Times that were written before now lie
 * in the future, and no new result may count as late because of these times.
 */
class ClockWentBackTest extends QueueTest {

  private static final byte[] BYTES = {1, 2, 3};

  @Test
  void aNewResultCounts() {
    var lead = fixture.lead();
    fixture.enqueue(lead);
    fixture.settle(Results.stored(fixture.claimOne(), "aa", BYTES));
    clockGoesBack();

    fixture.enqueue(forced(lead));
    fixture.settle(Results.stored(fixture.claimOne(), "bb", BYTES));

    assertThat(fixture.picture(lead)).containsEntry("sha256", "bb");
  }

  @Test
  void aNewResultForAnotherPhoneCounts() {
    var lead = fixture.lead();
    fixture.enqueue(lead);
    fixture.settle(Results.stored(fixture.claimOne(), "aa", BYTES));
    clockGoesBack();
    fixture.jdbc.update("UPDATE public.leads SET phone = '5511988887777'");

    fixture.enqueue(forced(lead));
    var delivery = fixture.claimOne();
    fixture.settle(
        Results.storedFor(
            "5511988887777", delivery, "bb", BYTES, delivery.enqueuedAt().minusMillis(1)));

    assertThat(fixture.picture(lead)).containsEntry("sha256", "bb");
  }

  @Test
  void aLinkToANewPhotoIsTaken() {
    var lead = fixture.lead();
    fixture.enqueue(lead);
    fixture.settle(Results.stored(fixture.claimOne(), "aa", BYTES));
    clockGoesBack();

    assertThat(
            fixture.one(
                String.class,
                "SELECT status FROM profile_pic.enqueue(jsonb_build_array(jsonb_build_object('lead_id', ?::text, 'phone', '5562999212484', 'profile_pic_url', 'https://pps.whatsapp.net/new')))",
                lead))
        .isEqualTo("queued");
  }

  @Test
  void aRequestForALeadThatWasServedBeforeIsNoDuplicate() {
    var lead = fixture.lead();
    fixture.enqueue(lead);
    fixture.settle(Results.stored(fixture.claimOne(), "aa", BYTES));
    clockGoesBack();
    fixture.jdbc.update("UPDATE profile_pic.pictures SET next_check_at = now()");

    fixture.enqueue(Map.of("lead_id", lead, "phone", Results.PHONE));

    assertThat(fixture.queued()).isEqualTo(1);
  }

  private static Map<String, Object> forced(String lead) {
    return Map.of("lead_id", lead, "phone", Results.PHONE, "force_update", true);
  }

  /** Moves every stored time by one hour into the future. */
  private void clockGoesBack() {
    fixture.jdbc.update(
        "UPDATE profile_pic.pictures SET requested_at = requested_at + interval '1 hour', checked_at = checked_at + interval '1 hour', fetched_at = fetched_at + interval '1 hour'");
    fixture.jdbc.update(
        "UPDATE profile_pic.requests SET requested_at = requested_at + interval '1 hour', served_at = served_at + interval '1 hour'");
  }
}
