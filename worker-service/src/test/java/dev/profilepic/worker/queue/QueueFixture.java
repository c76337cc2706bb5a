package dev.profilepic.worker.queue;

import dev.profilepic.contract.DatabaseConnection;
import dev.profilepic.embedded.TestDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import tools.jackson.databind.json.JsonMapper;

/** A migrated database with the queue's SQL, and short methods for the steps of tests. */
final class QueueFixture implements AutoCloseable {

  static final Duration LEASE = Duration.ofMinutes(1);
  static final int FAST_PACE = 6_000_000;

  private final TestDatabase database;
  final JdbcTemplate jdbc;
  final QueueSql queue;
  final LeadWriteSql leads;

  QueueFixture() {
    this(TestDatabase.migrated());
  }

  private QueueFixture(TestDatabase database) {
    this.database = database;
    this.jdbc = new JdbcTemplate(database.sessions());
    this.queue = new QueueSql(jdbc);
    this.leads =
        new LeadWriteSql(
            jdbc,
            new DataSourceTransactionManager(database.sessions()),
            new DatabaseProperties(DatabaseConnection.DIRECT));
  }

  /** Returns a fixture whose triggers see the CRM's inserts, updates and deletes. */
  static QueueFixture withTriggers() {
    return new QueueFixture(TestDatabase.migratedWithTriggers());
  }

  String jdbcUrl() {
    return database.jdbcUrl();
  }

  DataSource dataSource() {
    return database.dataSource();
  }

  /** Makes a statement that waits for a lock fail, so that a test does not hang. */
  void waitForLocksAtMost(String interval) {
    jdbc.execute(
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %%I SET lock_timeout = %%L', current_database(), '%s'); END $$"
            .formatted(interval));
    database.startSessionsAnew();
  }

  /** Adds a lead that talks through the instance {@code demo}. */
  String lead() {
    return lead("demo");
  }

  String lead(@Nullable String instance) {
    var id = UUID.randomUUID().toString();
    jdbc.update(
        "INSERT INTO public.leads (id, phone, instance_id) VALUES (?::uuid, '5562999212484', ?)",
        id,
        instance);
    return id;
  }

  /** Enqueues a request as the receiver does, and returns its message's id. */
  long enqueue(String leadId) {
    return enqueue(Map.of("lead_id", leadId, "phone", "5562999212484"));
  }

  /** Enqueues requests for the given number of new leads of an instance. */
  List<Long> enqueue(int count, String instance) {
    var messages = new ArrayList<Long>();
    for (int i = 0; i < count; i++) {
      messages.add(enqueue(lead(instance)));
    }
    return messages;
  }

  /** Makes the next check of a known lead due, and enqueues another request for the lead. */
  long enqueueAgain(String leadId) {
    jdbc.update("UPDATE profile_pic.pictures SET next_check_at = now() WHERE lead_id = ?", leadId);
    return enqueue(leadId);
  }

  long enqueue(Map<String, Object> request) {
    return one(
        Long.class,
        "SELECT message_id FROM profile_pic.enqueue(?::jsonb)",
        JsonMapper.builder().build().writeValueAsString(List.of(request)));
  }

  /** Sends any JSON, as every caller of PGMQ may. */
  long send(@Nullable String json) {
    return one(Long.class, "SELECT * FROM pgmq.send('profile_pic_queue', ?::jsonb)", json);
  }

  List<Delivery> claim(int limit) {
    return claimWithPace(limit, FAST_PACE).deliveries();
  }

  /** Moves due messages into their lines, as a poll does, and claims from all lines. */
  Claim claimWithPace(int limit, int pacePerMinute) {
    return claim(limit, pacePerMinute, null);
  }

  Claim claim(int limit, int pacePerMinute, @Nullable String defaultInstance) {
    queue.adopt(pacePerMinute, 1000);
    return claimFrom(
        queue.findLines(defaultInstance, pacePerMinute), limit, pacePerMinute, defaultInstance);
  }

  Claim claimFrom(
      List<LineStatus> lines, int limit, int pacePerMinute, @Nullable String defaultInstance) {
    var picks =
        lines.stream()
            .map(line -> new WaitingLines.Pick(line.instanceId(), line.since(), limit))
            .toList();
    return queue.claim(picks, limit, LEASE, defaultInstance, pacePerMinute, () -> true);
  }

  Delivery claimOne() {
    var deliveries = claim(1);
    if (deliveries.size() != 1) {
      throw new AssertionError("expected one delivery, got " + deliveries);
    }
    return deliveries.getFirst();
  }

  /** Lets the lease of a message run out, as if its worker had died. */
  void expireLease(long messageId) {
    jdbc.update(
        "UPDATE pgmq.q_profile_pic_queue SET vt = now() - interval '1 ms' WHERE msg_id = ?",
        messageId);
  }

  /** Makes a message that waits for a later time due at once. */
  void makeDue(long messageId) {
    expireLease(messageId);
  }

  /** Settles, and writes the CRM's rows right after, as a worker does. */
  Set<Long> settle(Settlement... settlements) {
    var settled = settleOnly(settlements);
    var written = settled.values().stream().flatMap(Optional::stream).toList();
    if (!written.isEmpty()) {
      leads.write(written);
    }
    return settled.keySet();
  }

  Map<Long, Optional<String>> settleOnly(Settlement... settlements) {
    return queue.settle(List.of(settlements), "test", false);
  }

  /** Returns the row with a lead's pending request and the requests that joined it. */
  Map<String, Object> request(String leadId) {
    return jdbc.queryForMap("SELECT * FROM profile_pic.requests WHERE lead_id = ?", leadId);
  }

  <T> T one(Class<T> type, String sql, @Nullable Object... arguments) {
    var result = jdbc.queryForObject(sql, type, arguments);
    if (result == null) {
      throw new AssertionError("null from " + sql);
    }
    return result;
  }

  int count(String sql, @Nullable Object... arguments) {
    return one(Integer.class, "SELECT count(*) FROM " + sql, arguments);
  }

  int queued() {
    return count("pgmq.q_profile_pic_queue");
  }

  Map<String, Object> picture(String leadId) {
    return jdbc.queryForMap("SELECT * FROM profile_pic.pictures WHERE lead_id = ?", leadId);
  }

  Map<String, Object> leadRow(String leadId) {
    return jdbc.queryForMap("SELECT * FROM public.leads WHERE id = ?::uuid", leadId);
  }

  @Override
  public void close() {
    database.close();
  }
}
