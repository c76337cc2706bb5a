package dev.profilepic.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.profilepic.migrations.LeadsTable;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;

/** Tables of leads in the forms that CRMs use. */
class CrmShapesTest {

  private final Crm crm = new Crm();

  @AfterEach
  void drop() {
    crm.close();
  }

  @ParameterizedTest
  @CsvSource({
    "bigint, 9223372036854775807, 9223372036854775808",
    "bigint, -9223372036854775808, -9223372036854775809",
    "bigint, -5, 5-",
    "integer, 2147483647, 2147483648",
    "integer, -2147483648, 99999999999",
    "smallint, -32768, 32768",
    "text, 'lead 42/ä', ''",
  })
  void eachIdOfATypeIsFoundAndNoneBeyondItFails(String type, String id, String beyond)
      throws SQLException {
    crm.execute("CREATE TABLE public.leads (id " + type + " PRIMARY KEY, phone text)");
    crm.execute("INSERT INTO public.leads VALUES ('" + id + "', '5562999212484')");
    crm.migrate();

    assertThat(crm.column("SELECT lead_id FROM profile_pic.find_leads(ARRAY['" + id + "'])"))
        .containsExactly(id);
    assertThat(
            crm.column(
                "SELECT lead_id FROM profile_pic.find_leads(ARRAY['"
                    + beyond
                    + "', NULL, E'a\\nb', repeat('9', 201)])"))
        .isEmpty();
  }

  @Test
  void quotedNamesWithCapitalsAreFound() throws SQLException {
    crm.execute(
        "CREATE SCHEMA \"Crm\"; CREATE TABLE \"Crm\".\"Lead\" (\"leadId\" text PRIMARY KEY, \"phoneNumber\" text, \"updatedAt\" timestamp)");
    crm.database.migrate(
        new LeadsTable(
            "\"Crm\".\"Lead\"",
            "\"leadId\"",
            "phoneNumber",
            "instance_id",
            "pictureUrl",
            "picturePath",
            "updatedAt",
            "name",
            true,
            false));

    crm.execute("INSERT INTO \"Crm\".\"Lead\" VALUES ('a', '5562999212484')");

    assertThat(crm.column("SELECT lead_id FROM profile_pic.match_leads(ARRAY['99212484'], 5)"))
        .containsExactly("a");
    assertThat(crm.column("SELECT profile_pic.update_leads(ARRAY['a'], ARRAY['u'], ARRAY['k'])"))
        .containsExactly("1");
    assertThat(crm.column("SELECT url FROM profile_pic.find_leads(ARRAY['a'])"))
        .containsExactly("u");
  }

  @Test
  void aViewThatCanBeUpdatedIsWalkedAndWritten() throws SQLException {
    crm.execute(
        """
        CREATE TABLE public.people (id bigint PRIMARY KEY, phone text, profile_pic_url text, profile_pic_storage_path text, updated_at timestamptz);
        INSERT INTO public.people VALUES (1, '5562999212484'), (2, '5562999212485');
        CREATE VIEW public.leads AS SELECT * FROM public.people
        """);
    crm.migrate();

    assertThat(crm.column("SELECT profile_pic.read_lead_page(1)::text")).containsExactly("true");
    assertThat(crm.column("SELECT profile_pic.read_lead_page(10)::text")).containsExactly("true");
    assertThat(crm.column("SELECT lead_id FROM profile_pic.match_leads(ARRAY['99212485'], 5)"))
        .containsExactly("2");
    assertThat(crm.column("SELECT phone FROM profile_pic.lock_leads(ARRAY['2'])"))
        .containsExactly("5562999212485");
    assertThat(crm.column("SELECT profile_pic.update_leads(ARRAY['2'], ARRAY['u'], ARRAY['k'])"))
        .containsExactly("1");
    assertThat(
            crm.column(
                "SELECT prosecdef FROM pg_proc WHERE oid = 'profile_pic.find_leads(text[])'::regprocedure"))
        .containsExactly("t");
  }

  /**
   * Ids that name no lead: none could be asked for. They come before, among and after the others.
   */
  private static final String UNNAMED =
      "(NULL, '5562999210001'), ('', '5562999210002'), (E'b\\nb', '5562999210003'), (repeat('c', 201), '5562999210004')";

