package dev.profilepic.worker.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.worker.FakeBridge;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every answer of the bridge is one lookup, and the lookup reports its cost. */
class BridgeClientTest extends BridgeTest {

  private static final String BAD_REQUEST =
      "{\"status\":\"bad_request\",\"errors\":[{\"field\":\"phone\",\"message\":\"must be digits\"}]}";

  static Stream<Arguments> answers() {
    return Stream.of(
        Arguments.of(
            200,
            "{\"status\":\"found\",\"url\":\"https://x/y\",\"picture_id\":\"7\",\"jid\":\"j\"}",
            new Lookup.Found("https://x/y", "7", Contact.of("j"))),
        Arguments.of(
            200,
            "{\"status\":\"not_set\",\"jid\":\"5562@s.whatsapp.net\",\"lid\":\"98765:3@lid\"}",
            new Lookup.NotSet(new Contact("5562@s.whatsapp.net", "98765"))),
        Arguments.of(
            200,
            "{\"status\":\"not_set\",\"jid\":\"98765@lid\",\"lid\":null}",
            new Lookup.NotSet(new Contact("98765@lid", "98765"))),
        Arguments.of(
            200,
            "{\"status\":\"not_set\",\"jid\":\"j\",\"lid\":\"5562@s.whatsapp.net\"}",
            new Lookup.NotSet(new Contact("j", null))),
        Arguments.of(
            200,
            "{\"status\":\"found\",\"url\":\"https://x/y\"}",
            new Lookup.Found("https://x/y", null, Contact.of(null))),
        Arguments.of(
            200, "{\"status\":\"not_set\",\"jid\":\"j\"}", new Lookup.NotSet(Contact.of("j"))),
        Arguments.of(200, "{\"status\":\"hidden\"}", new Lookup.Hidden(Contact.of(null), true)),
        Arguments.of(200, "{\"status\":\"not_on_whatsapp\"}", new Lookup.NotOnWhatsapp()),
        Arguments.of(
            429, "{\"status\":\"throttled\"}", new Lookup.Throttled(Duration.ofSeconds(60))),
        Arguments.of(504, "{\"status\":\"no_answer\"}", new Lookup.NoAnswer()));
  }

  @ParameterizedTest
  @MethodSource("answers")
  void everyAnswerOfTheContractIsOneLookup(int status, String body, Lookup lookup)
      throws Exception {
    bridge.allOtherLookups(FakeBridge.json(status, body));

    assertThat(client.find("demo", "5562999212484", null, queries -> {})).isEqualTo(lookup);
  }

  static Stream<Arguments> troubles() {
    return Stream.of(
        Arguments.of(503, "{\"status\":\"disconnected\"}", Lookup.InstanceDown.class),
        Arguments.of(404, "{\"status\":\"unknown_instance\"}", Lookup.InstanceDown.class),
        Arguments.of(503, "<html>", Lookup.InstanceDown.class),
        Arguments.of(503, "", Lookup.InstanceDown.class),
        Arguments.of(503, "{\"status\":\"unavailable\"}", Lookup.BridgeDown.class),
        Arguments.of(400, BAD_REQUEST, Lookup.Refused.class),
        Arguments.of(413, BAD_REQUEST, Lookup.Refused.class),
        Arguments.of(400, "{}", Lookup.BridgeDown.class),
        Arguments.of(400, "<html>", Lookup.BridgeDown.class),
        Arguments.of(401, "{}", Lookup.BridgeDown.class),
        Arguments.of(403, "{}", Lookup.BridgeDown.class),
        Arguments.of(402, "{}", Lookup.BridgeDown.class),
        Arguments.of(405, "{}", Lookup.BridgeDown.class),
        Arguments.of(408, "{}", Lookup.BridgeDown.class),
        Arguments.of(409, "{}", Lookup.BridgeDown.class),
        Arguments.of(410, "{}", Lookup.BridgeDown.class),
        Arguments.of(413, "{}", Lookup.BridgeDown.class),
        Arguments.of(414, "<html>", Lookup.BridgeDown.class),
        Arguments.of(422, "{}", Lookup.BridgeDown.class),
        Arguments.of(425, "{}", Lookup.BridgeDown.class),
        Arguments.of(431, "", Lookup.BridgeDown.class),
        Arguments.of(500, "", Lookup.BridgeDown.class),
        Arguments.of(501, "", Lookup.BridgeDown.class),
        Arguments.of(505, "", Lookup.BridgeDown.class),
        Arguments.of(502, "<html>", Lookup.BridgeDown.class),
        Arguments.of(200, "<html>", Lookup.BridgeDown.class),
        Arguments.of(200, "{\"status\":\"found\"}", Lookup.BridgeDown.class),
        Arguments.of(200, "{\"status\":\"something new\"}", Lookup.BridgeDown.class),
        Arguments.of(302, "", Lookup.BridgeDown.class));
  }

