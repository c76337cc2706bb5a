package dev.profilepic.contract;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Seals the credentials of gateways and the secrets of webhook endpoints for the database with
 * AES-256-GCM. A sealed credential opens only for the instance and the url that it was sealed for,
 * so write access to the table is not enough to send it elsewhere.
 *
 * <p>A sealed credential is a byte that names this format, 12 bytes of nonce, and the ciphertext
 * with its tag.
 */
public final class SourceCredentials {

  /** The rule for the key, for the end of a sentence that names the property. */
  public static final String RULE =
      "must be 32 bytes in base64, for example from: openssl rand -base64 32";

  /** The rule for the name of a variable with a credential, for the end of a sentence. */
  public static final String VARIABLE_RULE =
      "must be the name of an environment variable of the workers, PROFILE_PIC_SOURCE_KEY_ and up to"
          + " 64 capitals, digits or underscores";

  private static final Pattern VARIABLE = Pattern.compile("PROFILE_PIC_SOURCE_KEY_[A-Z0-9_]{1,64}");
  private static final Pattern HEADER = Pattern.compile("[\\x21-\\x7e]{1,1000}");
  private static final byte FORMAT = 1;
  private static final int KEY = 32;

  private final AesGcm key;

  /**
   * @param key 32 bytes in base64
   * @throws IllegalArgumentException when the text is not such a key; never repeats it
   */
  public SourceCredentials(String key) {
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(key.strip());
    } catch (IllegalArgumentException notBase64) {
      bytes = new byte[0];
    }
    if (bytes.length != KEY) {
      throw new IllegalArgumentException(RULE);
    }
    this.key = new AesGcm(bytes);
  }

  /**
   * Returns the sealer for the configured key; empty when no key is configured.
   *
   * @throws IllegalArgumentException when the configured text is no key; never repeats it
   */
  public static Optional<SourceCredentials> of(@Nullable String key) {
    return key == null || key.isBlank()
        ? Optional.empty()
        : Optional.of(new SourceCredentials(key));
  }

  /** Returns whether the configured text is a key, or empty. */
  public static boolean isUsable(@Nullable String key) {
    try {
      of(key);
      return true;
    } catch (IllegalArgumentException wrong) {
      return false;
    }
  }

  /** The purpose of a credential. A sealed credential opens only for the same purpose. */
  public sealed interface Use permits Purpose, Endpoint {
    byte[] bytes();
  }

  /**
   * A credential for the gateway of an instance.
   *
   * @param url the gateway's url, as configured
   * @param name the gateway's own name for the instance; null when the gateway uses our id
   */
  public record Purpose(String instanceId, SourceKind kind, String url, @Nullable String name)
      implements Use {
    @Override
    public byte[] bytes() {
      return String.join("\n", instanceId, kind.id(), url, name == null ? "" : name)
          .getBytes(StandardCharsets.UTF_8);
    }
  }

  /** The secret of a webhook endpoint, or the credential of a sink for contacts. */
  public record Endpoint(EndpointKind kind, String url) implements Use {
    @Override
    public byte[] bytes() {
      // No instance's id has a space, so this text differs from that of every gateway's credential.
      return String.join("\n", "webhook endpoint", kind.id(), url).getBytes(StandardCharsets.UTF_8);
    }
  }

  /**
   * Returns whether an environment variable may hold a credential, judged by its name. Callers
   * choose the name, so no other secret of ours may match the rule: the secret would go to a
   * gateway of the caller's choice.
   */
  public static boolean isVariable(String name) {
    return VARIABLE.matcher(name).matches();
  }

  /** Returns whether a credential can be sent in a header: 1 to 1000 printable ASCII characters. */
  public static boolean fitsHeader(String credential) {
    return HEADER.matcher(credential).matches();
  }

  public byte[] seal(String credential, Use purpose) {
    var sealed = key.seal(credential.getBytes(StandardCharsets.UTF_8), purpose.bytes());
    return ByteBuffer.allocate(1 + sealed.length).put(FORMAT).put(sealed).array();
  }

  /**
   * Opens a credential; empty when it was sealed with another key or for another purpose, or was
   * changed.
   */
  public Optional<String> open(byte[] sealed, Use purpose) {
    if (sealed.length == 0 || sealed[0] != FORMAT) {
      return Optional.empty();
    }
    try {
      var opened = key.open(Arrays.copyOfRange(sealed, 1, sealed.length), purpose.bytes());
      return Optional.of(new String(opened, StandardCharsets.UTF_8));
    } catch (GeneralSecurityException notOurs) {
      return Optional.empty();
    }
  }
}
