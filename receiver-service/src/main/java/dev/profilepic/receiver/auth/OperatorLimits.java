package dev.profilepic.receiver.auth;

/**
 * What bounds callers, whichever way they come in: the API and the web console share it. No filters
 * themselves, because Spring Boot would put those in front of every request.
 */
record OperatorLimits(RateLimitFilter rate, OperatorTurns turns) {}
