package dev.profilepic.worker.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.worker.FakeBridge;
import dev.profilepic.worker.doctor.Finding.Level;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The doctor's findings about a set-up as a whole, and the secrets that it must never print. */
class DoctorTest extends ExaminationTest {

  DoctorTest() throws IOException {}

  @Test
  void aHealthySetUpHasNoProblem() throws InterruptedException {
    var said = setup.examine();

    assertThat(said.problems()).as(said.text()).isEmpty();
    assertThat(said.status()).isZero();
    assertThat(said.text())
        .contains("OK       database", "demo answered: no photo", "0 problems")
        .doesNotContain("left out");
  }

  @Test
  void aDatabaseThatIsAwayIsNamedAndTheRestIsLookedAt() throws InterruptedException {
    setup.variables.put("PROFILE_PIC_DATABASE_URL", "jdbc:postgresql://127.0.0.1:1/profile_pic");
    var said = setup.examine();

    assertThat(said.problems()).containsExactly("database");
    assertThat(said.text()).contains("cannot be reached", "left out", "webhooks");
  }

  @Test
  void aDatabaseWithoutOurSchemaIsNamed() throws InterruptedException {
    setup.jdbc.execute("DROP SCHEMA profile_pic CASCADE");
    var said = setup.examine();

    assertThat(said.problems()).as(said.text()).containsExactly("migrations");
    assertThat(said.text()).contains("Run the migrations");
  }

  @Test
  void whatExpiresSoonIsAWarningAndNoProblem() throws InterruptedException {
    setup.jdbc.update("UPDATE profile_pic.api_keys SET expires_at = now() + interval '3 days'");
    var said = setup.examine();

    assertThat(said.text()).contains("WARNING  api keys", "the key \"crm\" expires on");
    assertThat(said.status()).isZero();
  }

  @Test
  void aNumberThatRestsIsNotAskedAndPaceIsKept() throws InterruptedException {
    setup.jdbc.update(
        "INSERT INTO profile_pic.instances (instance_id, paused_until) VALUES ('demo', now() + interval '1 hour') ON CONFLICT (instance_id) DO UPDATE SET paused_until = excluded.paused_until");
    var said = setup.examine();

    assertThat(said.text()).contains("demo was not asked: it rests for");
    assertThat(setup.bridge.asked()).isZero();
  }

  @Test
  void aTransactionThatIsOpenForLongIsNamed() throws Exception {
    try (var open = setup.database.dataSource().getConnection();
        var examined = new Setup(Settings.of(setup.variables), InstantSource.system())) {
      open.setAutoCommit(false);
      open.createStatement().execute("SELECT FROM public.leads");
      var notes = new Notes("snapshots");
      new SnapshotsCheck(Duration.ofSeconds(-1)).look(examined, notes);

      assertThat(notes.findings())
          .anySatisfy(finding -> {
            assertThat(finding.level()).isEqualTo(Level.PROBLEM);
            assertThat(finding.what()).contains("a transaction is open");
            assertThat(finding.remedy()).contains("pg_terminate_backend(");
          });
    }
  }

  @Test
  void aFullDiskIsAProblem() {
    var notes = new Notes("disk");
    DiskCheck.judge("1 GB", 100L << 20, 100L << 30, notes);
    DiskCheck.judge("1 GB", 3L << 30, 100L << 30, notes);
    DiskCheck.judge("1 GB", 50L << 30, 100L << 30, notes);

    assertThat(notes.findings())
        .extracting(Finding::level)
        .containsExactly(Level.PROBLEM, Level.WARNING, Level.OK);
  }

  @Test
  void noSecretIsEverPrinted() throws InterruptedException {
    setup.receiver.signedWith("another-webhook-secret");
    setup.bridge.overview(FakeBridge.json(401, "{}"));
    setup.variables.put("PROFILE_PIC_SOURCES_KEY", "not-a-key-at-all");
    setup.variables.put("RECEIVER_DATABASE_PASSWORD", "receivers-password");
    var said = setup.examine();

    for (var secret :
        List.of(
            "a-signing-secret-of-this-test",
            "an-erasure-key-of-this-test",
            "test-token",
            "the-webhook-secret-of-this-test",
            "not-a-key-at-all",
            "receivers-password",
            "5562999212484")) {
      assertThat(said.text()).doesNotContain(secret);
    }
  }

  @Test
  void anOptionThatDoesNotExistIsWrongUsage() throws InterruptedException {
    assertThat(setup.examine("--everything").status()).isEqualTo(2);
    assertThat(setup.examine("--help").text()).contains("usage: doctor");
  }
}
