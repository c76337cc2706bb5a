package dev.profilepic.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The CRM's row is written after the settle. The ledger must not report the row as lost too early,
 * and must report a row that is never written.
 */
class LedgerTest {

  private Stage stage;
  private Crm.Lead lead;

  @BeforeEach
  void storeAPhoto() throws IOException {
    stage = Stage.open();
    lead = stage.crm.request(1).getFirst();
    stage.jdbc.update(
        """
        INSERT INTO profile_pic.picture_history (message_id, lead_id, outcome, state)
        SELECT msg_id, ?, 'STORED', 'STORED' FROM pgmq.q_profile_pic_queue
        """,
        lead.id());
    stage.jdbc.update("DELETE FROM pgmq.q_profile_pic_queue");
  }

  @AfterEach
  void close() throws Exception {
    stage.close();
  }

  @Test
  void aLeadWhoseRowIsStillToBeWrittenIsNeitherLostNorSettled() {
    stage.jdbc.update("INSERT INTO profile_pic.lead_writes (lead_id) VALUES (?)", lead.id());

    var balance = stage.ledger.balance();

    assertThat(balance.done()).isEqualTo(1);
    assertThat(balance.lost()).isZero();
    assertThat(balance.writes()).isEqualTo(1);
    assertThat(balance.isSettled()).isFalse();
  }

  @Test
  void aLeadWhoseRowNobodyWritesIsLost() {
    assertThat(stage.ledger.balance().lost()).isEqualTo(1);
  }

  @Test
  void aLeadWhoseRowIsWrittenIsSettled() {
    stage.jdbc.update(
        "UPDATE public.leads SET profile_pic_url = 'https://a' WHERE id = ?::uuid", lead.id());

    var balance = stage.ledger.balance();

    assertThat(balance.lost()).isZero();
    assertThat(balance.isSettled()).isTrue();
  }
}
