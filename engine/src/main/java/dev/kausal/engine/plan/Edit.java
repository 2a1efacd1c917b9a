package dev.kausal.engine.plan;

/**
 * One change to one hook point of one sequence.
 *
 * @param site canonical hook name
 * @param rows positions (queries, for scores and pattern)
 * @param part units
 * @param value what is put there
 */
public record Edit(String site, Rows rows, Part part, Value value) {}
