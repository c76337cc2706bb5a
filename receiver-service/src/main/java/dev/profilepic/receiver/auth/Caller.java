package dev.profilepic.receiver.auth;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.springframework.security.authentication.AbstractAuthenticationToken;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.core.authority.SimpleGrantedAuthority;

/** A caller whose key or signature was found valid. */
public final class Caller extends AbstractAuthenticationToken {

  private static final long serialVersionUID = 1L;

  private final String name;
  private final transient Set<String> instances;

  Caller(ApiKey key) {
    super(authorities(key.scopes()));
    this.name = key.name();
    this.instances = key.instances();
    setAuthenticated(true);
  }

  /** Whether the caller may name this instance. */
  public boolean maySpeakFor(String instanceId) {
    return instances.isEmpty() || instances.contains(instanceId);
  }

  @Override
  public String getPrincipal() {
    return name;
  }

  /** Nothing: the secret is not kept. */
  @Override
  public String getCredentials() {
    return "";
  }

  private static Collection<GrantedAuthority> authorities(Set<String> scopes) {
    return List.copyOf(
        scopes.stream()
            .map(scope -> (GrantedAuthority) new SimpleGrantedAuthority(scope))
            .toList());
  }
}
