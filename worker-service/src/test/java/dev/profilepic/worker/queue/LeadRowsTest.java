package dev.profilepic.worker.queue;

import org.jspecify.annotations.Nullable;

/** Leads whose photo is stored, and whose rows the CRM changes. */
abstract class LeadRowsTest extends QueueTest {

  static final byte[] BYTES = {1, 2, 3};
  static final String OTHER_PHONE = "5511988887777";

  /** Adds a lead whose photo is stored and whose row is written or not. */
  String stored(String sha256, boolean written) {
    var lead = fixture.lead();
    fixture.enqueue(lead);
    var result = Results.stored(fixture.claimOne(), sha256, BYTES);
    if (written) {
      fixture.settle(result);
    } else {
      fixture.settleOnly(result);
    }
    return lead;
  }

  void writeDue() {
    fixture.jdbc.update("UPDATE profile_pic.lead_writes SET next_at = now()");
    fixture.leads.write(fixture.leads.due(100));
  }

  void changePhone(String lead, String phone) {
    fixture.jdbc.update("UPDATE public.leads SET phone = ? WHERE id = ?::uuid", phone, lead);
  }

  @Nullable Object url(String lead) {
    return fixture.leadRow(lead).get("profile_pic_url");
  }
}
