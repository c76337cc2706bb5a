package dev.profilepic.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.migrations.MigrationsAutoConfiguration;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;

/**
 * Compares versioned migrations with their recorded checksums ({@code versioned-migrations.txt}). A
 * database that has applied a migration keeps its checksum, and refuses to continue when the file
 * has another checksum.
 */
class VersionedMigrationsTest {

  @Test
  void noneIsEverChanged() {
    var found = found();
    recorded()
        .forEach((version, checksum) ->
            assertThat(found.get(version))
                .as(
                    "V%s was changed, renamed or removed. A database that has applied it would refuse to migrate and to start: restore it, and write a new migration",
                    version)
                .isEqualTo(checksum));
  }

  @Test
  void eachIsRecorded() {
    var unrecorded = found();
    recorded().keySet().forEach(unrecorded::remove);

    assertThat(unrecorded)
        .as("add new migrations to versioned-migrations.txt, as \"version checksum\"")
        .isEmpty();
  }

  private static Map<String, String> found() {
    try (var database = TestDatabase.empty()) {
      var flyway =
          MigrationsAutoConfiguration.configure(
                  Flyway.configure(), Crm.leads("public.leads", "id", true, false))
              .dataSource(database.dataSource())
              .load();
      return Stream.of(flyway.info().all())
          .filter(migration -> migration.getVersion() != null)
          .collect(
              Collectors.toMap(
                  migration -> migration.getVersion().getVersion(),
                  migration -> String.valueOf(migration.getChecksum()),
                  (one, other) -> one,
                  TreeMap::new));
    }
  }

  private static Map<String, String> recorded() {
    try (var in = VersionedMigrationsTest.class.getResourceAsStream("/versioned-migrations.txt")) {
      if (in == null) {
        throw new IllegalStateException("versioned-migrations.txt is missing");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .map(line -> line.split(" ", 2))
          .collect(Collectors.toMap(line -> line[0], line -> line[1]));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
