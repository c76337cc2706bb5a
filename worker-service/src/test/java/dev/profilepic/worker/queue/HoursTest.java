package dev.profilepic.worker.queue;

import java.util.List;
import java.util.Map;

/** Instances with working hours that are open or closed at this moment. */
abstract class HoursTest extends QueueTest {

  static final int ONE_A_SECOND = 60;

  long background(String kind) {
    return fixture.enqueue(request(fixture.lead(), kind));
  }

  static Map<String, Object> request(String lead, String kind) {
    return Map.of("lead_id", lead, "phone", "5562999212484", "sync_type", kind);
  }

  static String message(String lead, String kind, String more) {
    return "{\"lead_id\": \"%s\", \"phone\": \"5562999212484\", \"instance_id\": \"demo\", \"sync_type\": \"%s\"%s}"
        .formatted(lead, kind, more);
  }

  List<Delivery> claim() {
    return fixture.claim(100);
  }

  static List<Long> ids(List<Delivery> deliveries) {
    return deliveries.stream().map(delivery -> delivery.lease().messageId()).toList();
  }

  void due() {
    var lead = fixture.lead();
    fixture.jdbc.update(
        "INSERT INTO profile_pic.pictures (lead_id, phone, instance_id, state, reason, requested_at, checked_at, next_check_at) VALUES (?, '5562999212484', 'demo', 'NOT_SET', 'NOT_SET', now() - interval '15 days', now() - interval '14 days', now() - interval '1 minute')",
        lead);
    fixture.jdbc.update("UPDATE public.leads SET instance_id = NULL");
  }

  long feedRefreshes() {
    return fixture.one(Long.class, "SELECT profile_pic.feed_refreshes('demo', 60, '5 s', 200)");
  }

  void closed(String instance) {
    hours(instance, "+ interval '2 hours'", "+ interval '3 hours'");
  }

  void closedUntil(String instance, String until) {
    hours(instance, "+ interval '" + until + "'", "+ interval '" + until + "' + interval '1 hour'");
  }

  void open(String instance) {
    hours(instance, "- interval '1 hour'", "+ interval '1 hour'");
  }

  /** Sets hours for every day, relative to now, in a zone that is not the server's. */
  void hours(String instance, String from, String to) {
    fixture.jdbc.update(
        """
        INSERT INTO profile_pic.instances (instance_id, hours_zone, hours_days, hours_from, hours_to)
        VALUES (?, 'America/Sao_Paulo', '{1,2,3,4,5,6,7}', (now() AT TIME ZONE 'America/Sao_Paulo' %1$s)::time, (now() AT TIME ZONE 'America/Sao_Paulo' %2$s)::time)
        ON CONFLICT (instance_id) DO UPDATE
          SET hours_zone = excluded.hours_zone, hours_days = excluded.hours_days, hours_from = excluded.hours_from, hours_to = excluded.hours_to
        """
            .formatted(from, to),
        instance);
  }
}
