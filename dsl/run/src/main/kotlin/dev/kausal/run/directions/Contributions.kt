package dev.kausal.run.directions

/**
 * Returns each example's contribution to the difference of the classes' mean [values], so that their mean is the difference and
 * their variation that of the difference. Within a contrast, it is the difference of its two prompts.
 *
 * @param values a number for each prompt
 * @param isFirst the class of each prompt
 * @param examples the example of each prompt
 * @return by example
 */
internal fun contributions(
    values: List<Double>,
    isFirst: List<Boolean>,
    examples: List<Int>,
): Map<Int, Double> {
    val first = values.filterIndexed { i, _ -> isFirst[i] }.average()
    val second = values.filterIndexed { i, _ -> !isFirst[i] }.average()
    val weights = listOf(true, false).associateWith { own -> values.size.toDouble() / isFirst.count { it == own } }
    return values.indices.groupBy { examples[it] }.mapValues { (_, own) ->
        own.map { i ->
            val deviation = if (isFirst[i]) values[i] - first else second - values[i]
            first - second + weights.getValue(isFirst[i]) * deviation
        }.average()
    }
}
