package dev.profilepic.worker.doctor;

import java.io.IOException;
import java.util.Locale;
import java.util.Map;

/** Checks that a service runs and says that it can work. */
final class ReadinessCheck implements Check {

  private final String service;

  /**
   * @param service receiver or worker
   */
  ReadinessCheck(String service) {
    this.service = service;
  }

  @Override
  public String name() {
    return service;
  }

  @Override
  public Need need() {
    return Need.NOTHING;
  }

  @Override
  public void look(Setup setup, Notes notes) throws InterruptedException {
    var base =
        service.equals("receiver")
            ? setup.settings().receiverHealthUrl()
            : setup.settings().workerHealthUrl();
    var url = base + "/actuator/health/readiness";
    try {
      var answer = setup.timed(service, setup.web().get(url, Map.of()));
      if (answer.status() == 200) {
        notes.ok("ready");
      } else if (answer.status() == 503) {
        notes.problem(
            "runs, and is not ready: " + answer.body(),
            "Its log says why; most often the database is away or refuses its role.");
      } else {
        notes.problem(
            url + " answers " + answer.status() + ", which is not the " + service,
            "Set PROFILE_PIC_DOCTOR_" + service.toUpperCase(Locale.ROOT) + "_HEALTH_URL.");
      }
    } catch (IOException away) {
      setup.isAway(service);
      notes.problem(
          "does not answer at " + base + ": " + Web.why(away),
          "Start it, and look into its log. If it runs elsewhere, set PROFILE_PIC_DOCTOR_"
              + service.toUpperCase(Locale.ROOT)
              + "_HEALTH_URL.");
    }
  }
}
