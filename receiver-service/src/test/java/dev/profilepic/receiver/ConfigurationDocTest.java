package dev.profilepic.receiver;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.config.YamlPropertiesFactoryBean;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.type.filter.AnnotationTypeFilter;

/**
 * docs/configuration.md says of every property of this service what the code says, and of no other.
 */
class ConfigurationDocTest {

  private static final String SERVICE = "receiver";
  private static final Pattern ROW =
      Pattern.compile("\\| `([^`]+)` \\| ([a-z, ]+) \\|([^|]*)\\|([^|]*)\\|[^|]*\\|");
  private static final Pattern VARIABLE =
      Pattern.compile("\\$\\{(PROFILE_PIC_[A-Z0-9_]+)(?::([^}]*))?}");

  /**
   * What is said of a property.
   *
   * @param environment its shorter name; empty when it has none
   * @param value its default; empty when there is none
   */
  private record Said(String environment, String value) {}

  @Test
  void theTableIsWhatTheCodeSays() throws Exception {
    assertThat(documented(SERVICE)).containsExactlyInAnyOrderEntriesOf(actual());
  }

  @Test
  void soIsThatOfTheMigrator() throws Exception {
    var values = new TreeMap<String, String>();
    documented("migrator").forEach((name, said) -> values.put(name, said.value()));

    assertThat(values).containsExactlyInAnyOrderEntriesOf(defaults("dev.profilepic.migrations"));
  }

  @Test
  void everyShorterNameIsInTheTable() throws IOException {
    var text = Files.readString(Path.of("../docs/configuration.md"));

    settings().values().stream()
        .flatMap(value -> VARIABLE.matcher(value).results().map(found -> found.group(1)))
        .forEach(name -> assertThat(text).contains("`" + name + "`"));
  }

  private static Map<String, Said> documented(String service) throws IOException {
    var documented = new TreeMap<String, Said>();
    for (var line : Files.readAllLines(Path.of("../docs/configuration.md"))) {
      var row = ROW.matcher(line);
      if (row.matches() && List.of(row.group(2).split(", ", -1)).contains(service)) {
        var said = new Said(plain(row.group(3)), plain(row.group(4)));
        assertThat(documented.put(row.group(1), said)).as("twice: " + row.group(1)).isNull();
      }
    }
    return documented;
  }

  private static String plain(String cell) {
    var text = cell.replace("`", "").strip();
    return text.equals("required") || text.equals("none") ? "" : text;
  }

  private static Map<String, Said> actual() throws ClassNotFoundException {
    var defaults = defaults("dev.profilepic.receiver");
    defaults.putAll(defaults("dev.profilepic.store"));
    defaults.putAll(defaults("dev.profilepic.contract"));
    var actual = new TreeMap<String, Said>();
    defaults.forEach((name, value) -> actual.put(name, new Said("", value)));
    settings()
        .forEach((name, value) -> {
          var variable = VARIABLE.matcher(value);
          boolean partOfAMap = defaults.keySet().stream().anyMatch(it -> name.startsWith(it + "."));
          if (variable.matches() && !partOfAMap) {
            actual.put(
                name,
                new Said(variable.group(1), variable.group(2) == null ? "" : variable.group(2)));
          }
        });
    return actual;
  }

  /** The properties of our records, with the defaults of their components. */
  private static Map<String, String> defaults(String base) throws ClassNotFoundException {
    var scanner = new ClassPathScanningCandidateComponentProvider(false);
    scanner.addIncludeFilter(new AnnotationTypeFilter(ConfigurationProperties.class));
    var defaults = new TreeMap<String, String>();
    for (var found : scanner.findCandidateComponents(base)) {
      var type = Class.forName(found.getBeanClassName());
      var prefix = type.getAnnotation(ConfigurationProperties.class).value();
      addDefaults(prefix, type, defaults);
    }
    return defaults;
  }

  private static void addDefaults(String prefix, Class<?> type, Map<String, String> defaults) {
    for (var parameter : constructor(type).getParameters()) {
      var name = prefix + "." + kebab(parameter.getName());
      if (parameter.getType().isRecord()) {
        addDefaults(name, parameter.getType(), defaults);
      } else {
        var value = parameter.getAnnotation(DefaultValue.class);
        defaults.put(name, value == null ? "" : String.join(", ", value.value()));
      }
    }
  }

  private static java.lang.reflect.Constructor<?> constructor(Class<?> type) {
    return Arrays.stream(type.getDeclaredConstructors()).findFirst().orElseThrow();
  }

  private static String kebab(String name) {
    return name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }

  private static Map<String, String> settings() {
    var yaml = new YamlPropertiesFactoryBean();
    yaml.setResources(new ClassPathResource("application.yaml"));
    var settings = new TreeMap<String, String>();
    var properties = yaml.getObject();
    assertThat(properties).isNotNull();
    for (var name : new ArrayList<>(properties.stringPropertyNames())) {
      settings.put(name, properties.getProperty(name));
    }
    return settings;
  }
}
