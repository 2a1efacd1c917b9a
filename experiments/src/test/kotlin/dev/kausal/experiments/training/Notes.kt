package dev.kausal.experiments.training

import dev.kausal.experiments.RunProgress

/** Adds the notes of a run to [said]. */
internal class Notes(
    private val said: MutableList<String>,
) : RunProgress {
    override fun note(line: String) {
        said += line
    }

    override fun begin(stage: String, total: Long?, unit: String) = Unit

    override fun advance(count: Long) = Unit

    override fun end(note: String) = Unit
}
