package dev.profilepic.contract;

import java.util.regex.Pattern;

/**
 * The id of an instance, which is a WhatsApp number of the customer. It stands in urls, labels,
 * notifications and logs, so it is short and made of safe characters at every way in; {@code
 * profile_pic.instance_or_null} in the database says the same.
 */
public final class InstanceId {

  /** What an instance's id must be, for the end of a sentence that names the field. */
  public static final String RULE = "must be 1 to 64 letters, digits, dots, dashes or underscores";

  private static final Pattern SAFE = Pattern.compile("[A-Za-z0-9_.-]{1,64}");

  private InstanceId() {}

  public static boolean isValid(String id) {
    return SAFE.matcher(id).matches();
  }
}
