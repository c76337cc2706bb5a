package dev.profilepic.store;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The store of photos. A photo's row in the database says whether the photo is in the bucket. So
 * the bucket is read for as long as a bucket is configured, even while new photos go into the
 * database.
 */
public final class PhotoStore implements AutoCloseable {

  private final StoreProperties properties;
  private final @Nullable PhotoBucket bucket;
  private final Duration putLease;

  public PhotoStore(StoreProperties properties, S3Properties s3) {
    if (properties.type() == StoreProperties.Type.S3 && s3.bucket() == null) {
      throw new IllegalArgumentException(
          "profile-pic.store.s3.bucket is required where profile-pic.store.type is s3; set PROFILE_PIC_STORE_S3_BUCKET");
    }
    this.properties = properties;
    this.bucket = s3.bucket() == null ? null : new PhotoBucket(s3, s3.bucket());
    // An object is removed only when no write to it can still be running.
    this.putLease = s3.timeout().multipliedBy(2);
  }

  /** Returns whether new photos go into the bucket. */
  public boolean keepsInBucket() {
    return properties.type() == StoreProperties.Type.S3;
  }

  /** Returns whether there is a bucket, for new photos or for older ones. */
  public boolean hasBucket() {
    return bucket != null;
  }

  public PhotoBucket bucket() throws BucketException {
    if (bucket == null) {
      throw new BucketException(
          "the photo is in a bucket, and profile-pic.store.s3.bucket names none");
    }
    return bucket;
  }

  /** Returns how long writing an object may take, counted from its registration. */
  public Duration putLease() {
    return putLease;
  }

  /**
   * @param sha256 hex digest of the stored bytes
   * @param extension of the file's format
   */
  public String key(String sha256, String extension) {
    return properties.prefix() + sha256.substring(0, 2) + "/" + sha256 + "." + extension;
  }

  /**
   * Returns the public url of a lead's photo, with <code>{key}</code> in the place of the photo's
   * key. Empty when leads get our own links.
   *
   * @param generation of the lead's links, so that a new url differs from earlier urls
   */
  public Optional<String> publicUrl(int generation) {
    return Optional.ofNullable(properties.publicBaseUrl())
        .map(base ->
            base.toString().replaceFirst("/+$", "")
                + "/{key}"
                + (generation == 0 ? "" : "?g=" + generation));
  }

  @Override
  public void close() {
    if (bucket != null) {
      bucket.close();
    }
  }
}
