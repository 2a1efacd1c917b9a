package dev.kausal.engine.plan;

/**
 * The outcome of one cell.
 *
 * @param value value of the metric
 * @param fired number of the cell's own edits that reached their hook point
 * @param largestChange largest absolute change of an activation by any of them; 0 without edits
 * @param size largest absolute replacement value; a change that is tiny in comparison is rounding
 */
public record CellOutcome(double value, int fired, double largestChange, double size) {}
