package dev.profilepic.receiver.auth;

import dev.profilepic.receiver.http.ProblemException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.security.authentication.AuthenticationProvider;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.core.Authentication;
import org.springframework.stereotype.Component;

/** Makes a caller of a presented key. */
@Component
class KeyAuthentication implements AuthenticationProvider {

  private final KeyRing keys;
  private final KeyUses uses;

  KeyAuthentication(KeyRing keys, KeyUses uses) {
    this.keys = keys;
    this.uses = uses;
  }

  @Override
  public @Nullable Authentication authenticate(Authentication presented) {
    if (!(presented.getCredentials() instanceof String secret)) {
      return null;
    }
    return find(secret)
        .orElseThrow(
            () -> new BadCredentialsException("the key is unknown, revoked or has expired"));
  }

  /**
   * Finds the caller whose key this is, and notes that it was used.
   *
   * @throws ProblemException 503 when it is not known yet and the database cannot be asked
   */
  Optional<Caller> find(String secret) {
    var key = keys.find(secret);
    key.ifPresent(uses::note);
    return key.map(Caller::new);
  }

  @Override
  public boolean supports(Class<?> type) {
    return PresentedKey.class.isAssignableFrom(type);
  }
}
