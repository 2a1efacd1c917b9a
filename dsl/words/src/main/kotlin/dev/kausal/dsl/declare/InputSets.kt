package dev.kausal.dsl.declare

import dev.kausal.dsl.Capability
import dev.kausal.dsl.Contrasts
import dev.kausal.dsl.Filter
import dev.kausal.dsl.Inputs
import dev.kausal.dsl.Sample
import dev.kausal.dsl.host.ScriptLines
import dev.kausal.dsl.host.SetNames

/** Names and records the sets of a script. */
internal class InputSets(
    private val recorder: Recorder,
) {
    private val names = recorder.context.text?.let(SetNames::of) ?: SetNames.NONE

    fun <M : Capability> contrasts(
        kind: Class<*>,
        items: List<InputItem>,
    ): Contrasts<M> {
        val line = ScriptLines.line()
        return recorded(Contrasts(next("contrasts"), kind, items.toList(), line, label = names.at(line)))
    }

    /** Returns [parent] after [filter], or a draw of [sample] from it. */
    fun <M : Capability> derived(
        parent: Contrasts<M>,
        filter: Filter?,
        sample: Sample?,
    ): Contrasts<M> {
        val line = ScriptLines.line()
        val word = if (filter == parent.filter) "sample(${sample?.count})" else "filter(${filter!!.spec.text})"
        val label = names.at(line) ?: "${parent.shown}.$word"
        val name = next("contrasts")
        return recorded(Contrasts(name, parent.kind, parent.items, line, filter, sample, parent, label))
    }

    /** Returns [parent] after [filter]. */
    fun <M : Capability> derived(
        parent: Inputs<M>,
        filter: Filter,
    ): Inputs<M> {
        val line = ScriptLines.line()
        val label = names.at(line) ?: "${parent.shown}.filter(${filter.spec.text})"
        return recorded(Inputs(next(parent.word), parent.kind, parent.items, line, filter, parent, label))
    }

    fun <M : Capability> prompts(
        kind: Class<*>,
        items: List<InputItem>,
    ): Inputs<M> = named("prompts", kind, items)

    fun <M : Capability> images(
        kind: Class<*>,
        items: List<InputItem>,
    ): Inputs<M> = named("images", kind, items)

    private fun <M : Capability> named(
        word: String,
        kind: Class<*>,
        items: List<InputItem>,
    ): Inputs<M> {
        val line = ScriptLines.line()
        return recorded(Inputs(next(word), kind, items.toList(), line, label = names.at(line)))
    }

    private fun next(word: String): String {
        val before = recorder.inputs.count { it.word == word }
        return if (before == 0) word else "$word-${before + 1}"
    }

    private fun <I : Inputs<*>> recorded(inputs: I): I = recorder.noted(inputs).also { recorder.inputs += it }
}
