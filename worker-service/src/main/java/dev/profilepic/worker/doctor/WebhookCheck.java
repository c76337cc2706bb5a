package dev.profilepic.worker.doctor;

import dev.profilepic.contract.WebhookSecret;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;

/**
 * Posts two probes to the receiver, as senders do: a signed event that concerns no lead, and the
 * same event with a foreign signature (Standard Webhooks).
 */
final class WebhookCheck implements Check {

  private static final String BODY =
      "{\"event\":\"doctor.probe\",\"instance_id\":\"doctor\",\"data\":{}}";
  private static final String STRANGER = "a secret that nobody configured";

  @Override
  public String name() {
    return "webhooks";
  }

  @Override
  public Need need() {
    return Need.NOTHING;
  }

  @Override
  public void look(Setup setup, Notes notes) throws InterruptedException {
    var settings = setup.settings();
    var url = settings.probeUrl() + "/webhooks/baileys";
    if (settings.probeUrl().isEmpty()) {
      return;
    }
    var secret = settings.webhookSecret();
    try {
      if (secret.isEmpty()) {
        notes.warning(
            "no signed probe was sent: PROFILE_PIC_WEBHOOK_SECRET_BAILEYS is not set",
            "Set it for receiver and bridge, or let your gateway send an API key.");
      } else {
        known(setup, url, secret, notes);
      }
      stranger(setup, url, notes);
      notes.okIfNothingElse(url + " takes what is signed and nothing else");
    } catch (IOException away) {
      if (!setup.wasAway("receiver")) {
        notes.problem(
            url + " cannot be reached: " + Web.why(away),
            "Let senders reach the receiver: look at DNS, certificate, proxy and firewall.");
      }
    }
  }

  private static void known(Setup setup, String url, String secret, Notes notes)
      throws IOException, InterruptedException {
    var answer = setup.timed("receiver", post(setup, url, secret));
    switch (answer.status()) {
      case 202 -> {
        if (!answer.body().contains("\"ignored\"")) {
          notes.problem(
              url + " took the probe for something else: it is not the receiver", ELSEWHERE);
        }
      }
      case 401 -> {
        if (!setup.isFarOff("receiver")) {
          notes.problem(
              "the receiver refuses what is signed with PROFILE_PIC_WEBHOOK_SECRET_BAILEYS",
              "Give receiver and bridge (BRIDGE_WEBHOOK_SECRET) the same secret, and restart both.");
        }
      }
      case 503 ->
          notes.problem(
              "the receiver answers webhooks with 503",
              "Its database is away or too slow: look into its log.");
      default -> notes.problem(url + " answers a webhook with " + answer.status(), ELSEWHERE);
    }
  }

  private static final String ELSEWHERE =
      "Let the proxy pass POST /webhooks/ to the receiver's port 8080, as it is and without a login.";

  private static void stranger(Setup setup, String url, Notes notes)
      throws IOException, InterruptedException {
    var answer = post(setup, url, STRANGER);
    if (answer.status() / 100 == 2) {
      notes.problem(
          url + " takes what a stranger signed (" + answer.status() + ")",
          "It is not the receiver, or something in front of it answers in its place. " + ELSEWHERE);
    }
  }

  private static Web.Answer post(Setup setup, String url, String secret)
      throws IOException, InterruptedException {
    var id = "doctor-" + UUID.randomUUID();
    var now = setup.clock().instant();
    return setup
        .web()
        .post(
            url,
            BODY,
            Map.of(
                "webhook-id", id,
                "webhook-timestamp", Long.toString(now.getEpochSecond()),
                "webhook-signature", signature(secret, id, now)));
  }

  private static String signature(String secret, String id, Instant now) throws IOException {
    try {
      return WebhookSecret.ofAnyText(secret).sign(id, now, BODY);
    } catch (IllegalArgumentException noKey) {
      throw new IOException(
          "PROFILE_PIC_WEBHOOK_SECRET_BAILEYS must be whsec_ and base64, or text");
    }
  }
}
