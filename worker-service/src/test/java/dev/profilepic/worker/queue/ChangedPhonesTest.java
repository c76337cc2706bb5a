package dev.profilepic.worker.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.DriverManager;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataAccessException;

/** A lead whose phone becomes another person's loses the photo of the previous person. */
class ChangedPhonesTest extends LeadRowsTest {

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
}
