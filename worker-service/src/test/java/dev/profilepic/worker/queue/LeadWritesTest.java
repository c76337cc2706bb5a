package dev.profilepic.worker.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.context.Context;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataAccessException;

/** The CRM's row always matches the state in the end, and the worker never waits for the CRM. */
class LeadWritesTest extends LeadRowsTest {

  @Test
  void settleTouchesNoRowOfTheCrmAndNotesWhoMustBeWritten() {
    var lead = fixture.lead();
    fixture.enqueue(lead);

    var settled = fixture.settleOnly(Results.stored(fixture.claimOne(), "aa", BYTES));

    assertThat(settled.values()).singleElement().satisfies(it -> assertThat(it).contains(lead));
    assertThat(url(lead)).isNull();
    assertThat(fixture.leads.write(List.of(lead))).containsEntry(lead, "written");
    assertThat(url(lead)).isEqualTo(Results.link(lead, "aa"));
    assertThat(fixture.count("profile_pic.lead_writes")).isZero();
  }

  @Test
  void theRowsOfASettleAreWrittenTogetherAndThoseOfLaterSettlesJoinThem() throws Exception {
    var writer = writerThatHasLooked();
    var settles =
        List.of(List.of(stored("aa", false), stored("bb", false)), List.of(stored("cc", false)));

    settles.forEach(leads -> writer.add(rows(leads)));
    writer.run();

    assertThat(fixture.count("public.leads WHERE profile_pic_url IS NOT NULL")).isEqualTo(3);
    assertThat(
            fixture.jdbc.queryForList("SELECT DISTINCT xmin::text FROM public.leads", String.class))
        .hasSize(1);
  }

  @Test
  void moreRowsThanAGroupHoldsAreAllWritten() throws Exception {
    var writer = writerThatHasLooked();
    var leads =
        fixture.jdbc.queryForList(
            """
            INSERT INTO profile_pic.lead_writes (lead_id)
            SELECT gen_random_uuid()::text FROM generate_series(1, 250) RETURNING lead_id
            """,
            String.class);

    writer.add(rows(leads));
    for (int group = 0; group < 3; group++) {
      writer.run();
    }

    assertThat(fixture.count("profile_pic.lead_writes")).isZero();
  }

  /** Returns a writer that will not look for due rows in this test. */
  private LeadWriter writerThatHasLooked() throws InterruptedException {
    var writer = new LeadWriter(fixture.leads, Duration.ofHours(1), new SimpleMeterRegistry());
    writer.run();
    return writer;
  }

  private static List<LeadWriter.Row> rows(List<String> leads) {
    return leads.stream().map(lead -> new LeadWriter.Row(lead, Context.root())).toList();
  }

  @Test
  void aRowThatTheCrmHoldsIsTriedAgainAndItsNeighboursAreWritten() throws Exception {
    var held = stored("aa", false);
    var free = stored("bb", false);
    try (var crm = DriverManager.getConnection(fixture.jdbcUrl())) {
      crm.setAutoCommit(false);
      try (var statement = crm.createStatement()) {
        statement.execute("UPDATE public.leads SET name = 'x' WHERE id = '" + held + "'");
      }

      assertThat(fixture.leads.write(List.of(held, free)))
          .containsEntry(held, "held")
          .containsEntry(free, "written");
      crm.rollback();
    }

    assertThat(fixture.count("profile_pic.lead_writes WHERE attempts = 1 AND next_at > since"))
        .isEqualTo(1);
    assertThat(fixture.leads.write(List.of(held))).containsEntry(held, "written");
  }

  @Test
  void aForeignKeyThatPointsToTheRowIsNoHindrance() throws Exception {
    var lead = stored("aa", false);
    fixture.jdbc.execute(
        "CREATE TABLE public.deals (lead_id uuid NOT NULL REFERENCES public.leads (id))");
    try (var crm = DriverManager.getConnection(fixture.jdbcUrl())) {
      crm.setAutoCommit(false);
      try (var statement = crm.createStatement()) {
        statement.execute("INSERT INTO public.deals VALUES ('" + lead + "')");
      }

      assertThat(fixture.leads.write(List.of(lead))).containsEntry(lead, "written");
      crm.rollback();
    }
  }

  @Test
  void aUrlThatTheCrmOverwroteComesBackWithTheNextEventOrLookOrReconciliation() {
    var lead = stored("aa", true);

    clearUrl(lead);
    fixture.jdbc.queryForList(
        "SELECT * FROM profile_pic.enqueue(jsonb_build_array(jsonb_build_object('lead_id', ?::text, 'phone', '5562999212484')))",
        lead);
    writeDue();
    assertThat(url(lead)).as("a webhook that is a duplicate").isEqualTo(Results.link(lead, "aa"));

    clearUrl(lead);
    fixture.enqueueAgain(lead);
    clearWrites();
    fixture.settle(Results.complete(fixture.claimOne(), "UNCHANGED"));
    assertThat(url(lead)).as("a look that finds it unchanged").isEqualTo(Results.link(lead, "aa"));

    clearUrl(lead);
    assertThat(reconcile()).isEqualTo(1);
    writeDue();
    assertThat(url(lead)).as("the reconciling walk").isEqualTo(Results.link(lead, "aa"));
  }

