package dev.profilepic.receiver.auth;

import dev.profilepic.receiver.database.DatabaseCalls;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * The sessions of the web console. A session is a row in the database, so every replica knows it,
 * and signing out ends it everywhere. The browser holds a random token in a cookie. A session may
 * do what its key may do, and ends with the key.
 */
@Component
public class ConsoleSessions {

  /** The cookie that carries the token. */
  public static final String COOKIE = "profile_pic_session";

  private static final int TOKEN_BYTES = 32;

  private final JdbcClient jdbc;
  private final DatabaseCalls database;
  private final KeyRing keys;
  private final KeyUses uses;
  private final ConsoleProperties properties;
  private final SignInLimits limits;
  private final SecureRandom random = new SecureRandom();

  ConsoleSessions(
      JdbcClient jdbc,
      DatabaseCalls database,
      KeyRing keys,
      KeyUses uses,
      ConsoleProperties properties,
      SignInLimits limits) {
    this.jdbc = jdbc;
    this.database = database;
    this.keys = keys;
    this.uses = uses;
    this.properties = properties;
    this.limits = limits;
  }

  /** The result of signing in with a key. */
  public sealed interface Opened {

    /**
     * @param token for the browser
     */
    record SignedIn(String token) implements Opened {}

    /** The key does not exist, was revoked, or has expired. */
    record UnknownKey() implements Opened {}

    /** The key lacks the scope {@code read}. */
    record MayNotRead() implements Opened {}
  }

  /**
   * Signs in with a key.
   *
   * @throws dev.profilepic.receiver.http.ProblemException 429 when there were too many sign-ins
   */
  public Opened open(String secret) {
    var presented = PresentedKey.of(secret);
    var key = presented == null ? Optional.<ApiKey>empty() : keys.find(presented.getCredentials());
    if (key.isEmpty()) {
      limits.countRefused();
      return new Opened.UnknownKey();
    }
    limits.count(key.get());
    if (!key.get().scopes().contains("read")) {
      return new Opened.MayNotRead();
    }
    uses.note(key.get());
    var token = newToken();
    database.patiently(() ->
        jdbc.sql("SELECT 1 FROM profile_pic.open_session(?, ?, ? * interval '1 second')")
            .param(ApiKey.Digest.of(token).bytes())
            .param(key.get().sha256().bytes())
            .param(properties.sessionLifetime().toSeconds())
            .query(Integer.class)
            .list());
    return new Opened.SignedIn(token);
  }

  /** Ends a session. Does nothing when there is no such session. */
  public void close(String token) {
    database.patiently(() ->
        jdbc.sql("SELECT 1 FROM profile_pic.close_session(?)")
            .param(ApiKey.Digest.of(token).bytes())
            .query(Integer.class)
            .list());
  }

  /** Returns the caller of this session, while its key is valid. */
  Optional<Caller> callerOf(String token) {
    return database
        .patiently(() ->
            jdbc.sql("SELECT profile_pic.find_session(?)")
                .param(ApiKey.Digest.of(token).bytes())
                .query((row, number) -> Optional.ofNullable(row.getBytes(1)))
                .single())
        .flatMap(digest -> keys.find(new ApiKey.Digest(digest)))
        .map(key -> {
          uses.note(key);
          return new Caller(key);
        });
  }

  private String newToken() {
    var bytes = new byte[TOKEN_BYTES];
    random.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
