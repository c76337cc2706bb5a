package dev.profilepic.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * An upgrade disturbs nobody: a reader that forgets to commit stops neither the CRM nor the
 * services.
 */
class UpgradeLocksTest {

  private final Crm crm = new Crm();

  @BeforeEach
  void migrate() throws SQLException {
    crm.execute("CREATE TABLE public.leads (id bigint PRIMARY KEY, phone text, mobile text)");
    crm.migrate();
    // With this timeout, an upgrade that would wait indefinitely fails instead.
    crm.execute(
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET lock_timeout = ''20s''', current_database()); END $$");
    crm.execute("INSERT INTO public.leads VALUES (1, '5562999212484', '5562999212485')");
  }

  @AfterEach
  void drop() {
    crm.close();
  }

  @Test
  void anUnchangedUpgradeLocksNothing() throws SQLException {
    // The test uses a writer, because recreating a trigger would not wait for a reader.
    try (var writer = crm.connect()) {
      writer.setAutoCommit(false);
      writer.createStatement().execute("UPDATE public.leads SET mobile = mobile");

      crm.execute(
          "UPDATE profile_pic.flyway_schema_history SET checksum = 0 WHERE version IS NULL");
      crm.migrate();
    }

    assertThat(
            crm.column("SELECT count(*) FROM pg_trigger WHERE tgrelid = 'public.leads'::regclass"))
        .containsExactly("4");
  }

  @Test
  void triggersOfTheReleaseBeforeAreReplacedAndTheirFunctionsRemoved() throws SQLException {
    crm.execute(
        """
        CREATE FUNCTION profile_pic.lead_changed() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
        CREATE FUNCTION profile_pic.lead_deleted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
        CREATE OR REPLACE TRIGGER profile_pic_lead_changed AFTER UPDATE OF phone ON public.leads
          FOR EACH ROW WHEN (OLD.phone IS DISTINCT FROM NEW.phone) EXECUTE FUNCTION profile_pic.lead_changed();
        CREATE OR REPLACE TRIGGER profile_pic_lead_deleted AFTER DELETE ON public.leads FOR EACH ROW EXECUTE FUNCTION profile_pic.lead_deleted()
        """);

    try (var reader = crm.connect()) {
      reader.setAutoCommit(false);
      Crm.column(reader, "SELECT id FROM public.leads");
      crm.migrate();
    }

    assertThat(
            crm.column(
                "SELECT t.tgfoid::regproc::text FROM pg_trigger AS t WHERE t.tgrelid = 'public.leads'::regclass ORDER BY 1"))
        .containsExactly(
            "profile_pic.lead_inserted",
            "profile_pic.leads_deleted",
            "profile_pic.leads_truncated",
            "profile_pic.phones_changed");
    assertThat(crm.column("SELECT to_regproc('profile_pic.lead_changed')")).containsExactly("null");
  }

  @Test
  void bulkSyncsThatRanBeforeThereWereTalliesAreCountedOnce() throws SQLException {
    crm.execute(
        """
        DROP TRIGGER sync_items_added ON profile_pic.sync_items;
        DROP TRIGGER sync_items_changed ON profile_pic.sync_items;
        DROP TRIGGER sync_items_removed ON profile_pic.sync_items;
        DROP TRIGGER sync_items_emptied ON profile_pic.sync_items;
        INSERT INTO profile_pic.syncs (instance_id, kind, total, batch_size) VALUES ('demo', 'list', 5, 500);
        INSERT INTO profile_pic.sync_items (sync_id, lead_id, message_id, outcome)
        SELECT s.id, i.* FROM profile_pic.syncs AS s CROSS JOIN (VALUES ('1', 1, NULL), ('2', 2, 'STORED'), ('3', NULL, 'FRESH'), ('4', 3, 'STORED'), ('5', NULL, NULL)) AS i;
        UPDATE profile_pic.flyway_schema_history SET checksum = 0 WHERE version IS NULL
        """);

    crm.migrate();
    crm.execute("UPDATE profile_pic.flyway_schema_history SET checksum = 0 WHERE version IS NULL");
    crm.migrate();

    assertThat(
            crm.column(
                "SELECT concat_ws(' ', total, done, in_flight, waiting, outcomes) FROM profile_pic.sync_progress"))
        .containsExactly("5 3 1 1 {\"FRESH\": 1, \"STORED\": 2}");
    crm.execute("TRUNCATE profile_pic.sync_items");
    assertThat(crm.column("SELECT count(*) FROM profile_pic.sync_tallies")).containsExactly("0");
  }

  @Test
  void whileAnUpgradeWaitsForItsLockOthersRead() throws Exception {
    CompletableFuture<Void> upgrade;
    try (var reader = crm.connect();
        var other = crm.connect()) {
      reader.setAutoCommit(false);
      Crm.column(reader, "SELECT id FROM public.leads");

      upgrade =
          CompletableFuture.runAsync(
              () -> crm.database.migrate(Crm.leads("public.leads", "id", false, false)));
      Awaitility.await()
          .atMost(60, TimeUnit.SECONDS)
          .until(() ->
              !crm.column(
                      "SELECT pid::text FROM pg_locks WHERE relation = 'public.leads'::regclass AND NOT granted")
                  .isEmpty());

      other.createStatement().execute("SET statement_timeout = '10s'");
      assertThat(Crm.column(other, "SELECT id FROM public.leads")).containsExactly("1");
    }
    upgrade.get(120, TimeUnit.SECONDS);

    assertThat(crm.column("SELECT tgname FROM pg_trigger WHERE tgrelid = 'public.leads'::regclass"))
        .isEmpty();
  }

  @Test
  void aWalkThatEndedUnderAnEarlierNameIsNotBegunAgain() throws SQLException {
    var madeFor =
        crm.column("SELECT obj_description('profile_pic.read_lead_page'::regproc, 'pg_proc')")
            .getFirst();
    crm.execute(
        """
        DROP FUNCTION profile_pic.read_lead_page(integer);
        COMMENT ON FUNCTION profile_pic.walk_leads(integer) IS '%s';
        UPDATE profile_pic.lead_phones_walk SET finished_at = now();
        UPDATE profile_pic.flyway_schema_history SET checksum = 0 WHERE version IS NULL
        """
            .formatted(madeFor));

    crm.migrate();

    assertThat(crm.column("SELECT finished_at IS NOT NULL FROM profile_pic.lead_phones_walk"))
        .containsExactly("t");
  }

  @Test
  void leadsAreMatchedWhileTheWalkCorrectsThem() throws SQLException {
    crm.database.migrate(
        new dev.profilepic.migrations.LeadsTable(
            "public.leads",
            "id",
            "mobile",
            "instance_id",
            "profile_pic_url",
            "profile_pic_storage_path",
            "updated_at",
            "name",
            true,
            false));

    assertThat(crm.column("SELECT suffix FROM profile_pic.lead_phones"))
        .containsExactly("99212484");
    assertThat(crm.column("SELECT profile_pic.read_lead_page(10)::text")).containsExactly("true");
    assertThat(crm.column("SELECT suffix FROM profile_pic.lead_phones"))
        .containsExactly("99212485");
  }
}
