package dev.profilepic.worker.sources;

import dev.profilepic.contract.SourceKind;
import dev.profilepic.worker.bridge.Lookup;
import java.io.IOException;

/** The calls to one kind of gateway, and the meaning of its answers. */
interface Gateway {

  /**
   * @param name of the header that carries the credential
   * @param prefix in front of the credential
   */
  record CredentialHeader(String name, String prefix) {
    static final CredentialHeader BEARER = new CredentialHeader("Authorization", "Bearer ");
  }

  CredentialHeader credentialHeader();

  /**
   * @throws IOException when the gateway could not be reached or did not answer in time
   * @throws tools.jackson.core.JacksonException when the answer is not JSON
   */
  Lookup find(Conversation gateway, Question question) throws IOException;

  /** Returns whether a gateway of this kind can be asked to whom a LID belongs. */
  default boolean resolvesLids(Target target) {
    return false;
  }

  /**
   * Asks to whom a LID belongs, as far as the gateway has seen it. Called only where {@link
   * #resolvesLids} is true.
   *
   * @param lid digits of the LID
   * @throws IOException as {@link #find} does
   */
  default LidAnswer resolve(Conversation gateway, String lid) throws IOException {
    return new LidAnswer.Unknown();
  }

  static Gateway of(SourceKind kind) {
    return switch (kind) {
      case BRIDGE -> throw new IllegalArgumentException("the bridge has a client of its own");
      case EVOLUTION -> new EvolutionGateway();
      case EVOLUTION_GO -> new EvolutionGoGateway();
      case WAHA -> new WahaGateway();
      case FAZER -> new FazerGateway();
      case HTTP -> new HttpGateway();
    };
  }
}
