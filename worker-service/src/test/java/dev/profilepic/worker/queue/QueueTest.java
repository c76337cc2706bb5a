package dev.profilepic.worker.queue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A fresh database for each test, with the queue's SQL on it. */
abstract class QueueTest {

  QueueFixture fixture;

  @BeforeEach
  void migrate() {
    fixture = new QueueFixture();
  }

  @AfterEach
  void drop() {
    fixture.close();
  }
}
