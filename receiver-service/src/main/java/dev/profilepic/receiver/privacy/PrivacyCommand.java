package dev.profilepic.receiver.privacy;

import dev.profilepic.contract.ErasedPerson;
import dev.profilepic.contract.ErasureKey;
import dev.profilepic.contract.PhoneNumber;
import dev.profilepic.contract.SecretFiles;
import dev.profilepic.contract.SecretFilesPostProcessor;
import dev.profilepic.store.BucketException;
import dev.profilepic.store.PhotoStore;
import dev.profilepic.store.S3Properties;
import dev.profilepic.store.StoreProperties;
import java.io.PrintStream;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;
import org.springframework.core.env.StandardEnvironment;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code bin/erase --phone NUMBER} forgets a person by the phone, whether or not a lead has it.
 * {@code bin/export --lead ID} prints all stored data of a lead's person, as JSON. Both use the
 * database with an administrator's rights, and leave an entry in the audit log.
 */
public final class PrivacyCommand {

  private static final String USAGE =
      """
      usage: erase --phone NUMBER     forgets the person in all instances; needs PROFILE_PIC_ERASURE_KEY, the services' own
             export --lead ID         prints everything that is held of the lead's person
      The database is that of PROFILE_PIC_DATABASE_URL, _USER and _PASSWORD, the user being who runs the migrations; without
      them local mode's. Photos in a bucket need the receiver's PROFILE_PIC_STORE_S3_... variables. Each of them may come as a
      file: PROFILE_PIC_DATABASE_PASSWORD_FILE names the file that holds the password.
      """;

  private final Connection connection;
  private final Environment environment;
  private final PrintStream out;
  private final PrintStream problems;

  PrivacyCommand(
      Connection connection, Environment environment, PrintStream out, PrintStream problems) {
    this.connection = connection;
    this.environment = environment;
    this.out = out;
    this.problems = problems;
  }

  public static void main(String[] arguments) {
    System.exit(run(List.of(arguments), new StandardEnvironment(), System.out, System.err));
  }

  static int run(
      List<String> arguments,
      ConfigurableEnvironment environment,
      PrintStream out,
      PrintStream problems) {
    if (!isCommand(arguments)) {
      problems.print(USAGE);
      return 2;
    }
    try {
      SecretFilesPostProcessor.addTo(environment);
    } catch (SecretFiles.UnreadableException unreadable) {
      problems.println(unreadable.getMessage() + ". " + unreadable.remedy());
      return 2;
    }
    try (var connection =
        DriverManager.getConnection(
            environment.getProperty(
                "PROFILE_PIC_DATABASE_URL", "jdbc:postgresql://127.0.0.1:54329/profile_pic"),
            environment.getProperty("PROFILE_PIC_DATABASE_USER", "postgres"),
            environment.getProperty("PROFILE_PIC_DATABASE_PASSWORD", ""))) {
      return new PrivacyCommand(connection, environment, out, problems).execute(arguments);
    } catch (SQLException failure) {
      problems.println("the database refused: " + failure.getMessage());
      return 1;
    }
  }

  /**
   * @return the process's status: 0 done, 1 not possible, 2 wrong usage
   */
  int execute(List<String> arguments) throws SQLException {
    if (!isCommand(arguments)) {
      problems.print(USAGE);
      return 2;
    }
    return arguments.getFirst().equals("erase")
        ? erase(arguments.get(2))
        : export(arguments.get(2));
  }

  private static boolean isCommand(List<String> arguments) {
    return arguments.size() == 3
        && List.of(List.of("erase", "--phone"), List.of("export", "--lead"))
            .contains(arguments.subList(0, 2));
  }

