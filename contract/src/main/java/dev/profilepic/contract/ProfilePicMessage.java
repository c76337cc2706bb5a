package dev.profilepic.contract;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A request for one lead's photo, as a message in the queue. Anyone who can call {@code pgmq.send}
 * may write a message, so reading checks everything and ignores unknown fields.
 *
 * @param leadId the CRM's id, at most 200 characters
 * @param phone as the sender wrote it, at most 64 characters
 * @param profilePicUrl a link to the picture that came with the event
 * @param instanceId the WhatsApp number to ask through; null when the sender does not know it
 * @param timestamp of the event; null when the sender gave no readable time
 * @param syncType why the request exists: webhook, new_lead, manual, bulk, refresh
 * @param forceUpdate whether the picture is fetched even when it looks unchanged
 */
public record ProfilePicMessage(
    String leadId,
    String phone,
    @Nullable String profilePicUrl,
    @Nullable String instanceId,
    @Nullable Instant timestamp,
    String syncType,
    boolean forceUpdate) {

  /** The most characters of an id from another system: of a lead, a picture or a delivery. */
  public static final int LONGEST_ID = 200;

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int LONGEST_PHONE = 64;

  /** The result of reading a message. */
  public sealed interface Parsed {
    record Valid(ProfilePicMessage message) implements Parsed {}

    /**
     * @param problem names the field and its rule; repeats no value
     */
    record Invalid(String problem) implements Parsed {}
  }

  /**
   * Reads a message. {@code lead_id} and {@code phone} are required and may be text or a whole
   * number. An optional field of the wrong type is refused where a wrong guess could do harm (url,
   * instance), and ignored elsewhere.
   *
   * @param json the message column of the queue, null included
   */
  public static Parsed parse(@Nullable String json) {
    if (json == null) {
      return new Parsed.Invalid("the message is null");
    }
    JsonNode root;
    try {
      root = JSON.readTree(json);
    } catch (JacksonException notJson) {
      return new Parsed.Invalid("the message is not JSON");
    }
    if (!root.isObject()) {
      return new Parsed.Invalid("the message must be a JSON object");
    }
    @Nullable String leadId = scalar(root.get("lead_id"));
    if (leadId == null || leadId.length() > LONGEST_ID) {
      return new Parsed.Invalid("lead_id must be text of 1 to " + LONGEST_ID + " characters");
    }
    @Nullable String phone = scalar(root.get("phone"));
    if (phone == null || phone.length() > LONGEST_PHONE) {
      return new Parsed.Invalid("phone must be text of 1 to " + LONGEST_PHONE + " characters");
    }
    if (isOtherThanText(root.get("profile_pic_url"))) {
      return new Parsed.Invalid("profile_pic_url must be text or null");
    }
    if (isOtherThanText(root.get("instance_id"))) {
      return new Parsed.Invalid("instance_id must be text or null");
    }
    @Nullable String instanceId = instance(scalar(root.get("instance_id")));
    if (instanceId != null && !InstanceId.isValid(instanceId)) {
      return new Parsed.Invalid("instance_id " + InstanceId.RULE);
    }
    @Nullable String syncType = scalar(root.get("sync_type"));
    return new Parsed.Valid(
        new ProfilePicMessage(
            leadId,
            phone,
            scalar(root.get("profile_pic_url")),
            instanceId,
            time(scalar(root.get("timestamp"))),
            syncType == null ? "webhook" : syncType,
            root.path("force_update").asBoolean(false)));
  }

  private static boolean isOtherThanText(@Nullable JsonNode node) {
    return node != null && !node.isNull() && !node.isString();
  }

  private static @Nullable String scalar(@Nullable JsonNode node) {
    if (node == null || !(node.isString() || node.isIntegralNumber())) {
      return null;
    }
    var text = node.asString().strip();
    return text.isEmpty() ? null : text;
  }

  private static @Nullable String instance(@Nullable String text) {
    return InstanceId.isUnknown(text) ? null : text;
  }

  private static @Nullable Instant time(@Nullable String text) {
    try {
      return text == null ? null : OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException notATime) {
      return null;
    }
  }
}
