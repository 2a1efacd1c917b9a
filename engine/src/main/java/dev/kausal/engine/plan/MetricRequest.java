package dev.kausal.engine.plan;

import dev.kausal.engine.metrics.Metric;

/**
 * A number that a planned cell provides.
 *
 * @param cell index of the cell in the {@link SweepPlan}
 * @param metric what is computed
 * @param fired number of edits that count as made: all of the cell's own, including those dropped for having no effect
 */
public record MetricRequest(int cell, Metric metric, int fired) {}
