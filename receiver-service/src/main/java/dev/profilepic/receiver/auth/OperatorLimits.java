package dev.profilepic.receiver.auth;

/**
 * The limits for callers, shared by the API and the web console. They are not filters themselves,
 * because Spring Boot would put such filters in front of every request.
 */
record OperatorLimits(RateLimitFilter rate, OperatorTurns turns) {}
