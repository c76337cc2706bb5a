package dev.profilepic.receiver.avatars;

import dev.profilepic.receiver.http.ProblemException;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The photos in Postgres. Found by content, so bytes never change under a key. */
@Component
class AvatarStore {

  /**
   * @param sha256 hex digest of the bytes
   * @param size in bytes
   */
  record Photo(String sha256, String contentType, String storageKey, long size) {}

  /** Connections that photos may use at once; the others are for events. */
  private static final int READS = 4;

  private static final long PATIENCE_MILLIS = 1_000;
  private static final byte[] NOTHING = {};

  private final JdbcClient jdbc;
  private final Semaphore reads = new Semaphore(READS);

  AvatarStore(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** What is kept for a lead, without its bytes. */
  Optional<Photo> find(String leadId) {
    return reading(() ->
        jdbc.sql(
                """
                SELECT p.sha256, p.content_type, p.storage_key, octet_length(a.bytes) AS size
                FROM profile_pic.pictures AS p JOIN profile_pic.avatars AS a ON a.storage_key = p.storage_key
                WHERE p.lead_id = :lead AND p.sha256 IS NOT NULL AND p.state <> 'ERASED'
                """)
            .param("lead", leadId)
            .query(Photo.class)
            .optional());
  }

  /**
   * Up to so many of a photo's bytes from an offset on; none behind its end, or when it is gone.
   */
  byte[] piece(String storageKey, long offset, int most) {
    return reading(() ->
        jdbc.sql(
                "SELECT substring(bytes FROM ? FOR ?) FROM profile_pic.avatars WHERE storage_key = ?")
            .params(Math.toIntExact(offset + 1), most, storageKey)
            .query((row, number) -> row.getBytes(1))
            .optional()
            .orElse(NOTHING));
  }

  /** The lead's name; empty where the CRM has none, and when the person asked to be forgotten. */
  String nameOf(String leadId) {
    return reading(() ->
        jdbc.sql(
                """
                SELECT coalesce(profile_pic.lead_name(:lead), '')
                WHERE NOT EXISTS (SELECT FROM profile_pic.pictures WHERE lead_id = :lead AND state = 'ERASED')
                UNION ALL SELECT '' LIMIT 1
                """)
            .param("lead", leadId)
            .query(String.class)
            .single());
  }

  private <T> T reading(Supplier<T> question) {
    try {
      if (!reads.tryAcquire(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)) {
        throw ProblemException.unavailable();
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw ProblemException.unavailable();
    }
    try {
      return question.get();
    } finally {
      reads.release();
    }
  }
}
