package dev.profilepic.receiver.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;

/** The operations of the console that no other test covers. */
class OperationsTest extends ConsoleTest {

  private final String instance = "ops_" + UUID.randomUUID().toString().substring(0, 8);
  private final String number =
      "5562" + ThreadLocalRandom.current().nextInt(60_000_000, 90_000_000);

  @Test
  void aSyncIsTriedStartedPausedResumedAndCancelled() {
    var world = new World(jdbc);
    world.instance(instance);
    world.lead("One", number, instance);
    world.lead("Two", number, instance);
    var page = signedIn(KEY);
    page.navigate("/console/syncs");

    page.locator("#instance").fill(instance);
    button(page, "How many would it be?").click();
    page.locator("main .notice").waitFor();
    assertThat(page.locator("main .notice").innerText())
        .startsWith("2 leads of " + instance + ", so 2 looks at WhatsApp.")
        .endsWith("Nothing was started.");
    assertThat(syncs()).isZero();

    button(page, "Start").click();
    awaitDone(page, "sync_started");
    var sync =
        jdbc.sql("SELECT id FROM profile_pic.syncs WHERE instance_id = ?")
            .param(instance)
            .query(Long.class)
            .single();
    assertThat(main(page)).contains(instance + " · #" + sync).contains("0 of 2");

    button(page, "Pause sync " + sync).click();
    awaitDone(page, "sync_paused");
    button(page, "Resume sync " + sync).click();
    awaitDone(page, "sync_resumed");
    button(page, "Cancel sync " + sync).click();
    awaitDone(page, "sync_cancelled");
    assertThat(button(page, "Cancel sync " + sync).count()).isZero();
  }

  @Test
  void aSyncIsTriedAndStartedForLeadsOfAState() {
    for (var state : List.of("HIDDEN", "HIDDEN", "NOT_SET")) {
      jdbc.sql(
              "INSERT INTO profile_pic.pictures (lead_id, phone, instance_id, state, reason, requested_at) VALUES (gen_random_uuid()::text, '5562999212484', ?, ?, ?, now())")
          .params(instance, state, state)
          .update();
    }
    var page = signedIn(KEY);
    page.navigate("/console/syncs");

    page.locator("#instance").fill(instance);
    page.locator("#state").selectOption("HIDDEN");
    button(page, "How many would it be?").click();
    assertThat(main(page)).contains("2 leads of " + instance);
    assertThat(page.locator("#state").inputValue()).isEqualTo("HIDDEN");
    assertAccessible(page);

    button(page, "Start").click();
    awaitDone(page, "sync_started");
    assertThat(main(page)).contains(instance, "state ");
    assertThat(
            jdbc.sql("SELECT only_state FROM profile_pic.syncs WHERE instance_id = ?")
                .param(instance)
                .query(String.class)
                .single())
        .isEqualTo("HIDDEN");
  }

  @Test
  void whatASyncCameToIsShownWhileItRuns() {
    var world = new World(jdbc);
    world.instance(instance);
    var sync = world.sync(instance, "RUNNING", 200, 50);
    var page = signedIn(KEY);
    page.navigate("/console/syncs");
    assertThat(main(page)).contains("50 of 200");

    jdbc.sql(
            "INSERT INTO profile_pic.sync_tallies (sync_id, bucket, n) VALUES (?, 'STORED', 70), (?, 'waiting', -70)")
        .params(sync, sync)
        .update();

    page.waitForCondition(() -> main(page).contains("120 of 200"));
    jdbc.sql("UPDATE profile_pic.syncs SET state = 'DONE' WHERE id = ?").param(sync).update();
  }

  @Test
  void lettersAreShownReplayedAndDroppedOneSomeOrAllOfAReason() {
    var world = new World(jdbc);
    var reason = "REASON_" + (char) ThreadLocalRandom.current().nextInt('A', 'Z');
    world.instance(instance);
    var lead = world.lead("Letter", number, instance);
    long first = world.letter(lead, number, instance, reason);
    long second = world.letter(lead, number, instance, reason);
    world.letter(lead, number, instance, reason);
    world.letter("none", number, instance, reason);
    var page = signedIn(KEY);
    var path = "/console/dead-letters?reason=" + reason;
    page.navigate(path);

    assertThat(main(page)).contains(number.substring(0, 5) + "****").doesNotContain(number);
    button(page, "Show the payload of letter " + first).click();
    page.locator(".payload").waitFor();
    assertThat(page.locator(".payload").innerText()).contains(number);
    assertAccessible(page);

    page.getByLabel("Select letter " + first).check();
    button(page, "Replay selected").click();
    awaitDone(page, "letters_replayed");
    assertThat(notice(page)).startsWith("Replayed: 1.");
    assertThat(messagesFor(lead)).hasSize(1);

    page.getByLabel("Select letter " + second).check();
    button(page, "Drop selected").click();
    awaitDone(page, "letters_dropped");
    assertThat(notice(page)).isEqualTo("Dropped: 1.");

    button(page, "Replay all: " + reason).click();
    awaitDone(page, "letters_replayed");
    assertThat(notice(page)).isEqualTo("Replayed: 1. They name no lead that exists, and stay: 1.");

    button(page, "Drop all: " + reason).click();
    assertThat(main(page)).contains("Nothing was dropped");
    expectComplaint("400");
    page.navigate(path);
    page.locator("#confirmed").check();
    button(page, "Drop all: " + reason).click();
    awaitDone(page, "letters_dropped");
    assertThat(notice(page)).isEqualTo("Dropped: 1.");
    assertThat(main(page)).contains("No dead letter");
  }

