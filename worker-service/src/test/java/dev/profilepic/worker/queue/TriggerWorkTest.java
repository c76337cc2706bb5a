package dev.profilepic.worker.queue;

import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/**
 * The cost per lead of the triggers on the CRM's table. A CRM uses its sessions again, so a plan
 * that was made for a statement of one lead serves a statement of many.
 */
class TriggerWorkTest extends BatchCosts {

  TriggerWorkTest(Statistics statistics) {
    super(statistics);
  }

  @Override
  QueueFixture database() {
    return QueueFixture.withTriggers();
  }

  @Test
  void changedPhones() {
    assertCostsTheSame(size -> {
      leads(size + 1);
      return afterOneLead(
          "UPDATE public.leads SET phone = '5562988887777' WHERE id = (SELECT min(id::text)::uuid FROM public.leads)",
          "UPDATE public.leads SET phone = '5562977776666' WHERE id <> (SELECT min(id::text)::uuid FROM public.leads)");
    });
  }

  @Test
  void updatesThatChangeNoPhone() {
    assertCostsTheSame(size -> {
      leads(size + 1);
      return afterOneLead(
          "UPDATE public.leads SET phone = phone WHERE id = (SELECT min(id::text)::uuid FROM public.leads)",
          "UPDATE public.leads SET phone = phone");
    });
  }

  @Test
  void newLeads() {
    assertCostsTheSame(size -> {
      var insert =
          "INSERT INTO public.leads (phone, instance_id) SELECT '5562999212484', 'demo' FROM generate_series(1, %d)";
      return afterOneLead(insert.formatted(1), insert.formatted(size));
    });
  }

  @Test
  void leadsThatComeBack() {
    assertCostsTheSame(size -> {
      known(size + 1, LATER);
      fixture.jdbc.execute(
          """
          DROP TABLE IF EXISTS public.kept;
          CREATE TABLE public.kept AS SELECT id, phone FROM public.leads;
          DELETE FROM public.leads
          """);
      return afterOneLead(
          "INSERT INTO public.leads (id, phone) SELECT id, phone FROM public.kept ORDER BY id LIMIT 1",
          "INSERT INTO public.leads (id, phone) SELECT id, phone FROM public.kept ORDER BY id OFFSET 1");
    });
  }

  @Test
  void deletedLeads() {
    assertCostsTheSame(size -> {
      leads(size + 1);
      return afterOneLead(
          "DELETE FROM public.leads WHERE id = (SELECT min(id::text)::uuid FROM public.leads)",
          "DELETE FROM public.leads");
    });
  }

  /** Runs a statement of one lead and then, in the same session, one of many, whose cost counts. */
  private double afterOneLead(String one, String many) {
    try (var connection = counted.getConnection()) {
      var crm = new JdbcTemplate(new SingleConnectionDataSource(connection, true));
      crm.update(one);
      return counted.of(() -> crm.update(many));
    } catch (SQLException failure) {
      throw new IllegalStateException(failure);
    }
  }
}
