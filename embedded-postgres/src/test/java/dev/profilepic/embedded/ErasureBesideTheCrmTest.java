package dev.profilepic.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An erasure waits for no transaction of the CRM, and leaves nothing when that one has ended. */
class ErasureBesideTheCrmTest {

  private static final String PHONE = "5562999212484";
  private static final String OTHER_PHONE = "5511977776666";

  private final Crm crm = new Crm();

  @BeforeEach
  void migrate() throws SQLException {
    crm.execute(
        "CREATE TABLE public.leads (id bigint PRIMARY KEY, phone text, instance_id text, name text)");
    crm.migrate();
    crm.execute(
        "INSERT INTO public.leads VALUES (1, '5562999212484', 'one'), (2, '5511988887777', 'one')");
  }

  @AfterEach
  void drop() {
    crm.close();
  }

  @Test
  void aPhoneChangeThatIsTakenBackLeavesNothingOfThePerson() throws SQLException {
    try (var open = changing(OTHER_PHONE)) {
      assertThat(erase()).isEqualTo("t");
      open.rollback();
    }

    clean();

    assertThat(suffixes()).containsExactly("88887777");
  }

  @Test
  void aPhoneChangeThatIsCommittedLaterLeavesNothingOfThePersonEither() throws SQLException {
    try (var open = changing(OTHER_PHONE)) {
      assertThat(erase()).isEqualTo("t");
      clean();
      open.commit();
    }
    assertThat(crm.column("SELECT state FROM profile_pic.pictures")).containsExactly("ERASED");

    clean();

    assertThat(suffixes()).containsExactly("88887777");
  }

  @Test
  void anAllowedLeadIsFoundAgainAlthoughTheCrmHoldsItsRow() throws SQLException {
    try (var open = changing(OTHER_PHONE)) {
      erase();
      assertThat(crm.column("SELECT profile_pic.allow_person('1', NULL, '{}', 'test')"))
          .containsExactly("allowed");
      open.rollback();
    }

    clean();

    assertThat(suffixes()).containsExactlyInAnyOrder("88887777", "99212484");
  }

  @Test
  void aRowOfALeadThatIsGoneIsForgottenWhenTheCrmLetsItGo() throws SQLException {
    crm.execute(
        """
        INSERT INTO public.leads VALUES (3, '5562999212484', 'one');
        SET session_replication_role = replica;
        DELETE FROM public.leads WHERE id = 3;
        """);
    try (var open = begin("INSERT INTO public.leads VALUES (3, '5511977776666', 'one')")) {
      assertThat(erase()).isEqualTo("t");
      takeUpWhatChanged();
      open.rollback();
    }

    takeUpWhatChanged();

    assertThat(suffixes()).containsExactly("88887777");
    assertThat(crm.column("SELECT lead_id FROM profile_pic.lead_changes")).isEmpty();
  }

  private Connection changing(String phone) throws SQLException {
    return begin("UPDATE public.leads SET phone = '" + phone + "' WHERE phone = '" + PHONE + "'");
  }

  /** Runs a statement of the CRM in a transaction that stays open. */
  private Connection begin(String sql) throws SQLException {
    var connection = crm.connect();
    connection.setAutoCommit(false);
    connection.createStatement().execute(sql);
    return connection;
  }

  private String erase() throws SQLException {
    return crm.column("SELECT profile_pic.erase('1', NULL, NULL, NULL, NULL)").getFirst();
  }

  private void clean() throws SQLException {
    crm.column("SELECT removed FROM profile_pic.forget_deleted_leads('0', NULL, 1000)");
  }

  private void takeUpWhatChanged() throws SQLException {
    crm.column("SELECT profile_pic.due_lead_writes(100)");
  }

  private List<String> suffixes() throws SQLException {
    return crm.column("SELECT suffix FROM profile_pic.lead_phones ORDER BY lead_id");
  }
}
