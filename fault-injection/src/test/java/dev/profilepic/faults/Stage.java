package dev.profilepic.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.embedded.TestDatabase;
import java.io.IOException;
import java.net.URI;
import java.util.Map;
import org.postgresql.ds.PGSimpleDataSource;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * The setting of the faults: a database with its ledger, a CRM, a bridge, a CDN and workers. Only
 * the workers use the proxies; a test's own queries bypass them.
 */
final class Stage implements AutoCloseable {

  /** The shortest lease that a worker accepts, for tests that wait until a lease runs out. */
  static final Map<String, String> SHORT_LEASE = Map.of("profile-pic.worker.lease", "3s");

  final JdbcTemplate jdbc;
  final Ledger ledger;
  final Crm crm;
  final Backends backends;
  final FaultyCdn cdn = new FaultyCdn();
  final FaultyBridge bridge = new FaultyBridge(cdn);
  final Replicas replicas;

  private final AutoCloseable server;

  private Stage(String jdbcUrl, AutoCloseable server, Map<String, String> settings)
      throws IOException {
    var dataSource = new PGSimpleDataSource();
    dataSource.setUrl(jdbcUrl);
    this.jdbc = new JdbcTemplate(dataSource);
    this.ledger = Ledger.open(jdbc);
    this.crm = new Crm(jdbc);
    this.backends = new Backends(jdbc);
    this.replicas =
        new Replicas(URI.create(jdbcUrl.substring("jdbc:".length())), bridge, cdn, settings);
    this.server = server;
  }

  /** Opens a stage on the server of the test run. */
  static Stage open() throws IOException {
    return open(Map.of());
  }

  /**
   * @param settings Spring properties of every worker
   */
  static Stage open(Map<String, String> settings) throws IOException {
    var fresh = TestDatabase.migrated();
    return new Stage(fresh.jdbcUrl(), fresh, settings);
  }

  /** Opens a stage on a separate server, which closes with the stage. */
  static Stage on(RestartablePostgres postgres, Map<String, String> settings) throws IOException {
    return new Stage(postgres.jdbcUrl(), postgres, settings);
  }

  /** Waits until no message is left in the queue, and no lead's row is left to be written. */
  void awaitEmptyQueue() {
    Await.until("all is settled and written", () -> ledger.balance().isSettled());
  }

  /** Waits until every lead's row matches the lead's state. */
  void awaitWrittenLeads() {
    Await.until("the leads' rows are written", () -> ledger.balance().writes() == 0);
  }

  /** Waits until at least the given number of requests is done. */
  void awaitDone(long requests) {
    Await.until(requests + " requests are done", () -> ledger.balance().done() >= requests);
  }

  /**
   * Waits until the queue is empty, and asserts that every request was served exactly once and no
   * failure was counted, regardless of the faults before.
   */
  void assertEveryRequestWasServedOnce() {
    awaitEmptyQueue();
    var balance = ledger.balance();
    assertThat(balance.attempts()).as("attempts in %s", balance).isZero();
    assertThat(balance.dead()).as("dead in %s", balance).isZero();
    assertNothingWasLostOrDoubled();
  }

  /** Asserts the invariants that hold at any time. */
  void assertNothingWasLostOrDoubled() {
    awaitWrittenLeads();
    var balance = ledger.balance();
    assertThat(balance.lost()).as("lost in %s", balance).isZero();
    assertThat(balance.doubled()).as("doubled in %s", balance).isZero();
    assertThat(balance.effects()).as("effects in %s", balance).isEqualTo(balance.done());
  }

  @Override
  public void close() throws Exception {
    replicas.close();
    bridge.close();
    cdn.close();
    server.close();
  }
}
