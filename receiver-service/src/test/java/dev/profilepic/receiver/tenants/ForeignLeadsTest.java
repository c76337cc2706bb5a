package dev.profilepic.receiver.tenants;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.receiver.support.Console;
import dev.profilepic.receiver.support.Http.Answer;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A tenant whose leads stand behind many of another: it finds its own and learns nothing else. */
class ForeignLeadsTest extends BoundKeyTest {

  private static final Pattern AFTER = Pattern.compile("after=([^&\"]+)");

  private final String mark = UUID.randomUUID().toString().substring(0, 8);
  private final String phone = "5562" + ThreadLocalRandom.current().nextInt(60_000_000, 90_000_000);
  private final String foreign = "foreign_" + mark;

  @AfterEach
  void clear() {
    jdbc.sql("DELETE FROM profile_pic.pictures WHERE starts_with(lead_id, ?)")
        .param("0-" + mark)
        .update();
    jdbc.sql("DELETE FROM profile_pic.picture_history WHERE starts_with(lead_id, ?)")
        .param("0-" + mark)
        .update();
    jdbc.sql("DELETE FROM public.leads WHERE instance_id = ?").param(foreign).update();
    jdbc.sql("DELETE FROM pgmq.q_profile_pic_queue WHERE message ->> 'instance_id' = ?")
        .param(foreign)
        .update();
  }

  @Test
  void aWalkThroughTheLeadsOfOthersShowsNoneOfTheirIdsAndNoNumberOfThem() {
    jdbc.sql(
            """
            INSERT INTO profile_pic.pictures (lead_id, phone, state, reason, requested_at, instance_id)
            SELECT '0-' || ? || '-' || n, '5562911110000', 'NOT_SET', 'NOT_SET', now(), ? FROM generate_series(1, 10001) AS n
            """)
        .params(mark, foreign)
        .update();
    var own = newLead(phone, boundTo);
    jdbc.sql(
            """
            INSERT INTO profile_pic.pictures (lead_id, phone, state, reason, requested_at, instance_id) VALUES (?, ?, 'NOT_SET', 'NOT_SET', now(), ?)
            """)
        .params(own, phone, boundTo)
        .update();
    var console = Console.signIn(withKey(null), boundKey());

    var pages = walk(console, "/console/leads?state=NOT_SET&instance=" + boundTo);

    assertThat(pages.getLast().text()).as("the last of " + pages.size()).doesNotContain("after=");
    assertThat(pages).anySatisfy(page -> assertThat(page.text()).contains(own));
    assertThat(pages)
        .hasSizeGreaterThan(1)
        .allSatisfy(page -> {
          assertThat(page.text()).doesNotContain(mark, "10,000");
          assertThat(decoded(page)).doesNotContain(mark);
        });
  }

  @Test
  void aPlaceThatWasNotShownToTheCallerIsTheBeginning() {
    var own = newLead(phone, boundTo);
    jdbc.sql(
            """
            INSERT INTO profile_pic.pictures (lead_id, phone, state, reason, requested_at, instance_id) VALUES (?, ?, 'HIDDEN', 'HIDDEN', now(), ?)
            """)
        .params(own, phone, boundTo)
        .update();
    var console = Console.signIn(withKey(null), boundKey());

    for (var after : new String[] {"zzz", "", "AAAA", "x".repeat(60)}) {
      var path = "/console/leads?state=HIDDEN&instance=" + boundTo + "&after=" + after;
      assertThat(walk(console, path))
          .as(after)
          .anySatisfy(page -> assertThat(page.text()).contains(own));
    }
  }

  @Test
  void theNewestLeadsGoOnAtNoIdOfTheWholeHistory() {
    jdbc.sql(
            """
            WITH history AS (
              INSERT INTO profile_pic.picture_history (lead_id, at, outcome, state, instance_id, message_id)
              SELECT '0-' || ? || '-' || n, now(), 'NOT_SET', 'NOT_SET', ?, 1 FROM generate_series(1, 2500) AS n RETURNING lead_id
            )
            INSERT INTO profile_pic.pictures (lead_id, phone, state, reason, requested_at, instance_id)
            SELECT lead_id, '5562911110000', 'NOT_SET', 'NOT_SET', now(), ? FROM history
            """)
        .params(mark, foreign, foreign)
        .update();
    var page = Console.signIn(withKey(null), boundKey()).get("/console/leads");

    var after = AFTER.matcher(page.text());
    assertThat(after.find()).isTrue();
    assertThat(after.group(1)).doesNotMatch("[0-9]+").hasSizeGreaterThan(20);
  }

  @Test
  void aSearchByNameFindsTheOwnLeadBehindManyOfOthers() {
    jdbc.sql(
            "INSERT INTO public.leads (id, name, phone, instance_id) SELECT gen_random_uuid(), 'Hidden ' || ?, '5562911110000', ? FROM generate_series(1, 600)")
        .params(mark, foreign)
        .update();
    var own = newLead(phone, boundTo);
    jdbc.sql("UPDATE public.leads SET name = 'Hidden ' || ? WHERE id = ?::uuid")
        .params(mark, own)
        .update();

    var page = Console.signIn(withKey(null), boundKey()).get("/console/leads?q=hidden%20" + mark);

    assertThat(page.text()).contains(own);
  }

  @Test
  void aWebhookFindsTheOwnLeadBehindManyOfOthersWithTheSamePhone() {
    jdbc.sql(
            """
            INSERT INTO public.leads (id, phone, instance_id)
            SELECT ('00000000' || substr(gen_random_uuid()::text, 9))::uuid, ?, ? FROM generate_series(1, 150)
            """)
        .params(phone, foreign)
        .update();
    var own = newLead(phone, boundTo);

    var answer =
        bound()
            .post(
                "/webhooks/evolution",
                """
                {"event": "messages.upsert", "instance": "%s", "data": {"key": {"remoteJid": "%s@s.whatsapp.net", "fromMe": false}}}
                """
                    .formatted(boundTo, phone));

    assertThat(answer.json().path("status").asString()).as(answer.text()).isEqualTo("queued");
    assertThat(messagesFor(own)).hasSize(1);
  }

  /** Returns the pages from this one to the last. */
  private static List<Answer> walk(Console console, String path) {
    var pages = new ArrayList<Answer>();
    pages.add(console.get(path));
    for (int n = 0; n < 200; n++) {
      var after = AFTER.matcher(pages.getLast().text());
      if (!after.find()) {
        break;
      }
      pages.add(console.get(path.replaceAll("&after=.*", "") + "&after=" + after.group(1)));
    }
    return pages;
  }

  /** Returns the place that a page names, as bytes and as text. */
  private static String decoded(Answer page) {
    var after = AFTER.matcher(page.text());
    if (!after.find()) {
      return "";
    }
    var place = URLDecoder.decode(after.group(1), StandardCharsets.UTF_8);
    return place
        + new String(java.util.Base64.getUrlDecoder().decode(place), StandardCharsets.ISO_8859_1);
  }
}
