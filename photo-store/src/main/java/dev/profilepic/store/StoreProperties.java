package dev.profilepic.store;

import java.net.URI;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * The store of new photos; the same for receiver and worker.
 *
 * @param type the database, or a bucket
 * @param prefix the beginning of the keys of new photos
 * @param publicBaseUrl the bucket's public or CDN url; null when leads get our own links
 * @param warnAbove the budget: a warning follows when the photos take more; null for no warning
 */
@Validated
@ConfigurationProperties("profile-pic.store")
public record StoreProperties(
    @DefaultValue("postgres") Type type,
    @DefaultValue("avatars/") String prefix,
    @Nullable URI publicBaseUrl,
    @Nullable DataSize warnAbove) {

  /** Kinds of stores. */
  public enum Type {
    POSTGRES,
    S3
  }

  public StoreProperties {
    if (prefix.startsWith("/") || !(prefix.isEmpty() || prefix.endsWith("/"))) {
      throw new IllegalArgumentException(
          "profile-pic.store.prefix must be empty, or end with a slash and not begin with one: "
              + prefix);
    }
    if (publicBaseUrl != null && publicBaseUrl.toString().isEmpty()) {
      publicBaseUrl = null;
    }
    if (publicBaseUrl != null && publicBaseUrl.getHost() == null) {
      throw new IllegalArgumentException(
          "profile-pic.store.public-base-url must be a url such as https://cdn.example.com/photos");
    }
    if (warnAbove != null && warnAbove.toBytes() <= 0) {
      throw new IllegalArgumentException("profile-pic.store.warn-above must be more than 0B");
    }
    if (publicBaseUrl != null && type != Type.S3) {
      throw new IllegalArgumentException(
          "profile-pic.store.public-base-url needs profile-pic.store.type=s3: the database has no public url");
    }
  }
}
