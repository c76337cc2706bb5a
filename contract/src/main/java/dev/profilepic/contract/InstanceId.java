package dev.profilepic.contract;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The id of an instance, which is a WhatsApp number of the customer. Ids appear in urls, labels,
 * notifications and logs, so every entry point accepts only short ids of safe characters. The ids
 * {@code .} and {@code ..} would be read as steps within the path of a url. {@code
 * profile_pic.instance_or_null} in the database has the same rule.
 */
public final class InstanceId {

  /** The rule for an instance's id, for the end of a sentence that names the field. */
  public static final String RULE =
      "must be 1 to 64 letters, digits, dots, dashes or underscores, and more than one or two dots";

  private static final Pattern SAFE = Pattern.compile("(?!\\.{1,2}$)[A-Za-z0-9_.-]{1,64}");

  private InstanceId() {}

  /** Returns whether this is the word that senders and CRMs use when they know no id. */
  public static boolean isUnknown(@Nullable String id) {
    return "unknown".equals(id);
  }

  public static boolean isValid(String id) {
    return SAFE.matcher(id).matches();
  }
}
