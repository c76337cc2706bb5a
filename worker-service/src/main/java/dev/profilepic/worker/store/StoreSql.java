package dev.profilepic.worker.store;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The SQL of photos in a bucket: each method is one function of {@code R__39} in db-migrations. */
@Component
class StoreSql {

  /** The next step for a new photo. */
  enum Verdict {
    /** The photo is registered: put it. */
    PUT,
    /** Its bytes are in the database already. */
    HERE,
    /** Its object is being removed: try later. */
    DOOMED
  }

  /** An object that is to be removed, and the number of this attempt. */
  record Removal(String key, int attempt) {}

  /** A photo that is to be moved. */
  record Photo(String key, String contentType) {}

  /**
   * The contents of a store.
   *
   * @param removals objects that are still to be removed
   */
  record Size(String store, long photos, long bytes, long removals) {}

  private final JdbcClient jdbc;

  StoreSql(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  Verdict register(String key, String contentType, int size, Duration lease) {
    return Verdict.valueOf(
        jdbc.sql("SELECT upper(profile_pic.register_photo(?, ?, ?, ?))")
            .params(key, contentType, size, lease.toMillis())
            .query(String.class)
            .single());
  }

  List<Removal> takeRemovals(int most) {
    return jdbc.sql("SELECT storage_key, attempt FROM profile_pic.take_removals(?)")
        .param(most)
        .query((row, number) -> new Removal(row.getString("storage_key"), row.getInt("attempt")))
        .list();
  }

  void removed(Removal removal) {
    jdbc.sql("SELECT 1 FROM profile_pic.removal_done(?, ?)")
        .params(removal.key(), removal.attempt())
        .query(Integer.class)
        .list();
  }

  void notRemoved(Removal removal, String why) {
    jdbc.sql("SELECT 1 FROM profile_pic.removal_failed(?, ?, ?)")
        .params(removal.key(), removal.attempt(), why)
        .query(Integer.class)
        .list();
  }

  List<Photo> toMove(boolean toBucket, String after, int most) {
    return jdbc.sql("SELECT storage_key, content_type FROM profile_pic.photos_to_move(?, ?, ?)")
        .params(toBucket, after, most)
        .query(
            (row, number) -> new Photo(row.getString("storage_key"), row.getString("content_type")))
        .list();
  }

  Optional<byte[]> bytes(String key) {
    return jdbc.sql("SELECT b FROM profile_pic.photo_bytes(?) AS b WHERE b IS NOT NULL")
        .param(key)
        .query(byte[].class)
        .optional();
  }

  boolean beginMove(String key, Duration lease) {
    return jdbc.sql("SELECT profile_pic.begin_move(?, ?)")
        .params(key, lease.toMillis())
        .query(Boolean.class)
        .single();
  }

  boolean endMove(String key) {
    return jdbc.sql("SELECT profile_pic.end_move(?)").param(key).query(Boolean.class).single();
  }

  boolean moveBack(String key, byte[] bytes) {
    return jdbc.sql("SELECT profile_pic.move_back(?, ?)")
        .params(key, bytes)
        .query(Boolean.class)
        .single();
  }

  List<Size> sizes() {
    return jdbc.sql("SELECT store, photos, bytes, removals FROM profile_pic.store_sizes()")
        .query((row, number) ->
            new Size(
                row.getString("store"),
                row.getLong("photos"),
                row.getLong("bytes"),
                row.getLong("removals")))
        .list();
  }
}
