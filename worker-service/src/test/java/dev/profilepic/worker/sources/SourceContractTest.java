package dev.profilepic.worker.sources;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.contract.PhoneNumber;
import dev.profilepic.contract.SourceKind;
import dev.profilepic.contract.SourceKind.Answer;
import dev.profilepic.embedded.TestDatabase;
import dev.profilepic.worker.FakeBridge;
import dev.profilepic.worker.RunningWorker;
import dev.profilepic.worker.bridge.Contact;
import dev.profilepic.worker.bridge.Lookup;
import dev.profilepic.worker.sources.FakeGateway.Says;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/**
 * The same scenarios at every gateway, each through a worker that is configured as a customer's.
 * Each gateway must tell apart the outcomes that its kind declares.
 */
class SourceContractTest {

  private static final PhoneNumber PHONE = new PhoneNumber("5562999212484");
  private static final String JID = "5562999212484@s.whatsapp.net";
  private static final String OTHER_SPELLING = "556299212484@s.whatsapp.net";
  private static final String LID = "98765432101234@lid";

  /** Each gateway under the name of the instance that uses it. */
  enum Peer {
    BRIDGE(SourceKind.BRIDGE, SourceKind.BRIDGE, "", FakeContract::new),
    EVOLUTION(SourceKind.EVOLUTION, SourceKind.EVOLUTION, "", FakeEvolution::new),
    EVOLUTION_GO(SourceKind.EVOLUTION_GO, SourceKind.EVOLUTION_GO, "", FakeEvolutionGo::new),
    WAHA(SourceKind.WAHA, SourceKind.WAHA, "", FakeWaha::new),
    FAZER(SourceKind.FAZER, SourceKind.FAZER, "", FakeFazer::new),
    /** Speaks the bridge's contract, and so tells as much as the bridge. */
    CONTRACT(SourceKind.HTTP, SourceKind.BRIDGE, "", FakeContract::new),
    ENDPOINT(
        SourceKind.HTTP, SourceKind.HTTP, "/api/{instance}/profile-pic/{phone}", FakeEndpoint::new);

    private final SourceKind kind;
    private final SourceKind tellsAs;
    private final String path;
    private final FakeGateway fake;

    Peer(SourceKind kind, SourceKind tellsAs, String path, Supplier<FakeGateway> fake) {
      this.kind = kind;
      this.tellsAs = tellsAs;
      this.path = path;
      this.fake = fake.get();
    }

    private String instance() {
      return kind == SourceKind.BRIDGE ? "bridge" : name();
    }

    private String nameThere() {
      return kind == SourceKind.FAZER ? FakeFazer.NUMBER : FakeGateway.INSTANCE;
    }

    private boolean tells(Answer answer) {
      return tellsAs.tells(answer);
    }
  }

  private static TestDatabase database;
  private static FakeBridge cdn;
  private static RunningWorker worker;

  @BeforeAll
  static void start() {
    database = TestDatabase.migrated();
    cdn = new FakeBridge();
    var settings = new ArrayList<String>();
    settings.add("profile-pic.bridge.url=" + Peer.BRIDGE.fake.url());
    settings.add("profile-pic.bridge.token=" + FakeGateway.KEY);
    settings.add("profile-pic.bridge.timeout=700ms");
    settings.add("profile-pic.sources.timeout=700ms");
    // Each scenario asks once; breakers have tests of their own.
    for (var breaker : new String[] {"configs.instance", "configs.source", "instances.bridge"}) {
      settings.add("resilience4j.circuitbreaker." + breaker + ".minimum-number-of-calls=1000");
      settings.add("resilience4j.circuitbreaker." + breaker + ".sliding-window-size=1000");
    }
    for (var peer : Peer.values()) {
      if (peer.kind.isRemote()) {
        settings.addAll(source(peer, peer.name(), peer.nameThere(), FakeGateway.KEY));
        settings.addAll(source(peer, peer.name() + ".elsewhere", "nobody", FakeGateway.KEY));
        settings.addAll(source(peer, peer.name() + ".locked", peer.nameThere(), "wrong"));
      }
    }
    worker = RunningWorker.start(database, cdn, settings.toArray(String[]::new));
  }

  private static ArrayList<String> source(Peer peer, String id, String name, String credential) {
    var prefix = "profile-pic.sources.instances[" + id + "].";
    return new ArrayList<>(
        Arrays.asList(
            prefix + "kind=" + peer.kind.id(),
            prefix + "url=" + peer.fake.url() + peer.path,
            prefix + "name=" + name,
            prefix + "credential=" + credential));
  }

  @AfterAll
  static void stop() {
    worker.close();
    cdn.close();
    database.close();
    for (var peer : Peer.values()) {
      peer.fake.close();
    }
  }

