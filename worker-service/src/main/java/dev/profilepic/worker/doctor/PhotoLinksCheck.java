package dev.profilepic.worker.doctor;

import java.io.IOException;
import java.util.Map;

/** Checks that links to photos lead to the receiver, so that they can be shown. */
final class PhotoLinksCheck implements Check {

  /** A link that belongs to no lead, with a forged signature. */
  private static final String FORGED = "/avatars/doctor-probe?v=0&sig=forged";

  @Override
  public String name() {
    return "photo links";
  }

  @Override
  public Need need() {
    return Need.NOTHING;
  }

  @Override
  public void look(Setup setup, Notes notes) throws InterruptedException {
    var settings = setup.settings();
    var base = settings.baseUrl();
    if (base.isEmpty()) {
      return;
    }
    if (Settings.isLoopback(base) && !settings.isLocal()) {
      notes.problem(
          "links to photos begin with "
              + base
              + ", which leads nowhere but on the receiver's machine",
          "Set PROFILE_PIC_AVATARS_BASE_URL to the address under which browsers reach the receiver,"
              + " for receiver and worker.");
      return;
    }
    if (base.startsWith("http://") && !settings.isLocal()) {
      notes.warning(
          base + " is not https: browsers show no photos of it on pages that are",
          "Put a proxy with https in front, and set PROFILE_PIC_AVATARS_BASE_URL to it.");
    }
    try {
      judge(base, setup.timed("receiver", setup.web().get(base + FORGED, Map.of())), notes);
    } catch (IOException away) {
      if (!setup.wasAway("receiver")) {
        notes.problem(
            base + " cannot be reached: " + Web.why(away),
            "Let browsers reach the receiver there: look at DNS, certificate, proxy and firewall. Or"
                + " correct PROFILE_PIC_AVATARS_BASE_URL.");
      }
    }
  }

  private static void judge(String base, Web.Answer answer, Notes notes) {
    boolean refused = answer.status() == 404 || answer.status() == 403;
    if (refused && answer.isOfOurs()) {
      notes.okIfNothingElse(base + " leads to the receiver, which refuses a forged link");
    } else if (answer.status() / 100 == 3 || answer.status() == 401) {
      notes.problem(
          base + " sends whoever wants a photo to a login (" + answer.status() + ")",
          "Let the proxy pass GET /avatars/ to the receiver without a login: links are signed.");
    } else {
      notes.problem(
          base
              + " is not the receiver: it answers a forged link with "
              + answer.status()
              + (answer.contentType().isEmpty() ? "" : ", " + answer.contentType()),
          "Let the proxy pass GET /avatars/ to the receiver's port 8080, or correct"
              + " PROFILE_PIC_AVATARS_BASE_URL.");
    }
  }
}
