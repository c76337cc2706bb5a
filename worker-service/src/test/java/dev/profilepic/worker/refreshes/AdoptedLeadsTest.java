package dev.profilepic.worker.refreshes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.profilepic.embedded.TestDatabase;
import dev.profilepic.worker.FakeBridge;
import dev.profilepic.worker.Pictures;
import dev.profilepic.worker.RunningWorker;
import java.awt.Color;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Leads that had a photo before this service: their row has WhatsApp's own link, which soon
 * expires.
 */
class AdoptedLeadsTest {

  private static final String LINK =
      "https://pps.whatsapp.net/v/t61/24_1.jpg?oh=01_Q5&oe=7F000000&_nc_cat=1";

  private final TestDatabase database = TestDatabase.migrated();
  private final JdbcTemplate jdbc = new JdbcTemplate(database.sessions());

  @AfterEach
  void drop() {
    database.close();
  }

  @Test
  void aLeadWithALinkOfWhatsAppsGetsAStateAndIsDue() {
    var lead = lead(LINK, "5562999212484", "demo");
    walk();

    assertThat(
            jdbc.queryForList(
                "SELECT concat_ws(' ', lead_id, state, reason, phone, instance_id, next_check_at <= now()) FROM profile_pic.pictures",
                String.class))
        .containsExactly(lead + " PENDING ADOPTED 5562999212484 demo t");
    assertThat(queued("message")).as("nothing is asked at once").isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "https://crm.example.com/ana.jpg",
        "https://whatsapp.net.example.com/ana.jpg",
        "https://photos.example.com/avatars/1?v=1&sig=2"
      })
  void othersAreLeftAlone(String url) {
    lead(url, "5562999212484", "demo");
    walk();

    assertThat(states()).isEmpty();
  }

  @Test
  void aLeadWithoutAPhoneIsLeftAlone() {
    lead(LINK, null, "demo");
    walk();

    assertThat(states()).isEmpty();
  }

  @Test
  void whatIsKnownAlreadyStands() {
    var lead = lead(LINK, "5562999212484", "demo");
    jdbc.update(
        "INSERT INTO profile_pic.pictures (lead_id, phone, state, reason, requested_at) VALUES (?, '5562999212484', 'HIDDEN', 'HIDDEN', now())",
        lead);
    walk();

    assertThat(states()).containsExactly("HIDDEN");
  }

  @Test
  void theyAreFedAtThePaceAndTakeTheirLinkAlong() {
    for (int i = 0; i < 100; i++) {
      lead(LINK, "5562999212484", "demo");
    }
    walk();
    jdbc.queryForList("SELECT profile_pic.feed_refreshes('demo', 60, '5 s', 100)");
    jdbc.queryForList("SELECT profile_pic.feed_refreshes('demo', 60, '5 s', 100)");

    assertThat(queued("message ->> 'profile_pic_url'")).hasSize(5).containsOnly(LINK);
    assertThat(queued("message ->> 'sync_type'")).containsOnly("refresh");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://pps.whatsapp.net/24_1.jpg",
        "https://pps.whatsapp.net:8443/24_1.jpg",
        "https://ana@pps.whatsapp.net/24_1.jpg"
      })
  void aLinkThatMayNotBeDownloadedIsLookedUpInstead(String url) {
    lead(url, "5562999212484", "demo");
    jdbc.update(
        "INSERT INTO profile_pic.pictures (lead_id, phone, instance_id, reason, requested_at, next_check_at) SELECT id::text, phone, instance_id, 'ADOPTED', '-infinity', now() FROM public.leads");
    jdbc.queryForList("SELECT profile_pic.feed_refreshes('demo', 60, '5 s', 100)");

    assertThat(queued("coalesce(message ->> 'profile_pic_url', 'none')")).containsExactly("none");
  }

  @Test
  void anEventThatCameFirstIsNewerAndIsServed() {
    var lead = lead(LINK, "5562999212484", "demo");
    walk();

    assertThat(
            jdbc.queryForList(
                "SELECT status FROM profile_pic.enqueue(jsonb_build_array(jsonb_build_object('lead_id', ?::text, 'phone', '5562999212484', 'timestamp', now() - interval '1 hour')))",
                String.class,
                lead))
        .containsExactly("queued");
  }

  @Test
  void aDeadLinkIsLookedUpAndTheRowGetsOurs() {
    var lead = lead(LINK.replace("7F000000", "60000000"), "5562999212484", "demo");
    walk();
    try (var bridge = new FakeBridge()) {
      bridge
          .lookup("5562999212484", bridge.found("/new.jpg", "42"))
          .file("/new.jpg", FakeBridge.bytes(200, "image/jpeg", Pictures.jpeg(Color.RED)));
      try (var worker =
          RunningWorker.start(
              database,
              bridge,
              "profile-pic.default-instance=demo",
              "profile-pic.refresh.enabled=true")) {
        await()
            .untilAsserted(() ->
                assertThat(
                        jdbc.queryForObject(
                            "SELECT profile_pic_url FROM public.leads WHERE id = ?::uuid",
                            String.class,
                            lead))
                    .startsWith("http://127.0.0.1:8080/avatars/" + lead));
        assertThat(worker.port()).isPositive();
        assertThat(bridge.asked()).isEqualTo(1);
      }
    }
    assertThat(states()).containsExactly("STORED");
  }

  private String lead(String url, @Nullable String phone, String instance) {
    var id = UUID.randomUUID().toString();
    jdbc.update(
        "INSERT INTO public.leads (id, phone, instance_id, profile_pic_url) VALUES (?::uuid, ?, ?, ?)",
        id,
        phone,
        instance,
        url);
    return id;
  }

  private void walk() {
    while (Boolean.TRUE.equals(
        jdbc.queryForObject("SELECT profile_pic.read_lead_page(10)", Boolean.class))) {}
  }

  private List<String> states() {
    return jdbc.queryForList("SELECT state FROM profile_pic.pictures", String.class);
  }

  private List<String> queued(String expression) {
    return jdbc.queryForList(
        "SELECT " + expression + " FROM pgmq.q_profile_pic_queue", String.class);
  }
}
