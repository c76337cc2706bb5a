package dev.profilepic.store;

import java.net.URI;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * The bucket. No name means no bucket.
 *
 * @param endpoint of a server other than AWS
 * @param region as the server's operator names it
 * @param bucket the bucket's name; the bucket must exist
 * @param accessKey null when the SDK finds credentials itself (its own variables, a role)
 * @param secretKey the secret that belongs to {@code accessKey}
 * @param pathStyle whether the bucket's name is in the path instead of the host
 * @param timeout for a whole call, retries included
 */
@Validated
@ConfigurationProperties("profile-pic.store.s3")
public record S3Properties(
    @Nullable URI endpoint,
    @DefaultValue("us-east-1") String region,
    @Nullable String bucket,
    @Nullable String accessKey,
    @Nullable String secretKey,
    @DefaultValue("true") boolean pathStyle,
    @DefaultValue("10s") @DurationMin(seconds = 1) @DurationMax(seconds = 30) Duration timeout) {

  public S3Properties {
    endpoint = endpoint == null || endpoint.toString().isEmpty() ? null : endpoint;
    bucket = bucket == null || bucket.isBlank() ? null : bucket;
    accessKey = accessKey == null || accessKey.isBlank() ? null : accessKey;
    secretKey = secretKey == null || secretKey.isBlank() ? null : secretKey;
    if ((accessKey == null) != (secretKey == null)) {
      throw new IllegalArgumentException(
          "profile-pic.store.s3.access-key and profile-pic.store.s3.secret-key belong together: set both or neither");
    }
    if (endpoint != null && endpoint.getHost() == null) {
      throw new IllegalArgumentException(
          "profile-pic.store.s3.endpoint must be a url such as https://REF.storage.supabase.co/storage/v1/s3");
    }
  }

  /** Omits the keys. */
  @Override
  public String toString() {
    return "S3Properties[endpoint=" + endpoint + ", region=" + region + ", bucket=" + bucket + "]";
  }
}
