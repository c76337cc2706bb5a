package dev.profilepic.worker.queue;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;

/**
 * CRM edits, bulk edits, phone changes and deletes through our triggers, requests, claims, late
 * settles, erasures, replays, feeders and housekeeping in random order on one database, with
 * invariants checked at the end. A picture's digest names the phone that it belongs to, so a photo
 * on the wrong person's lead shows.
 *
 * <p>The same seed plays the same steps again.
 */
final class Interleaving implements AutoCloseable {

  private static final int LEADS = 12;
  private static final int MOST_PENDING = 8;

  private final QueueFixture fixture = QueueFixture.withTriggers();
  private final Random random;
  private final List<String> leads = new ArrayList<>();
  private final List<Delivery> running = new ArrayList<>();
  private final Map<String, Integer> played = new TreeMap<>();
  private final Connection crm;

  Interleaving(long seed) throws SQLException {
    this.random = new Random(seed);
    this.crm = DriverManager.getConnection(fixture.jdbcUrl());
    crm.setAutoCommit(false);
    for (int i = 0; i < LEADS; i++) {
      addLead();
    }
  }

  /** Plays so many steps, ends what is under way, and says what is wrong; empty when nothing is. */
  List<String> play(int steps) throws SQLException {
    for (int i = 0; i < steps; i++) {
      step();
    }
    crm.rollback();
    comeToRest();
    return violations();
  }

  /** How often each step was played. */
  Map<String, Integer> played() {
    return played;
  }

  private void step() throws SQLException {
    switch (random.nextInt(22)) {
      case 0, 1, 2 -> note("request", () -> enqueue(false));
      case 3 -> note("forced request", () -> enqueue(true));
      case 4 -> note("raw message", this::send);
      case 5, 6, 7 -> note("claim", this::claim);
      case 8, 9, 10 -> note("settle", this::settleOne);
      case 11 -> note("lease lost", this::loseOne);
      case 12 -> note("CRM holds rows", this::hold);
      case 13 -> note("CRM lets go", this::letGo);
      case 14 -> note("phone change", this::changePhone);
      case 15 -> note("CRM clears links", this::clearLinks);
      case 16 -> note("write", this::writeDue);
      case 17 -> note("erase", this::erase);
      case 18 -> note("delete", this::delete);
      case 19 -> note("bulk edit", this::editMany);
      case 20 -> note("CRM changes a phone and waits", this::changePhoneAndWait);
      default -> note("feed, replay, clean", this::maintain);
    }
  }

  private interface Step {
    void run() throws SQLException;
  }

  private void note(String name, Step step) throws SQLException {
    try {
      step.run();
      played.merge(name, 1, Integer::sum);
    } catch (DataAccessException locked) {
      // Somebody holds what the step needs: its caller would try again.
      played.merge(name + " (locked)", 1, Integer::sum);
    }
  }

  private void addLead() {
    leads.add(fixture.lead("demo"));
    fixture.jdbc.update(
        "UPDATE public.leads SET phone = ? WHERE id = ?::uuid", anyPhone(), leads.getLast());
  }

  private void enqueue(boolean forced) {
    fixture.jdbc.queryForList(
        "SELECT * FROM profile_pic.enqueue(jsonb_build_array(jsonb_build_object('lead_id', ?::text, 'phone', ?::text, 'force_update', ?)))",
        anyLead(),
        random.nextInt(4) == 0 ? anyPhone() : ownPhone(leads.getFirst()),
        forced);
  }

  private void send() {
    fixture.send("{\"lead_id\": \"%s\", \"phone\": \"%s\"}".formatted(anyLead(), anyPhone()));
  }

  private void claim() {
    if (running.size() < MOST_PENDING) {
      running.addAll(fixture.claim(1 + random.nextInt(3)));
    }
  }

  private void settleOne() {
    if (running.isEmpty()) {
      return;
    }
    var delivery = running.remove(random.nextInt(running.size()));
    fixture.settleOnly(result(delivery));
  }

  /** As a worker would: the phone that the CRM held at the claim is looked up. */
  private Settlement result(Delivery delivery) {
    if (delivery.lead() == null) {
      return Results.complete(delivery, "LEAD_GONE");
    }
    @Nullable String own = delivery.lead().phone();
    var phone = own == null ? Results.PHONE : own;
    return switch (random.nextInt(7)) {
      case 0 -> Results.completeFor(phone, delivery, "HIDDEN");
      case 1 -> Results.completeFor(phone, delivery, "NOT_SET");
      case 2 -> Results.retry(delivery, Duration.ZERO);
      case 3 -> Results.dead(delivery, "NO_ANSWER");
      default -> {
        // The photo of this phone, in one of two versions.
        var sha256 = phone + "-" + random.nextInt(2);
        yield sha256.equals(delivery.lead().sha256())
            ? Results.completeFor(phone, delivery, "UNCHANGED")
            : Results.storedFor(
                phone, delivery, sha256, new byte[] {1}, Results.requestedAt(delivery));
      }
    };
  }