  @ParameterizedTest
  @MethodSource("troubles")
  void anythingElseSaysNothingOfThePicture(int status, String body, Class<? extends Lookup> kind)
      throws Exception {
    bridge.allOtherLookups(FakeBridge.json(status, body));

    assertThat(client.find("demo", "5562999212484", null, queries -> {})).isInstanceOf(kind);
  }

  @Test
  void theBridgeSaysHowLongToRest() throws Exception {
    bridge.allOtherLookups(FakeBridge.throttled(17));

    assertThat(client.find("demo", "5562999212484", null, queries -> {}))
        .isEqualTo(new Lookup.Throttled(Duration.ofSeconds(17)));
  }

  @ParameterizedTest
  @CsvSource({"0, PT1S", "999999, PT24H", "1000000, PT24H", "99999999999999999999, PT24H"})
  void aRestHasAShortestAndALongestTime(String header, Duration rest) throws Exception {
    bridge.allOtherLookups(exchange -> {
      exchange.getResponseHeaders().set("Retry-After", header);
      FakeBridge.json(429, "{}").to(exchange);
    });

    assertThat(client.find("demo", "5562999212484", null, queries -> {}))
        .isEqualTo(new Lookup.Throttled(rest));
  }

  @Test
  void theBridgeIsToldWhichPictureWeHaveAndSaysWhatItsAnswerCost() throws Exception {
    var asked = new java.util.concurrent.CopyOnWriteArrayList<String>();
    bridge.allOtherLookups(exchange -> {
      asked.add(exchange.getRequestURI().getQuery());
      FakeBridge.json(200, "{\"status\":\"unchanged\",\"jid\":\"j\",\"queries\":3}").to(exchange);
    });
    var queries = new java.util.concurrent.atomic.AtomicInteger();

    var lookup = client.find("demo", "5562999212484", "17", queries::addAndGet);

    assertThat(lookup).isEqualTo(new Lookup.Unchanged(Contact.of("j")));
    assertThat(asked).singleElement().asString().endsWith("&known_id=17");
    assertThat(queries).hasValue(3);
  }

  @Test
  void anotherGatewaysIdOfAPictureIsNotToldToTheBridge() throws Exception {
    var asked = new java.util.concurrent.CopyOnWriteArrayList<String>();
    bridge.allOtherLookups(exchange -> {
      asked.add(exchange.getRequestURI().getQuery());
      FakeBridge.json(200, "{\"status\":\"not_set\"}").to(exchange);
    });

    client.find("demo", "5562999212484", "17&x", queries -> {});

    assertThat(asked).singleElement().asString().doesNotContain("known_id");
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 429, 503, 504})
  void whatAFailedLookupCostIsToldToo(int status) throws Exception {
    bridge.allOtherLookups(FakeBridge.json(status, "{\"queries\":2}"));
    var queries = new java.util.concurrent.atomic.AtomicInteger();

    client.find("demo", "5562999212484", null, queries::addAndGet);

    assertThat(queries).hasValue(2);
  }

  @Test
  void aPictureInsideOfTheAnswerIsThePicture() throws Exception {
    bridge.allOtherLookups(
        FakeBridge.json(
            200,
            "{\"status\":\"found\",\"url\":null,\"image\":{\"content_type\":\"image/jpeg\",\"base64\":\"AQID\"},\"picture_id\":\"7\",\"jid\":\"j\"}"));

    var lookup = client.find("demo", "5562999212484", null, queries -> {});

    assertThat(lookup)
        .isInstanceOfSatisfying(
            Lookup.Picture.class,
            picture -> {
              assertThat(picture.bytes()).containsExactly(1, 2, 3);
              assertThat(picture.pictureId()).isEqualTo("7");
              assertThat(picture.contact()).isEqualTo(Contact.of("j"));
            });
  }

  @Test
  void anAnswerAboutFewerPeopleThanWereAskedForIsNone() throws Exception {
    bridge.allBatches(FakeBridge.json(200, "{\"contacts\":[{\"exists\":\"no\"}],\"queries\":1}"));

    assertThat(
            client.findIds(
                "demo",
                List.of(
                    new BridgeClient.Person("5562999212484", null),
                    new BridgeClient.Person("5562999212485", null)),
                queries -> {}))
        .isEqualTo(new PictureIds.Failed(new Lookup.Refused("the answer is none to a batch")));
  }

  @Test
  void anInstanceNameIsEscapedInThePath() throws Exception {
    assertThat(client.find("a/../b?c", "5562999212484", null, queries -> {}))
        .isInstanceOf(Lookup.NotSet.class);
  }

  @Test
  void anOpenInstanceIsFoundForThoseThatNameNone() {
    bridge.overview(
        FakeBridge.json(
            200,
            "{\"instances\":[{\"id\":\"a\",\"state\":\"qr\"},{\"id\":\"b\",\"state\":\"open\"}]}"));

    assertThat(overview(bridge.url()).anyOpenInstance()).contains("b");
  }
}
