package dev.profilepic.receiver.auth;

import dev.profilepic.receiver.database.DatabaseCalls;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Who is signed in at the web console. A session stands in the database, so that every replica
 * knows it and signing out ends it; the browser has a random token of it, in a cookie. It can do
 * what its key can do, and ends with the key.
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
  private final SecureRandom random = new SecureRandom();

  ConsoleSessions(
      JdbcClient jdbc,
      DatabaseCalls database,
      KeyRing keys,
      KeyUses uses,
      ConsoleProperties properties) {
    this.jdbc = jdbc;
    this.database = database;
    this.keys = keys;
    this.uses = uses;
    this.properties = properties;
  }

  /** What became of a key that somebody wants to sign in with. */
  public sealed interface Opened {

    /**
     * @param token for the browser
     */
    record SignedIn(String token) implements Opened {}

    /** There is no such key, or it was revoked, or it has expired. */
    record UnknownKey() implements Opened {}

    /** It has not the scope {@code read}. */
    record MayNotRead() implements Opened {}
  }

  /** Signs in with a key. */
  public Opened open(String secret) {
    var presented = PresentedKey.of(secret);
    var key = presented == null ? Optional.<ApiKey>empty() : keys.find(presented.getCredentials());
    if (key.isEmpty()) {
      return new Opened.UnknownKey();
    }
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

  /** Ends a session; one that there is not ends, too. */
  public void close(String token) {
    database.patiently(() ->
        jdbc.sql("SELECT 1 FROM profile_pic.close_session(?)")
            .param(ApiKey.Digest.of(token).bytes())
            .query(Integer.class)
            .list());
  }

  /** Whose session this is, while its key is valid. */
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
