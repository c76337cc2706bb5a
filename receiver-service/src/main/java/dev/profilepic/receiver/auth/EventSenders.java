package dev.profilepic.receiver.auth;

import dev.profilepic.receiver.http.ProblemException;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Optional;
import org.springframework.security.core.authority.SimpleGrantedAuthority;
import org.springframework.stereotype.Component;

/** Knows the senders of events by the key in a header, for what answers before Spring Security. */
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
   * Finds who sends a request.
   *
   * @return empty when it has no key, one that is not valid, or one that may not send events
   * @throws ProblemException 503 when the database cannot be asked for a key that is not known yet
   */
  public Optional<Caller> find(HttpServletRequest request) {
    var presented = PresentedKey.of(request);
    return presented == null
        ? Optional.empty()
        : keys.find(presented.getCredentials())
            .filter(caller -> caller.getAuthorities().contains(INGEST));
  }

  /** Takes one of the events that a caller may send in this minute; false when none is left. */
  public boolean mayCome(Caller caller) {
    return limits.take(caller, true).isEmpty();
  }
}
