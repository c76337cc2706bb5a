package dev.profilepic.receiver.tenants;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.receiver.support.Http.Answer;
import dev.profilepic.receiver.tenants.Tenant.Owned;
import dev.profilepic.receiver.tenants.TenantRoutes.Call;
import dev.profilepic.receiver.tenants.TenantRoutes.Row;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import org.yaml.snakeyaml.Yaml;

/**
 * Calls every route with a key for one instance, for that instance's items, another instance's
 * items and items without an owner. Also calls the route with a key for all instances. A route
 * without a row in {@link TenantRoutes} fails.
 */
class TenantsTest extends BoundKeyTest {

  @Autowired private RequestMappingHandlerMapping requestMappingHandlerMapping;

  @Test
  void everyRouteHasARow() {
    var rows =
        TenantRoutes.ROWS.stream().map(Row::route).collect(Collectors.toCollection(TreeSet::new));

    assertThat(rows).isEqualTo(mapped());
    assertThat(rows).containsAll(described());
  }

  @TestFactory
  Stream<DynamicTest> whatIsNotTheCallersDoesNotExistForIt() {
    return TenantRoutes.ROWS.stream()
        .flatMap(row ->
            switch (row) {
              case Row.Names names ->
                  Stream.of(Owned.BY_THE_CRM, Owned.ON_RECORD)
                      .map(owned -> test(row, owned.name(), () -> check(names, owned)));
              case Row.NamesInstance names ->
                  Stream.of(test(row, "instance", () -> check(names.call(), Owned.BY_THE_CRM)));
              case Row.Lists lists -> Stream.of(test(row, "list", () -> check(lists)));
              case Row.UnboundOnly only -> Stream.of(test(row, "unbound", () -> check(only)));
              case Row.Open open -> Stream.of();
            });
  }

  private void check(Row.Names row, Owned owned) {
    check(row.call(), owned);
    var nobodys = Tenant.create(jdbc, "of_nobody_" + UUID.randomUUID(), Owned.BY_NOBODY);
    var before = nobodys.traces(jdbc);
    var missing = Tenant.missing();

    var answer = row.call().by(bound(), nobodys);

    if (row.nobodys()) {
      assertSucceeded(answer);
    } else {
      assertSame(answer, nobodys, row.call().by(bound(), missing), missing);
      assertThat(nobodys.traces(jdbc)).isEqualTo(before);
      assertSucceeded(row.call().by(http, nobodys));
    }
  }

  private void check(Call call, Owned owned) {
    var own = Tenant.create(jdbc, boundTo, owned);
    var foreign = Tenant.create(jdbc, "foreign_" + UUID.randomUUID(), owned);
    var missing = Tenant.missing();
    var before = foreign.traces(jdbc);

    var ofForeign = call.by(bound(), foreign);
    var ofMissing = call.by(bound(), missing);

    assertSame(ofForeign, foreign, ofMissing, missing);
    assertThat(foreign.traces(jdbc)).as("what became of it").isEqualTo(before);
    var ofOwn = call.by(bound(), own);
    assertSucceeded(ofOwn);
    assertThat(own.anonymous(ofOwn.text())).isNotEqualTo(missing.anonymous(ofMissing.text()));
    assertSucceeded(call.by(http, foreign));
  }

  private void check(Row.UnboundOnly row) {
    assertThat(bound().get(row.path()).status()).isEqualTo(403);
    assertSucceeded(http.get(row.path()));
  }

  private void check(Row.Lists row) {
    var own = Tenant.create(jdbc, boundTo, Owned.BY_THE_CRM);
    var recorded = Tenant.create(jdbc, boundTo, Owned.ON_RECORD);
    var foreign = Tenant.create(jdbc, "foreign_" + UUID.randomUUID(), Owned.BY_THE_CRM);
    var elses = Tenant.create(jdbc, "foreign_" + UUID.randomUUID(), Owned.ON_RECORD);
    var nobodys = Tenant.create(jdbc, "of_nobody_" + UUID.randomUUID(), Owned.BY_NOBODY);

    var seen = bound().get(row.path());

    assertSucceeded(seen);
    assertThat(seen.text())
        .contains(row.mark().apply(own), row.mark().apply(recorded))
        .doesNotContain(row.mark().apply(foreign))
        .doesNotContain(row.mark().apply(elses))
        .doesNotContain(row.mark().apply(nobodys));
    assertThat(http.get(row.path()).text())
        .contains(Stream.of(own, foreign, elses, nobodys).map(row.mark()).toArray(String[]::new));
  }

  private static DynamicTest test(
      Row row, String variant, org.junit.jupiter.api.function.Executable check) {
    return DynamicTest.dynamicTest(row.route() + " " + variant, check);
  }

  private static void assertSame(Answer one, Tenant ofOne, Answer other, Tenant ofOther) {
    assertThat(one.status()).as(one.text()).isEqualTo(other.status());
    assertThat(ofOne.anonymous(one.text())).isEqualTo(ofOther.anonymous(other.text()));
  }

  private TreeSet<String> mapped() {
    var routes = new TreeSet<String>();
    requestMappingHandlerMapping
        .getHandlerMethods()
        .forEach((info, handler) ->
            info.getMethodsCondition()
                .getMethods()
                .forEach(method ->
                    info.getPatternValues()
                        .forEach(path ->
                            routes.add(method.name().toLowerCase(Locale.ROOT) + " " + path))));
    // ConsoleRightsTest covers the pages of the console.
    routes.removeIf(route -> route.endsWith(" /") || route.contains(" /console/"));
    return routes;
  }

  @SuppressWarnings("unchecked")
  private TreeSet<String> described() {
    var document = new Yaml().<Map<String, Object>>load(http.get("/openapi.yaml").text());
    var routes = new TreeSet<String>();
    Objects.requireNonNull((Map<String, Map<String, Object>>) document.get("paths"))
        .forEach((path, item) ->
            item.keySet().stream()
                .filter(List.of("get", "post", "patch", "put", "delete")::contains)
                .forEach(method -> routes.add(method + " " + path)));
    return routes;
  }
}
