package dev.profilepic.contract;

import java.util.List;
import tools.jackson.databind.json.JsonMapper;

/**
 * A person whom the bridge must forget. The receiver is asked to erase the person, and the worker
 * tells the bridge. In the database the person is sealed ({@link ErasureKey#seal}).
 *
 * @param phones digits only, country code first
 * @param lids digits of the LIDs under which WhatsApp shows the person
 * @param instances in which the person is forgotten; empty means all
 */
public record ErasedPerson(List<String> phones, List<String> lids, List<String> instances) {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  public String toJson() {
    return JSON.writeValueAsString(this);
  }

  public static ErasedPerson fromJson(String json) {
    return JSON.readValue(json, ErasedPerson.class);
  }
}
