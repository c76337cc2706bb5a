package dev.profilepic.worker.doctor;

import dev.profilepic.contract.DatabaseConnection;
import dev.profilepic.contract.DatabaseConnectionPostProcessor;
import dev.profilepic.contract.SecretFilesPostProcessor;
import dev.profilepic.contract.UrlHost;
import dev.profilepic.migrations.LeadsTable;
import dev.profilepic.migrations.MigratorConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.config.ConfigDataEnvironmentPostProcessor;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Profiles;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * The services' settings, read as the services read them: the worker's own configuration over the
 * environment, and the environment variables of receiver and migrator.
 */
final class Settings {

  private static final String LOCAL_WEBHOOK_SECRET = "local-webhook-secret-for-bin-up";

  private final ConfigurableEnvironment environment;

  private Settings(ConfigurableEnvironment environment) {
    this.environment = environment;
  }

  /**
   * @param variables the environment variables
   */
  static Settings of(Map<String, String> variables) {
    var environment = new StandardEnvironment();
    environment
        .getPropertySources()
        .replace(
            StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
            new SystemEnvironmentPropertySource(
                StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
                new TreeMap<String, Object>(variables)));
    SecretFilesPostProcessor.addTo(environment);
    // A missing setting is a finding, and does not end the doctor.
    environment.setIgnoreUnresolvableNestedPlaceholders(true);
    ConfigDataEnvironmentPostProcessor.applyTo(environment);
    DatabaseConnectionPostProcessor.addTo(environment);
    return new Settings(environment);
  }

  ConfigurableEnvironment environment() {
    return environment;
  }

  boolean isLocal() {
    return environment.acceptsProfiles(Profiles.of("local"));
  }

  String databaseUrl() {
    return text("spring.datasource.url");
  }

  String databaseUser() {
    return text("spring.datasource.username");
  }

  String databasePassword() {
    return text("spring.datasource.password");
  }

  /**
   * Returns the configured kind of connection; empty for a word with which the services do not
   * start.
   */
  Optional<DatabaseConnection> connection() {
    return DatabaseConnectionPostProcessor.of(environment);
  }

  int prepareThreshold() {
    return environment.getProperty("PROFILE_PIC_DATABASE_PREPARE_THRESHOLD", Integer.class, 5);
  }

  boolean listens() {
    return environment.getProperty("profile-pic.worker.listen", Boolean.class, true);
  }

  /** Returns the url for migrations, if it is not the services' own url; empty otherwise. */
  String migrationsUrl() {
    return text(MigratorConnection.URL);
  }

  /** Returns the number that a variable or property holds. */
  int number(String name, int otherwise) {
    return environment.getProperty(name, Integer.class, otherwise);
  }

  int pace() {
    return environment.getProperty("profile-pic.worker.pace-per-minute", Integer.class, 60);
  }

  /** Returns the receiver's url for browsers. */
  String baseUrl() {
    return withoutSlash(text("profile-pic.avatars.base-url"));
  }

  /**
   * Returns the url for probes. It is the senders' url, unless that url leads to the receiver's own
   * machine and the doctor runs on another machine.
   */
  String probeUrl() {
    var own = withoutSlash(text("PROFILE_PIC_DOCTOR_RECEIVER_URL"));
    return own.isEmpty() || !isLoopback(baseUrl()) ? baseUrl() : own;
  }

  String receiverHealthUrl() {
    return orElse(text("PROFILE_PIC_DOCTOR_RECEIVER_HEALTH_URL"), "http://127.0.0.1:9080");
  }

  String workerHealthUrl() {
    return orElse(text("PROFILE_PIC_DOCTOR_WORKER_HEALTH_URL"), "http://127.0.0.1:9081");
  }

  String bridgeUrl() {
    return withoutSlash(text("profile-pic.bridge.url"));
  }

  String bridgeToken() {
    return text("profile-pic.bridge.token");
  }

  /**
   * Returns the kind of gateway that is asked for the pictures of instances without their own
   * gateway.
   */
  String sourceKind() {
    return orElse(text("profile-pic.sources.of-all-others.kind"), "bridge");
  }

  String defaultInstance() {
    return text("profile-pic.default-instance");
  }

  String defaultRegion() {
    return orElse(text("profile-pic.phone.default-region"), "BR");
  }

  /** Returns the secret with which our bridge signs. */
  String webhookSecret() {
    var local =
        "whsec_"
            + Base64.getEncoder()
                .encodeToString(LOCAL_WEBHOOK_SECRET.getBytes(StandardCharsets.US_ASCII));
    return orElse(text("PROFILE_PIC_WEBHOOK_SECRET_BAILEYS"), isLocal() ? local : "");
  }

  String bootstrapKey() {
    return orElse(text("PROFILE_PIC_BOOTSTRAP_KEY"), isLocal() ? "local-dev-key" : "");
  }

  /** Returns the configured key; empty in local mode, which has its own key. */
  String bootstrapKeyOutsideLocal() {
    return isLocal() ? "" : bootstrapKey();
  }

  /** Returns the names of the CRM's table and columns, as the migrator is configured. */
  LeadsTable leads() {
    return Binder.get(environment).bindOrCreate("profile-pic.leads", LeadsTable.class);
  }

  /** Returns the password of a service's role; null when the doctor does not know it. */
  @Nullable String passwordOf(String role) {
    var name =
        role.equals("profile_pic_receiver")
            ? "RECEIVER_DATABASE_PASSWORD"
            : "WORKER_DATABASE_PASSWORD";
    return environment.getProperty(name);
  }

  /** Returns a property's value; empty when it is not set. */
  String text(String property) {
    @Nullable String value = environment.getProperty(property);
    return value == null || value.startsWith("${") ? "" : value.strip();
  }

  /** Returns whether a url leads to this machine only. */
  static boolean isLoopback(String url) {
    @Nullable String host = host(url);
    return host != null
        && (host.equals("localhost")
            || host.endsWith(".localhost")
            || host.startsWith("127.")
            || host.equals("[::1]")
            || host.equals("0.0.0.0"));
  }

  static @Nullable String host(String url) {
    try {
      return UrlHost.of(URI.create(url));
    } catch (IllegalArgumentException notAUrl) {
      return null;
    }
  }

  private static String orElse(String text, String otherwise) {
    return text.isEmpty() ? otherwise : text;
  }

  private static String withoutSlash(String url) {
    return url.replaceFirst("/+$", "");
  }
}
