package dev.profilepic.receiver.auth;

import dev.profilepic.receiver.http.ProblemException;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Optional;
import org.springframework.security.core.authority.SimpleGrantedAuthority;
import org.springframework.stereotype.Component;

/**
 * Recognises the senders of events by a key in a header, for code that answers before Spring
 * Security runs.
 */
@Component
public class EventSenders {

  private static final SimpleGrantedAuthority INGEST = new SimpleGrantedAuthority("ingest");

  private final KeyAuthentication keys;
  private final RateLimits limits;

  EventSenders(KeyAuthentication keys, RateLimits limits) {
    this.keys = keys;
    this.limits = limits;
  }

  /**
   * Finds the sender of a request.
   *
   * @return empty when the request has no key, an invalid key, or a key that may not send events
   * @throws ProblemException 503 when the key is not known yet and the database does not answer
   */
  public Optional<Caller> find(HttpServletRequest request) {
    var presented = PresentedKey.of(request);
    return presented == null
        ? Optional.empty()
        : keys.find(presented.getCredentials())
            .filter(caller -> caller.getAuthorities().contains(INGEST));
  }

  /**
   * Counts one event against the caller's limit for this minute; false when the limit is reached.
   */
  public boolean mayCome(Caller caller) {
    return limits.take(caller, true).isEmpty();
  }
}