  private void loseOne() {
    if (!running.isEmpty()) {
      fixture.expireLease(running.get(random.nextInt(running.size())).lease().messageId());
    }
  }

  private void hold() throws SQLException {
    try (var statement = crm.createStatement()) {
      statement.execute("SET LOCAL lock_timeout = '50ms'");
      statement.execute(
          "SELECT FROM public.leads WHERE id = '" + anyLead() + "' FOR UPDATE SKIP LOCKED");
    }
  }

  private void letGo() throws SQLException {
    if (random.nextBoolean()) {
      crm.commit();
    } else {
      crm.rollback();
    }
  }

  private void changePhone() {
    withTimeout(
        "UPDATE public.leads SET phone = '%s' WHERE id = '%s'".formatted(anyPhone(), anyLead()));
  }

  /** Some leads in one statement, which may give one the phone that another had. */
  private void editMany() {
    withTimeout(
        "UPDATE public.leads SET name = 'edited', phone = CASE WHEN id = '%s' THEN '%s' ELSE '%s' END WHERE id IN ('%s', '%s', '%s')"
            .formatted(anyLead(), anyPhone(), anyPhone(), anyLead(), anyLead(), anyLead()));
  }

  /** In a transaction that stays open until the CRM lets go. */
  private void changePhoneAndWait() throws SQLException {
    try (var statement = crm.createStatement()) {
      statement.execute(
          "SET LOCAL lock_timeout = '50ms'; UPDATE public.leads SET phone = '%s' WHERE id IN (SELECT id FROM public.leads WHERE id = '%s' FOR UPDATE SKIP LOCKED)"
              .formatted(anyPhone(), anyLead()));
    }
  }

  private void clearLinks() {
    withTimeout("UPDATE public.leads SET profile_pic_url = NULL WHERE id = '" + anyLead() + "'");
  }

  private void delete() {
    var gone = anyLead();
    withTimeout("DELETE FROM public.leads WHERE id = '" + gone + "'");
    if (fixture.count("public.leads WHERE id = ?::uuid", gone) == 0) {
      leads.remove(gone);
      addLead();
    }
  }

  /** The CRM's own statement, which gives up where another of its transactions holds the row. */
  private void withTimeout(String sql) {
    fixture.jdbc.execute("BEGIN; SET LOCAL lock_timeout = '50ms'; " + sql + "; COMMIT");
  }

  private void erase() {
    if (random.nextInt(4) == 0) {
      fixture.jdbc.queryForList("SELECT profile_pic.erase(?)", anyLead());
    }
  }

  private void writeDue() {
    fixture.jdbc.update("UPDATE profile_pic.lead_writes SET next_at = now()");
    fixture.leads.write(fixture.leads.due(100));
  }

  private void maintain() {
    fixture.jdbc.update(
        "UPDATE profile_pic.pictures SET next_check_at = now() WHERE lead_id = ? AND next_check_at IS NOT NULL",
        anyLead());
    fixture.jdbc.queryForList("SELECT profile_pic.feed_refreshes('demo', 6000, '5 s', 10)");
    fixture.jdbc.queryForList("SELECT * FROM profile_pic.replay_dead_letters(NULL, NULL, 5)");
    fixture.jdbc.queryForList("SELECT * FROM profile_pic.forget_orphans('0', '', 100)");
    fixture.jdbc.queryForList("SELECT * FROM profile_pic.forget_lost_requests('0', '', 100)");
    fixture.jdbc.queryForList("SELECT * FROM profile_pic.forget_deleted_leads('0', '', 100)");
    fixture.queue.heal(0, 1000);
  }

  /** Everybody finishes: what is leased is settled, what waits is worked, rows are written. */
  private void comeToRest() {
    fixture.jdbc.update(
        "UPDATE profile_pic.lead_phones_walk SET after_id = NULL, finished_at = NULL");
    fixture.jdbc.queryForList("SELECT profile_pic.read_lead_page(1000)");
    fixture.jdbc.queryForList("SELECT * FROM profile_pic.replay_dead_letters(NULL, NULL, 1000)");
    for (int round = 0; round < 100; round++) {
      running.clear();
      // A late settle leaves the line's entry of its message to the next walk.
      fixture.queue.heal(0, 1000);
      fixture.jdbc.update(
          "UPDATE pgmq.q_profile_pic_queue SET vt = now() WHERE vt < profile_pic.hidden()");
      var claimed = fixture.claim(100);
      claimed.forEach(delivery -> {
        @Nullable String own = delivery.lead() == null ? null : delivery.lead().phone();
        fixture.settleOnly(
            own == null
                ? Results.complete(delivery, "LEAD_GONE")
                : Results.storedFor(
                    own, delivery, own + "-9", new byte[] {1}, Results.requestedAt(delivery)));
      });
      fixture.jdbc.queryForList("SELECT * FROM profile_pic.forget_deleted_leads('0', '', 1000)");
      // A CRM that overwrote our link three times is left alone until tomorrow, which is now.
      fixture.jdbc.update("UPDATE profile_pic.pictures SET rewrites_on = rewrites_on - 1");
      fixture.jdbc.queryForList("SELECT * FROM profile_pic.reconcile_leads(NULL, 1000)");
      writeDue();
      if (claimed.isEmpty()
          && fixture.queued() == 0
          && fixture.count("profile_pic.lead_writes") == 0
          && fixture.count("profile_pic.lead_changes") == 0) {
        return;
      }
    }
  }

