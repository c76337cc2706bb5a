package dev.profilepic.worker.doctor;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.springframework.boot.convert.DurationStyle;

/** Checks that our bridge can be reached, takes the token, and has numbers. */
final class BridgeCheck implements Check {

  @Override
  public String name() {
    return "bridge";
  }

  @Override
  public Need need() {
    return Need.NOTHING;
  }

  @Override
  public void look(Setup setup, Notes notes) throws InterruptedException {
    var settings = setup.settings();
    if (!setup.asksBridge()) {
      notes.ok("not asked: PROFILE_PIC_SOURCE_KIND is " + settings.sourceKind());
      return;
    }
    if (settings.bridgeToken().isEmpty()) {
      notes.problem(
          "PROFILE_PIC_BRIDGE_TOKEN is not set",
          "Set it to one of the bridge's BRIDGE_TOKENS, or PROFILE_PIC_SOURCE_KIND to another gateway.");
      return;
    }
    var url = settings.bridgeUrl();
    try {
      var answer =
          setup.timed(
              "bridge",
              setup
                  .web()
                  .get(
                      url + "/instances",
                      Map.of("Authorization", "Bearer " + settings.bridgeToken())));
      judge(setup, url, answer, notes);
    } catch (IOException away) {
      notes.problem(
          url + " cannot be reached: " + Web.why(away),
          "Start the bridge, or correct PROFILE_PIC_BRIDGE_URL.");
    }
  }

  private static void judge(Setup setup, String url, Web.Answer answer, Notes notes)
      throws IOException {
    switch (answer.status()) {
      case 200 -> {
        var overview = Setup.json(answer.body());
        setup.bridgeSaid(overview);
        if (overview.path("instances").isEmpty()) {
          notes.problem(
              "the bridge has no WhatsApp number",
              "BRIDGE_INSTANCES=sales, then scan the code on " + url + "/instances/sales/qr");
        }
        var longest = Duration.ofMillis(overview.path("longest_lookup_ms").asLong(0));
        var patience = setup.settings().text("profile-pic.bridge.timeout");
        if (longest.compareTo(patience.isEmpty() ? DEFAULT : DurationStyle.detectAndParse(patience))
            >= 0) {
          notes.problem(
              "lookups may take "
                  + longest.toSeconds()
                  + " s at the bridge, longer than the worker waits",
              "Raise PROFILE_PIC_BRIDGE_TIMEOUT above it, or lower BRIDGE_LOOKUP_MAX_WAIT_MS.");
        }
        notes.okIfNothingElse(url + ", " + overview.path("instances").size() + " numbers");
      }
      case 401, 403 ->
          notes.problem(
              "the bridge refuses our token",
              "Set PROFILE_PIC_BRIDGE_TOKEN to one of the bridge's BRIDGE_TOKENS.");
      default ->
          notes.problem(
              url + " answers " + answer.status() + ": is it the bridge?",
              "Correct PROFILE_PIC_BRIDGE_URL, or look into the bridge's log.");
    }
  }

  private static final Duration DEFAULT = Duration.ofSeconds(20);
}
