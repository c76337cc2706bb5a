package dev.profilepic.embedded;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/**
 * Sets how long the tests of every module wait for a condition before they fail. The bound only
 * ends a test that would wait forever, so it leaves room for a machine that is busy with other
 * work. Tests that must not be rescued by the next poll use a poll interval above it.
 */
public final class WaitBound implements LauncherSessionListener {

  private static final Duration LONGEST_WAIT = Duration.ofSeconds(45);

  @Override
  public void launcherSessionOpened(LauncherSession session) {
    Awaitility.setDefaultTimeout(LONGEST_WAIT);
  }
}
