package dev.profilepic.receiver.matching;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.embedded.TestDatabase;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

class LeadTriggerTest {

  private static final String LEAD = "0f9d4a4e-8f2e-4a53-a5f5-0a7e0e6b2c11";

  private final TestDatabase database = TestDatabase.migratedWithTriggers();
  private JdbcClient jdbc = JdbcClient.create(database.sessions());

  @BeforeEach
  void connect() {
    jdbc = JdbcClient.create(database.sessions());
  }

  @AfterEach
  void drop() {
    database.close();
  }

  @Test
  void aNewLeadAnnouncesItself() {
    insert("(62) 99921-2484");

    assertThat(messages())
        .singleElement()
        .asString()
        .contains(LEAD, "\"sync_type\": \"new_lead\"", "(62) 99921-2484");
  }

  @Test
  void aChangedPhoneAnnouncesItselfAndNothingElseDoes() {
    insert("5562999212484");
    forgetMessages();

    jdbc.sql("UPDATE public.leads SET name = 'Maria', phone = phone").update();
    assertThat(messages()).isEmpty();
    jdbc.sql("UPDATE public.leads SET phone = '5511999990000'").update();

    assertThat(messages()).singleElement().asString().contains("5511999990000");
    assertThat(found("99990000")).containsExactly(LEAD);
    assertThat(found("99212484")).isEmpty();
  }

  @Test
  void manyLeadsInOneStatementAreAnnouncedTogether() {
    jdbc.sql(
            "INSERT INTO public.leads (phone) SELECT '55629' || (90000000 + n) FROM generate_series(1, 1000) AS n")
        .update();

    assertThat(messages()).hasSize(1_000);
    assertThat(found("90000500")).hasSize(1);
  }

  @Test
  void aLeadWithoutAPhoneWaitsUntilItHasOne() {
    jdbc.sql("INSERT INTO public.leads (id) VALUES (?::uuid)").param(LEAD).update();
    assertThat(messages()).isEmpty();

    jdbc.sql("UPDATE public.leads SET phone = '5562999212484'").update();

    assertThat(messages()).hasSize(1);
  }

  @Test
  void whateverGoesWrongWithUsTheCrmsInsertSucceeds() {
    jdbc.sql("ALTER TABLE pgmq.q_profile_pic_queue RENAME TO somewhere_else").update();

    insert("5562999212484");

    assertThat(jdbc.sql("SELECT count(*) FROM public.leads").query(Long.class).single())
        .isEqualTo(1);
  }

  @Test
  void aQueueThatIsLockedHoldsUpNoInsert() throws Exception {
    try (var other = database.dataSource().getConnection();
        var statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("LOCK TABLE pgmq.q_profile_pic_queue IN ACCESS EXCLUSIVE MODE");

      insert("5562999212484");

      other.rollback();
    }
    assertThat(jdbc.sql("SELECT count(*) FROM public.leads").query(Long.class).single())
        .isEqualTo(1);
  }

  @Test
  void everyLeadRemembersItsOwnMessage() {
    jdbc.sql(
            """
            INSERT INTO public.leads (phone)
            SELECT CASE WHEN n % 3 = 0 THEN NULL WHEN n % 3 = 1 THEN '123' ELSE '55629' || (90000000 + n) END
            FROM generate_series(1, 300) AS n
            """)
        .update();

    assertThat(messages()).hasSize(100);
    assertThat(
            jdbc.sql(
                    """
                    SELECT count(*) FILTER (WHERE q.msg_id IS NOT NULL) || ' of ' || count(*)
                    FROM profile_pic.lead_phones AS lp
                    LEFT JOIN pgmq.q_profile_pic_queue AS q
                      ON q.msg_id = lp.message_id AND q.message ->> 'lead_id' = lp.lead_id
                    """)
                .query(String.class)
                .single())
        .isEqualTo("100 of 300");
    jdbc.sql("SELECT pgmq.send('profile_pic_queue', '{}')").query(Long.class).single();
    assertThat(messages()).as("PGMQ's own ids go on behind ours").hasSize(101);
  }

  @Test
  void aLeadWhoseRowIsHeldSendsItsMessageAndIsFoundAfterTheNextWalk() throws Exception {
    insert("5562999212484");
    forgetMessages();
    try (var other = database.dataSource().getConnection();
        var statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("UPDATE profile_pic.lead_phones SET message_id = NULL");

      jdbc.sql("UPDATE public.leads SET phone = '5511999990000'").update();

      other.rollback();
    }
    assertThat(messages()).singleElement().asString().contains("5511999990000");
    assertThat(found("99990000")).isEmpty();

    walk();

    assertThat(found("99990000")).containsExactly(LEAD);
  }

  @Test
  void aDeletedLeadWhoseRowIsHeldIsDeletedAllTheSame() throws Exception {
    insert("5562999212484");
    try (var other = database.dataSource().getConnection();
        var statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("SELECT FROM profile_pic.lead_phones FOR UPDATE");

      assertThat(jdbc.sql("DELETE FROM public.leads").update()).isOne();

      other.rollback();
    }
    assertThat(found("99212484")).isEmpty();
  }

