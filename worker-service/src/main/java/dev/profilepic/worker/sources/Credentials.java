package dev.profilepic.worker.sources;

import dev.profilepic.contract.SourceCredentials;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Opens the credentials that the receiver sealed for the workers. */
@Component
public final class Credentials {

  private final Optional<SourceCredentials> key;

  Credentials(SourceProperties properties) {
    this.key = properties.credentials();
  }

  /**
   * Opens a credential; empty without the receiver's key, or when the text was sealed for another
   * use.
   */
  public Optional<String> open(byte[] sealed, SourceCredentials.Use use) {
    return key.flatMap(known -> known.open(sealed, use));
  }
}
