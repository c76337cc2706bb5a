package dev.profilepic.worker.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.profilepic.embedded.TestDatabase;
import dev.profilepic.store.PhotoStore;
import dev.profilepic.worker.FakeBridge;
import dev.profilepic.worker.Pictures;
import dev.profilepic.worker.RunningWorker;
import java.awt.Color;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.jdbc.core.JdbcTemplate;

/** The contract of every store for photos, tested through the whole worker. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class StoreContract {

  static final byte[] RED = Pictures.jpeg(Color.RED);
  static final byte[] BLUE = Pictures.jpeg(Color.BLUE);

  private static final AtomicInteger PHONES = new AtomicInteger(80_000_000);

  final TestDatabase database = TestDatabase.migrated();
  final JdbcTemplate jdbc = new JdbcTemplate(database.sessions());
  final FakeBridge bridge = new FakeBridge();
  RunningWorker worker;

  /** Returns the settings of the store, {@code name=value}. */
  abstract String[] settings();

  /** Returns the keys of everything that is in the store. */
  abstract List<String> kept();

  abstract Optional<byte[]> bytes(String key) throws Exception;

  @BeforeAll
  void start() {
    bridge.file("/red.jpg", FakeBridge.bytes(200, "image/jpeg", RED));
    bridge.file("/blue.jpg", FakeBridge.bytes(200, "image/jpeg", BLUE));
    worker = RunningWorker.start(database, bridge, settings());
  }

  @AfterAll
  void stop() {
    worker.close();
    bridge.close();
    database.close();
  }

  @Test
  void thePhotoIsThereWhenTheLeadSaysSo() throws Exception {
    var lead = leadWith("/red.jpg");

    assertThat(row(lead).get("profile_pic_storage_path")).isEqualTo(key(lead));
    assertThat(key(lead)).matches("avatars/[0-9a-f]{2}/[0-9a-f]{64}[.]jpg");
    assertThat(bytes(key(lead))).hasValue(RED);
  }

  @Test
  void leadsWithTheSamePhotoShareItUntilTheLastOneIsErased() throws Exception {
    var one = leadWith("/blue.jpg");
    var other = leadWith("/blue.jpg");
    var key = key(one);
    assertThat(key(other)).isEqualTo(key);

    erase(one);
    collect();
    assertThat(bytes(key)).hasValue(BLUE);

    erase(other);
    await().until(() -> !kept().contains(key));
    assertThat(count("profile_pic.avatars WHERE storage_key = ?", key)).isZero();
  }

  @Test
  void aPhotoThatWasErasedCanBeKeptAgain() throws Exception {
    picture("/again.jpg", Pictures.jpeg(Color.CYAN));
    var lead = leadWith("/again.jpg");
    var key = key(lead);
    erase(lead);

    var later = leadWith("/again.jpg");

    assertThat(key(later)).isEqualTo(key);
    assertThat(bytes(key)).hasValue(Pictures.jpeg(Color.CYAN));
  }

  @Test
  void whatNoLeadHasIsCollectedAfterItsGracePeriodOnly() throws Exception {
    picture("/before.jpg", Pictures.jpeg(Color.PINK));
    picture("/after.jpg", Pictures.jpeg(Color.GRAY));
    var phone = phone();
    bridge.lookup(phone, bridge.found("/before.jpg", "1"));
    var lead = lead(phone);
    var before = settledKey(lead, null);
    bridge.lookup(phone, bridge.found("/after.jpg", "2"));
    ask(lead, phone);
    var after = settledKey(lead, before);

    collect();
    assertThat(bytes(before)).isPresent();

    jdbc.update(
        "UPDATE profile_pic.avatars SET created_at = now() - interval '2 hours' WHERE storage_key IN (?, ?)",
        before,
        after);
    collect();
    await().until(() -> !kept().contains(before));
    assertThat(bytes(after)).isPresent();
  }

  @Test
  void photosThatWereReplacedGoWithThePersonAndNotAnHourLater() throws Exception {
    picture("/former.jpg", Pictures.jpeg(Color.DARK_GRAY));
    picture("/present.jpg", Pictures.jpeg(Color.LIGHT_GRAY));
    var phone = phone();
    bridge.lookup(phone, bridge.found("/former.jpg", "1"));
    var lead = lead(phone);
    var former = settledKey(lead, null);
    bridge.lookup(phone, bridge.found("/present.jpg", "2"));
    ask(lead, phone);
    var present = settledKey(lead, former);
    assertThat(bytes(former)).isPresent();

    erase(lead);

    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> kept().stream().noneMatch(List.of(former, present)::contains));
    assertThat(count("profile_pic.avatars WHERE storage_key IN (?, ?)", former, present)).isZero();
  }

  @Test
  void whatIsKeptIsCounted() {
    leadWith("/red.jpg");

    var sizes = worker.bean(StoreSql.class).sizes();

    assertThat(sizes).hasSize(2).anySatisfy(size -> assertThat(size.photos()).isPositive());
    assertThat(sizes).allSatisfy(size -> assertThat(size.bytes()).isNotNegative());
  }

  void picture(String path, byte[] bytes) {
    bridge.file(path, FakeBridge.bytes(200, "image/jpeg", bytes));
  }

  static String phone() {
    return "55629" + PHONES.incrementAndGet();
  }

  /** Adds a lead that has this picture. */
  String leadWith(String path) {
    var phone = phone();
    bridge.lookup(phone, bridge.found(path, "1"));
    var lead = lead(phone);
    settledKey(lead, null);
    return lead;
  }

  /** Adds a lead that asks for its photo. */
  String lead(String phone) {
    var lead = UUID.randomUUID().toString();
    jdbc.update(
        "INSERT INTO public.leads (id, phone, instance_id) VALUES (?::uuid, ?, 'demo')",
        lead,
        phone);
    ask(lead, phone);
    return lead;
  }

  void ask(String lead, String phone) {
    jdbc.update("UPDATE profile_pic.pictures SET next_check_at = now() WHERE lead_id = ?", lead);
    jdbc.queryForList(
        "SELECT * FROM profile_pic.enqueue(jsonb_build_array(jsonb_build_object('lead_id', ?::text, 'phone', ?::text)))",
        lead,
        phone);
  }

  /**
   * Waits until the lead has another photo than before and the CRM's row shows the photo, and
   * returns the photo's key.
   */
  String settledKey(String lead, @Nullable String before) {
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() ->
            count(
                    "public.leads l JOIN profile_pic.pictures p ON p.lead_id = l.id::text WHERE l.id::text = ? AND p.state = 'STORED' "
                        + "AND p.storage_key = l.profile_pic_storage_path AND p.storage_key IS DISTINCT FROM ?",
                    lead,
                    before)
                == 1);
    return key(lead);
  }

  String key(String lead) {
    return String.valueOf(picture(lead).get("storage_key"));
  }

  Map<String, Object> picture(String lead) {
    return jdbc.queryForMap("SELECT * FROM profile_pic.pictures WHERE lead_id = ?", lead);
  }

  Map<String, Object> row(String lead) {
    return jdbc.queryForMap("SELECT * FROM public.leads WHERE id = ?::uuid", lead);
  }

  void erase(String lead) {
    assertThat(
            jdbc.queryForObject("SELECT profile_pic.erase(?, NULL::text[])", Boolean.class, lead))
        .isTrue();
  }

  /** Collects photos without a lead, as housekeeping does. */
  void collect() {
    jdbc.queryForList("SELECT * FROM profile_pic.forget_orphans(interval '1 hour', NULL, 10000)");
  }

  int count(String from, @Nullable Object... arguments) {
    return Optional.ofNullable(
            jdbc.queryForObject("SELECT count(*) FROM " + from, Integer.class, arguments))
        .orElseThrow();
  }

  PhotoStore store() {
    return worker.bean(PhotoStore.class);
  }
}
