package dev.profilepic.worker.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.UncategorizedSQLException;

/** Photos whose bytes are in a bucket: rows and objects stay together under concurrent changes. */
class BucketSettleTest {

  private static final byte[] BYTES = {1, 2, 3};
  private static final long LEASE_MILLIS = 250;

  private final QueueFixture fixture = new QueueFixture();

  /** The keys of the bucket's objects. */
  private final Set<String> objects = new ConcurrentSkipListSet<>();

  @AfterEach
  void drop() {
    fixture.close();
  }

  @Test
  void aPhotoThatIsRegisteredIsSettledWithoutBytes() {
    var lead = fixture.lead();
    fixture.enqueue(lead);
    var delivery = fixture.claimOne();
    assertThat(register("avatars/aa")).isEqualTo("put");

    fixture.settle(inBucket(delivery, "aa"));

    assertThat(fixture.picture(lead))
        .containsEntry("state", "STORED")
        .containsEntry("storage_key", "avatars/aa")
        .containsEntry("bytes", BYTES.length);
    assertThat(fixture.count("profile_pic.avatars WHERE bytes IS NULL")).isEqualTo(1);
  }

  /** The worker waited for the database so long that the object was collected meanwhile. */
  @Test
  void aSettleThatComesTooLateForItsObjectMarksNothingAndTheMessageComesBack() {
    var lead = fixture.lead();
    long message = fixture.enqueue(lead);
    var delivery = fixture.claimOne();
    register("avatars/aa");
    fixture.jdbc.update("UPDATE profile_pic.avatars SET created_at = now() - interval '2 hours'");
    fixture.jdbc.queryForList("SELECT * FROM profile_pic.forget_orphans('1 hour', NULL, 100)");
    assertThat(fixture.count("profile_pic.avatars WHERE doomed_at IS NOT NULL")).isEqualTo(1);

    fixture.settle(inBucket(delivery, "aa"));

    assertThat(fixture.picture(lead))
        .containsEntry("state", "PENDING")
        .containsEntry("storage_key", null)
        .containsEntry("attempts", 0);
    assertThat(register("avatars/aa")).isEqualTo("doomed");
    assertThat(fixture.claimOne().lease().messageId()).isEqualTo(message);
  }

  @Test
  void nothingIsRemovedWhileSomebodyMayBeWritingIt() {
    register("avatars/aa", 60_000);
    fixture.jdbc.update("UPDATE profile_pic.avatars SET created_at = now() - interval '2 hours'");
    fixture.jdbc.queryForList("SELECT * FROM profile_pic.forget_orphans('1 hour', NULL, 100)");

    assertThat(fixture.count("profile_pic.take_removals(10)")).isZero();

    fixture.jdbc.update("UPDATE profile_pic.avatars SET put_until = now()");
    assertThat(fixture.count("profile_pic.take_removals(10)")).isEqualTo(1);
    assertThat(fixture.count("profile_pic.take_removals(10)")).isZero();
  }

  /**
   * Runs settles, erasures, removals and collection without any grace period at once, on few
   * photos. Whenever a lead shows a photo, and at the end, the photo's object exists. At the end no
   * other object exists.
   */
  @Test
  void settlesErasesAndCollectionAtOnceLoseNothingAndLeaveNothing() throws Exception {
    var leads = new ArrayList<String>();
    for (int i = 0; i < 12; i++) {
      leads.add(fixture.lead());
    }
    var ended = new AtomicBoolean();
    var stored = new AtomicInteger();
    var removed = new AtomicInteger();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Callable<Void> collect =
          () -> {
            while (!ended.get()) {
              fixture.jdbc.queryForList(
                  "SELECT * FROM profile_pic.forget_orphans('0 s', NULL, 100)");
              removed.addAndGet(removeAll());
            }
            return null;
          };
      var collector = threads.submit(collect);
      var other = threads.submit(collect);
      Callable<Void> settle =
          () -> {
            var random = new Random();
            for (int round = 0; round < 60; round++) {
              try {
                workOn(leads.get(random.nextInt(leads.size())), random, stored);
              } catch (UncategorizedSQLException failure) {
                // Other transactions held the rows for longer than any call waits: as if the worker
                // had died.
                var refusal = Objects.requireNonNull(failure.getSQLException());
                assertThat(refusal.getSQLState()).isEqualTo("55P03");
              }
            }
            return null;
          };
      var workers = threads.invokeAll(Collections.nCopies(4, settle));
      ended.set(true);
      for (var worker : workers) {
        worker.get();
      }
      collector.get();
      other.get();
    }

