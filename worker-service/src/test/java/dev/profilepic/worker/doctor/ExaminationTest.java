package dev.profilepic.worker.doctor;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;

/** A set-up that is well, until a test plants something into it. */
abstract class ExaminationTest {

  final SetUp setup = new SetUp();

  ExaminationTest() throws IOException {}

  @AfterEach
  void stop() {
    // What belongs to the whole server, and not to this test's database.
    setup.jdbc.execute(
        "SET transaction_read_only = off; ALTER ROLE profile_pic_worker LOGIN; ALTER ROLE profile_pic_owner BYPASSRLS; ALTER ROLE profile_pic_crm BYPASSRLS");
    setup.close();
  }
}
