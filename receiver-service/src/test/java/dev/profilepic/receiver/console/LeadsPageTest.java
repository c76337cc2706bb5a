package dev.profilepic.receiver.console;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LeadsPageTest extends ConsoleTest {

  private final String number =
      "5562" + ThreadLocalRandom.current().nextInt(60_000_000, 90_000_000);
  private final String instance = "leads_" + number;

  @BeforeEach
  void prepare() {
    world().instance(instance);
    world().report();
  }

  private World world() {
    return new World(jdbc);
  }

  @Test
  void aLeadIsFoundByPhoneInAnyNotationByIdAndByName() {
    var name = "Zuleica " + number;
    var lead = world().lead(name, number, instance);
    jdbc.sql(
            "INSERT INTO profile_pic.lead_phones (lead_id, suffix) VALUES (?, right(?, 8)) ON CONFLICT DO NOTHING")
        .params(lead, number)
        .update();
    var page = signedIn(KEY);
    var local = number.substring(4);

    for (var text :
        new String[] {
          number,
          "+55 (62) " + local.substring(0, 4) + "-" + local.substring(4),
          "62 9" + local,
          lead,
          lead.toUpperCase(java.util.Locale.ROOT),
          "zuleica " + number
        }) {
      search(page, text);

      assertThat(page.locator("tbody tr").allInnerTexts())
          .as(text)
          .singleElement()
          .asString()
          .contains(name);
    }
  }

  @Test
  void aSearchThatFindsNothingSaysWhy() {
    var page = signedIn(KEY);

    search(page, "1234");
    assertThat(main(page)).contains("at least the last eight digits");
    search(page, "nobody is called like this");
    assertThat(main(page)).contains("No lead like that");
  }

  @Test
  void filtersFindLeadsByStateReasonAndInstance() {
    var hidden = world().lead("Hidden " + number, number, instance);
    world().picture(hidden, number, instance, "HIDDEN", "HIDDEN", 1);
    var failed = world().lead("Failed " + number, number, instance);
    world().picture(failed, number, instance, "FAILED", "NO_ANSWER", 1);
    var page = signedIn(KEY);

    page.navigate("/console/leads");
    page.locator("#state").selectOption("HIDDEN");
    page.locator("#instance").fill(instance);
    button(page, "Find").click();
    untilFound(page, "Hidden " + number);
    assertThat(main(page)).contains("Hidden " + number).doesNotContain("Failed " + number);

    page.locator("#state").selectOption("");
    page.locator("#reason").fill("NO_ANSWER");
    button(page, "Find").click();
    untilFound(page, "Failed " + number);
    assertThat(main(page)).contains("Failed " + number).doesNotContain("Hidden " + number);
  }

  /**
   * One step of a search reads ten thousand leads. The two leads of this test are further apart.
   */
  @Test
  void aSearchLooksOnUntilThePageIsFull() {
    var two =
        Stream.generate(() -> world().lead("Apart", number, instance)).limit(2).sorted().toList();
    two.forEach(lead -> world().picture(lead, number, instance, "NOT_SET", "NOT_SET", 1));
    jdbc.sql(
            """
            INSERT INTO profile_pic.pictures (lead_id, phone, state, reason, requested_at)
            SELECT ? || n, '5562911110000', 'NOT_SET', 'NOT_SET', now() FROM generate_series(1, 10001) AS n
            """)
        .param(two.getFirst() + "-")
        .update();
    var page = signedIn(KEY);

    page.navigate("/console/leads?state=NOT_SET&instance=" + instance);
    untilItEnds(page);

    assertThat(page.locator("tbody tr").count()).isEqualTo(2);
    jdbc.sql("DELETE FROM profile_pic.pictures WHERE starts_with(lead_id, ?)")
        .param(two.getFirst() + "-")
        .update();
  }

  private static void untilItEnds(Page page) {
    page.waitForCondition(() -> page.locator("tr.more").count() == 0);
  }

  private static void untilFound(Page page, String name) {
    page.getByText(name).waitFor();
  }

  @Test
  void aLongListGoesOnWhereItStopped() {
    for (int i = 0; i < 60; i++) {
      var lead = world().lead("Many", number, instance);
      world().picture(lead, number, instance, "NOT_SET", "NOT_SET", 1);
    }
    var rows = signedIn(KEY).locator("tbody tr:not(.more)");
    var page = rows.page();

    page.navigate("/console/leads?state=NOT_SET&instance=" + instance);
    page.getByText("Show more").waitFor();
    assertThat(rows.count()).isEqualTo(50);

    page.locator("tr.more a").click();

    rows.nth(59).waitFor();
    untilItEnds(page);
    assertThat(rows.count()).isEqualTo(60);
  }

  @Test
  void itIsToldWhyThereIsNoPhotoAndALookIsAskedFor() {
    var lead = world().lead("Waiting " + number, number, instance);
    var page = signedIn(KEY);
    page.navigate("/console/leads/" + lead);
    assertThat(main(page)).contains("Nobody has asked for it yet");

    button(page, "Look now").click();
    awaitDone(page, "queued");

    assertThat(notice(page)).isEqualTo("It is in the queue now.");
    assertThat(messagesFor(lead)).hasSize(1);
    assertThat(main(page))
        .contains("It waits in line")
        .contains("0 stand before it in the line of " + instance);

    jdbc.sql("SELECT 1 FROM profile_pic.pause_instance(?)")
        .param(instance)
        .query(Integer.class)
        .list();
    page.reload();
    assertThat(main(page))
        .contains("The number " + instance + " is paused until an operator resumes it")
        .contains("Resume " + instance);
  }

  @Test
  void aFaceIsShown() {
    var lead = world().lead("Face " + number, number, instance);
    world().picture(lead, number, instance, "STORED", "STORED", 1);
    world().face(lead, 7);
    var page = signedIn(KEY);

    page.navigate("/console/leads/" + lead);

    page.waitForCondition(
        () -> (Boolean) page.evaluate("document.querySelector('.face img').naturalWidth === 192"));
    button(page, "Revoke links").click();
    awaitDone(page, "links_revoked");
    page.waitForCondition(
        () -> (Boolean) page.evaluate("document.querySelector('.face img').naturalWidth === 192"));
  }

  @Test
  void aPersonIsForgottenOnlyWhenTheIdWasTyped() {
    var lead = world().lead("Forget " + number, number, instance);
    world().picture(lead, number, instance, "NOT_SET", "NOT_SET", 1);
    var page = signedIn(KEY);
    page.navigate("/console/leads/" + lead);

    page.locator("summary").click();
    page.locator("#confirmation").fill("yes");
    button(page, "Forget for ever").click();
    assertThat(main(page)).contains("Nothing was erased");
    expectComplaint("400");

    page.navigate("/console/leads/" + lead);
    page.locator("summary").click();
    page.locator("#confirmation").fill(lead);
    button(page, "Forget for ever").click();
    awaitDone(page, "erased");
    assertThat(main(page)).contains("This person asked to be forgotten");
    assertThat(
            jdbc.sql("SELECT state FROM profile_pic.pictures WHERE lead_id = ?")
                .param(lead)
                .query(String.class)
                .single())
        .isEqualTo("ERASED");

    button(page, "Allow again").click();
    awaitDone(page, "allowed");
    assertThat(main(page)).doesNotContain("asked to be forgotten");
  }

  @Test
  void whoMayOnlyLookSeesNoButtonAndNoWholePhone() {
    var lead = world().lead("Look at me", number, instance);
    world().picture(lead, number, instance, "NOT_SET", "NOT_SET", 1);
    var page = signedIn(newKey("read"));

    page.navigate("/console/leads/" + lead);

    assertThat(page.locator("main button").count()).isZero();
    assertThat(page.locator(".lead-head").innerText())
        .contains(number.substring(0, 5) + "****")
        .doesNotContain("\n" + number);
    assertThat(page.locator("nav").innerText()).doesNotContain("Keys").doesNotContain("Log");
  }

  private static void search(Page page, String text) {
    page.navigate("/console/leads");
    page.locator("#q").fill(text);
    button(page, "Find").click();
    page.waitForURL(url -> url.contains("q="));
  }
}
