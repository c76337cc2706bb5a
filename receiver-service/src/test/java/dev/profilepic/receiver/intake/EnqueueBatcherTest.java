package dev.profilepic.receiver.intake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.receiver.support.ReceiverTest;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

class EnqueueBatcherTest extends ReceiverTest {

  @Autowired private DataSource dataSource;

  @Test
  void everyCallerGetsTheReceiptOfItsOwnEvent() throws Exception {
    var leads = IntStream.range(0, 300).mapToObj(i -> newLead("5562999212484")).toList();

    var answers =
        inParallel(leads.stream().map(lead -> (Callable<String>) () -> post(lead)).toList());

    assertThat(answers).containsExactlyElementsOf(leads);
    assertThat(leads).allSatisfy(lead -> assertThat(messagesFor(lead)).hasSize(1));
  }

  @Test
  void aLeadThatSomebodyHoldsLockedFailsAlone() throws Exception {
    var locked = newLead("5562999212484");
    var leads = IntStream.range(0, 50).mapToObj(i -> newLead("5562999212484")).toList();
    post(locked);
    try (var other = dataSource.getConnection()) {
      lock(other, locked);

      var calls = new ArrayList<Callable<String>>();
      calls.add(() -> Integer.toString(send(locked).status()));
      leads.forEach(lead -> calls.add(() -> post(lead)));
      var answers = inParallel(calls);

      assertThat(answers.getFirst()).isEqualTo("503");
      assertThat(answers.subList(1, answers.size())).containsExactlyElementsOf(leads);
      other.rollback();
      other.setAutoCommit(true);
    }
    Awaitility.await().until(() -> send(locked).status() == 202);
  }

  private static void lock(Connection connection, String lead) throws SQLException {
    connection.setAutoCommit(false);
    try (var statement =
        connection.prepareStatement(
            "SELECT FROM profile_pic.requests WHERE lead_id = ? FOR UPDATE")) {
      statement.setString(1, lead);
      statement.execute();
    }
  }

  private static List<String> inParallel(List<Callable<String>> calls) throws Exception {
    var answers = new ArrayList<String>();
    try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (var call : callers.invokeAll(calls)) {
        answers.add(call.get());
      }
    }
    return answers;
  }

  private String post(String lead) {
    return send(lead).json().path("lead_id").asString("");
  }

  private dev.profilepic.receiver.support.Http.Answer send(String lead) {
    return http.post(
        "/profile-pics", "{\"lead_id\": \"%s\", \"phone\": \"5562999212484\"}".formatted(lead));
  }
}
