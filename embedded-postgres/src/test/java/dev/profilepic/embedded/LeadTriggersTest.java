package dev.profilepic.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The effects of the triggers in the CRM's own transactions. */
class LeadTriggersTest {

  private final Crm crm = new Crm();

  @BeforeEach
  void migrate() throws SQLException {
    crm.execute(
        "CREATE TABLE public.leads (id bigint PRIMARY KEY, phone text, instance_id text, name text)");
    crm.migrate();
  }

  @AfterEach
  void drop() {
    crm.close();
  }

  @Test
  void manyChangedPhonesCostNoTransactionIdEach() throws SQLException {
    crm.execute(
        "INSERT INTO public.leads SELECT n, '55629' || 90000000 + n FROM generate_series(1, 20000) AS n");

    try (var connection = crm.connect()) {
      var before =
          Long.parseLong(Crm.column(connection, "SELECT pg_current_xact_id()::text").getFirst());
      connection
          .createStatement()
          .execute("UPDATE public.leads SET phone = '55628' || 70000000 + id");
      var after =
          Long.parseLong(Crm.column(connection, "SELECT pg_current_xact_id()::text").getFirst());
      assertThat(after - before).isLessThan(100);
    }

    assertThat(crm.column("SELECT count(*) FROM pgmq.q_profile_pic_queue"))
        .containsExactly("40000");
    assertThat(crm.column("SELECT count(*) FROM profile_pic.lead_changes"))
        .containsExactly("20000");
  }

  @Test
  void manyDeletedLeadsCostNoTransactionIdEach() throws SQLException {
    crm.execute(
        "INSERT INTO public.leads SELECT n, '55629' || 90000000 + n FROM generate_series(1, 5000) AS n");

    try (var connection = crm.connect()) {
      var before =
          Long.parseLong(Crm.column(connection, "SELECT pg_current_xact_id()::text").getFirst());
      connection.createStatement().execute("DELETE FROM public.leads");
      var after =
          Long.parseLong(Crm.column(connection, "SELECT pg_current_xact_id()::text").getFirst());
      assertThat(after - before).isLessThan(100);
    }

    takeUpWhatChanged();
    assertThat(crm.column("SELECT count(*) FROM profile_pic.lead_phones")).containsExactly("4000");
  }

  @Test
  void anotherSpellingOfThePhoneIsNoChange() throws SQLException {
    crm.execute("INSERT INTO public.leads VALUES (1, '5562999212484')");

    crm.execute("UPDATE public.leads SET phone = '+55 62 99921-2484'");

    assertThat(crm.column("SELECT count(*) FROM pgmq.q_profile_pic_queue")).containsExactly("1");
    assertThat(crm.column("SELECT lead_id FROM profile_pic.lead_changes")).isEmpty();
  }

  @Test
  void aChangedPhoneIsAskedForAndTheRowIsToBeWritten() throws SQLException {
    crm.execute("INSERT INTO public.leads VALUES (1, '5562999212484')");
    know("1");
    crm.execute("DELETE FROM profile_pic.lead_writes");

    crm.execute("UPDATE public.leads SET phone = '5562988887777'");

    assertThat(
            crm.column(
                "SELECT message ->> 'phone' FROM pgmq.q_profile_pic_queue ORDER BY msg_id DESC LIMIT 1"))
        .containsExactly("5562988887777");
    assertThat(crm.column("SELECT suffix FROM profile_pic.lead_phones"))
        .containsExactly("88887777");
    assertThat(takeUpWhatChanged()).containsExactly("1");
  }

  @Test
  void aWriteThatIsDueLaterIsDueAtOnceWhenThePhoneChanges() throws SQLException {
    crm.execute("INSERT INTO public.leads VALUES (1, '5562999212484')");
    know("1");
    crm.execute(
        "UPDATE profile_pic.lead_writes SET next_at = now() + interval '1 day', attempts = 3");

    crm.execute("UPDATE public.leads SET phone = '5562988887777'");

    takeUpWhatChanged();
    assertThat(
            crm.column(
                "SELECT next_at <= now() AND version = 2 AND attempts = 3 FROM profile_pic.lead_writes"))
        .containsExactly("t");
  }

  @Test
  void aLeadsStateGoesWithIt() throws SQLException {
    crm.execute("INSERT INTO public.leads VALUES (1, '5562999212484'), (2, '5562999212485')");
    know("1");
    know("2");

    crm.execute("DELETE FROM public.leads WHERE id = 1");
    takeUpWhatChanged();

    for (var table :
        new String[] {"pictures", "picture_history", "requests", "lead_writes", "lead_phones"}) {
      assertThat(crm.column("SELECT lead_id FROM profile_pic." + table))
          .as(table)
          .containsExactly("2");
    }
  }

  @Test
  void anIdThatCameBackKeepsItsStateAndItsRowIsToBeWritten() throws SQLException {
    crm.execute("INSERT INTO public.leads VALUES (1, '5562999212484')");
    know("1");
    crm.execute("DELETE FROM profile_pic.lead_writes");

    crm.execute(
        "BEGIN; DELETE FROM public.leads; INSERT INTO public.leads VALUES (1, '5562999212484'); COMMIT");

    assertThat(takeUpWhatChanged()).containsExactly("1");
    assertThat(crm.column("SELECT lead_id FROM profile_pic.pictures")).containsExactly("1");
  }

