package dev.profilepic.worker.deliveries;

import dev.profilepic.contract.EndpointKind;
import dev.profilepic.contract.SourceCredentials;
import dev.profilepic.worker.sources.Credentials;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** The SQL of deliveries: each method is one function of {@code R__38} in db-migrations. */
@Component
class DeliverySql {

  /**
   * A lead's photo, for a contact.
   *
   * @param bytes null when they are in the bucket
   */
  record Photo(String phone, String contentType, String storageKey, byte @Nullable [] bytes) {}

  /** A contact that we gave a photo, and the avatar that it has had since. */
  record KeptContact(String id, String avatar) {}

  /**
   * A delivery that was taken.
   *
   * @param delivery empty when its secret cannot be opened
   */
  record Taken(long id, Optional<Delivery> delivery) {}

  private final JdbcClient jdbc;
  private final JsonMapper json;
  private final Credentials credentials;

  DeliverySql(JdbcClient jdbc, JsonMapper json, Credentials credentials) {
    this.jdbc = jdbc;
    this.json = json;
    this.credentials = credentials;
  }

  int spread(int most) {
    return jdbc.sql("SELECT profile_pic.spread_events(?)")
        .param(most)
        .query(Integer.class)
        .single();
  }

  List<Long> endpointsDue() {
    return jdbc.sql("SELECT profile_pic.endpoints_due()").query(Long.class).list();
  }

  List<Taken> take(long endpoint, int most) {
    return jdbc.sql("SELECT * FROM profile_pic.take_deliveries(?, ?)")
        .param(endpoint)
        .param(most)
        .query((row, number) -> taken(endpoint, row))
        .list();
  }

  void ended(long delivery, String state, @Nullable Integer status, @Nullable String why) {
    jdbc.sql("SELECT 1 FROM profile_pic.delivery_ended(?, ?, ?::integer, ?::text)")
        .param(delivery)
        .param(state)
        .param(status)
        .param(why)
        .query(Integer.class)
        .list();
  }

  void failed(long delivery, Ending.Failed failure) {
    jdbc.sql("SELECT 1 FROM profile_pic.delivery_failed(?, ?::integer, ?, ?, ?)")
        .param(delivery)
        .param(failure.status())
        .param(failure.why())
        .param(failure.after() == null ? 0L : failure.after().toMillis())
        .param(failure.gone())
        .query(Integer.class)
        .list();
  }

  Optional<Photo> photo(String lead) {
    return jdbc.sql(
            "SELECT phone, content_type, storage_key, bytes FROM profile_pic.photo_to_show(?)")
        .param(lead)
        .query((row, number) ->
            new Photo(
                row.getString("phone"),
                row.getString("content_type"),
                row.getString("storage_key"),
                row.getBytes("bytes")))
        .optional();
  }

  Optional<KeptContact> contact(long endpoint, String lead) {
    return jdbc.sql("SELECT contact_id, avatar FROM profile_pic.contact_of(?, ?)")
        .param(endpoint)
        .param(lead)
        .query(
            (row, number) -> new KeptContact(row.getString("contact_id"), row.getString("avatar")))
        .optional();
  }

  /**
   * @param avatar the avatar that the contact shows now; null forgets the contact
   */
  void keepContact(long endpoint, String lead, String contact, @Nullable String avatar) {
    jdbc.sql("SELECT 1 FROM profile_pic.keep_contact(?, ?, ?, ?::text)")
        .param(endpoint)
        .param(lead)
        .param(contact)
        .param(avatar)
        .query(Integer.class)
        .list();
  }

  /**
   * @param seen names of alerts that this worker sees
   */
  void watchAlerts(List<String> seen) {
    jdbc.sql("SELECT profile_pic.watch_alerts(?::text[])")
        .param(seen.toArray(String[]::new))
        .query(Integer.class)
        .single();
  }

  private Taken taken(long endpoint, ResultSet row) throws SQLException {
    var kind = EndpointKind.of(row.getString("kind")).orElseThrow();
    var use = new SourceCredentials.Endpoint(kind, row.getString("url"));
    var secret = credentials.open(row.getBytes("secret"), use);
    long id = row.getLong("id");
    if (secret.isEmpty()) {
      return new Taken(id, Optional.empty());
    }
    byte @Nullable [] former = row.getBytes("former_secret");
    return new Taken(
        id,
        Optional.of(
            new Delivery(
                id,
                endpoint,
                row.getString("uid"),
                row.getString("type"),
                row.getObject("at", OffsetDateTime.class).toInstant(),
                row.getString("instance_id"),
                row.getString("lead_id"),
                json.readTree(row.getString("data")),
                kind,
                row.getString("url"),
                json.readTree(row.getString("settings")),
                secret.get(),
                former == null ? null : credentials.open(former, use).orElse(null))));
  }
}
