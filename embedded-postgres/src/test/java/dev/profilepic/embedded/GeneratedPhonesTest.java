package dev.profilepic.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Phones in a generated column. From PostgreSQL 18 on such a column is virtual unless it says
 * STORED, and a trigger's rows do not hold its value.
 */
class GeneratedPhonesTest {

  private final Crm crm = new Crm();

  @BeforeEach
  void migrate() throws SQLException {
    // "sent" and "ids" are names of variables in the triggers.
    crm.execute(
        """
        CREATE TABLE public.leads (id bigint PRIMARY KEY, sent text, ids text,
          phone text GENERATED ALWAYS AS ('55' || sent) %1$s, instance_id text GENERATED ALWAYS AS (lower(ids)) %1$s)
        """
            .formatted(kind()));
    crm.migrate();
  }

  @AfterEach
  void drop() {
    crm.close();
  }

  @Test
  void newLeadsAndChangedPhonesAreAnnounced() throws SQLException {
    crm.execute(
        "INSERT INTO public.leads (id, sent, ids) VALUES (1, '62999212484', 'DEMO'), (2, '62999212485', 'DEMO')");
    crm.execute("UPDATE public.leads SET sent = '62988887777' WHERE id = 2");
    crm.execute("UPDATE public.leads SET ids = 'OTHER' WHERE id = 1");

    assertThat(messages())
        .containsExactly("1 5562999212484 demo", "2 5562999212485 demo", "2 5562988887777 demo");
    assertThat(crm.column("SELECT suffix FROM profile_pic.lead_phones ORDER BY lead_id"))
        .containsExactly("99212484", "88887777");
  }

  @Test
  void anExpressionThatChangedAfterTheMigrationIsNotGuessed() throws SQLException {
    crm.execute(
        """
        ALTER TABLE public.leads DROP COLUMN phone;
        ALTER TABLE public.leads ADD COLUMN phone text GENERATED ALWAYS AS ('351' || sent) %s;
        INSERT INTO public.leads (id, sent) VALUES (1, '912345678')
        """
            .formatted(kind()));
    if (kind().equals("VIRTUAL")) {
      assertThat(messages()).isEmpty();
    }

    crm.migrate();
    crm.execute("INSERT INTO public.leads (id, sent) VALUES (2, '912345679')");

    assertThat(messages()).last().isEqualTo("2 351912345679");
  }

  private String kind() throws SQLException {
    return crm.column("SELECT current_setting('server_version_num')::integer >= 180000")
            .contains("t")
        ? "VIRTUAL"
        : "STORED";
  }

  private List<String> messages() throws SQLException {
    return crm.column(
        "SELECT concat_ws(' ', message ->> 'lead_id', message ->> 'phone', message ->> 'instance_id') FROM pgmq.q_profile_pic_queue ORDER BY msg_id");
  }
}
