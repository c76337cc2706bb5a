package dev.profilepic.receiver.http;

/**
 * The error of one field.
 *
 * @param field its path in the body, for example {@code phone_list[3].phone}
 * @param message the field's rule; never repeats the value
 */
public record FieldError(String field, String message) {}
