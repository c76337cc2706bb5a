package dev.profilepic.receiver.idempotency;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** The table of idempotency keys and their answers. */
@Component
class KeptAnswers {

  private static final Logger log = LoggerFactory.getLogger(KeptAnswers.class);

  /** An idempotency key of a caller. */
  record Key(String caller, String text) {}

  /** The state of a key. */
  sealed interface Found {

    /** The key is unused: the call goes on. */
    record Taken() implements Found {}

    /** The call was answered before. */
    record Answered(int status, String contentType, byte[] body) implements Found {}

    /** The same call is being worked. */
    record Busy() implements Found {}

    /** The key was used for another call. */
    record Other() implements Found {}
  }

  /** Senders that repeat a call do so within a day. */
  private static final Duration KEPT = Duration.ofDays(1);

  private final JdbcClient jdbc;

  KeptAnswers(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  Found take(Key key, byte[] fingerprint) {
    return jdbc.sql("SELECT * FROM profile_pic.take_idempotency_key(?, ?, ?, ? * interval '1 ms')")
        .params(key.caller(), key.text(), fingerprint, KEPT.toMillis())
        .query(KeptAnswers::found)
        .single();
  }

  void keep(Key key, Found.Answered answer) {
    jdbc.sql("SELECT 1 FROM profile_pic.answer_idempotency_key(?, ?, ?, ?, ?)")
        .params(key.caller(), key.text(), answer.status(), answer.contentType(), answer.body())
        .query(Integer.class)
        .list();
  }

  void giveBack(Key key) {
    jdbc.sql("SELECT 1 FROM profile_pic.drop_idempotency_key(?, ?)")
        .params(key.caller(), key.text())
        .query(Integer.class)
        .list();
  }

  @Scheduled(fixedDelay = 60_000, initialDelay = 60_000)
  void forgetOldOnes() {
    try {
      jdbc.sql("SELECT 1 FROM profile_pic.forget_idempotency_keys(? * interval '1 ms')")
          .param(KEPT.toMillis())
          .query(Integer.class)
          .list();
    } catch (DataAccessException away) {
      log.debug("old idempotency keys stay for now: {}", away.getMessage());
    }
  }

  private static Found found(ResultSet row, int number) throws SQLException {
    return switch (row.getString("verdict")) {
      case "taken" -> new Found.Taken();
      case "answered" ->
          new Found.Answered(
              row.getInt("status"), row.getString("content_type"), row.getBytes("body"));
      case "other" -> new Found.Other();
      default -> new Found.Busy();
    };
  }
}