  @Test
  void aLeadThatIsBeingSettledIsForgottenTheNextTime() throws SQLException {
    crm.execute("INSERT INTO public.leads VALUES (1, '5562999212484'), (2, '5562999212485')");
    know("1");
    know("2");

    try (var holder = crm.connect()) {
      holder.setAutoCommit(false);
      holder
          .createStatement()
          .execute("SELECT FROM profile_pic.pictures WHERE lead_id = '1' FOR UPDATE");
      crm.execute("DELETE FROM public.leads");
      takeUpWhatChanged();
    }

    assertThat(crm.column("SELECT lead_id FROM profile_pic.pictures")).containsExactly("1");
    assertThat(crm.column("SELECT lead_id FROM profile_pic.picture_history")).containsExactly("1");
    takeUpWhatChanged();
    assertThat(crm.column("SELECT lead_id FROM profile_pic.pictures")).isEmpty();
  }

  @Test
  void aTransactionThatStaysOpenHoldsNothingOfOurs() throws SQLException {
    crm.execute("INSERT INTO public.leads VALUES (1, '5562999212484'), (2, '5562999212485')");
    know("1");
    know("2");
    crm.execute("DELETE FROM profile_pic.lead_writes");

    try (var open = crm.connect()) {
      open.setAutoCommit(false);
      open.createStatement()
          .execute(
              "UPDATE public.leads SET phone = '5562988887777' WHERE id = 1; DELETE FROM public.leads WHERE id = 2");
      for (var table : new String[] {"pictures", "picture_history", "requests"}) {
        crm.execute("SELECT FROM profile_pic." + table + " FOR UPDATE NOWAIT");
      }
      crm.execute(
          "SET lock_timeout = '100ms'; INSERT INTO profile_pic.lead_writes (lead_id) VALUES ('1'), ('2')");
      crm.execute(
          "SET lock_timeout = '100ms'; SELECT profile_pic.read_lead_page(10); SELECT profile_pic.due_lead_writes(10)");
    }

    assertThat(crm.column("SELECT lead_id FROM profile_pic.pictures")).containsExactly("1", "2");
  }

  @Test
  void aLeadThatIsMadeAgainUnderItsIdKeepsItsStateAndItsRowIsWrittenAnew() throws SQLException {
    crm.execute("INSERT INTO public.leads VALUES (1, '5562999212484')");
    know("1");
    crm.execute("DELETE FROM profile_pic.lead_writes");

    crm.execute(
        "BEGIN; DELETE FROM public.leads; INSERT INTO public.leads VALUES (1, '5562999212484'); COMMIT");

    assertThat(takeUpWhatChanged()).containsExactly("1");
    assertThat(crm.column("SELECT lead_id FROM profile_pic.pictures")).containsExactly("1");
  }

  @Test
  void anErasedPersonStaysErasedWhenTheLeadIsDeletedAndMadeAgain() throws SQLException {
    crm.execute("INSERT INTO public.leads VALUES (1, '5562999212484')");
    crm.execute("SELECT profile_pic.erase('1')");

    crm.execute("DELETE FROM public.leads");
    takeUpWhatChanged();
    crm.execute("INSERT INTO public.leads VALUES (1, '5562999212484')");

    assertThat(
            crm.column(
                "SELECT status FROM profile_pic.enqueue('[{\"lead_id\": \"1\", \"phone\": \"5562999212484\", \"force_update\": true}]')"))
        .containsExactly("erased");
  }

  @Test
  void aQueueThatIsLockedAsAWholeFailsNoStatementOfTheCrm() throws SQLException {
    crm.execute("INSERT INTO public.leads VALUES (1, '5562999212484')");

    try (var holder = crm.connect()) {
      holder.setAutoCommit(false);
      holder.createStatement().execute("LOCK TABLE pgmq.q_profile_pic_queue");
      crm.execute(
          "BEGIN; INSERT INTO public.leads VALUES (2, '5562999212485'); UPDATE public.leads SET phone = '5562988887777' WHERE id = 1; COMMIT");
    }

    assertThat(crm.column("SELECT count(*) FROM public.leads")).containsExactly("2");
  }

  @Test
  void aTruncatedTableIsNotedForTheWalkAndNothingIsForgottenInItsTransaction() throws SQLException {
    crm.execute("INSERT INTO public.leads VALUES (1, '5562999212484')");
    know("1");
    crm.execute("UPDATE profile_pic.lead_phones_walk SET finished_at = now()");

    crm.execute("TRUNCATE public.leads");

    assertThat(crm.column("SELECT lead_id FROM profile_pic.pictures")).containsExactly("1");
    assertThat(
            crm.column(
                "SELECT finished_at IS NULL AND truncated_at IS NOT NULL FROM profile_pic.lead_phones_walk"))
        .containsExactly("t");
  }

  @Test
  void aTriggerOnAnotherTableDoesNothing() throws SQLException {
    crm.execute("CREATE TABLE public.fake (id bigint, phone text, instance_id text)");
    crm.execute(
        "CREATE TRIGGER fake AFTER INSERT ON public.fake REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION profile_pic.lead_inserted()");

    crm.execute("INSERT INTO public.fake VALUES (1, '5562999212484')");

    assertThat(crm.column("SELECT count(*) FROM pgmq.q_profile_pic_queue")).containsExactly("0");
  }

  /**
   * Takes up changes, as a worker does at each poll. Returns the leads whose row must be written.
   */
  private List<String> takeUpWhatChanged() throws SQLException {
    return crm.column("SELECT profile_pic.due_lead_writes(100)");
  }

  private void know(String lead) throws SQLException {
    crm.execute(
        """
        INSERT INTO profile_pic.pictures (lead_id, phone, requested_at) VALUES ('%1$s', '1', now());
        INSERT INTO profile_pic.picture_history (lead_id, outcome, state, message_id) VALUES ('%1$s', 'STORED', 'STORED', 1);
        INSERT INTO profile_pic.requests (lead_id, phone, requested_at) VALUES ('%1$s', '1', now());
        INSERT INTO profile_pic.lead_writes (lead_id) VALUES ('%1$s')
        """
            .formatted(lead));
  }
}