  @BeforeEach
  void reset() {
    for (var peer : Peer.values()) {
      peer.fake.reset();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aPhotoIsFoundWithOneQuery(Peer peer) throws Exception {
    peer.fake.account(JID, Says.PHOTO);
    var queries = new AtomicInteger();

    var lookup =
        source(peer.instance())
            .find(new Question(peer.instance(), PHONE, null), queries::addAndGet);

    assertThat(lookup)
        .isInstanceOfSatisfying(
            Lookup.Found.class,
            found -> assertThat(found.url()).startsWith("https://pps.whatsapp.net/v/photo.jpg"));
    assertThat(queries).hasValue(1);
  }

  @ParameterizedTest
  @EnumSource
  void noPhotoIsSaidOrUnknown(Peer peer) throws Exception {
    peer.fake.account(JID, Says.NONE);

    assertThat(ask(peer)).isInstanceOf(said(peer, Answer.NOT_SET, Lookup.NotSet.class));
  }

  @ParameterizedTest
  @EnumSource
  void aHiddenPhotoIsSaidOrUnknown(Peer peer) throws Exception {
    peer.fake.account(JID, Says.HIDDEN);

    assertThat(ask(peer)).isInstanceOf(said(peer, Answer.HIDDEN, Lookup.Hidden.class));
  }

  @ParameterizedTest
  @EnumSource
  void aNumberWithoutAnAccountIsSaidOrUnknown(Peer peer) throws Exception {
    assertThat(ask(peer))
        .isInstanceOf(said(peer, Answer.NOT_ON_WHATSAPP, Lookup.NotOnWhatsapp.class));
  }

  @ParameterizedTest
  @EnumSource
  void aThrottledInstanceRests(Peer peer) throws Exception {
    peer.fake.account(JID, Says.THROTTLED);

    var lookup = ask(peer);

    assertThat(lookup).isInstanceOf(said(peer, Answer.THROTTLED, Lookup.Throttled.class));
    if (lookup instanceof Lookup.Throttled(var rest)) {
      assertThat(rest).isEqualTo(Duration.ofSeconds(60));
    }
  }

  @ParameterizedTest
  @EnumSource
  void aDisconnectedInstanceIsDown(Peer peer) throws Exception {
    peer.fake.account(JID, Says.PHOTO).disconnect();

    assertThat(ask(peer)).isInstanceOf(said(peer, Answer.DISCONNECTED, Lookup.InstanceDown.class));
  }

  @ParameterizedTest
  @EnumSource
  void silenceOfWhatsappSaysNothingOfThePhoto(Peer peer) throws Exception {
    peer.fake.account(JID, Says.SILENCE);

    assertThat(ask(peer)).isInstanceOf(said(peer, Answer.SILENCE, Lookup.NoAnswer.class));
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "BRIDGE")
  void aWrongKeyIsTheInstancesOwnTrouble(Peer peer) throws Exception {
    peer.fake.account(JID, Says.PHOTO);

    assertThat(ask(peer.instance() + ".locked"))
        .isEqualTo(new Lookup.InstanceDown("the gateway refused the source's credential"));
  }

  /** Evolution Go and its key know one instance only, whatever it is called. */
  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "EVOLUTION_GO")
  void anInstanceThatTheGatewayDoesNotKnowIsDown(Peer peer) throws Exception {
    peer.fake.account(JID, Says.PHOTO);

    assertThat(ask(peer.instance() + ".elsewhere")).isInstanceOf(Lookup.InstanceDown.class);
  }

  @ParameterizedTest
  @EnumSource(names = {"GARBAGE", "BROKEN"})
  void whatNobodyCanReadIsTheGatewaysFault(Says trouble) throws Exception {
    for (var peer : Peer.values()) {
      peer.fake.account(JID, trouble);

      assertThat(ask(peer)).as(peer.name()).isInstanceOf(Lookup.BridgeDown.class);
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "BRIDGE")
  void aGatewayThatHangsIsGivenUpAndSaysNothingOfThePhoto(Peer peer) throws Exception {
    peer.fake.account(JID, Says.HANG);

    assertThat(ask(peer)).isInstanceOf(Lookup.NoAnswer.class);
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "BRIDGE")
  void aGatewayThatDripsIsGivenUpLikewise(Peer peer) throws Exception {
    peer.fake.account(JID, Says.DRIP);

    assertThat(ask(peer)).isInstanceOf(Lookup.NoAnswer.class);
  }

  @ParameterizedTest
  @EnumSource
  void anAccountThatWhatsappKnowsWithoutTheNinthDigitIsFound(Peer peer) throws Exception {
    peer.fake.account(OTHER_SPELLING, Says.PHOTO).alias(JID, OTHER_SPELLING);

    assertThat(ask(peer)).isInstanceOf(Lookup.Found.class);
  }

  @ParameterizedTest
  @EnumSource
  void anAccountThatWhatsappKnowsByItsLidIsFound(Peer peer) throws Exception {
    peer.fake.account(LID, Says.PHOTO).alias(JID, LID);

    assertThat(ask(peer))
        .isInstanceOfSatisfying(
            Lookup.Found.class,
            found ->
                // An endpoint of somebody's own tells a link and nothing else.
                assertThat(found.contact())
                    .extracting(Contact::lid)
                    .isEqualTo(peer == Peer.ENDPOINT ? null : LID.replace("@lid", "")));
  }

  @ParameterizedTest
  @EnumSource(names = {"BRIDGE", "EVOLUTION", "WAHA", "CONTRACT"})
  void whoseALidIsCanBeAsked(Peer peer) throws Exception {
    peer.fake.seen(LID, OTHER_SPELLING);

    assertThat(source(peer.instance()).resolvesLids()).isTrue();
    assertThat(whose(peer, LID)).isEqualTo(new LidAnswer.Known(new PhoneNumber("556299212484")));
    assertThat(peer.fake.asked()).as("with one call").hasSize(1);
    assertThat(whose(peer, "11111111111111@lid")).isEqualTo(new LidAnswer.Unknown());
  }

  @ParameterizedTest
  @EnumSource(names = {"BRIDGE", "EVOLUTION", "WAHA", "CONTRACT"})
  void whoCannotAnswerForALidNowIsAskedLater(Peer peer) throws Exception {
    peer.fake.disconnect();
    assertThat(whose(peer, LID)).isInstanceOf(LidAnswer.Down.class);

    peer.fake.reset();
    peer.fake.account(JID, Says.BROKEN);
    assertThat(whose(peer, LID)).isInstanceOf(LidAnswer.Down.class);

    peer.fake.account(JID, Says.HANG);
    assertThat(whose(peer, LID)).isInstanceOf(LidAnswer.Down.class);
  }

  @ParameterizedTest
  @EnumSource(names = {"EVOLUTION_GO", "FAZER", "ENDPOINT"})
  void whoCannotResolveLidsIsNotAsked(Peer peer) {
    assertThat(source(peer.instance()).resolvesLids()).isFalse();
  }

  private static LidAnswer whose(Peer peer, String lid) throws InterruptedException {
    return source(peer.instance()).resolve(peer.instance(), lid.replace("@lid", ""));
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "BRIDGE")
  void aPictureInBase64IsTaken(Peer peer) throws Exception {
    peer.fake.account(JID, Says.PHOTO).photo("data:image/jpeg;base64,/9j/4AAQ");
    assertThat(ask(peer))
        .isInstanceOfSatisfying(
            Lookup.Picture.class, picture -> assertThat(picture.bytes()).hasSize(6));

    peer.fake.photo("/9j/4AAQ");
    assertThat(ask(peer)).isInstanceOf(Lookup.Picture.class);
  }

  @Test
  void evolutionsOwnCallForPicturesIsNeverUsed() throws Exception {
    Peer.EVOLUTION.fake.account(JID, Says.NONE);
    ask(Peer.EVOLUTION);

    assertThat(Peer.EVOLUTION.fake.asked())
        .containsExactly(
            "POST /baileys/profilePictureUrl/Vendas%201", "POST /baileys/onWhatsapp/Vendas%201");
  }

  /** The instance shows its QR code, and Evolution asks WhatsApp all the same. */
  @ParameterizedTest
  @EnumSource(names = {"SILENCE", "EMPTY"})
  void evolutionsInstanceThatIsNotPairedIsDownWhateverComesBack(Says says) throws Exception {
    var queries = new AtomicInteger();
    evolution().connecting().account(JID, says);

    var lookup =
        source("EVOLUTION").find(new Question("EVOLUTION", PHONE, null), queries::addAndGet);

    assertThat(lookup).isEqualTo(new Lookup.InstanceDown("the instance is not connected"));
    assertThat(queries).as("how it is connected costs no query to WhatsApp").hasValue(1);
  }

  @Test
  void anAnswerOfEvolutionWithoutAPictureInItSaysNothing() throws Exception {
    evolution().account(JID, Says.EMPTY);

    assertThat(ask(Peer.EVOLUTION)).isInstanceOf(Lookup.Unknown.class);
  }

  /** Its webhook and its table of accounts have the number alone. */
  @Test
  void whoseALidIsStandsInTheMessagesThatEvolutionKeeps() throws Exception {
    evolution().wrote(LID, JID);

    assertThat(whose(Peer.EVOLUTION, LID)).isEqualTo(new LidAnswer.Known(PHONE));
    assertThat(evolution().asked())
        .containsExactly(
            "POST /chat/whatsappNumbers/Vendas%201", "POST /chat/findMessages/Vendas%201");
  }

  private static FakeEvolution evolution() {
    return (FakeEvolution) Peer.EVOLUTION.fake;
  }

  private static Class<? extends Lookup> said(
      Peer peer, Answer answer, Class<? extends Lookup> lookup) {
    return peer.tells(answer) ? lookup : Lookup.Unknown.class;
  }

  private static Lookup ask(Peer peer) throws InterruptedException {
    return ask(peer.instance());
  }

  private static Lookup ask(String instance) throws InterruptedException {
    return source(instance).find(new Question(instance, PHONE, null), queries -> {});
  }

  private static PictureSource source(String instance) {
    return worker.bean(PictureSources.class).of(instance);
  }
}
