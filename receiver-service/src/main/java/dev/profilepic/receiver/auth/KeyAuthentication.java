package dev.profilepic.receiver.auth;

import dev.profilepic.receiver.http.ProblemException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.security.authentication.AuthenticationProvider;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.core.Authentication;
import org.springframework.stereotype.Component;

/** Turns a presented key into a caller. */
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
   * Finds the caller with this key, and records the use of the key.
   *
   * @throws ProblemException 503 when the key is not known yet and the database does not answer
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
