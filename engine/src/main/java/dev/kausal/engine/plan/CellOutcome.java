package dev.kausal.engine.plan;

/**
 * What one cell came to.
 *
 * @param value the metric
 * @param fired how many of the cell's own edits reached their hook point
 * @param largestChange largest absolute change that any of them made to an activation; 0 if nothing was edited
 * @param size largest magnitude of what they put in place: a change that is tiny beside it is rounding
 */
public record CellOutcome(double value, int fired, double largestChange, double size) {}
