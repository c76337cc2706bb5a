package dev.profilepic.worker.sources;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.contract.PhoneNumber;
import dev.profilepic.contract.SourceKind;
import dev.profilepic.worker.LoopbackServer;
import dev.profilepic.worker.bridge.Lookup;
import dev.profilepic.worker.exchanges.Deadline;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** A question is refused for good only by the gateway's own words, never by its status alone. */
class RefusalsTest {

  private static final String FROM_A_PROXY =
      "<html><title>400 The plain HTTP request was sent to HTTPS port</title></html>";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "EVOLUTION|400|{\"status\":400,\"error\":\"Bad Request\",\"response\":{\"message\":[\"requires property jid\"]}}",
        "EVOLUTION|413|{\"status\":413,\"error\":\"x\",\"response\":{\"message\":\"request entity too large\"}}",
        "EVOLUTION_GO|400|{\"error\":\"phone number is required\"}",
        "WAHA|400|{\"statusCode\":400,\"message\":\"contactId should not be empty\",\"error\":\"Bad Request\"}",
        "FAZER|422|{\"type\":\"validation\",\"on\":\"query\",\"summary\":\"Expected string\"}",
        "HTTP|400|{\"status\":\"bad_request\",\"errors\":[]}",
        "HTTP|422|{\"status\":\"bad_request\"}",
      })
  void theGatewaysOwnWordsRefuseTheQuestion(SourceKind kind, int status, String body)
      throws Exception {
    assertThat(answered(kind, status, body)).isInstanceOf(Lookup.Refused.class);
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "BRIDGE")
  void aClientErrorFromSomethingInFrontOfTheGatewayIsNoRefusal(SourceKind kind) throws Exception {
    for (int status : new int[] {400, 405, 413, 414, 415, 431}) {
      for (var body : new String[] {FROM_A_PROXY, "", "{}", "[]", "null", "\"Bad Request\""}) {
        assertThat(answered(kind, status, body))
            .as("%s %s", status, body)
            .isEqualTo(new Lookup.BridgeDown("the gateway answered " + status));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"EVOLUTION", "EVOLUTION_GO", "FAZER", "HTTP"})
  void anUnprocessableQuestionWithoutTheGatewaysWordsIsNoRefusal(SourceKind kind) throws Exception {
    assertThat(answered(kind, 422, FROM_A_PROXY)).isInstanceOf(Lookup.BridgeDown.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}",
        "[]",
        "0",
        "null",
        "{\"error\":{}}",
        "{\"message\":\"success\",\"data\":null}"
      })
  void whatIsNoAnswerOfEvolutionGoIsNotUnderstood(String body) throws Exception {
    assertThat(answered(SourceKind.EVOLUTION_GO, 200, body)).isEqualTo(Reply.strange());
    assertThat(answered(SourceKind.EVOLUTION_GO, 200, "{\"data\":{}}"))
        .isInstanceOf(Lookup.Unknown.class);
  }

  private static Lookup answered(SourceKind kind, int status, String body) throws Exception {
    var bytes = body.getBytes(StandardCharsets.UTF_8);
    try (var server =
        new LoopbackServer(exchange -> {
          try (exchange) {
            exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
          }
        })) {
      return find(kind, server.url());
    }
  }

  private static Lookup find(SourceKind kind, String url) throws IOException {
    var gateway = Gateway.of(kind);
    var conversation =
        new Conversation(
            new Target(kind, url, "5511", null, false),
            gateway.credentialHeader(),
            TestHttp.http(),
            Deadline.in(Duration.ofSeconds(30)));
    return gateway.find(conversation, new Question("one", new PhoneNumber("5562999212484"), null));
  }
}