  @Test
  void aPhotoThatAHumanChoseStays() {
    var lead = stored("aa", false);
    setUrl(lead, "https://crm.example/uploads/ana.jpg");

    assertThat(fixture.leads.write(List.of(lead))).containsEntry(lead, "kept");

    assertThat(url(lead)).isEqualTo("https://crm.example/uploads/ana.jpg");
    assertThat(fixture.picture(lead)).containsEntry("lead_note", "OWN_PHOTO");
    assertThat(reconcile()).as("and is not asked about again").isZero();
    clearUrl(lead);
    assertThat(reconcile()).isEqualTo(1);
  }

  @Test
  void aLinkOfWhatsappIsReplaced() {
    var lead = stored("aa", false);
    setUrl(lead, "https://pps.whatsapp.net/v/t61/1_n.jpg?oe=60000000");

    assertThat(fixture.leads.write(List.of(lead))).containsEntry(lead, "written");
  }

  @Test
  void aCrmThatOverwritesAgainAndAgainIsLeftAloneUntilTomorrow() {
    var lead = stored("aa", true);
    for (int i = 0; i < 3; i++) {
      clearUrl(lead);
      reconcile();
      assertThat(fixture.leads.write(List.of(lead))).containsEntry(lead, "written");
    }

    clearUrl(lead);
    reconcile();

    assertThat(fixture.leads.write(List.of(lead))).containsEntry(lead, "stopped");
    assertThat(fixture.picture(lead)).containsEntry("lead_note", "REWRITTEN_TOO_OFTEN");
    assertThat(fixture.count("profile_pic.lead_writes WHERE error IS NOT NULL AND next_at > now()"))
        .isEqualTo(1);
  }

  @Test
  void aCrmThatRefusesARowGetsAnErrorForThatLeadAlone() {
    var refused = stored("aa", false);
    fixture.jdbc.execute(
        """
        CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          RAISE EXCEPTION 'phone 5562999212484 may not change' USING ERRCODE = 'P0001';
        END $$;
        CREATE TRIGGER refuse BEFORE UPDATE OF profile_pic_url ON public.leads FOR EACH ROW EXECUTE FUNCTION public.refuse();
        """);

    assertThatThrownBy(() -> fixture.leads.write(List.of(refused)))
        .isInstanceOfSatisfying(
            DataAccessException.class, failure -> fixture.leads.failed(refused, failure));

    assertThat(fixture.picture(refused)).containsEntry("state", "STORED");
    assertThat(
            fixture.one(
                String.class,
                "SELECT error FROM profile_pic.lead_writes WHERE lead_id = ?",
                refused))
        .startsWith("P0001")
        .doesNotContain("5562999212484");
  }

  @Test
  void aCrmWhoseColumnsTakeNoNullIsClearedWithAnEmptyText() {
    fixture.jdbc.execute(
        """
        ALTER TABLE public.leads ALTER profile_pic_url SET DEFAULT '', ALTER profile_pic_storage_path SET DEFAULT '';
        ALTER TABLE public.leads ALTER profile_pic_url SET NOT NULL, ADD CHECK (profile_pic_storage_path IS NOT NULL)
        """);
    var lead = stored("aa", true);
    changePhone(lead, OTHER_PHONE);
    fixture.jdbc.update("INSERT INTO profile_pic.lead_writes (lead_id) VALUES (?)", lead);

    assertThat(fixture.leads.write(List.of(lead))).containsEntry(lead, "written");

    assertThat(url(lead)).isEqualTo("");
    fixture.jdbc.update("INSERT INTO profile_pic.lead_writes (lead_id) VALUES (?)", lead);
    assertThat(fixture.leads.write(List.of(lead)))
        .as("an empty text is no link")
        .containsEntry(lead, "same");
  }

  @Test
  void aNewLeadWhoseTriggerFailedIsFoundAndOlderOnesWaitForABulkSync() {
    var old = fixture.lead();
    fixture.jdbc.update(
        "INSERT INTO profile_pic.lead_phones (lead_id, suffix) SELECT id::text, '99212484' FROM public.leads ON CONFLICT DO NOTHING");
    fixture.jdbc.update("UPDATE profile_pic.lead_phones_walk SET finished_at = now()");
    fixture.jdbc.execute("ALTER TABLE public.leads DISABLE TRIGGER USER");
    var missed = fixture.lead();

    reconcile();

    assertThat(
            fixture.jdbc.queryForList(
                "SELECT message ->> 'lead_id' FROM pgmq.q_profile_pic_queue WHERE message ->> 'sync_type' = 'new_lead'",
                String.class))
        .contains(missed)
        .filteredOn(old::equals)
        .hasSizeLessThanOrEqualTo(1);
  }

  private void clearWrites() {
    fixture.jdbc.update("DELETE FROM profile_pic.lead_writes");
  }

  private long reconcile() {
    return fixture.one(Long.class, "SELECT queued FROM profile_pic.reconcile_leads(NULL, 1000)");
  }

  private void clearUrl(String lead) {
    setUrl(lead, null);
  }

  private void setUrl(String lead, @Nullable String url) {
    fixture.jdbc.update(
        "UPDATE public.leads SET profile_pic_url = ? WHERE id = ?::uuid", url, lead);
  }
}
