package dev.profilepic.faults;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.jdbc.core.JdbcTemplate;
import tools.jackson.databind.json.JsonMapper;

/** The CRM on the other side of the database: it has leads, and asks for their photos. */
final class Crm {

  static final String INSTANCE = "demo";

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final JdbcTemplate jdbc;
  private final AtomicInteger phones = new AtomicInteger();

  /**
   * @param phone a phone that no other lead has
   * @param instance the WhatsApp number that talks to the lead
   */
  record Lead(String id, String phone, String instance) {}

  /**
   * The queue's response to a request.
   *
   * @param status queued, duplicate, …
   */
  record Receipt(String status, long messageId) {}

  Crm(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
  }

  Lead addLead() {
    return addLeads(1, INSTANCE).getFirst();
  }

  List<Lead> addLeads(int count, String instance) {
    var leads = new ArrayList<Lead>();
    for (int i = 0; i < count; i++) {
      var phone = "556299%07d".formatted(phones.incrementAndGet());
      leads.add(new Lead(UUID.randomUUID().toString(), phone, instance));
    }
    jdbc.update(
        """
        INSERT INTO public.leads (id, phone, instance_id)
        SELECT id, phone, instance
        FROM jsonb_to_recordset(?::jsonb) AS l (id uuid, phone text, instance text)
        """,
        JSON.writeValueAsString(leads));
    return leads;
  }

  /** Adds leads and asks for their photos. */
  List<Lead> request(int count) {
    return request(count, INSTANCE);
  }

  List<Lead> request(int count, String instance) {
    var leads = addLeads(count, instance);
    requestFor(leads);
    return leads;
  }

  /** Puts a request for each lead into the queue in one transaction, as the receiver does. */
  List<Receipt> requestFor(List<Lead> leads) {
    var requests =
        leads.stream()
            .map(lead ->
                Map.of("lead_id", lead.id(), "phone", lead.phone(), "instance_id", lead.instance()))
            .toList();
    return jdbc.query(
        "SELECT status, message_id FROM profile_pic.enqueue(?::jsonb) ORDER BY ordinal",
        (row, number) -> new Receipt(row.getString("status"), row.getLong("message_id")),
        JSON.writeValueAsString(requests));
  }

  /** Sends any JSON texts in one transaction, as every caller of PGMQ may. */
  void send(List<String> messages) {
    jdbc.query(
        "SELECT * FROM pgmq.send_batch('profile_pic_queue', ?::jsonb[])",
        row -> {},
        (Object) messages.toArray(String[]::new));
  }

  /**
   * Changes a lead's row without a commit. The row stays locked until the connection rolls back.
   */
  Connection lock(Lead lead) throws SQLException {
    var connection = connect();
    connection.setAutoCommit(false);
    try (var update =
        connection.prepareStatement("UPDATE public.leads SET name = 'x' WHERE id = ?::uuid")) {
      update.setString(1, lead.id());
      update.executeUpdate();
    }
    return connection;
  }

  /** Locks the state row of a lead. A settle of the lead waits until the connection rolls back. */
  Connection lockState(Lead lead) throws SQLException {
    jdbc.update(
        "INSERT INTO profile_pic.pictures (lead_id, phone, requested_at) VALUES (?, '', '-infinity')",
        lead.id());
    var connection = connect();
    connection.setAutoCommit(false);
    try (var lock =
        connection.prepareStatement(
            "SELECT FROM profile_pic.pictures WHERE lead_id = ? FOR UPDATE")) {
      lock.setString(1, lead.id());
      lock.execute();
    }
    return connection;
  }

  /** Opens a connection that the caller closes. */
  Connection connect() throws SQLException {
    return Objects.requireNonNull(jdbc.getDataSource()).getConnection();
  }
}
