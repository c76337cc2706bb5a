package dev.profilepic.receiver.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.receiver.support.Console;
import dev.profilepic.receiver.support.ReceiverTest;
import java.time.Instant;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.context.support.StaticMessageSource;

/** Times that Postgres holds, and that no calendar shows. */
class AbsurdTimesTest extends ReceiverTest {

  @Test
  void thePageOfALeadThatCameThroughTheTriggerIsShown() {
    var lead = newLead("5562999212484");
    jdbc.sql("SELECT 1 FROM profile_pic.hold_requests(ARRAY[?])")
        .param(lead)
        .query(Integer.class)
        .list();

    var page = Console.signIn(withKey(null), KEY).get("/console/leads/" + lead);

    assertThat(page.status()).isEqualTo(200);
    assertThat(page.text()).contains(lead);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-infinity", "infinity", "4000-01-01 BC", "294276-12-31 23:59:59Z"})
  void anyTimeOfALeadIsShownByConsoleAndApi(String time) {
    var lead = newLead("5562999212484");
    jdbc.sql(
            """
            INSERT INTO profile_pic.pictures (lead_id, phone, state, reason, requested_at, checked_at, fetched_at, next_check_at)
            SELECT ?, '5562999212484', 'NOT_SET', 'NOT_SET', t, t, t, t FROM (SELECT ?::timestamptz AS t) AS t
            """)
        .params(lead, time)
        .update();
    jdbc.sql(
            """
            INSERT INTO profile_pic.requests (lead_id, phone, requested_at, served_at) VALUES (?, '', ?::timestamptz, ?::timestamptz)
            """)
        .params(lead, time, time)
        .update();
    jdbc.sql(
            """
            INSERT INTO profile_pic.picture_history (lead_id, at, outcome, state, message_id) VALUES (?, ?::timestamptz, 'NOT_SET', 'NOT_SET', 1)
            """)
        .params(lead, time)
        .update();
    var console = Console.signIn(withKey(null), KEY);

    assertThat(console.get("/console/leads/" + lead).status()).isEqualTo(200);
    assertThat(console.get("/console/leads?q=" + lead).status()).isEqualTo(200);
    assertThat(http.get("/leads/" + lead + "/profile-pic").status()).isEqualTo(200);
    assertThat(http.get("/leads/" + lead + "/profile-pic/history").status()).isEqualTo(200);
  }

  @Test
  void aPageShowsADashForATimeThatItCannotShow() {
    var ui = new Ui(new StaticMessageSource(), Locale.ENGLISH);

    assertThat(ui.time(Instant.MIN)).isEqualTo("–");
    assertThat(ui.utc(Instant.MAX)).isEqualTo("–");
    assertThat(ui.utc(Instant.parse("2026-11-28T12:00:00Z"))).isEqualTo("2026-11-28 12:00 UTC");
  }
}
