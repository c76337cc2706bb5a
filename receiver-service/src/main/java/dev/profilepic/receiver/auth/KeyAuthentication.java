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

  KeyAuthentication(KeyRing keys) {
    this.keys = keys;
  }

  @Override
  public @Nullable Authentication authenticate(Authentication presented) {
    if (!(presented.getCredentials() instanceof String secret)) {
      return null;
    }
    return keys.find(secret)
        .map(Caller::new)
        .orElseThrow(() -> new BadCredentialsException("the key is unknown or revoked"));
  }

  @Override
  public boolean supports(Class<?> type) {
    return PresentedKey.class.isAssignableFrom(type);
  }
}
