package dev.profilepic.receiver.avatars;

import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The photos in Postgres. Found by content, so bytes never change under a key. */
@Component
class AvatarStore {

  /**
   * @param sha256 hex digest of the bytes
   */
  record Photo(String sha256, String contentType, String storageKey) {}

  private final JdbcClient jdbc;

  AvatarStore(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** What is kept for a lead, without its bytes. */
  Optional<Photo> find(String leadId) {
    return jdbc.sql(
            """
            SELECT sha256, content_type, storage_key FROM profile_pic.pictures
            WHERE lead_id = :lead AND storage_key IS NOT NULL AND sha256 IS NOT NULL AND state <> 'ERASED'
            """)
        .param("lead", leadId)
        .query(Photo.class)
        .optional();
  }

  Optional<byte[]> bytes(String storageKey) {
    return jdbc.sql("SELECT bytes FROM profile_pic.avatars WHERE storage_key = :key")
        .param("key", storageKey)
        .query((row, number) -> row.getBytes(1))
        .optional();
  }

  /** The lead's name; empty where the CRM has none, and when the person asked to be forgotten. */
  String nameOf(String leadId) {
    return jdbc.sql(
            """
            SELECT coalesce(profile_pic.lead_name(:lead), '')
            WHERE NOT EXISTS (SELECT FROM profile_pic.pictures WHERE lead_id = :lead AND state = 'ERASED')
            UNION ALL SELECT '' LIMIT 1
            """)
        .param("lead", leadId)
        .query(String.class)
        .single();
  }
}
