package dev.profilepic.receiver.auth;

import dev.profilepic.receiver.http.Problem;
import dev.profilepic.receiver.http.ProblemException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.security.authentication.AbstractAuthenticationToken;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.core.authority.SimpleGrantedAuthority;

/** A caller whose key or signature was found valid. */
public final class Caller extends AbstractAuthenticationToken {

  private static final long serialVersionUID = 1L;

  private final String name;
  private final String account;
  private final transient Set<String> instances;
  private final transient @Nullable SignedDelivery delivery;

  Caller(ApiKey key) {
    super(authorities(key.scopes()));
    this.name = key.name();
    this.account = key.id() == null ? "configured:" + key.name() : "key:" + key.id();
    this.instances = key.instances();
    this.delivery = null;
    setAuthenticated(true);
  }

  Caller(String source, Set<String> instances, SignedDelivery delivery) {
    super(authorities(Set.of("ingest")));
    this.name = "webhook:" + source;
    this.instances = instances;
    this.account = name + " " + boundTo();
    this.delivery = delivery;
    setAuthenticated(true);
  }

  /**
   * Checks that the caller may name this instance. A caller bound to one instance need not name it.
   *
   * @param instanceId the instance that the call names; null when it names none
   * @return the instance that the call is about
   * @throws ProblemException 403 when the instance is not the caller's
   */
  public @Nullable String authoriseInstance(@Nullable String instanceId) {
    if (!isBound() || (instanceId != null && instances.contains(instanceId))) {
      return instanceId;
    }
    if (instanceId == null && instances.size() == 1) {
      return instances.iterator().next();
    }
    throw new ProblemException(
        Problem.FORBIDDEN, "This key is for other instances: name one of its own.");
  }

  /** Returns whether the caller is bound to single instances. */
  public boolean isBound() {
    return !instances.isEmpty();
  }

  /** Returns the instances that the caller may name; empty means any. */
  public Set<String> instances() {
    return instances;
  }

  /**
   * Returns the instances that the caller is bound to, in the form that {@code profile_pic.enqueue}
   * reads: separated by commas; null when the caller is bound to none.
   */
  public @Nullable String boundTo() {
    return isBound() ? String.join(",", new TreeSet<>(instances)) : null;
  }

  /**
   * Returns the same instances as an array, in the form of the SQL parameter {@code callers}; null
   * when the caller is bound to none. Every read and every change on behalf of a caller passes on
   * this array.
   */
  public String @Nullable [] reach() {
    return isBound() ? instances.stream().sorted().toArray(String[]::new) : null;
  }

  /** Returns the signed delivery; empty when the caller came with a key and without a signature. */
  public Optional<SignedDelivery> delivery() {
    return Optional.ofNullable(delivery);
  }

  @Override
  public String getPrincipal() {
    return name;
  }

  /**
   * Returns the text under which limits count this caller, and under which its answers are kept.
   * Names are for readers: a former key may have had the same name as another. This text is that of
   * one key only. Senders of signed webhooks share a name, but each has its own instances.
   */
  public String account() {
    return account;
  }

  /** Returns an empty text, because the secret is not kept. */
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
