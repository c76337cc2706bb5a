package dev.profilepic.worker.erasures;

import dev.profilepic.contract.ErasedPerson;
import dev.profilepic.contract.ErasureKey;
import dev.profilepic.worker.bridge.BridgeClient;
import dev.profilepic.worker.queue.Complaints;
import java.io.IOException;
import java.security.GeneralSecurityException;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Tells the bridge which people to forget. An erasure stays in the outbox until the bridge has
 * confirmed it, however long the confirmation takes. Sending an erasure twice is harmless.
 */
@Component
class BridgeErasures {

  private static final int BATCH = 10;

  private final Complaints complaints =
      new Complaints(LoggerFactory.getLogger(BridgeErasures.class));

  private final ErasureSql sql;
  private final ErasureKey key;
  private final BridgeClient bridge;

  BridgeErasures(ErasureSql sql, ErasureKey key, BridgeClient bridge) {
    this.sql = sql;
    this.key = key;
    this.bridge = bridge;
  }

  @Scheduled(fixedDelayString = "PT1S")
  void tick() {
    try {
      for (var erasure : sql.take(BATCH)) {
        tell(erasure);
      }
    } catch (RuntimeException failure) {
      complaints.about("the bridge was not told whom to forget: {}", failure);
    }
  }

  private void tell(ErasureSql.Erasure erasure) {
    try {
      bridge.forget(ErasedPerson.fromJson(key.open(erasure.person())));
    } catch (IOException away) {
      sql.failed(erasure.id(), "the bridge could not be told: " + away.getMessage());
      return;
    } catch (GeneralSecurityException otherKey) {
      sql.failed(
          erasure.id(), "sealed with another key: set PROFILE_PIC_ERASURE_KEY to the receiver's");
      return;
    }
    sql.done(erasure.id());
  }
}
