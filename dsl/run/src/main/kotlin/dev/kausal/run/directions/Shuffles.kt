package dev.kausal.run.directions

import java.util.Random

/**
 * Returns the classes as chance would have them: exchanged within contrasts, which have a prompt of each, or else shuffled among the
 * prompts of each half.
 *
 * @param isFirst the class of each prompt
 * @param examples the example of each prompt
 * @param half the half of each prompt
 */
internal fun shuffled(
    isFirst: List<Boolean>,
    examples: List<Int>,
    half: List<Int>,
    seed: Long,
): List<Boolean> {
    val random = Random(seed)
    val found = isFirst.toMutableList()
    if (isPaired(examples)) {
        val exchanged = examples.distinct().associateWith { random.nextBoolean() }
        isFirst.indices.forEach { found[it] = isFirst[it] != exchanged.getValue(examples[it]) }
    } else {
        half.indices.groupBy { half[it] }.values.forEach { own ->
            own.zip(own.shuffled(random)).forEach { (to, from) -> found[to] = isFirst[from] }
        }
    }
    return found
}

/**
 * Returns the classes shuffled so evenly that each new class has equal parts of both old ones in each half, up to one prompt: what
 * separates the old classes does not separate the new ones, not even by chance.
 */
internal fun evenlyShuffled(
    isFirst: List<Boolean>,
    examples: List<Int>,
    half: List<Int>,
    seed: Long,
): List<Boolean> {
    val random = Random(seed)
    val units = isFirst.indices.groupBy { if (isPaired(examples)) examples[it] else it }.values
    val found = isFirst.toMutableList()
    units.groupBy { prompts -> half[prompts[0]] to (isPaired(examples) || isFirst[prompts[0]]) }.values.forEach { own ->
        own.shuffled(random).take(own.size / 2).flatten().forEach { found[it] = !isFirst[it] }
    }
    return found
}

private fun isPaired(examples: List<Int>): Boolean = examples.size > examples.distinct().size
