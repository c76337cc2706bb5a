package dev.profilepic.worker.doctor;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;

/** A healthy set-up, until a test plants a fault into it. */
abstract class ExaminationTest {

  final SetUp setup = new SetUp();

  ExaminationTest() throws IOException {}

  @AfterEach
  void stop() {
    // These settings belong to the whole server, and not only to this test's database.
    setup.jdbc.execute(
        "SET transaction_read_only = off; ALTER ROLE profile_pic_worker LOGIN; ALTER ROLE profile_pic_owner BYPASSRLS; ALTER ROLE profile_pic_crm BYPASSRLS");
    setup.close();
  }
}
