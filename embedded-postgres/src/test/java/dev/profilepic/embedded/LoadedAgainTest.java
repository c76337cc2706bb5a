package dev.profilepic.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A CRM that loads its table anew brings back leads that were looked at already. */
class LoadedAgainTest {

  private final Crm crm = new Crm();

  @BeforeEach
  void knowThreeLeads() throws SQLException {
    crm.execute("CREATE TABLE public.leads (id bigint PRIMARY KEY, phone text, instance_id text)");
    crm.migrate();
    load();
    crm.execute(
        """
        INSERT INTO profile_pic.pictures (lead_id, phone, state, requested_at, next_check_at)
        SELECT id::text, phone, (ARRAY['STORED', 'NOT_SET', 'HIDDEN'])[id], now(), now() + interval '1 day' FROM public.leads;
        TRUNCATE pgmq.q_profile_pic_queue
        """);
  }

  @AfterEach
  void drop() {
    crm.close();
  }

  @Test
  void leadsWithAFreshStateAreNotAskedForAndTheirRowsAreWritten() throws SQLException {
    crm.execute("TRUNCATE public.leads");
    load();

    assertThat(asked()).isEmpty();
    assertThat(crm.column("SELECT profile_pic.due_lead_writes(10)"))
        .containsExactlyInAnyOrder("1", "2", "3");
    assertThat(crm.column("SELECT lead_id FROM profile_pic.match_leads(ARRAY['99212481'], 5)"))
        .containsExactly("1");
  }

  @Test
  void leadsAreAskedForWhoseStateIsNotFreshOrOfAnotherPhone() throws SQLException {
    crm.execute(
        """
        UPDATE profile_pic.pictures SET next_check_at = now() WHERE lead_id = '1';
        UPDATE profile_pic.pictures SET state = 'FAILED' WHERE lead_id = '2';
        UPDATE profile_pic.pictures SET phone = '5511999990000' WHERE lead_id = '3'
        """);

    crm.execute("DELETE FROM public.leads");
    load();

    assertThat(asked()).containsExactly("1", "2", "3");
  }

  @Test
  void aLeadThatIsForgottenWhileItComesBackIsAskedFor() throws SQLException {
    crm.execute(
        "UPDATE profile_pic.lead_phones_walk SET finished_at = now(), first_finished_at = now()");
    try (var loading = crm.connect()) {
      crm.execute("DELETE FROM public.leads");
      loading.setAutoCommit(false);
      loading
          .createStatement()
          .execute("INSERT INTO public.leads VALUES (1, '5562999212481', 'demo')");
      crm.column("SELECT profile_pic.due_lead_writes(10)");
      loading.commit();
    }
    assertThat(asked()).isEmpty();
    assertThat(crm.column("SELECT lead_id FROM profile_pic.pictures")).isEmpty();

    crm.column("SELECT queued FROM profile_pic.reconcile_leads(NULL, 100)");

    assertThat(asked()).containsExactly("1");
  }

  private void load() throws SQLException {
    crm.execute(
        "INSERT INTO public.leads SELECT n, '556299921248' || n, 'demo' FROM generate_series(1, 3) AS n");
  }

  private List<String> asked() throws SQLException {
    return crm.column("SELECT message ->> 'lead_id' FROM pgmq.q_profile_pic_queue ORDER BY 1");
  }
}
