package dev.profilepic.worker.deliveries;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.worker.FakeBridge;
import dev.profilepic.worker.Pictures;
import java.awt.Color;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Photos of leads as avatars of Chatwoot's contacts. */
class ChatwootDeliveriesTest {

  private static final byte[] RED = Pictures.jpeg(Color.RED);
  private static final byte[] BLUE = Pictures.jpeg(Color.BLUE);
  private static final byte[] HUMANS = {1, 2, 3};

  private static FakeChatwoot chatwoot;
  private static Told told;

  private final String phone =
      "55629" + ThreadLocalRandom.current().nextInt(60_000_000, 90_000_000);

  @BeforeAll
  static void start() {
    chatwoot = new FakeChatwoot();
    told = new Told(chatwoot.url());
    told.bridge
        .file("/red.jpg", FakeBridge.bytes(200, "image/jpeg", RED))
        .file("/blue.jpg", FakeBridge.bytes(200, "image/jpeg", BLUE));
  }

  @AfterAll
  static void stop() {
    told.close();
    chatwoot.close();
  }

  @BeforeEach
  void showRed() {
    told.reset();
    told.bridge.lookup(phone, told.bridge.found("/red.jpg", "red"));
  }

  @ParameterizedTest
  @CsvSource({"+%s%s%s", "%s%s%s", "+%s %s %s"})
  void theContactWithTheLeadsPhoneGetsItsPhoto(String spelling) {
    told.chatwoot(chatwoot.url(), FakeChatwoot.TOKEN, false);
    int contact =
        chatwoot.contact(
            spelling.formatted(phone.substring(0, 2), phone.substring(2, 4), phone.substring(4)));

    ask(told.lead(phone, "demo"));

    assertThat(chatwoot.avatar(contact)).isEqualTo(RED);
    assertThat(state()).isEqualTo("delivered");
  }

  @Test
  void aBrazilianContactWithoutTheNinthDigitIsTheSamePerson() {
    told.chatwoot(chatwoot.url(), FakeChatwoot.TOKEN, false);
    int contact = chatwoot.contact("+" + phone.substring(0, 4) + phone.substring(5));

    ask(told.lead(phone, "demo"));

    assertThat(chatwoot.avatar(contact)).isEqualTo(RED);
  }

  @Test
  void anAvatarThatAHumanChoseStays() {
    told.chatwoot(chatwoot.url(), FakeChatwoot.TOKEN, false);
    int contact = chatwoot.contact("+" + phone);
    chatwoot.upload(contact, HUMANS);

    ask(told.lead(phone, "demo"));

    assertThat(chatwoot.avatar(contact)).isEqualTo(HUMANS);
    assertThat(state()).isEqualTo("skipped");
    assertThat(detail()).isEqualTo("the contact has an avatar of its own");
  }

  @Test
  void unlessTheEndpointSaysOtherwise() {
    told.chatwoot(chatwoot.url(), FakeChatwoot.TOKEN, true);
    int contact = chatwoot.contact("+" + phone);
    chatwoot.upload(contact, HUMANS);

    ask(told.lead(phone, "demo"));

    assertThat(chatwoot.avatar(contact)).isEqualTo(RED);
  }

  @Test
  void ourOwnAvatarIsReplacedByTheNewPhotoAndAHumansAfterItIsNot() {
    told.chatwoot(chatwoot.url(), FakeChatwoot.TOKEN, false);
    int contact = chatwoot.contact("+" + phone);
    var lead = told.lead(phone, "demo");
    ask(lead);

    told.bridge.lookup(phone, told.bridge.found("/blue.jpg", "blue"));
    ask(lead);
    assertThat(chatwoot.avatar(contact)).isEqualTo(BLUE);

    chatwoot.upload(contact, HUMANS);
    told.bridge.lookup(phone, told.bridge.found("/red.jpg", "red again"));
    ask(lead);
    assertThat(chatwoot.avatar(contact)).isEqualTo(HUMANS);
  }

  @Test
  void whatWeGaveLeavesWithThePhoto() {
    told.chatwoot(chatwoot.url(), FakeChatwoot.TOKEN, false);
    int contact = chatwoot.contact("+" + phone);
    var lead = told.lead(phone, "demo");
    ask(lead);

    told.bridge.lookup(phone, FakeBridge.json(200, "{\"status\":\"not_set\"}"));
    ask(lead);

    assertThat(chatwoot.avatar(contact)).isNull();
    assertThat(told.one(Integer.class, "SELECT count(*) FROM profile_pic.contact_avatars"))
        .isZero();
  }

  @Test
  void anAvatarOfAPersonWhoIsForgottenIsRemovedAndAHumansStays() {
    told.chatwoot(chatwoot.url(), FakeChatwoot.TOKEN, false);
    int contact = chatwoot.contact("+" + phone);
    var lead = told.lead(phone, "demo");
    ask(lead);

    told.one(Boolean.class, "SELECT profile_pic.erase(?)", lead);
    told.untilTold();

    assertThat(chatwoot.avatar(contact)).isNull();
    assertThat(told.one(Integer.class, "SELECT count(*) FROM profile_pic.contact_avatars"))
        .isZero();
  }

  @Test
  void aHumansAvatarIsNotRemovedWithOurPhoto() {
    told.chatwoot(chatwoot.url(), FakeChatwoot.TOKEN, false);
    int contact = chatwoot.contact("+" + phone);
    var lead = told.lead(phone, "demo");
    ask(lead);
    chatwoot.upload(contact, HUMANS);

    told.bridge.lookup(phone, FakeBridge.json(200, "{\"status\":\"not_set\"}"));
    ask(lead);

    assertThat(chatwoot.avatar(contact)).isEqualTo(HUMANS);
  }

  @Test
  void aContactThatWasMadeAnewIsFoundByItsPhone() {
    told.chatwoot(chatwoot.url(), FakeChatwoot.TOKEN, false);
    int contact = chatwoot.contact("+" + phone);
    var lead = told.lead(phone, "demo");
    ask(lead);
    int anew = chatwoot.contact("+" + phone);
    chatwoot.remove(contact);

    told.bridge.lookup(phone, told.bridge.found("/blue.jpg", "blue"));
    ask(lead);

    assertThat(chatwoot.avatar(anew)).isEqualTo(BLUE);
  }

  @Test
  void aLeadWithoutAContactIsNoFailure() {
    told.chatwoot(chatwoot.url(), FakeChatwoot.TOKEN, false);

    ask(told.lead(phone, "demo"));

    assertThat(state()).isEqualTo("skipped");
    assertThat(detail()).isEqualTo("no contact has the lead's phone");
  }

  @Test
  void aTokenThatIsRefusedIsTriedAgainLater() {
    told.chatwoot(chatwoot.url(), "another-token", false);
    chatwoot.contact("+" + phone);

    ask(told.lead(phone, "demo"));

    assertThat(state()).isEqualTo("pending");
    assertThat(detail()).isEqualTo("it answered 401");
  }

  private static void ask(String lead) {
    told.ask(lead);
    told.untilTold();
  }

  private static String state() {
    return told.one(
        String.class, "SELECT state FROM profile_pic.webhook_deliveries ORDER BY id DESC LIMIT 1");
  }

  private static String detail() {
    return told.one(
        String.class, "SELECT detail FROM profile_pic.webhook_deliveries ORDER BY id DESC LIMIT 1");
  }
}