  private int erase(String text) throws SQLException {
    var region = environment.getProperty("PROFILE_PIC_PHONE_DEFAULT_REGION", "BR");
    var phone = PhoneNumber.parse(text, region);
    if (phone.isEmpty()) {
      problems.println(
          "--phone: is not a phone number; write it with its country code, such as +5562999212484");
      return 2;
    }
    @Nullable String secret = environment.getProperty("PROFILE_PIC_ERASURE_KEY");
    if (secret == null || secret.isBlank()) {
      problems.println(
          "PROFILE_PIC_ERASURE_KEY is required: with another key than the services' nobody would be recognised again");
      return 2;
    }
    ErasureKey key;
    try {
      key = new ErasureKey(secret);
    } catch (IllegalArgumentException wrong) {
      problems.println(wrong.getMessage());
      return 2;
    }
    var digits = phone.get().digits();
    // This is committed first: messages claimed from now on are not fetched.
    try (var bury = connection.prepareStatement("SELECT profile_pic.bury(?, NULL::text[])")) {
      bury.setArray(1, connection.createArrayOf("text", new String[] {key.digest(phone.get())}));
      bury.execute();
    }
    var person = new ErasedPerson(List.of(digits), lids(digits), List.of());
    try (var erase = connection.prepareStatement("SELECT profile_pic.erase_phone(?, ?, ?)")) {
      erase.setString(1, digits);
      erase.setString(2, "bin/erase");
      erase.setBytes(3, key.seal(person.toJson()));
      try (var row = erase.executeQuery()) {
        row.next();
        out.printf(
            "erased: %d leads. The workers clear the CRM's rows, the bridge and the bucket within moments.%n",
            row.getLong(1));
      }
    }
    return 0;
  }

  private List<String> lids(String digits) throws SQLException {
    try (var ask = connection.prepareStatement("SELECT unnest(profile_pic.lids_of(?))")) {
      ask.setString(1, digits);
      var lids = new ArrayList<String>();
      try (var rows = ask.executeQuery()) {
        while (rows.next()) {
          lids.add(rows.getString(1));
        }
      }
      return lids;
    }
  }

  private int export(String lead) throws SQLException {
    var json = JsonMapper.builder().build();
    ObjectNode data;
    try (var ask = connection.prepareStatement("SELECT profile_pic.person_data(?)")) {
      ask.setString(1, lead);
      try (var row = ask.executeQuery()) {
        row.next();
        @Nullable String text = row.getString(1);
        if (text == null) {
          problems.println("the CRM has no lead of this id, and nothing is held of it");
          return 1;
        }
        data = (ObjectNode) json.readTree(text);
      }
    }
    boolean complete;
    try (var store = store()) {
      complete = addPhotos(data, store);
    } catch (BindException | IllegalArgumentException wrong) {
      problems.println(
          String.valueOf(NestedExceptionUtils.getMostSpecificCause(wrong).getMessage()));
      return 2;
    }
    // This comes before anything is shown: no data is handed out without an entry in the audit log.
    try (var note =
        connection.prepareStatement(
            """
            SELECT profile_pic.note_deed('bin/export', 'lead_exported', NULL, profile_pic.lead_digest(id), NULL)
            FROM jsonb_array_elements_text(?::jsonb) AS id
            """)) {
      note.setString(1, data.path("leads").toString());
      note.execute();
    }
    out.println(json.writerWithDefaultPrettyPrinter().writeValueAsString(data));
    return complete ? 0 : 1;
  }

  private boolean addPhotos(ObjectNode data, PhotoStore store) throws SQLException {
    var photos = data.putArray("photos");
    boolean complete = true;
    try (var ask =
        connection.prepareStatement(
            """
            WITH leads AS (SELECT jsonb_array_elements_text(?::jsonb) AS id), photos AS (
              SELECT p.storage_key FROM profile_pic.pictures AS p JOIN leads ON leads.id = p.lead_id
              UNION
              -- Photos that were replaced, and not collected yet.
              SELECT h.storage_key FROM profile_pic.picture_history AS h JOIN leads ON leads.id = h.lead_id
            )
            SELECT a.storage_key, a.content_type, a.bytes
            FROM photos JOIN profile_pic.avatars AS a ON a.storage_key = photos.storage_key
            WHERE a.doomed_at IS NULL OR a.bytes IS NOT NULL
            ORDER BY a.created_at DESC, a.storage_key
            """)) {
      ask.setString(1, data.path("leads").toString());
      try (var rows = ask.executeQuery()) {
        while (rows.next()) {
          var photo = photos.addObject();
          var key = rows.getString(1);
          photo.put("storage_key", key).put("content_type", rows.getString(2));
          byte @Nullable [] bytes = rows.getBytes(3);
          try {
            photo.put(
                "base64",
                Base64.getEncoder()
                    .encodeToString(bytes != null ? bytes : store.bucket().read(key)));
          } catch (BucketException away) {
            problems.println("a photo is missing: " + away.getMessage());
            complete = false;
          }
        }
      }
    }
    return complete;
  }

  private PhotoStore store() {
    var binder = Binder.get(environment);
    return new PhotoStore(
        binder.bindOrCreate("profile-pic.store", StoreProperties.class),
        binder.bindOrCreate("profile-pic.store.s3", S3Properties.class));
  }
}
