package dev.profilepic.receiver;

import java.util.Map;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/** Refuses to start with a property under its former name, which would be ignored otherwise. */
@Component
final class FormerNames {

  private static final Map<String, String> PRESENT =
      Map.of(
          "profile-pic.syncs.default-instance", "profile-pic.default-instance",
          "profile-pic.syncs.pace-per-minute", "profile-pic.worker.pace-per-minute");

  /**
   * @throws IllegalStateException whose message has both names
   */
  FormerNames(Environment environment) {
    PRESENT.forEach((former, present) -> {
      if (environment.containsProperty(former)) {
        throw new IllegalStateException(former + " is called " + present + " now: rename it");
      }
    });
  }
}
