package dev.profilepic.receiver.support;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;
import org.springframework.context.annotation.Primary;

/** The real time, and what a test has added to it. */
@Primary
public class MovableClock implements InstantSource {

  private final AtomicReference<Duration> ahead = new AtomicReference<>(Duration.ZERO);

  /** All of it: a test that has moved the clock puts it back. */
  public void setAhead(Duration ahead) {
    this.ahead.set(ahead);
  }

  @Override
  public Instant instant() {
    return InstantSource.system().instant().plus(ahead.get());
  }
}
