package dev.profilepic.receiver.support;

import dev.profilepic.embedded.TestDatabase;
import dev.profilepic.migrations.LeadsTable;

/** Databases as a CRM's are: with our triggers on its table. */
public final class CrmDatabase {

  private CrmDatabase() {}

  public static LeadsTable leads(boolean trigger) {
    return new LeadsTable(
        "public.leads",
        "id",
        "phone",
        "instance_id",
        "profile_pic_url",
        "profile_pic_storage_path",
        "updated_at",
        "name",
        trigger,
        true);
  }

  public static TestDatabase withTrigger() {
    return TestDatabase.migratedWithTriggers();
  }
}
