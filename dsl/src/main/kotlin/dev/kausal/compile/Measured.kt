package dev.kausal.compile

import dev.kausal.spec.AxisSpec
import dev.kausal.spec.Result

/** The result of measuring [rows], [example, cell]: what is not a finite number was not measured. */
internal fun measured(
    name: String,
    kind: String,
    metric: String,
    axes: List<AxisSpec>,
    examples: List<String>,
    rows: List<List<Double?>>,
): Result {
    val finite = rows.map { row -> row.map { it?.finite() } }
    return Result(
        name = name,
        kind = kind,
        metric = metric,
        axes = axes,
        examples = examples,
        shape = axes.map { it.labels.size },
        perExample = finite,
        mean = meanOver(finite),
    )
}
