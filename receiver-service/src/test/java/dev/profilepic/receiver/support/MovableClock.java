package dev.profilepic.receiver.support;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;
import org.springframework.context.annotation.Primary;

/** The real time plus the duration that a test has set. */
@Primary
public class MovableClock implements InstantSource {

  private final AtomicReference<Duration> ahead = new AtomicReference<>(Duration.ZERO);

  /** Sets the whole difference to the real time. A test that has moved the clock sets it back. */
  public void setAhead(Duration ahead) {
    this.ahead.set(ahead);
  }

  @Override
  public Instant instant() {
    return InstantSource.system().instant().plus(ahead.get());
  }
}
