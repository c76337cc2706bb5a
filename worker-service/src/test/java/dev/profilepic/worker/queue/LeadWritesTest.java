package dev.profilepic.worker.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.DriverManager;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataAccessException;

/** The CRM's row says what the state says, in the end always, and the CRM is never waited for. */
class LeadWritesTest {

  private static final byte[] BYTES = {1, 2, 3};
  private static final String OTHER_PHONE = "5511988887777";

  private QueueFixture fixture;

  @BeforeEach
  void migrate() {
    fixture = new QueueFixture();
  }

  @AfterEach
  void drop() {
    fixture.close();
  }

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
  void thePreviousPersonsPhotoIsForgottenAlthoughTheCrmRefusesItsRow() {
    var lead = stored("aa", true);
    changePhone(lead, OTHER_PHONE);
    fixture.jdbc.execute(
        """
        CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'closed'; END $$;
        CREATE TRIGGER refuse BEFORE UPDATE ON public.leads FOR EACH ROW EXECUTE FUNCTION public.refuse();
        """);
    fixture.jdbc.update("INSERT INTO profile_pic.lead_writes (lead_id) VALUES (?)", lead);

    assertThatThrownBy(() -> fixture.leads.write(List.of(lead)))
        .isInstanceOfSatisfying(
            DataAccessException.class, failure -> fixture.leads.failed(lead, failure));

    assertThat(fixture.picture(lead))
        .containsEntry("storage_key", null)
        .containsEntry("reason", "PHONE_CHANGED");
  }

  @Test
  void thePreviousPersonsPhotoLeavesWhenThePhoneIsAnotherPersons() {
    var lead = stored("aa", true);
    changePhone(lead, OTHER_PHONE);
    fixture.jdbc.update(
        "INSERT INTO profile_pic.lead_writes (lead_id) VALUES (?) ON CONFLICT DO NOTHING", lead);

    writeDue();

    assertThat(url(lead)).isNull();
    assertThat(fixture.picture(lead))
        .containsEntry("storage_key", null)
        .containsEntry("state", "PENDING")
        .containsEntry("reason", "PHONE_CHANGED");
  }

  @Test
  void anotherSpellingOfTheNumberClearsNothing() {
    var lead = stored("aa", true);
    changePhone(lead, "+55 (62) 9921-2484");
    fixture.jdbc.update("INSERT INTO profile_pic.lead_writes (lead_id) VALUES (?)", lead);

    writeDue();

    assertThat(url(lead)).isEqualTo(Results.link(lead, "aa"));
  }

  @Test
  void thePreviousPersonsPhotoLeavesWhenTheNewNumberHidesItsOwn() {
    var lead = stored("aa", true);
    changePhone(lead, OTHER_PHONE);
    fixture.send("{\"lead_id\": \"%s\", \"phone\": \"%s\"}".formatted(lead, OTHER_PHONE));
    var look = fixture.claim(5).getLast();

    fixture.settle(Results.completeFor(OTHER_PHONE, look, "HIDDEN"));

    assertThat(fixture.picture(lead))
        .containsEntry("state", "HIDDEN")
        .containsEntry("phone", OTHER_PHONE)
        .containsEntry("sha256", null)
        .containsEntry("storage_key", null);
    assertThat(url(lead)).isNull();
  }

  @Test
  void aPhoneThatChangedInATransactionWhichCommitsLateWinsOverAWebhookForTheOldOne()
      throws Exception {
    var lead = fixture.lead();
    try (var crm = DriverManager.getConnection(fixture.jdbcUrl())) {
      crm.setAutoCommit(false);
      try (var statement = crm.createStatement()) {
        statement.execute(
            "UPDATE public.leads SET phone = '" + OTHER_PHONE + "' WHERE id = '" + lead + "'");
        statement.execute(
            "SELECT pgmq.send('profile_pic_queue', '{\"lead_id\": \"%s\", \"phone\": \"%s\"}')"
                .formatted(lead, OTHER_PHONE));
      }
      fixture.enqueue(lead);
      fixture.settle(Results.stored(fixture.claimOne(), "old", BYTES));
      crm.commit();
    }
    writeDue();
    assertThat(url(lead)).as("the old person's photo").isNull();

    var look = fixture.claimOne();
    assertThat(look.lead()).isNotNull();
    assertThat(java.util.Objects.requireNonNull(look.lead()).phone()).isEqualTo(OTHER_PHONE);
    fixture.settle(Results.storedFor(OTHER_PHONE, look, "new", BYTES, look.enqueuedAt()));

    assertThat(fixture.picture(lead))
        .containsEntry("sha256", "new")
        .containsEntry("phone", OTHER_PHONE);
    assertThat(url(lead)).isEqualTo(Results.link(lead, "new"));
  }

  @Test
  void aLateResultForThePhoneBeforeIsDropped() {
    var lead = fixture.lead();
    fixture.send("{\"lead_id\": \"%s\", \"phone\": \"5562999212484\"}".formatted(lead));
    var before = fixture.claimOne();
    changePhone(lead, OTHER_PHONE);
    fixture.send("{\"lead_id\": \"%s\", \"phone\": \"%s\"}".formatted(lead, OTHER_PHONE));
    var after = fixture.claimOne();
    fixture.settle(Results.storedFor(OTHER_PHONE, after, "new", BYTES, after.enqueuedAt()));

    fixture.settle(Results.stored(before, "old", BYTES, after.enqueuedAt().plusSeconds(60)));

    assertThat(fixture.picture(lead)).containsEntry("sha256", "new");
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

  /** A lead whose photo is stored, its row written or not. */
  private String stored(String sha256, boolean written) {
    var lead = fixture.lead();
    fixture.enqueue(lead);
    var result = Results.stored(fixture.claimOne(), sha256, BYTES);
    if (written) {
      fixture.settle(result);
    } else {
      fixture.settleOnly(result);
    }
    return lead;
  }

  private void writeDue() {
    fixture.jdbc.update("UPDATE profile_pic.lead_writes SET next_at = now()");
    fixture.leads.write(fixture.leads.due(100));
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

  private void changePhone(String lead, String phone) {
    fixture.jdbc.update("UPDATE public.leads SET phone = ? WHERE id = ?::uuid", phone, lead);
  }

  private @Nullable Object url(String lead) {
    return fixture.leadRow(lead).get("profile_pic_url");
  }
}
