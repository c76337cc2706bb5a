package dev.profilepic.receiver.matching;

import dev.profilepic.contract.InstanceId;
import dev.profilepic.contract.PhoneNumber;
import dev.profilepic.contract.Phones;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Finds leads by phone. An index over the last eight digits gives candidates, in any notation of
 * the CRM's phones. Then libphonenumber compares the whole numbers.
 */
@Component
public class LeadMatcher {

  /** More leads than any person has, and still few enough to read. */
  private static final int MOST_PER_SUFFIX = 100;

  /**
   * A lead as the CRM has it now.
   *
   * @param phone as the CRM writes it
   */
  public record Lead(String leadId, @Nullable String phone, @Nullable String instanceId) {

    private boolean belongsTo(@Nullable String instance) {
      return instance == null
          || instanceId == null
          || instanceId.isBlank()
          || InstanceId.isUnknown(instanceId)
          || instanceId.equals(instance);
    }
  }

  /** Candidate leads, which can be searched by phone. */
  public final class Candidates {

    private record Parsed(Lead lead, PhoneNumber phone) {}

    private final Map<String, List<Parsed>> bySuffix;

    private Candidates(List<Lead> leads) {
      this.bySuffix =
          leads.stream()
              .flatMap(lead ->
                  Optional.ofNullable(lead.phone())
                      .flatMap(phones::parse)
                      .map(phone -> new Parsed(lead, phone))
                      .stream())
              .collect(Collectors.groupingBy(each -> each.phone().suffix()));
    }

    /**
     * Returns the leads with this phone that belong to the instance, or to no instance.
     *
     * @param instance null for any
     */
    public List<Lead> with(PhoneNumber phone, @Nullable String instance) {
      return bySuffix.getOrDefault(phone.suffix(), List.of()).stream()
          .filter(each -> each.phone().isSameAs(phone) && each.lead().belongsTo(instance))
          .map(Parsed::lead)
          .toList();
    }
  }

  private final JdbcClient jdbc;
  private final Phones phones;

  LeadMatcher(JdbcClient jdbc, Phones phones) {
    this.jdbc = jdbc;
    this.phones = phones;
  }

  /**
   * Finds the leads of several phones in one round trip.
   *
   * @param callers instances that the caller is bound to: only their leads, and leads without an
   *     owner, are found; null for all
   */
  public Candidates candidates(Collection<PhoneNumber> wanted, String @Nullable [] callers) {
    if (wanted.isEmpty()) {
      return new Candidates(List.of());
    }
    var suffixes = wanted.stream().map(PhoneNumber::suffix).distinct().toArray(String[]::new);
    return new Candidates(
        jdbc.sql(
                "SELECT lead_id, phone, instance_id FROM profile_pic.match_leads(?::text[], ?, ?::text[])")
            .param(suffixes)
            .param(MOST_PER_SUFFIX)
            .param(callers)
            .query(Lead.class)
            .list());
  }

  /**
   * Returns the leads with these ids, by the id that was asked for.
   *
   * @param callers instances that the caller is bound to: only their leads, and leads without an
   *     owner, are found; null for all
   */
  public Map<String, Lead> byIds(Collection<String> leadIds, String @Nullable [] callers) {
    var found = new HashMap<String, Lead>();
    if (!leadIds.isEmpty()) {
      jdbc.sql(
              "SELECT asked_id, lead_id, phone, instance_id FROM profile_pic.read_leads(?::text[], ?::text[])")
          .param(leadIds.stream().distinct().toArray(String[]::new))
          .param(callers)
          .query((row, number) ->
              found.put(
                  row.getString("asked_id"),
                  new Lead(
                      row.getString("lead_id"),
                      row.getString("phone"),
                      row.getString("instance_id"))))
          .list();
    }
    return found;
  }
}
