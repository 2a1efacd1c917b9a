package dev.kausal.reports

/** Which maps agree most, and which least. */
internal fun agreementFinding(grid: Grid): String {
    val names = grid.axes.first().labels
    val pairs =
        names.indices.flatMap { b -> (0 until b).map { a -> a to b } }
            .mapNotNull { (a, b) -> grid.mean(grid.index(listOf(a, b)))?.let { "${names[a]} and ${names[b]}" to it } }
    val most = pairs.maxByOrNull { it.second } ?: return "No two maps could be compared."
    val least = pairs.minBy { it.second }
    val first = "${most.first} agree most, with a rank correlation of ${number(most.second, 2)}"
    return if (pairs.size == 1) "$first." else "$first; ${least.first} least, with ${number(least.second, 2)}."
}

/** How many images the model is wrong about, and which removal changes most; or how sure it is of what they show. */
internal fun debugFinding(grid: Grid): String {
    val rows = grid.result.perExample
    if (grid.axes.size != 2) return sureness(grid)
    val gaps = rows.map { row -> row.chunked(2) { (own, rival) -> (own ?: 0.0) - (rival ?: 0.0) } }
    val wrong = gaps.count { it.first() < 0 }
    val means = gaps.first().indices.map { at -> gaps.map { it[at] }.average() }
    val removed = grid.axes.first().labels
    val most = means.indices.drop(1).maxByOrNull { kotlin.math.abs(means[it] - means[0]) }
    val change =
        most?.let { " Of what was removed, ${removed[it]} change it most, to ${signed(means[it])}." }.orEmpty()
    return "The model is wrong about $wrong of ${count(rows.size, "image")}. The right class's logit minus the " +
        "rival's is ${signed(means[0])} on average.$change What holds for each image is told under Image by image."
}

private fun sureness(grid: Grid): String {
    val sure = grid.result.perExample.mapNotNull { row -> row.filterNotNull().maxOrNull() }
    val range = "${number(100 * (sure.minOrNull() ?: 0.0), 1)} to ${number(100 * (sure.maxOrNull() ?: 0.0), 1)} %"
    return "The model gives the class that it says $range."
}
