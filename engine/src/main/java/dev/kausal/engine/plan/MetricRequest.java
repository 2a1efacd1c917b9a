package dev.kausal.engine.plan;

import dev.kausal.engine.metrics.Metric;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;

/**
 * A number that a planned cell provides.
 *
 * @param cell index of the cell in the {@link SweepPlan}
 * @param metric what is computed
 * @param fired number of edits that count as made: all of the cell's own, including those dropped for having no effect
 */
public record MetricRequest(int cell, Metric metric, int fired) {
    /** Returns the same numbers for a plan that numbers its runs differently. */
    static List<MetricRequest> renumbered(List<MetricRequest> readings, IntUnaryOperator runs) {
        List<MetricRequest> others = new ArrayList<>(readings.size());
        for (MetricRequest reading : readings) {
            others.add(new MetricRequest(reading.cell(), reading.metric().renumbered(runs), reading.fired()));
        }
        return others;
    }
}
