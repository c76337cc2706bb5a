package dev.profilepic.receiver.webhooks;

import dev.profilepic.receiver.matching.Lids;
import java.time.Instant;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The content of a webhook.
 *
 * @param people the people who wrote to us, or who changed their picture
 * @param mappings LIDs and their numbers, sent without any event of the person
 * @param connections new connection states of the sender's own numbers
 */
record Reading(List<Sighting> people, List<Mapping> mappings, List<Connection> connections) {

  /** A LID and its number, from a gateway's own table. */
  record Mapping(Person person, @Nullable String instanceId, Instant at) {}

  /**
   * The new state of a number's connection.
   *
   * @param until end of the state, where known
   */
  record Connection(
      @Nullable String instanceId,
      String state,
      @Nullable String reason,
      @Nullable Instant until,
      Instant at) {}

  Reading {
    people = List.copyOf(people);
    mappings = List.copyOf(mappings);
    connections = List.copyOf(connections);
  }

  static Reading nothing() {
    return new Reading(List.of(), List.of(), List.of());
  }

  static Reading of(List<Sighting> people) {
    return new Reading(people, List.of(), List.of());
  }

  static Reading ofMappings(List<Mapping> mappings) {
    return new Reading(List.of(), mappings, List.of());
  }

  static Reading ofConnections(List<Connection> connections) {
    return new Reading(List.of(), List.of(), connections);
  }

  /** Returns the number of people. */
  int size() {
    return people.size() + mappings.size();
  }

  boolean isEmpty() {
    return people.isEmpty() && mappings.isEmpty() && connections.isEmpty();
  }

  /** Returns the same content, with the caller's ids for instances. */
  Reading through(UnaryOperator<@Nullable String> instance) {
    return new Reading(
        people.stream().map(each -> each.through(instance.apply(each.instanceId()))).toList(),
        mappings.stream()
            .map(each -> new Mapping(each.person(), instance.apply(each.instanceId()), each.at()))
            .toList(),
        connections);
  }

  /** Returns the mappings in the form of the table of LIDs. */
  List<Lids.Mapping> learned() {
    return mappings.stream()
        .flatMap(each ->
            each.person().mapping(each.instanceId(), Lids.Source.MAPPING, each.at()).stream())
        .toList();
  }
}
