package dev.kausal.dsl.bind

import dev.kausal.dsl.Sample
import dev.kausal.dsl.declare.DeclaredContrast
import dev.kausal.dsl.declare.InputSource
import dev.kausal.spec.Grouping
import java.util.Random

/** Returns the examples of [sample]'s number of groups in their order, the same for the same seed; all if it is null. */
internal fun List<DeclaredContrast>.sampled(
    sample: Sample?,
    seed: Long,
): List<DeclaredContrast> {
    if (sample == null) return this
    val groups = if (sample.of == Grouping.Example) indices.map { "$it" } else map { it.group(sample.of) }
    val all = groups.distinct()
    if (sample.count >= all.size) return this
    val chosen = all.shuffled(Random(seed)).take(sample.count).toSet()
    return filterIndexed { index, _ -> groups[index] in chosen }
}

/** The label of an example that is not bound: as written, its subject, or its text. */
internal val DeclaredContrast.name: String get() = label ?: clean.subject ?: clean.text

private fun DeclaredContrast.group(by: Grouping): String =
    groups[by] ?: when (by) {
        Grouping.Subject -> clean.subject
        Grouping.CorruptedSubject -> corrupted?.subject
        Grouping.Foil -> foils.firstOrNull()?.trim()
        else -> null
    } ?: name

private val InputSource.marked: MarkedPrompt
    get() {
        val turns = (this as? InputSource.Dialogue)?.chat?.messages
        return MarkedPrompt.parse((this as? InputSource.Text)?.text ?: turns?.lastOrNull()?.content.orEmpty())
    }

private val InputSource.subject: String? get() = marked.run { subject?.let { text.substring(it) } }

private val InputSource.text: String get() = marked.text