  @Test
  void rowsWithoutAnIdOfALeadKeepNoOtherFromBeingFound() throws SQLException {
    crm.execute("CREATE TABLE public.leads (id text, phone text)");
    crm.migrate();
    crm.execute(
        "INSERT INTO public.leads VALUES ('a', '5562999212484'), ('d', '5562999212485'), "
            + UNNAMED);
    assertThat(
            crm.column("SELECT message->>'lead_id' FROM pgmq.q_profile_pic_queue ORDER BY msg_id"))
        .containsExactly("a", "d");

    crm.execute("UPDATE public.leads SET phone = '5562999212486'");
    assertThat(
            crm.column(
                "SELECT message->>'lead_id' FROM pgmq.q_profile_pic_queue ORDER BY msg_id OFFSET 2"))
        .containsExactlyInAnyOrder("a", "d");

    crm.execute("DELETE FROM profile_pic.lead_phones");
    crm.execute("UPDATE profile_pic.lead_phones_walk SET finished_at = NULL, after_id = NULL");
    for (var more : List.of("true", "true", "false")) {
      assertThat(crm.column("SELECT profile_pic.read_lead_page(1)::text")).containsExactly(more);
    }
    assertThat(crm.column("SELECT lead_id FROM profile_pic.lead_phones ORDER BY lead_id"))
        .containsExactly("a", "d");
    assertThat(
            crm.column("SELECT lead_id FROM profile_pic.leads_without_photo('n', true, NULL, 10)"))
        .containsExactly("a", "d");
    assertThat(
            crm.column(
                "SELECT leads FROM profile_pic.count_without_photo('n', true, interval '1 s')"))
        .containsExactly("2");

    crm.execute("DELETE FROM public.leads");
    assertThat(crm.column("SELECT lead_id FROM profile_pic.lead_changes WHERE deleted"))
        .containsExactlyInAnyOrder("a", "d");
  }

  @Test
  void rowsWithoutAnIdAndARowThatCannotBeReadEndTheReading() throws SQLException {
    crm.execute(
        """
        CREATE TABLE public.people (id text, raw text, name text, profile_pic_url text, profile_pic_storage_path text, updated_at timestamptz);
        INSERT INTO public.people VALUES ('a', '5562999212484', 'Ana'), ('d', 'not known yet', 'Ana'), (NULL, '5562999210001', 'Ana');
        CREATE VIEW public.leads AS
        SELECT id, raw::bigint::text AS phone, name, profile_pic_url, profile_pic_storage_path, updated_at FROM public.people
        """);
    crm.migrate();

    assertThat(
            crm.column(
                "SET statement_timeout = '20s'; SELECT lead_id FROM profile_pic.leads_without_photo('n', true, NULL, 10)"))
        .containsExactly("a");
    assertThat(crm.column("SELECT lead_id FROM profile_pic.leads_after(NULL, 10)"))
        .containsExactly("a", "d");
    assertThat(crm.column("SELECT lead_id FROM profile_pic.find_names('Ana', 10, interval '20 s')"))
        .containsExactlyInAnyOrder("a", "d");
  }

  @Test
  void aRowThatTheViewCannotComputeKeepsNoOtherWaiting() throws SQLException {
    crm.execute(
        """
        CREATE TABLE public.people (id bigint PRIMARY KEY, raw text, name text, profile_pic_url text, profile_pic_storage_path text, updated_at timestamptz);
        INSERT INTO public.people VALUES (1, '5562999212484', 'Ana'), (2, 'not known yet', 'Bia'), (3, '5562999212486', 'Cau');
        CREATE VIEW public.leads AS
        SELECT id, raw::bigint::text AS phone, (10 / (id - 2))::text || name AS name, profile_pic_url, profile_pic_storage_path, updated_at
        FROM public.people
        """);
    crm.migrate();

    assertThat(
            crm.column(
                "SELECT concat_ws(' ', lead_id, phone) FROM profile_pic.find_leads(ARRAY['1', '2', '3', '4'])"))
        .containsExactly("1 5562999212484", "2", "3 5562999212486");
    assertThat(
            crm.column(
                "SELECT concat_ws(' ', lead_id, phone) FROM profile_pic.leads_after('1', 10)"))
        .containsExactly("2", "3 5562999212486");
    assertThat(
            crm.column("SELECT lead_id FROM profile_pic.leads_without_photo('n', true, NULL, 10)"))
        .containsExactly("1", "3");
    assertThat(
            crm.column(
                "SELECT complete::text FROM profile_pic.count_without_photo('n', true, interval '1 s')"))
        .containsExactly("false");
    assertThat(
            crm.column(
                "SELECT concat_ws(' ', lead_id, name) FROM profile_pic.named_leads(ARRAY['1', '2', '3'])"))
        .containsExactly("1 -10Ana", "2", "3 10Cau");
    assertThat(crm.column("SELECT profile_pic.read_lead_page(10)::text")).containsExactly("true");
    assertThat(crm.column("SELECT lead_id FROM profile_pic.match_leads(ARRAY['99212486'], 5)"))
        .containsExactly("3");

    var enqueue =
        """
        SELECT e.lead_id || ' ' || e.status
        FROM (SELECT jsonb_agg(jsonb_build_object('lead_id', n::text, 'phone', '556299921248' || n, 'timestamp', now())) AS all FROM generate_series(1, 3) AS n) AS r,
             profile_pic.enqueue(r.all) AS e ORDER BY e.ordinal
        """;
    assertThat(crm.column(enqueue)).containsExactly("1 queued", "2 queued", "3 queued");
  }

