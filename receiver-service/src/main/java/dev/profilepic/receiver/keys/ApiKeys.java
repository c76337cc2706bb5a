package dev.profilepic.receiver.keys;

import dev.profilepic.contract.InstanceId;
import dev.profilepic.receiver.auth.Caller;
import dev.profilepic.receiver.database.OperatorDatabase;
import dev.profilepic.receiver.database.Texts;
import dev.profilepic.receiver.database.Times;
import dev.profilepic.receiver.http.FieldError;
import dev.profilepic.receiver.http.ProblemException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The API keys, listed and made by callers who are not bound to instances. */
@Component
public class ApiKeys {

  /**
   * A key, without its secret.
   *
   * @param instances that the key is bound to; empty for none
   */
  public record Key(
      long id,
      String name,
      List<String> scopes,
      List<String> instances,
      Instant createdAt,
      @Nullable Instant expiresAt,
      @Nullable Instant lastUsedAt,
      @Nullable Instant revokedAt) {}

  /**
   * A new key.
   *
   * @param instances that the key is bound to; empty for none
   * @param days after which it expires; null for never
   */
  public record Wanted(
      String name, List<String> scopes, List<String> instances, @Nullable Integer days) {

    private static final int LONGEST_LIFE = 3650;

    /**
     * Reads a user's input.
     *
     * @param instances separated by commas or spaces; empty for all
     * @param days empty for never
     * @throws ProblemException naming every field that is wrong
     */
    public static Wanted read(String name, List<String> scopes, String instances, String days) {
      var errors = new ArrayList<FieldError>();
      if (!KeyNames.isSafe(name.strip())) {
        errors.add(new FieldError("name", KeyNames.RULE));
      } else if (KeyNames.isReserved(name.strip())) {
        errors.add(new FieldError("name", KeyNames.RESERVED_RULE));
      }
      if (scopes.isEmpty() || !KeySecrets.SCOPES.containsAll(scopes)) {
        errors.add(new FieldError("scopes", "must be some of ingest, operate, read"));
      }
      var bound = Stream.of(instances.split("[,\\s]+", -1)).filter(id -> !id.isEmpty()).toList();
      // No ids mean all instances, so only an empty field may stand for them.
      if ((bound.isEmpty() && !instances.isEmpty())
          || !bound.stream().allMatch(InstanceId::isValid)) {
        errors.add(
            new FieldError(
                "instances", "must be empty, or ids of instances: each " + InstanceId.RULE));
      }
      @Nullable Integer life = null;
      if (!days.isBlank()) {
        life = days.strip().matches("[0-9]{1,4}") ? Integer.valueOf(days.strip()) : 0;
        if (life < 1 || life > LONGEST_LIFE) {
          errors.add(new FieldError("days", "must be a whole number from 1 to 3650, or empty"));
        }
      }
      if (!errors.isEmpty()) {
        throw ProblemException.invalid(List.copyOf(errors));
      }
      return new Wanted(name.strip(), scopes, bound, life);
    }
  }

  private final JdbcClient jdbc;

  ApiKeys(OperatorDatabase database) {
    this.jdbc = database.jdbc();
  }

  public List<Key> list(Caller caller) {
    return jdbc.sql("SELECT * FROM profile_pic.list_keys(?::text[])")
        .param(caller.reach())
        .query((row, number) ->
            new Key(
                row.getLong("id"),
                row.getString("name"),
                Texts.of(row, "scopes"),
                Texts.of(row, "instances"),
                Times.of(row, "created_at"),
                Times.orNull(row, "expires_at"),
                Times.orNull(row, "last_used_at"),
                Times.orNull(row, "revoked_at")))
        .list();
  }

  /**
   * @return the key, which is stored nowhere; empty when a key of this name exists already
   */
  public Optional<String> create(Caller caller, Wanted wanted) {
    var secret = KeySecrets.generate();
    var days = wanted.days();
    return jdbc.sql(
            "SELECT profile_pic.create_key(?::text[], ?, ?, ?, ?::text[], ?::text[], ?::integer * interval '1 day')")
        .param(caller.reach())
        .param(caller.getPrincipal())
        .param(wanted.name())
        .param(KeySecrets.sha256(secret))
        .param(wanted.scopes().toArray(String[]::new))
        .param(wanted.instances().toArray(String[]::new))
        .param(days)
        .query((row, number) -> Optional.ofNullable(row.getObject(1, Long.class)))
        .single()
        .map(id -> secret);
  }

  /**
   * @return whether the key existed and was not yet revoked
   */
  public boolean revoke(Caller caller, long id) {
    return jdbc.sql("SELECT profile_pic.revoke_key(?::text[], ?, ?)")
        .param(caller.reach())
        .param(caller.getPrincipal())
        .param(id)
        .query(Boolean.class)
        .single();
  }
}