    assertThat(stored.get()).isPositive();
    assertThat(shownWithoutObject()).isEmpty();
    fixture.jdbc.update("UPDATE profile_pic.avatars SET put_until = now()");
    fixture.jdbc.queryForList("SELECT * FROM profile_pic.forget_orphans('0 s', NULL, 1000)");
    removed.addAndGet(removeAll());
    assertThat(objects)
        .containsExactlyElementsOf(
            fixture.jdbc.queryForList(
                "SELECT DISTINCT storage_key COLLATE \"C\" FROM profile_pic.pictures WHERE storage_key IS NOT NULL ORDER BY 1",
                String.class));
    assertThat(removed.get()).isPositive();
  }

  private void workOn(String lead, Random random, AtomicInteger stored) {
    if (random.nextInt(4) == 0) {
      fixture.jdbc.queryForList("SELECT profile_pic.erase(?, NULL::text[])", lead);
      // The same person may come back later.
      fixture.jdbc.queryForList("SELECT profile_pic.allow_person(?, NULL, '{}', 'test')", lead);
      return;
    }
    fixture.jdbc.update(
        "UPDATE profile_pic.pictures SET next_check_at = now() WHERE lead_id = ?", lead);
    fixture.jdbc.queryForList(
        "SELECT * FROM profile_pic.enqueue(jsonb_build_array(jsonb_build_object('lead_id', ?::text, 'phone', ?::text)))",
        lead,
        Results.PHONE);
    for (var delivery : fixture.claim(1)) {
      var sha = "photo-" + random.nextInt(6);
      if (!register("avatars/" + sha).equals("put")) {
        fixture.settle(Results.retry(delivery, Duration.ZERO));
        continue;
      }
      // Other threads act while the object is being written. These queries give the threads time.
      fixture.count("profile_pic.avatars WHERE doomed_at IS NOT NULL");
      objects.add("avatars/" + sha);
      fixture.count("profile_pic.avatars WHERE doomed_at IS NOT NULL");
      if (random.nextInt(5) != 0) { // else the worker died here
        fixture.settle(inBucket(delivery, sha));
        stored.incrementAndGet();
      }
      assertThat(shownWithoutObject()).isEmpty();
    }
  }

  private int removeAll() {
    int removed = 0;
    for (var removal : fixture.jdbc.queryForList("SELECT * FROM profile_pic.take_removals(10)")) {
      objects.remove(String.valueOf(removal.get("storage_key")));
      fixture.jdbc.queryForList(
          "SELECT 1 FROM profile_pic.removal_done(?, ?)",
          removal.get("storage_key"),
          removal.get("attempt"));
      removed++;
    }
    return removed;
  }

  private List<String> shownWithoutObject() {
    return fixture
        .jdbc
        .queryForList(
            "SELECT storage_key FROM profile_pic.pictures WHERE storage_key IS NOT NULL",
            String.class)
        .stream()
        .filter(key -> !objects.contains(key))
        // The photo was shown a moment ago, and may have been erased since.
        .filter(key ->
            fixture.count("profile_pic.pictures WHERE storage_key = ?", key) > 0
                && !objects.contains(key))
        .toList();
  }

  private String register(String key) {
    return register(key, LEASE_MILLIS);
  }

  private String register(String key, long lease) {
    return fixture.one(
        String.class, "SELECT profile_pic.register_photo(?, 'image/jpeg', 3, ?)", key, lease);
  }

  private static Settlement inBucket(Delivery delivery, String sha) {
    var stored = Results.stored(delivery, sha, BYTES);
    var result = stored.result();
    if (result == null || result.photo() == null) {
      throw new AssertionError();
    }
    var photo = result.photo();
    return new Settlement(
        delivery,
        stored.disposition(),
        stored.outcome(),
        stored.detail(),
        0,
        new Settlement.Result(
            result.phone(),
            result.requestedAt(),
            result.jid(),
            result.lid(),
            result.sourceUrl(),
            result.sourceId(),
            result.leadUrl(),
            result.comparedWith(),
            new Settlement.Photo(
                photo.sha256(),
                photo.contentType(),
                photo.width(),
                photo.height(),
                photo.storageKey(),
                photo.size(),
                null)));
  }
}
