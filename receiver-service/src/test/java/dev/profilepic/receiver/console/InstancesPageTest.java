package dev.profilepic.receiver.console;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class InstancesPageTest extends ConsoleTest {

  private final String instance = "number_" + UUID.randomUUID().toString().substring(0, 8);

  @Test
  void aNumberIsAddedAndItsQrCodeIsThereToScan() {
    var page = signedIn(KEY);
    page.navigate("/console/instances");

    page.locator("#id").fill(instance);
    button(page, "Add and pair").click();
    page.waitForURL("**/console/instances/" + instance + "?done=instance_added");

    assertThat(main(page)).contains("Waits to be scanned");
    page.waitForCondition(
        () -> (Boolean) page.evaluate("document.querySelector('.qr img').naturalWidth > 100"));
    assertAccessible(page);

    page.locator("#phone").fill("+55 11 90000-0009");
    button(page, "Get a pairing code").click();
    page.locator(".code").waitFor();
    assertThat(page.locator(".code").innerText()).isEqualTo("ABCD1234");

    BRIDGE.put(instance, "open");
    page.locator("h1").click();
    page.waitForCondition(() -> main(page).contains("Connected"));
    assertThat(page.locator(".qr").count()).isZero();
  }

  @Test
  void aPageThatAsksForACodeAfterTheScanCausesNoError() {
    new World(jdbc).instance(instance);
    BRIDGE.put(instance, "open");
    var page = signedIn(KEY);
    page.navigate("/console/instances/" + instance);

    page.evaluate(
        """
        address => new Promise(end => {
          const image = new Image();
          image.onload = image.onerror = () => end();
          image.src = address;
        })
        """,
        "/console/instances/" + instance + "/qr.png");

    theBrowserIsContent();
  }

  @Test
  void whatABridgeThatIsAwayCannotSayIsSaid() {
    new World(jdbc).instance(instance);
    var page = signedIn(KEY);

    page.navigate("/console/instances/" + instance);

    assertThat(main(page)).contains("The bridge has no such number");
    button(page, "Connect").click();
    awaitDone(page, "instance_connecting");
    assertThat(BRIDGE).containsEntry(instance, "qr");
  }

  @Test
  void itIsPausedResumedPacedAndGivenQuietHours() {
    new World(jdbc).instance(instance);
    var page = signedIn(KEY);
    page.navigate("/console/instances/" + instance);

    button(page, "Pause").click();
    awaitDone(page, "instance_paused");
    assertThat(main(page)).contains("paused by an operator");
    button(page, "Resume").click();
    awaitDone(page, "instance_resumed");

    page.locator("#pace").fill("17");
    save(page, "#pace");
    assertThat(main(page)).contains("17 looks per minute");
    page.locator("#from").fill("23:00");
    page.locator("#to").fill("06:30");
    save(page, "#from");
    assertThat(main(page)).contains("23:00 – 06:30, America/Sao_Paulo");
    page.locator("#from").fill("");
    page.locator("#to").fill("");
    save(page, "#from");
    assertThat(main(page)).doesNotContain("23:00");

    assertThat(page.locator(".timeline").innerText()).contains("paused by an operator", "works");
  }

  @Test
  void itsWorkingHoursAreSetShownAndTakenBack() {
    new World(jdbc).instance(instance);
    var page = signedIn(KEY);
    page.navigate("/console/instances/" + instance);
    assertThat(main(page)).contains("At any time.");

    page.locator("#day-monday").check();
    page.locator("#day-friday").check();
    page.locator("#hours-from").fill("09:00");
    page.locator("#hours-to").fill("18:30");
    save(page, "#hours-from");
    assertThat(main(page)).contains("Monday, Friday, 09:00 – 18:30, America/Sao_Paulo");
    assertThat(page.locator("#day-monday").isChecked()).isTrue();
    assertThat(page.locator("#day-tuesday").isChecked()).isFalse();
    assertAccessible(page);

    page.locator("#hours-from").fill("");
    page.locator("#hours-to").fill("");
    save(page, "#hours-from");
    assertThat(main(page)).contains("At any time.");
  }

  @Test
  void itSaysWhenBackgroundWorkGoesOn() {
    new World(jdbc).instance(instance);
    jdbc.sql(
            "UPDATE profile_pic.instances SET hours_zone = 'UTC', hours_days = '{1,2,3,4,5,6,7}', hours_from = date_trunc('minute', now() AT TIME ZONE 'UTC' + interval '2 hours')::time, hours_to = date_trunc('minute', now() AT TIME ZONE 'UTC' + interval '3 hours')::time WHERE instance_id = ?")
        .param(instance)
        .update();
    var page = signedIn(KEY);

    page.navigate("/console/instances/" + instance);

    assertThat(main(page)).contains("every day").contains("Bulk syncs and refreshes go on at");
  }

  @Test
  void aWrongPaceIsRefusedByItsName() {
    new World(jdbc).instance(instance);
    var page = signedIn(KEY);
    page.navigate("/console/instances/" + instance);

    page.locator("#pace").fill("fast");
    page.locator("form:has(#pace) button").click();

    assertThat(main(page)).contains("pace_per_minute");
    assertAccessible(page);
    expectComplaint("400");
  }

  @Test
  void photosThatLookBrokenOnANumberAreToldApartFromContactsThatHideThem() {
    var world = new World(jdbc);
    world.instance(instance);
    var page = signedIn(KEY);

    looks("HIDDEN", 90);
    looks("STORED", 10);
    page.navigate("/console/instances/" + instance);
    assertThat(main(page)).contains("most contacts hide theirs").contains("90 % of the answers");

    looks("NO_ANSWER", 200);
    page.reload();
    assertThat(main(page))
        .contains("look broken on this number")
        .contains("It is this number, not the contacts");
  }

  @Test
  void aSourceThatCannotTellMakesTheNumberNeitherGoodNorBroken() {
    new World(jdbc).instance(instance);
    looks("UNKNOWN", 90);
    looks("STORED", 10);
    var page = signedIn(KEY);

    page.navigate("/console/instances/" + instance);

    assertThat(main(page)).contains("source mostly cannot tell").contains("Of 90 % of the looks");
  }

  @Test
  void whoMayOnlyLookCannotAct() {
    new World(jdbc).instance(instance);
    BRIDGE.put(instance, "qr");
    var page = signedIn(newKey("read"));

    page.navigate("/console/instances/" + instance);

    assertThat(page.locator("main button").count()).isZero();
    assertThat(page.locator(".qr").count()).as("who scans it decides which number it is").isZero();
  }

  private void looks(String outcome, int times) {
    jdbc.sql(
            "INSERT INTO profile_pic.minute_figures (instance_id, minute, figure, value) VALUES (?, date_trunc('minute', now()), ?, ?)")
        .params(instance, "outcome." + outcome, times)
        .update();
  }

  private static void save(Page page, String field) {
    page.locator("form:has(" + field + ") button").click();
    awaitDone(page, "instance_changed");
    page.navigate(page.url().replaceFirst("\\?.*", ""));
  }
}
