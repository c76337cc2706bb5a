package dev.profilepic.receiver.syncs;

import dev.profilepic.contract.PhoneNumber;
import dev.profilepic.contract.Phones;
import dev.profilepic.receiver.http.Fields;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * The order for a bulk sync.
 *
 * @param leads phones by lead id; null for all leads of the instance that have no photo
 * @param filter selects leads by state and reason; null for the leads without a photo, or for a
 *     list
 * @param limit leads at the most; null for no limit
 * @param batchSize leads fed in one step at the most
 */
record SyncRequest(
    @Nullable Map<String, String> leads,
    @Nullable SyncFilter filter,
    boolean forceUpdate,
    @Nullable Integer limit,
    boolean dryRun,
    int batchSize) {

  private static final int DEFAULT_BATCH = 500;
  private static final int MOST_LISTED = 100_000;
  private static final int MOST_ERRORS = 20;

  /**
   * @throws dev.profilepic.receiver.http.ProblemException naming every wrong field
   */
  static SyncRequest read(@Nullable JsonNode body, Phones phones) {
    var fields =
        Fields.of(body == null || body.isNull() ? JsonNodeFactory.instance.objectNode() : body);
    var list = fields.raw("phone_list");
    @Nullable Map<String, String> leads = null;
    if (list.isArray() && list.size() <= MOST_LISTED) {
      leads = read(fields, list, phones);
    } else if (!list.isMissingNode() && !list.isNull()) {
      fields.reject(
          "phone_list", "must be a list of at most " + MOST_LISTED + " objects {phone, lead_id}");
    }
    var filter = SyncFilter.read(fields);
    if (leads != null && filter != null) {
      fields.reject("filter", "must be left out when there is a phone_list");
    }
    var force = fields.optionalFlag("force_update");
    var limit = fields.optionalInteger("limit", 1, Integer.MAX_VALUE);
    var dryRun = fields.optionalFlag("dry_run");
    var batch = fields.optionalInteger("batch_size", 1, 1_000);
    fields.check();
    return new SyncRequest(
        leads, filter, force, limit, dryRun, batch == null ? DEFAULT_BATCH : batch);
  }

  /**
   * Reads a list of leads. The first entry of a lead counts. Reading stops early when a list has
   * only errors.
   */
  private static Map<String, String> read(Fields fields, JsonNode list, Phones phones) {
    var leads = new LinkedHashMap<String, String>();
    int wrong = 0;
    for (int i = 0; i < list.size() && wrong < MOST_ERRORS; i++) {
      var entry = fields.element("phone_list", i, list.get(i));
      var id = entry.requiredId("lead_id");
      var phone = entry.requiredPhone("phone", phones).map(PhoneNumber::digits);
      if (id.isEmpty() || phone.isEmpty()) {
        wrong++;
      } else {
        leads.putIfAbsent(id, phone.get());
      }
    }
    return leads;
  }

  /** Returns the leads of the list, cut to the limit. */
  List<Map.Entry<String, String>> listed() {
    var entries = new ArrayList<>(leads == null ? List.of() : leads.entrySet());
    return limit == null || limit >= entries.size() ? entries : entries.subList(0, limit);
  }
}