  @Test
  void aPartitionedTableAnnouncesNewLeadsAndChangedPhones() throws SQLException {
    crm.execute(
        """
        CREATE TABLE public.leads (id bigint PRIMARY KEY, phone text) PARTITION BY RANGE (id);
        CREATE TABLE public.leads_1 PARTITION OF public.leads FOR VALUES FROM (0) TO (100);
        CREATE TABLE public.leads_2 PARTITION OF public.leads FOR VALUES FROM (100) TO (200)
        """);
    crm.migrate();

    crm.execute("INSERT INTO public.leads VALUES (1, '5562999212484'), (101, '5562999212485')");
    crm.execute("UPDATE public.leads SET phone = '5562988887777' WHERE id = 101");

    assertThat(crm.column("SELECT count(*) FROM pgmq.q_profile_pic_queue")).containsExactly("3");
    assertThat(crm.column("SELECT lead_id FROM profile_pic.lock_leads(ARRAY['101', '1'])"))
        .containsExactly("1", "101");
  }

  /** Another key, a name that was not there, and a column of the same name with another type. */
  @Test
  void aTableThatWasMadeAnewIsReadAsItIsNow() throws SQLException {
    crm.execute(
        "CREATE TABLE public.leads (id bigint PRIMARY KEY, phone bigint, instance_id text)");
    crm.migrate();
    crm.execute(
        """
        DROP TABLE public.leads;
        CREATE TABLE public.leads (id uuid PRIMARY KEY, phone text, instance_id text, name text)
        """);

    crm.migrate();
    crm.execute(
        "INSERT INTO public.leads VALUES ('7b1c9a52-6b5e-4c40-9d7e-5f3f1f1b2a10', '5562999212484', 'demo', 'Ana')");

    assertThat(crm.column("SELECT message ->> 'lead_id' FROM pgmq.q_profile_pic_queue"))
        .containsExactly("7b1c9a52-6b5e-4c40-9d7e-5f3f1f1b2a10");
    assertThat(
            crm.column(
                "SET ROLE profile_pic_receiver; SELECT profile_pic.lead_name('7b1c9a52-6b5e-4c40-9d7e-5f3f1f1b2a10')"))
        .containsExactly("Ana");
    assertThat(
            crm.column(
                "SET ROLE profile_pic_receiver; SELECT lead_id FROM profile_pic.match_leads(ARRAY['99212484'], 5)"))
        .containsExactly("7b1c9a52-6b5e-4c40-9d7e-5f3f1f1b2a10");
  }

  /** Flyway applies these again for a table of another shape. */
  @Test
  void allThatIsGeneratedFromTheTableIsGeneratedAnew() throws Exception {
    var generated = new ArrayList<String>();
    for (var file :
        new PathMatchingResourcePatternResolver().getResources("classpath:db/migration/R__*.sql")) {
      if (file.getContentAsString(StandardCharsets.UTF_8).contains("${leads_")) {
        generated.add(String.valueOf(file.getFilename()));
      }
    }

    assertThat(new ClassPathResource("leads/shape.sql").getContentAsString(StandardCharsets.UTF_8))
        .contains(generated);
    assertThat(generated).hasSizeGreaterThan(3);
  }

  @Test
  void aHeldRowIsNotWaitedFor() throws SQLException {
    crm.execute(
        "CREATE TABLE public.leads (id bigint PRIMARY KEY, phone text); INSERT INTO public.leads VALUES (1, '1'), (2, '2'), (3, '3')");
    crm.migrate();

    try (var holder = crm.connect()) {
      holder.setAutoCommit(false);
      holder.createStatement().execute("UPDATE public.leads SET phone = '9' WHERE id = 2");
      assertThat(
              crm.column("SELECT lead_id FROM profile_pic.lock_leads(ARRAY['3', '2', '1', '4'])"))
          .containsExactly("1", "3");
    }
  }

  @Test
  void aColumnThatCannotTakeALinkIsNamed() throws SQLException {
    crm.execute(
        "CREATE TABLE public.leads (id bigint PRIMARY KEY, phone text, profile_pic_url jsonb)");

    assertThatThrownBy(crm::migrate)
        .hasMessageContaining("profile_pic_url")
        .hasMessageContaining("profile-pic.leads.url-column");
  }
}
