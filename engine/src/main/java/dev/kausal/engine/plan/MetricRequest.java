package dev.kausal.engine.plan;

import dev.kausal.engine.metrics.Metric;

/**
 * A number that a planned cell answers.
 *
 * @param cell index of the cell in the {@link SweepPlan}
 * @param metric what is read
 * @param fired edits that count as made: the cell's own, those included that turned out to change nothing
 */
public record MetricRequest(int cell, Metric metric, int fired) {}
