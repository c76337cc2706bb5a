package dev.profilepic.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.YamlPropertiesFactoryBean;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.type.filter.AnnotationTypeFilter;
import org.yaml.snakeyaml.Yaml;

/**
 * Compares the properties of a service with their table in docs/configuration.md, and with the
 * files for containers. The services' tests call this class, because each service sees its own
 * classes only.
 */
public final class ConfigurationDoc {

  private static final Path ROOT = Path.of("..");
  private static final Path TABLE = ROOT.resolve("docs/configuration.md");
  private static final Pattern ROW =
      Pattern.compile("\\| `([^`]+)` \\| ([a-z, ]+) \\|([^|]*)\\|([^|]*)\\|[^|]*\\|");
  private static final Pattern PLACEHOLDER =
      Pattern.compile("\\$\\{(PROFILE_PIC_[A-Z0-9_]+)(?::([^}]*))?}");

  private final String service;
  private final List<String> packages;

  /**
   * @param service its name in the table
   * @param packages the packages of its properties
   */
  public ConfigurationDoc(String service, String... packages) {
    this.service = service;
    this.packages = List.of(packages);
  }

  /**
   * The description of a property.
   *
   * @param environment its shorter name; empty when it has none
   * @param value its default; empty when there is none
   */
  public record Said(String environment, String value) {}

  /**
   * Compares the table with the code, and the files for containers with both.
   *
   * @return each contradiction, in words; empty when there is none
   */
  public List<String> contradictions() throws Exception {
    var found = new ArrayList<String>();
    var documented = documented();
    var actual = actual();
    var names = new TreeSet<>(documented.keySet());
    names.addAll(actual.keySet());
    for (var name : names) {
      var inTable = documented.get(name);
      var inCode = actual.get(name);
      if (!Objects.equals(inTable, inCode)) {
        found.add(
            "%s: the table has %s, the code has %s"
                .formatted(name, orNothing(inTable), orNothing(inCode)));
      }
    }
    for (var parameter : undescribed()) {
      found.add(parameter + ": its record has no @param");
    }
    var page = Files.readString(TABLE);
    for (var name : shorterNames()) {
      if (!page.contains("`" + name + "`")) {
        found.add(name + ": the page does not name it");
      }
    }
    for (var file : List.of("docker-compose.yml", "deploy/stack.yml")) {
      for (var name : ignored(file)) {
        found.add(name + ": " + file + " sets it, and the service ignores it");
      }
    }
    return found;
  }

  private static Object orNothing(@Nullable Said said) {
    return said == null ? "nothing" : said;
  }

  /** Reads the descriptions of the service's properties from the table. */
  public Map<String, Said> documented() throws IOException {
    var documented = new TreeMap<String, Said>();
    for (var line : Files.readAllLines(TABLE)) {
      var row = ROW.matcher(line);
      if (row.matches() && List.of(row.group(2).split(", ", -1)).contains(service)) {
        var said = new Said(plain(row.group(3)), plain(row.group(4)));
        if (documented.put(row.group(1), said) != null) {
          throw new IllegalStateException("twice in the table: " + row.group(1));
        }
      }
    }
    return documented;
  }

  private static String plain(String cell) {
    var text = cell.replace("`", "").strip();
    return text.equals("required") || text.equals("none") ? "" : text;
  }

  /** Reads the descriptions of the properties from the code and from {@code application.yaml}. */
  private Map<String, Said> actual() throws Exception {
    var actual = new TreeMap<String, Said>();
    defaults().forEach((name, value) -> actual.put(name, new Said("", value)));
    var ofMaps = List.copyOf(actual.keySet());
    settings()
        .forEach((name, value) -> {
          var variable = PLACEHOLDER.matcher(value);
          boolean partOfAMap = ofMaps.stream().anyMatch(it -> name.startsWith(it + "."));
          if (variable.matches() && !partOfAMap) {
            actual.put(
                name,
                new Said(variable.group(1), variable.group(2) == null ? "" : variable.group(2)));
          }
        });
    return actual;
  }