  @Test
  void aThousandChangedPhonesDoNotEachWaitForALockedQueue() throws Exception {
    jdbc.sql(
            "INSERT INTO public.leads (phone) SELECT '55629' || (90000000 + n) FROM generate_series(1, 1000) AS n")
        .update();
    try (var other = database.dataSource().getConnection();
        var locking = other.createStatement();
        var crm = database.dataSource().getConnection();
        var statement = crm.createStatement()) {
      other.setAutoCommit(false);
      locking.execute("LOCK TABLE pgmq.q_profile_pic_queue IN ACCESS EXCLUSIVE MODE");
      // Waiting 10 ms for each of 1,000 phones would take twice this time.
      statement.execute("SET statement_timeout = '5s'");

      assertThat(statement.executeUpdate("UPDATE public.leads SET phone = phone || '1'"))
          .isEqualTo(1_000);

      other.rollback();
    }
  }

  @Test
  void aRoleThatMayOnlyTouchTheCrmsTableStillAnnounces() throws Exception {
    var role = "crm_" + database.jdbcUrl().replaceAll(".*(test_[0-9a-f]{8}).*", "$1");
    jdbc.sql("CREATE ROLE " + role).update();
    jdbc.sql("GRANT INSERT ON public.leads TO " + role).update();
    try (var connection = database.dataSource().getConnection();
        var statement = connection.createStatement()) {
      statement.execute("SET ROLE " + role);
      statement.execute("INSERT INTO public.leads (phone) VALUES ('5562999212484')");
    }

    assertThat(messages()).hasSize(1);
    jdbc.sql("DROP OWNED BY " + role).update();
    jdbc.sql("DROP ROLE " + role).update();
  }

  @Test
  void theTriggersMessageIsTheRequestThatAnEventWouldMakeAgain() {
    insert("(62) 99921-2484");

    assertThat(enqueue("[{\"lead_id\": \"%s\", \"phone\": \"5562999212484\"}]".formatted(LEAD)))
        .containsExactly("duplicate");
    assertThat(messages()).hasSize(1);
    forgetMessages();
    assertThat(enqueue("[{\"lead_id\": \"%s\", \"phone\": \"5562999212484\"}]".formatted(LEAD)))
        .containsExactly("queued");
  }

  @Test
  void leadsThatExistedBeforeTheTriggerAreWalked() {
    jdbc.sql("ALTER TABLE public.leads DISABLE TRIGGER ALL").update();
    jdbc.sql(
            "INSERT INTO public.leads (phone) SELECT '55629' || (90000000 + n) FROM generate_series(1, 25) AS n")
        .update();
    assertThat(found("90000007")).isEmpty();

    while (jdbc.sql("SELECT profile_pic.read_lead_page(10)").query(Boolean.class).single()) {
      assertThat(
              jdbc.sql("SELECT count(*) FROM profile_pic.lead_phones").query(Long.class).single())
          .isPositive();
    }

    assertThat(found("90000007")).hasSize(1);
    assertThat(jdbc.sql("SELECT count(*) FROM profile_pic.lead_phones").query(Long.class).single())
        .isEqualTo(25);
  }

  @Test
  void theTriggerCanBeLeftOut() {
    try (var without = TestDatabase.empty()) {
      without.migrate(TestDatabase.leads(false));
      var crm = JdbcClient.create(without.dataSource());

      crm.sql("INSERT INTO public.leads (phone) VALUES ('5562999212484')").update();

      assertThat(
              crm.sql("SELECT count(*) FROM pgmq.q_profile_pic_queue").query(Long.class).single())
          .isZero();
    }
  }

  /** Runs the daily walk over the leads. */
  private void walk() {
    jdbc.sql("UPDATE profile_pic.lead_phones_walk SET after_id = NULL, finished_at = NULL")
        .update();
    while (jdbc.sql("SELECT profile_pic.read_lead_page(10)").query(Boolean.class).single()) {
      assertThat(messages()).hasSizeLessThan(10);
    }
  }

  private void insert(String phone) {
    jdbc.sql("INSERT INTO public.leads (id, phone) VALUES (?::uuid, ?)")
        .params(LEAD, phone)
        .update();
  }

  private List<String> messages() {
    return jdbc.sql("SELECT message::text FROM pgmq.q_profile_pic_queue ORDER BY msg_id")
        .query(String.class)
        .list();
  }

  private void forgetMessages() {
    jdbc.sql("DELETE FROM pgmq.q_profile_pic_queue").update();
  }

  private List<String> found(String suffix) {
    return jdbc.sql("SELECT lead_id FROM profile_pic.match_leads(ARRAY[?], 10)")
        .param(suffix)
        .query(String.class)
        .list();
  }

  private List<String> enqueue(String requests) {
    return jdbc.sql("SELECT status FROM profile_pic.enqueue(?::jsonb)")
        .param(requests)
        .query(String.class)
        .list();
  }
}
