package dev.profilepic.receiver.leads;

import dev.profilepic.contract.ErasedPerson;
import dev.profilepic.contract.ErasureKey;
import dev.profilepic.contract.PhoneNumber;
import dev.profilepic.contract.Phones;
import dev.profilepic.receiver.auth.Caller;
import dev.profilepic.receiver.database.OperatorDatabase;
import dev.profilepic.receiver.database.Texts;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Forgets people, and lifts erasures (R__33 in db-migrations). A person is identified by the phones
 * of a lead, in any spelling.
 */
@Component
class Erasures {

  /** The results of {@link #allow}, in the words of {@code profile_pic.allow_person}. */
  enum Allowance {
    ALLOWED,
    /** The person is still erased in instances that are not the caller's. */
    HELD,
    UNKNOWN_LEAD
  }

  /**
   * The identifiers of a lead's person.
   *
   * @param phones the phones that could be read
   * @param lids digits
   */
  private record Person(List<PhoneNumber> phones, List<String> lids) {}

  private final JdbcClient jdbc;
  private final Phones phones;
  private final ErasureKey key;

  Erasures(OperatorDatabase database, Phones phones, ErasureKey key) {
    this.jdbc = database.jdbc();
    this.phones = phones;
    this.key = key;
  }

  /**
   * Forgets the person behind a lead: photo, history and phone, for all leads with this phone. The
   * tombstones are committed first, so that nothing is fetched while the other data is searched.
   * After a failure half-way, a second call completes the erasure.
   *
   * @return whether the lead existed
   */
  boolean erase(String leadId, Caller caller) {
    var callers = caller.reach();
    var person = person(leadId, callers);
    if (person.isEmpty()) {
      return false;
    }
    var known = person.get();
    jdbc.sql("SELECT 1 FROM profile_pic.bury(?::text[], ?::text[])")
        .param(digests(known))
        .param(callers)
        .query(Integer.class)
        .list();
    var digits = known.phones().stream().map(PhoneNumber::digits).toList();
    var erased =
        new ErasedPerson(digits, known.lids(), callers == null ? List.of() : List.of(callers));
    return jdbc.sql(
            "SELECT profile_pic.erase_lead(?, ?::text[], ?, ?::text[], ?::text[], ?::bytea)")
        .param(leadId)
        .param(callers)
        .param(caller.getPrincipal())
        .param(digits.toArray(String[]::new))
        .param(known.lids().toArray(String[]::new))
        .param(digits.isEmpty() && known.lids().isEmpty() ? null : key.seal(erased.toJson()))
        .query(Boolean.class)
        .single();
  }

  /** Lifts the erasure of a lead's person, for all leads with this phone. */
  Allowance allow(String leadId, Caller caller) {
    var callers = caller.reach();
    var person = person(leadId, callers);
    if (person.isEmpty()) {
      return Allowance.UNKNOWN_LEAD;
    }
    var word =
        jdbc.sql("SELECT profile_pic.allow_person(?, ?::text[], ?::text[], ?)")
            .param(leadId)
            .param(callers)
            .param(digests(person.get()))
            .param(caller.getPrincipal())
            .query(String.class)
            .single();
    return Allowance.valueOf(word.toUpperCase(Locale.ROOT));
  }

  private Optional<Person> person(String leadId, String @Nullable [] callers) {
    return jdbc.sql("SELECT phones, lids FROM profile_pic.person_of(?, ?::text[])")
        .param(leadId)
        .param(callers)
        .query((row, number) ->
            new Person(
                Texts.of(row, "phones").stream()
                    .flatMap(each -> phones.parse(each).stream())
                    .distinct()
                    .toList(),
                Texts.of(row, "lids")))
        .optional();
  }

  private String[] digests(Person person) {
    return person.phones().stream().map(key::digest).distinct().toArray(String[]::new);
  }
}