  /**
   * Returns the properties of our classes, with the defaults of the parameters that they are bound
   * to.
   */
  public Map<String, String> defaults() throws Exception {
    var defaults = new TreeMap<String, String>();
    for (var type : types()) {
      addDefaults(type.getAnnotation(ConfigurationProperties.class).value(), type, defaults);
    }
    return defaults;
  }

  /** Adds the defaults of a class. A record that the table has as one row is not taken apart. */
  private void addDefaults(String prefix, Class<?> type, Map<String, String> defaults)
      throws IOException {
    for (var parameter : type.getDeclaredConstructors()[0].getParameters()) {
      var name = prefix + "." + kebab(parameter.getName());
      if (parameter.getType().isRecord() && !documented().containsKey(name)) {
        addDefaults(name, parameter.getType(), defaults);
      } else {
        var value = parameter.getAnnotation(DefaultValue.class);
        defaults.put(name, value == null ? "" : String.join(", ", value.value()));
      }
    }
  }

  private List<Class<?>> types() throws ClassNotFoundException {
    var scanner = new ClassPathScanningCandidateComponentProvider(false);
    scanner.addIncludeFilter(new AnnotationTypeFilter(ConfigurationProperties.class));
    var types = new ArrayList<Class<?>>();
    for (var root : packages) {
      for (var found : scanner.findCandidateComponents(root)) {
        types.add(Class.forName(found.getBeanClassName()));
      }
    }
    return types;
  }

  /** Returns the parameters without a {@code @param} in the source of their class. */
  private Set<String> undescribed() throws Exception {
    var missing = new TreeSet<String>();
    for (var type : types()) {
      var source = Files.readString(source(type));
      for (var parameter : type.getDeclaredConstructors()[0].getParameters()) {
        if (!source.contains("@param " + parameter.getName() + " ")) {
          missing.add(type.getSimpleName() + "." + parameter.getName());
        }
      }
    }
    return missing;
  }

  private static Path source(Class<?> type) throws IOException {
    var file = type.getName().replaceAll("\\$.*", "").replace('.', '/') + ".java";
    try (var modules = Files.list(ROOT)) {
      return modules
          .map(module -> module.resolve("src/main/java").resolve(file))
          .filter(Files::exists)
          .findFirst()
          .orElseThrow();
    }
  }

  /** Returns the shorter names that {@code application.yaml} gives to properties. */
  private Set<String> shorterNames() {
    return settings().values().stream()
        .flatMap(value -> PLACEHOLDER.matcher(value).results().map(found -> found.group(1)))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /**
   * Returns the variables that a file for containers gives to the service and that the service
   * ignores.
   */
  private Set<String> ignored(String file) throws Exception {
    Object found = new Yaml().load(Files.readString(ROOT.resolve(file)));
    for (var step : List.of("services", service, "environment")) {
      found = Objects.requireNonNull(((Map<?, ?>) found).get(step), step);
    }
    var read = new TreeSet<>(shorterNames());
    actual().keySet().forEach(name -> read.add(variable(name)));
    return ((Map<?, ?>) found)
        .keySet().stream()
            .map(Object::toString)
            .filter(name -> name.startsWith("PROFILE_PIC_"))
            .filter(name -> !read.contains(name.replaceAll("_FILE$", "")))
            .collect(Collectors.toCollection(TreeSet::new));
  }

  /** Returns the environment variable that sets a property. */
  public static String variable(String property) {
    return property.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
  }

  private static String kebab(String name) {
    return name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }

  private static Map<String, String> settings() {
    var yaml = new YamlPropertiesFactoryBean();
    yaml.setResources(new ClassPathResource("application.yaml"));
    var properties = Objects.requireNonNull(yaml.getObject());
    var settings = new TreeMap<String, String>();
    for (var name : properties.stringPropertyNames()) {
      settings.put(name, properties.getProperty(name));
    }
    return settings;
  }
}
