package dev.profilepic.embedded;

import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A CRM with a table of one lead, before our migrations. */
abstract class CrmTest {

  final Crm crm = new Crm();

  @BeforeEach
  void create() throws SQLException {
    crm.execute(
        "CREATE TABLE public.leads (id bigint PRIMARY KEY, phone text); INSERT INTO public.leads VALUES (1, '5562999212484')");
  }

  @AfterEach
  void drop() throws SQLException {
    crm.close();
  }

  interface Steps {
    void run() throws SQLException;
  }

  /**
   * Runs steps without BYPASSRLS and then restores the right, because other tests share the
   * server's roles.
   */
  void withoutBypass(Steps steps) throws SQLException {
    crm.execute(
        "DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'profile_pic_owner') THEN ALTER ROLE profile_pic_owner NOBYPASSRLS; ALTER ROLE profile_pic_crm NOBYPASSRLS; END IF; END $$");
    try {
      steps.run();
    } finally {
      crm.execute("ALTER ROLE profile_pic_owner BYPASSRLS; ALTER ROLE profile_pic_crm BYPASSRLS");
    }
  }
}
