package dev.profilepic.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Code that the CRM's owner defines runs without rights on the project's data. */
class CrmCodeTest {

  private static final String SPY =
      """
      CREATE TABLE public.spied (who text, path text); GRANT ALL ON public.spied TO PUBLIC;
      CREATE FUNCTION public.spy() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN INSERT INTO spied VALUES (current_user, current_setting('search_path')); RETURN NEW; END $$;
      """;

  private final Crm crm = new Crm();

  @AfterEach
  void drop() {
    crm.close();
  }

  @Test
  void aColumnsOwnCastToTextIsNeverRun() throws SQLException {
    crm.execute(
        """
        CREATE TYPE public.contact AS (number text);
        CREATE TABLE public.spied (who text); GRANT ALL ON public.spied TO PUBLIC;
        CREATE FUNCTION public.contact_text(c public.contact) RETURNS text LANGUAGE plpgsql AS $$
        BEGIN INSERT INTO public.spied VALUES (current_user); RETURN c.number; END $$;
        CREATE CAST (public.contact AS text) WITH FUNCTION public.contact_text(public.contact);
        CREATE TABLE public.leads (id bigint PRIMARY KEY, phone public.contact)
        """);
    crm.migrate();

    crm.execute("INSERT INTO public.leads VALUES (1, ROW('5562999212484'))");

    assertThat(crm.column("SELECT who FROM public.spied")).isEmpty();
    assertThat(crm.column("SELECT suffix FROM profile_pic.lead_phones"))
        .containsExactly("99212484");
  }

  @Test
  void aColumnThatGetsSuchACastLaterIsNotRead() throws SQLException {
    crm.execute("CREATE TABLE public.leads (id bigint PRIMARY KEY, phone text)");
    crm.migrate();
    crm.execute(
        """
        CREATE TYPE public.contact AS (number text);
        CREATE TABLE public.spied (who text); GRANT ALL ON public.spied TO PUBLIC;
        CREATE FUNCTION public.contact_text(c public.contact) RETURNS text LANGUAGE plpgsql AS $$
        BEGIN INSERT INTO public.spied VALUES (current_user); RETURN c.number; END $$;
        CREATE CAST (public.contact AS text) WITH FUNCTION public.contact_text(public.contact);
        ALTER TABLE public.leads ALTER phone TYPE public.contact USING ROW(phone)::public.contact
        """);

    crm.execute("INSERT INTO public.leads VALUES (1, ROW('5562999212484'))");
    crm.execute("UPDATE public.leads SET phone = ROW('5562999212485')");
    crm.execute("DELETE FROM public.leads");

    assertThat(crm.column("SELECT who FROM public.spied")).isEmpty();
  }

  @Test
  void theCrmsTriggersRunWithoutRightsOnOurData() throws SQLException {
    crm.execute(
        SPY
            + "CREATE TABLE public.leads (id bigint PRIMARY KEY, phone text); INSERT INTO public.leads VALUES (1, '5562999212484');"
            + "CREATE TRIGGER spy BEFORE UPDATE ON public.leads FOR EACH ROW EXECUTE FUNCTION public.spy()");
    crm.migrate();

    assertThat(crm.column("SELECT profile_pic.update_leads(ARRAY['1'], ARRAY['u'], ARRAY['k'])"))
        .containsExactly("1");

    assertThat(crm.column("SELECT DISTINCT who FROM public.spied"))
        .containsExactly("profile_pic_crm");
    assertThat(
            crm.column(
                "SELECT has_table_privilege('profile_pic_crm', 'profile_pic.pictures', 'SELECT')"))
        .containsExactly("f");
  }

  @Test
  void aViewThatTakesTheTablesPlaceRunsWithoutRightsOnOurData() throws SQLException {
    crm.execute(
        "CREATE TABLE public.leads (id bigint PRIMARY KEY, phone text, name text); INSERT INTO public.leads VALUES (1, '5562999212484')");
    crm.migrate();
    crm.execute(
        """
        -- Reading is rolled back, and a sequence is not.
        CREATE SEQUENCE public.profile_pic_crm; CREATE SEQUENCE public.others; GRANT ALL ON public.profile_pic_crm, public.others TO PUBLIC;
        CREATE FUNCTION public.look() RETURNS boolean LANGUAGE plpgsql AS $$
        BEGIN PERFORM nextval(CASE current_user WHEN 'profile_pic_crm' THEN 'public.profile_pic_crm' ELSE 'public.others' END); RETURN true; END $$;
        ALTER TABLE public.leads RENAME TO people;
        CREATE VIEW public.leads AS SELECT * FROM public.people WHERE public.look();
        GRANT SELECT ON public.leads, public.people TO PUBLIC;
        UPDATE profile_pic.lead_phones_walk SET finished_at = NULL, after_id = NULL
        """);

    for (var call :
        List.of(
            "read_leads(ARRAY['1'])",
            "read_lead_page(10)",
            "lead_name('1')",
            "count_for_sync('a', true, NULL)",
            "count_for_sync('a', true, ARRAY['a'])",
            "match_leads(ARRAY['99212484'], 5)",
            "person_of('1', NULL)",
            "erase_lead('1', NULL, 'k', NULL, NULL, NULL)")) {
      crm.column("SET ROLE profile_pic_receiver; SELECT 1 FROM profile_pic." + call);
    }
    crm.column("SET ROLE profile_pic_worker; SELECT 1 FROM profile_pic.reconcile_leads(NULL, 10)");

    assertThat(crm.column("SELECT last_value >= 9 FROM public.profile_pic_crm"))
        .containsExactly("t");
    assertThat(crm.column("SELECT is_called FROM public.others")).containsExactly("f");
  }

  @Test
  void aDeferredTriggerRunsAsTheSameRole() throws SQLException {
    crm.execute(
        SPY
            + "CREATE TABLE public.leads (id bigint PRIMARY KEY, phone text); INSERT INTO public.leads VALUES (1, '5562999212484');"
            + "CREATE CONSTRAINT TRIGGER spy AFTER UPDATE ON public.leads DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.spy()");
    crm.migrate();

    crm.column("SELECT profile_pic.update_leads(ARRAY['1'], ARRAY['u'], ARRAY['k'])");

    assertThat(crm.column("SELECT DISTINCT who FROM public.spied"))
        .containsExactly("profile_pic_crm");
  }

  @Test
  void aTriggerThatLeavesASearchPathBehindIsRefused() throws SQLException {
    crm.execute(
        """
        CREATE FUNCTION public.poison() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN PERFORM set_config('search_path', 'public, pg_catalog', false); RETURN NEW; END $$;
        CREATE TABLE public.leads (id bigint PRIMARY KEY, phone text); INSERT INTO public.leads VALUES (1, '5562999212484');
        CREATE TRIGGER poison BEFORE UPDATE ON public.leads FOR EACH ROW EXECUTE FUNCTION public.poison()
        """);
    crm.migrate();

    assertThatThrownBy(
            () -> crm.column("SELECT profile_pic.update_leads(ARRAY['1'], ARRAY['u'], ARRAY['k'])"))
        .hasMessageContaining("search_path");
  }
}
