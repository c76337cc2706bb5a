package dev.profilepic.receiver.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.receiver.support.ReceiverTest;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

class FiguresTest extends ReceiverTest {

  @Autowired private FigureReports reports;

  @Test
  void aPercentileIsTheUpperBoundOfTheClassThatItFallsInto() {
    var classes = Map.of(1.0, 50.0, 5.0, 44.0, 60.0, 6.0);

    assertThat(Figures.percentile(classes, 0.5)).isEqualTo(1.0);
    assertThat(Figures.percentile(classes, 0.94)).isEqualTo(5.0);
    assertThat(Figures.percentile(classes, 0.95)).isEqualTo(60.0);
    assertThat(Figures.percentile(Map.of(), 0.5)).isNull();
  }

  @Test
  void eventsAndTheDepthOfTheQueueAreKeptByMinuteAndForgottenWhenTheyAreOld() {
    jdbc.sql("DELETE FROM profile_pic.minute_figures").update();
    jdbc.sql(
            "INSERT INTO profile_pic.minute_figures (instance_id, minute, figure, value) VALUES ('', now() - interval '4 days', 'depth.ready', 1)")
        .update();
    var lead = newLead("5562999212484");
    http.post(
        "/profile-pics",
        "{\"lead_id\": \"%s\", \"phone\": \"5562999212484\", \"force_update\": true}"
            .formatted(lead));

    reports.report();
    reports.report();

    assertThat(sum("event.profile-pics.queued")).isGreaterThanOrEqualTo(1);
    assertThat(sum("depth.paced") + sum("depth.ready")).isGreaterThanOrEqualTo(1);
    assertThat(
            jdbc.sql(
                    "SELECT count(*) FROM profile_pic.minute_figures WHERE minute < now() - interval '3 days'")
                .query(Integer.class)
                .single())
        .isZero();
    long events = sum("event.profile-pics.queued");
    reports.report();
    assertThat(sum("event.profile-pics.queued")).as("told once").isEqualTo(events);
  }

  private long sum(String figure) {
    return jdbc.sql(
            "SELECT coalesce(sum(value), 0)::bigint FROM profile_pic.minute_figures WHERE instance_id = '' AND figure = ?")
        .param(figure)
        .query(Long.class)
        .single();
  }
}
