package dev.profilepic.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.embedded.TestDatabase;
import java.io.IOException;
import java.net.URI;
import java.util.Map;
import org.postgresql.ds.PGSimpleDataSource;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Where faults take place: a database with its ledger, a CRM, a bridge, a CDN and workers. Only the
 * workers go through proxies; what a test asks the database goes past them.
 */
final class Stage implements AutoCloseable {

  /** For tests that wait until a lease runs out: the shortest that a worker accepts. */
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

  /** On the server of the test run. */
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

  /** On a server of its own, which closes with the stage. */
  static Stage on(RestartablePostgres postgres, Map<String, String> settings) throws IOException {
    return new Stage(postgres.jdbcUrl(), postgres, settings);
  }

  /** Waits until no message is left in the queue, and no lead's row is left to be written. */
  void awaitEmptyQueue() {
    Await.until("all is settled and written", () -> ledger.balance().isSettled());
  }

  /** Waits until every lead's row says what its state says. */
  void awaitWrittenLeads() {
    Await.until("the leads' rows are written", () -> ledger.balance().writes() == 0);
  }

  /** Waits until at least so many requests are done. */
  void awaitDone(long requests) {
    Await.until(requests + " requests are done", () -> ledger.balance().done() >= requests);
  }

  /**
   * What must be true once the queue is empty, whatever happened before: every request was served
   * exactly once, and nothing was counted as a failure.
   */
  void assertEveryRequestWasServedOnce() {
    awaitEmptyQueue();
    var balance = ledger.balance();
    assertThat(balance.attempts()).as("attempts in %s", balance).isZero();
    assertThat(balance.dead()).as("dead in %s", balance).isZero();
    assertNothingWasLostOrDoubled();
  }

  /** What must be true at any time. */
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