  private List<String> violations() {
    var found = new ArrayList<String>();
    none(found, "messages left", "pgmq.q_profile_pic_queue");
    none(found, "entries of a line left", "profile_pic.waiting");
    none(found, "bookkeeping left", "profile_pic.deliveries");
    none(found, "rows left to be written", "profile_pic.lead_writes");
    none(found, "changes that nobody took", "profile_pic.lead_changes");
    none(
        found,
        "leads that are found by another phone",
        """
        public.leads AS l
        LEFT JOIN profile_pic.lead_phones AS lp ON lp.lead_id = l.id::text
        LEFT JOIN profile_pic.pictures AS p ON p.lead_id = l.id::text
        WHERE lp.suffix IS DISTINCT FROM right(l.phone, 8) AND p.state IS DISTINCT FROM 'ERASED'
        """);
    none(
        found,
        "requests pending for ever",
        "profile_pic.requests WHERE message_id IS NOT NULL OR again_at IS NOT NULL");
    none(
        found,
        "token states of one instance",
        "(SELECT instance_id FROM profile_pic.pace_states GROUP BY 1 HAVING count(*) > 1) AS s");
    none(
        found,
        "leads that show somebody else's photo",
        "public.leads AS l WHERE l.profile_pic_url IS NOT NULL AND l.profile_pic_url NOT LIKE '%v=' || l.phone || '-%'");
    none(
        found,
        "photos of a phone that is not the state's",
        "profile_pic.pictures AS p WHERE p.sha256 IS NOT NULL AND p.sha256 NOT LIKE p.phone || '-%'");
    none(
        found,
        "rows that contradict their state",
        "public.leads AS l JOIN profile_pic.pictures AS p ON p.lead_id = l.id::text WHERE l.profile_pic_url IS DISTINCT FROM CASE WHEN p.storage_key IS NOT NULL THEN p.lead_url END");
    none(
        found,
        "photos without their bytes",
        "profile_pic.pictures AS p WHERE p.storage_key IS NOT NULL AND NOT EXISTS (SELECT FROM profile_pic.avatars AS a WHERE a.storage_key = p.storage_key)");
    none(
        found,
        "photos that got lost",
        "profile_pic.pictures AS p WHERE p.state = 'STORED' AND (p.storage_key IS NULL OR p.sha256 IS NULL OR p.lead_url IS NULL)");
    none(
        found,
        "traces of erased people",
        "profile_pic.pictures AS p WHERE p.state = 'ERASED' AND (p.phone <> '' OR p.storage_key IS NOT NULL OR EXISTS (SELECT FROM profile_pic.picture_history AS h WHERE h.lead_id = p.lead_id))");
    none(
        found,
        "state of leads that are gone",
        "profile_pic.requests AS r LEFT JOIN profile_pic.pictures AS p USING (lead_id) LEFT JOIN profile_pic.lead_phones USING (lead_id) WHERE NOT EXISTS (SELECT FROM public.leads AS l WHERE l.id::text = r.lead_id)");
    return found;
  }

  private void none(List<String> found, String what, String from) {
    int count = fixture.count(from);
    if (count > 0) {
      // All of them may be many; one is enough to begin with.
      found.add(
          count
              + " "
              + what
              + ": "
              + fixture.jdbc.queryForList("SELECT * FROM " + from + " LIMIT 1"));
    }
  }

  private String anyLead() {
    return leads.get(random.nextInt(leads.size()));
  }

  private String ownPhone(String lead) {
    return fixture
        .jdbc
        .queryForList("SELECT phone FROM public.leads WHERE id = ?::uuid", String.class, lead)
        .stream()
        .findFirst()
        .orElse(Results.PHONE);
  }

  private String anyPhone() {
    return "556299900000" + random.nextInt(6);
  }

  @Override
  public void close() {
    try {
      crm.close();
    } catch (SQLException alreadyClosed) {
      // Its transaction ends with it.
    }
    fixture.close();
  }
}
