package dev.profilepic.migrations;

import jakarta.validation.constraints.Pattern;
import java.util.Map;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * The CRM's table of leads, with its columns. Only the migrations need these names: they generate
 * the SQL functions through which services touch the table.
 *
 * <p>A name with capitals, digits in front, blanks or dashes is written in quotes, as in SQL:
 * {@code public."Lead"}. Columns are found by their exact name with and without quotes.
 *
 * @param table the CRM's table, or a view that can be updated; in schema public unless it names a
 *     schema
 * @param idColumn the table's key; uuid, bigint, integer, smallint, text or varchar
 * @param phoneColumn the lead's phone
 * @param instanceColumn the WhatsApp instance that talks to the lead; may be absent from the table
 * @param urlColumn receives the photo's link; added where it is missing
 * @param storagePathColumn receives the photo's key in the avatar store; added where it is missing
 * @param updatedAtColumn set with every change of the photo; added where it is missing
 * @param nameColumn the lead's name, for drawn initials; may be absent from the table
 * @param trigger whether triggers enqueue new leads and changed phones
 * @param create whether a table that does not exist is created (local mode)
 */
@Validated
@ConfigurationProperties("profile-pic.leads")
public record LeadsTable(
    @DefaultValue("public.leads") @Pattern(regexp = QUALIFIED, message = MESSAGE) String table,
    @DefaultValue("id") @Pattern(regexp = NAME, message = MESSAGE) String idColumn,
    @DefaultValue("phone") @Pattern(regexp = NAME, message = MESSAGE) String phoneColumn,
    @DefaultValue("instance_id") @Pattern(regexp = NAME, message = MESSAGE) String instanceColumn,
    @DefaultValue("profile_pic_url") @Pattern(regexp = NAME, message = MESSAGE) String urlColumn,
    @DefaultValue("profile_pic_storage_path") @Pattern(regexp = NAME, message = MESSAGE) String storagePathColumn,
    @DefaultValue("updated_at") @Pattern(regexp = NAME, message = MESSAGE) String updatedAtColumn,
    @DefaultValue("name") @Pattern(regexp = NAME, message = MESSAGE) String nameColumn,
    @DefaultValue("true") boolean trigger,
    @DefaultValue("false") boolean create) {

  private static final String NAME = "([A-Za-z_][A-Za-z0-9_]{0,62}|\"[A-Za-z0-9_ -]{1,63}\")";
  private static final String QUALIFIED = "(" + NAME + "\\.)?" + NAME;
  private static final String MESSAGE =
      "must be an SQL name: letters, digits and underscores, or in quotes";

  /** Returns Flyway's placeholders, by the names that the migrations use. */
  Map<String, String> placeholders() {
    return Map.ofEntries(
        Map.entry("leads_table", table.contains(".") ? table : "public." + table),
        Map.entry("leads_id_column", exact(idColumn)),
        Map.entry("leads_phone_column", exact(phoneColumn)),
        Map.entry("leads_instance_column", exact(instanceColumn)),
        Map.entry("leads_url_column", exact(urlColumn)),
        Map.entry("leads_storage_path_column", exact(storagePathColumn)),
        Map.entry("leads_updated_at_column", exact(updatedAtColumn)),
        Map.entry("leads_name_column", exact(nameColumn)),
        Map.entry("leads_trigger", Boolean.toString(trigger)),
        Map.entry("leads_create", Boolean.toString(create)));
  }

  private static String exact(String column) {
    return column.replace("\"", "");
  }
}
