package dev.profilepic.worker.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Forgetting or exporting a person reads the rows of other people once, regardless of how many
 * leads have the person's phone. The cost is the number of rows that all plans touch.
 */
class PersonWorkTest {

  private static final int OTHERS = 2_000;
  private static final int MANY = 100;

  private static final String ERASE =
      "SELECT profile_pic.erase((SELECT id::text FROM public.leads LIMIT 1))";

  private static final String EXPORT =
      "SELECT profile_pic.person_data((SELECT id::text FROM public.leads LIMIT 1))";

  private static final String STATES =
      """
      INSERT INTO profile_pic.pictures (lead_id, phone, state, requested_at)
      SELECT gen_random_uuid()::text, (5511960000000 + n)::text, 'NOT_SET', now() FROM generate_series(1, ?) AS n
      """;

  private static final String ANSWERS =
      """
      INSERT INTO profile_pic.idempotency_keys (caller, key, fingerprint, body)
      SELECT 'other', n::text, sha256('1'),
             convert_to(format('{"success":true,"lead_id":"%s"}', gen_random_uuid()), 'UTF8')
      FROM generate_series(1, ?) AS n
      """;

  private QueueFixture fixture;
  private PlanRows counted;
  private JdbcTemplate session;

  @BeforeEach
  void migrate() {
    fixture = new QueueFixture();
    counted = new PlanRows(fixture.dataSource());
    session = new JdbcTemplate(counted);
  }

  @AfterEach
  void drop() {
    fixture.close();
  }

  @Test
  void anErasureSearchesAllStatesForThePersonOnce() {
    fixture.lead();

    assertThat(callsInAnErasure("leads_of_person")).isEqualTo(1);
  }

  /** Calling the comparison for each phone takes several times as long as reading the phone. */
  @Test
  void anErasureTellsMostPhonesApartByTheirLastDigits() {
    fixture.lead();
    fixture.jdbc.update(STATES, OTHERS);
    fixture.jdbc.execute(
        """
        INSERT INTO profile_pic.requests (lead_id, phone, requested_at)
        SELECT lead_id, phone, now() FROM profile_pic.pictures;
        INSERT INTO profile_pic.lids (instance_id, lid, phone, source, told_at)
        SELECT '', '9' || phone, phone, 'asked', now() FROM profile_pic.pictures;
        """);

    assertThat(callsInAnErasure("is_among")).isLessThan(OTHERS / 10);
  }

  @Test
  void aStoredAnswerCostsAnErasureTheSameForOneLeadAndForMany() {
    assertThat(costOfOther(ANSWERS, ERASE, MANY)).isLessThan(1.5 * costOfOther(ANSWERS, ERASE, 1));
  }

  @Test
  void theStateOfAnotherCostsAnExportTheSameForOneLeadAndForMany() {
    assertThat(costOfOther(STATES, EXPORT, MANY)).isLessThan(1.5 * costOfOther(STATES, EXPORT, 1));
  }

  @Test
  void aStoredAnswerCostsAnExportTheSameForOneLeadAndForMany() {
    assertThat(costOfOther(ANSWERS, EXPORT, MANY))
        .isLessThan(1.5 * costOfOther(ANSWERS, EXPORT, 1));
  }

  private int callsInAnErasure(String function) {
    var database = fixture.dataSource();
    var jdbc = new JdbcTemplate(database);
    var calls = new AtomicInteger();
    new TransactionTemplate(new DataSourceTransactionManager(database))
        .executeWithoutResult(status -> {
          jdbc.execute("SET LOCAL track_functions = 'all'");
          jdbc.queryForList(ERASE);
          jdbc.queryForList(
                  "SELECT calls FROM pg_stat_xact_user_functions WHERE funcname = ?",
                  Integer.class,
                  function)
              .forEach(calls::addAndGet);
        });
    return calls.get();
  }

  /** Returns by how many rows a statement's cost grows with each row of other people. */
  private double costOfOther(String insert, String statement, int leads) {
    double none = cost(insert, 0, statement, leads);
    return (cost(insert, OTHERS, statement, leads) - none) / OTHERS;
  }

  private double cost(String insert, int others, String statement, int leads) {
    fixture.jdbc.execute(
        """
        TRUNCATE pgmq.q_profile_pic_queue, profile_pic.waiting, profile_pic.requests, profile_pic.pictures,
          profile_pic.lead_writes, profile_pic.lead_phones, profile_pic.idempotency_keys, public.leads
        """);
    fixture.jdbc.update(
        "INSERT INTO public.leads (phone, instance_id) SELECT '5562999212484', 'demo' FROM generate_series(1, ?)",
        leads);
    fixture.jdbc.update(
        "INSERT INTO profile_pic.lead_phones (lead_id, suffix) SELECT id::text, right(phone, 8) FROM public.leads");
    fixture.jdbc.update(insert, others);
    fixture.jdbc.execute("ANALYZE");
    return counted.of(() -> session.queryForList(statement));
  }
}
