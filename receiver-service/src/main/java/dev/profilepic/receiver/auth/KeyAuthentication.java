package dev.profilepic.receiver.auth;

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
    var key =
        keys.find(secret)
            .orElseThrow(
                () -> new BadCredentialsException("the key is unknown, revoked or has expired"));
    uses.note(key);
    return new Caller(key);
  }

  @Override
  public boolean supports(Class<?> type) {
    return PresentedKey.class.isAssignableFrom(type);
  }
}