  @Test
  void replayingWithoutASelectionSaysSo() {
    var world = new World(jdbc);
    world.letter(world.lead("Letter", number, instance), number, instance, "NOTHING_SELECTED");
    var page = signedIn(KEY);
    page.navigate("/console/dead-letters?reason=NOTHING_SELECTED");

    button(page, "Replay selected").click();

    assertThat(main(page)).contains("Select some of the letters first");
    expectComplaint("400");
  }

  @Test
  void webhooksAreSeenAndADeliveryIsReplayed() {
    var world = new World(jdbc);
    long endpoint = world.endpoint("https://example.com/" + instance, instance);
    long delivery = world.delivery(endpoint, "a-lead", instance, "failed");
    http.post(
        "/webhooks/auto", "{\"event\": \"strange." + instance.replaceAll("[0-9_-]", "x") + "\"}");
    var page = signedIn(KEY);

    page.navigate("/console/webhooks");
    assertThat(main(page)).contains("https://example.com/" + instance).contains("auto");
    page.locator("summary").first().click();
    assertThat(page.locator("pre").first().innerText()).contains("event");
    page.getByText("https://example.com/" + instance).click();
    page.waitForURL("**/console/webhooks/" + endpoint);
    assertThat(main(page)).contains("given up").contains("answered 503");

    button(page, "Replay delivery " + delivery).click();
    awaitDone(page, "delivery_replayed");

    assertThat(
            jdbc.sql("SELECT state || attempts FROM profile_pic.webhook_deliveries WHERE id = ?")
                .param(delivery)
                .query(String.class)
                .single())
        .isEqualTo("pending0");
  }

  @Test
  void aKeyIsMadeShownOnceUsedAndRevoked() {
    var page = signedIn(KEY);
    var name = "console " + instance;
    page.navigate("/console/keys");

    page.locator("#name").fill(name);
    page.locator("#scope-read").check();
    page.locator("#instances").fill(instance);
    page.locator("#days").fill("7");
    button(page, "Create").click();
    page.locator("#made").waitFor();
    var key = page.locator("#made").innerText();
    assertAccessible(page);

    awaitKey(key);
    assertThat(withKey(key).get("/instances").status()).isEqualTo(200);
    assertThat(withKey(key).post("/syncs/1/pause", "").status()).isEqualTo(403);
    page.navigate("/console/keys");
    assertThat(main(page)).contains(name).doesNotContain(key);

    button(page, "Revoke " + name).click();
    awaitDone(page, "key_revoked");

    org.awaitility.Awaitility.await().until(() -> withKey(key).get("/instances").status() == 401);
    page.navigate("/console/log");
    assertThat(page.locator("tbody tr").first().innerText())
        .contains("bootstrap")
        .contains("revoked a key")
        .contains(name);
  }

  @Test
  void aKeyGivesNothingThatItsMakerHasNot() {
    var page = signedIn(newKey("read,operate"));
    page.navigate("/console/keys");
    assertThat(page.locator("#scope-ingest").count()).isZero();

    page.locator("#name").fill("more " + instance);
    page.evaluate("document.querySelector('#scope-read').value = 'ingest'");
    page.locator("#scope-read").check();
    button(page, "Create").click();

    assertThat(main(page)).contains("cannot be given a scope that yours has not");
    expectComplaint("403");
  }

  @Test
  void theOverviewSaysWhatIsWrongAndRefreshesItself() {
    var world = new World(jdbc);
    world.figures();
    world.instance(instance);
    var page = signedIn(KEY);
    page.locator(".chart canvas").first().waitFor();
    assertThat(page.locator(".chart canvas").count()).isEqualTo(4);

    jdbc.sql("DELETE FROM profile_pic.worker_reports").update();
    page.waitForCondition(() -> main(page).contains("No worker has reported"));
    assertThat(page.locator(".verdict").getAttribute("class")).contains("trouble");
    world.report();
    page.waitForCondition(() -> !main(page).contains("No worker has reported"));

    jdbc.sql("SELECT 1 FROM profile_pic.breaker_changed(?, 'OPEN', interval '1 minute')")
        .param(instance)
        .query(Integer.class)
        .list();
    page.waitForCondition(() -> main(page).contains("The number " + instance + " is disconnected"));
    jdbc.sql("SELECT 1 FROM profile_pic.breaker_changed(?, 'CLOSED', NULL)")
        .param(instance)
        .query(Integer.class)
        .list();

    button(page, "Last day").click();
    assertThat(button(page, "Last day").getAttribute("aria-pressed")).isEqualTo("true");
  }

  @Test
  void whatDoesNotExistIsAPageToo() {
    var page = signedIn(KEY);

    for (var path :
        new String[] {"/console/nothing", "/console/leads/none", "/console/instances/none"}) {
      assertThat(page.navigate(path).status()).as(path).isEqualTo(404);
      assertThat(page.locator("h1").innerText()).isEqualTo("This did not work");
      assertAccessible(page);
    }
    expectComplaint("404");
  }

  private long syncs() {
    return jdbc.sql("SELECT count(*) FROM profile_pic.syncs WHERE instance_id = ?")
        .param(instance)
        .query(Long.class)
        .single();
  }
}
