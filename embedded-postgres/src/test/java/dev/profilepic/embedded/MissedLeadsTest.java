package dev.profilepic.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A new lead that no trigger announced is asked for once, also when a walk lists it before the rows
 * are compared. Leads that are older than the first walk wait for a bulk sync.
 */
class MissedLeadsTest {

  private final Crm crm = new Crm();

  @AfterEach
  void drop() {
    crm.close();
  }

  @Test
  void aNewLeadOfAViewIsAskedForOnceAndOlderOnesAreNot() throws SQLException {
    aView();
    crm.execute("INSERT INTO public.people VALUES (2, '5562999212485', 'demo')");

    walk();
    reconcile();
    reconcile();
    walk();
    reconcile();

    assertThat(asked()).containsExactly("2");
  }

  @Test
  void aLeadOfAViewWhosePhoneIsFilledInLaterIsAskedFor() throws SQLException {
    crm.execute(
        "CREATE TABLE public.people (id bigint PRIMARY KEY, phone text, instance_id text, profile_pic_url text, profile_pic_storage_path text, updated_at timestamptz); INSERT INTO public.people VALUES (1, NULL, 'demo')");
    crm.execute("CREATE VIEW public.leads AS SELECT * FROM public.people");
    crm.migrate();
    walk();
    crm.execute("INSERT INTO public.people VALUES (2, 'unknown', 'demo')");
    walk();
    reconcile();
    assertThat(asked()).isEmpty();

    crm.execute("UPDATE public.people SET phone = '556299921248' || id");
    walk();
    reconcile();

    assertThat(asked()).containsExactly("1", "2");
  }

  @Test
  void aLeadThatEnteredThroughAPartitionIsAskedFor() throws SQLException {
    crm.execute(
        """
        CREATE TABLE public.leads (id bigint PRIMARY KEY, phone text) PARTITION BY RANGE (id);
        CREATE TABLE public.leads_1 PARTITION OF public.leads FOR VALUES FROM (0) TO (100)
        """);
    crm.migrate();
    walk();

    crm.execute("INSERT INTO public.leads_1 VALUES (1, '5562999212484')");
    walk();
    reconcile();

    assertThat(asked()).containsExactly("1");
  }

  @Test
  void leadsWhoseTriggerGaveUpAreAskedFor() throws SQLException {
    aTable();
    walk();
    try (var holder = crm.connect()) {
      holder.setAutoCommit(false);
      holder.createStatement().execute("LOCK TABLE pgmq.q_profile_pic_queue");
      crm.execute("INSERT INTO public.leads VALUES (1, '5562999212484'), (2, '5562999212485')");
    }

    walk();
    reconcile();

    assertThat(asked()).containsExactly("1", "2");
  }

  @Test
  void aLeadThatHasAStateByThenIsNotAskedFor() throws SQLException {
    aTable();
    walk();
    crm.execute(
        "ALTER TABLE public.leads DISABLE TRIGGER USER; INSERT INTO public.leads VALUES (1, '5562999212484')");
    walk();
    crm.execute(
        "INSERT INTO profile_pic.pictures (lead_id, phone, state, requested_at) VALUES ('1', '5562999212484', 'NOT_SET', now())");

    reconcile();

    assertThat(asked()).isEmpty();
  }

  @Test
  void anUpgradeAsksForNoLeadThatAnEarlierReleaseListed() throws SQLException {
    aTable();
    crm.execute(
        """
        ALTER TABLE public.leads DISABLE TRIGGER USER;
        INSERT INTO public.leads VALUES (1, '5562999212484'), (2, '5562999212485');
        INSERT INTO profile_pic.lead_phones (lead_id, suffix) VALUES ('1', '99212484'), ('2', NULL);
        UPDATE profile_pic.lead_phones_walk SET finished_at = now(), first_finished_at = NULL
        """);

    walk();
    reconcile();

    assertThat(asked()).isEmpty();
  }

  @Test
  void leadsOfAnotherTableAreOldAgain() throws SQLException {
    aTable();
    walk();
    crm.execute(
        "CREATE TABLE public.others (id bigint PRIMARY KEY, phone text, instance_id text); INSERT INTO public.others VALUES (7, '5562999212487')");

    crm.database.migrate(Crm.leads("public.others", "id", true, false));
    walk();
    reconcile();

    assertThat(asked()).isEmpty();
  }

  private void aTable() throws SQLException {
    crm.execute("CREATE TABLE public.leads (id bigint PRIMARY KEY, phone text, instance_id text)");
    crm.migrate();
  }

  /** Makes a view with one lead, which the first walk has listed. */
  private void aView() throws SQLException {
    crm.execute(
        """
        CREATE TABLE public.people (id bigint PRIMARY KEY, phone text, instance_id text, profile_pic_url text, profile_pic_storage_path text, updated_at timestamptz);
        INSERT INTO public.people VALUES (1, '5562999212484', 'demo');
        CREATE VIEW public.leads AS SELECT * FROM public.people
        """);
    crm.migrate();
    walk();
  }

  /** Walks over all leads, as the receiver does each day. */
  private void walk() throws SQLException {
    crm.execute("UPDATE profile_pic.lead_phones_walk SET after_id = NULL, finished_at = NULL");
    while (crm.column("SELECT profile_pic.read_lead_page(10)::text").contains("true")) {
      assertThat(crm.column("SELECT lead_id FROM profile_pic.lead_phones")).isNotEmpty();
    }
  }

  private void reconcile() throws SQLException {
    crm.column("SELECT queued FROM profile_pic.reconcile_leads(NULL, 1000)");
  }

  /** Returns the leads that were asked for, each as often as it was. */
  private List<String> asked() throws SQLException {
    return crm.column("SELECT message ->> 'lead_id' FROM pgmq.q_profile_pic_queue ORDER BY 1");
  }
}
