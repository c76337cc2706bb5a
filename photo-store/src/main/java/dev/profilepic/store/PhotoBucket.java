package dev.profilepic.store;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * A bucket of any server that speaks S3. Objects are addressed by their content, so writing an
 * object twice is harmless. The caller registers an object in the database before writing it.
 */
public final class PhotoBucket implements AutoCloseable {

  /** Sizes of thumbnails, in pixels along the longer side. */
  public static final List<Integer> THUMBNAILS = List.of(96, 192);

  /** Fewer than the messages that run at once, because most messages wait for WhatsApp. */
  private static final int MOST_CONNECTIONS = 32;

  private static final byte[] NOTHING = {};
  private static final int NOT_FOUND = 404;
  private static final int RANGE_NOT_SATISFIABLE = 416;
  private static final String CACHE = "public, max-age=31536000, immutable";

  private final S3Client s3;

  /** No photo is larger: profile-pic.download.max-bytes is 50 MB at the most. */
  private static final int MOST_BYTES = 64 * 1024 * 1024;

  private final String bucket;

  PhotoBucket(S3Properties properties, String bucket) {
    this.bucket = bucket;
    var client =
        S3Client.builder()
            .region(Region.of(properties.region()))
            .credentialsProvider(credentials(properties))
            .forcePathStyle(properties.pathStyle())
            // The SDK's own default, CRC32 everywhere, breaks servers that do not know it.
            .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
            .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
            .httpClientBuilder(
                Apache5HttpClient.builder()
                    .maxConnections(MOST_CONNECTIONS)
                    .connectionTimeout(Duration.ofSeconds(2))
                    .connectionAcquisitionTimeout(Duration.ofSeconds(2))
                    .socketTimeout(properties.timeout()))
            .overrideConfiguration(o -> o.apiCallTimeout(properties.timeout()));
    if (properties.endpoint() != null) {
      client.endpointOverride(properties.endpoint());
    }
    this.s3 = client.build();
  }

  public void put(String key, String contentType, byte[] bytes)
      throws BucketException, InterruptedException {
    try {
      asking(() ->
          s3.putObject(
              request ->
                  request.bucket(bucket).key(key).contentType(contentType).cacheControl(CACHE),
              RequestBody.fromBytes(bytes)));
    } catch (BucketException failure) {
      if (failure.getCause() instanceof AbortedException) {
        throw new InterruptedException(failure.getMessage());
      }
      throw failure;
    }
  }

  /**
   * Returns up to the given number of an object's bytes, from an offset on. Empty behind the
   * object's end, and when there is no such object.
   */
  public byte[] read(String key, long offset, int most) throws BucketException {
    return asking(() -> {
      try (ResponseInputStream<GetObjectResponse> in =
          s3.getObject(request ->
              request
                  .bucket(bucket)
                  .key(key)
                  .range("bytes=" + offset + "-" + (offset + most - 1)))) {
        // A server that does not support ranges sends the whole object.
        boolean partial = in.response().contentRange() != null;
        return partial || reaches(in, offset) ? in.readNBytes(most) : NOTHING;
      } catch (NoSuchKeyException gone) {
        return NOTHING;
      } catch (S3Exception refused) {
        if (refused.statusCode() == NOT_FOUND || refused.statusCode() == RANGE_NOT_SATISFIABLE) {
          return NOTHING;
        }
        throw refused;
      } catch (IOException cut) {
        throw SdkClientException.create("the answer broke off", cut);
      }
    });
  }

  /**
   * Skips to the offset; false when the object ends before it. A stream may skip less than it is
   * asked to before its end.
   */
  private static boolean reaches(InputStream in, long offset) throws IOException {
    try {
      in.skipNBytes(offset);
      return true;
    } catch (EOFException behindTheEnd) {
      return false;
    }
  }

  /** Returns all bytes of a photo; empty when there is no such object. */
  public byte[] read(String key) throws BucketException {
    return read(key, 0, MOST_BYTES);
  }

  /** Removes a photo and its thumbnails; harmless when they do not exist. */
  public void remove(String key) throws BucketException {
    for (var size : THUMBNAILS) {
      delete(thumbnail(key, size));
    }
    delete(key);
  }

  /** Returns the key of a photo's thumbnail. */
  public static String thumbnail(String key, int size) {
    int dot = key.lastIndexOf('.');
    return (dot > key.lastIndexOf('/') ? key.substring(0, dot) : key) + "-" + size + ".jpg";
  }

  @Override
  public void close() {
    s3.close();
  }

  private void delete(String key) throws BucketException {
    asking(() -> s3.deleteObject(request -> request.bucket(bucket).key(key)));
  }

  private static <T> T asking(Supplier<T> call) throws BucketException {
    try {
      return call.get();
    } catch (S3Exception refused) {
      var code = refused.awsErrorDetails() == null ? "" : refused.awsErrorDetails().errorCode();
      throw new BucketException(
          "the bucket answered %d %s".formatted(refused.statusCode(), code), refused);
    } catch (SdkException away) {
      throw new BucketException(
          "the bucket does not answer: " + away.getClass().getSimpleName(), away);
    }
  }

  private static AwsCredentialsProvider credentials(S3Properties properties) {
    return properties.accessKey() == null || properties.secretKey() == null
        ? DefaultCredentialsProvider.builder().build()
        : StaticCredentialsProvider.create(
            AwsBasicCredentials.create(properties.accessKey(), properties.secretKey()));
  }
}
