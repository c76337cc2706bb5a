package dev.profilepic.receiver.avatars;

import dev.profilepic.receiver.http.ProblemException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
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

  /**
   * What is known of a lead.
   *
   * @param generation of its links; others are revoked
   * @param photo null when there is none
   */
  record Known(int generation, @Nullable Photo photo) {

    private static final Known NOTHING = new Known(0, null);
  }

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
  Known find(String leadId) {
    return reading(() ->
        jdbc.sql(
                """
                SELECT p.link_generation, p.sha256, p.content_type, p.storage_key, octet_length(a.bytes) AS size
                FROM profile_pic.pictures AS p
                LEFT JOIN profile_pic.avatars AS a ON a.storage_key = p.storage_key AND p.sha256 IS NOT NULL AND p.state <> 'ERASED'
                WHERE p.lead_id = :lead
                """)
            .param("lead", leadId)
            .query((row, number) -> known(row))
            .optional()
            .orElse(Known.NOTHING));
  }

  private static Known known(ResultSet row) throws SQLException {
    int generation = row.getInt("link_generation");
    long size = row.getLong("size");
    return new Known(
        generation,
        row.wasNull()
            ? null
            : new Photo(
                row.getString("sha256"),
                row.getString("content_type"),
                row.getString("storage_key"),
                size));
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
