package dev.profilepic.receiver.http;

/**
 * What is wrong with one field.
 *
 * @param field its path in the body, for example {@code phone_list[3].phone}
 * @param message what it must be; never repeats the value
 */
public record FieldError(String field, String message) {}
