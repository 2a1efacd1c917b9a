package dev.kausal.dsl.bind

import dev.kausal.dsl.Address
import dev.kausal.dsl.CausalLm
import dev.kausal.dsl.EditedRun
import dev.kausal.dsl.Patch
import dev.kausal.dsl.Place
import dev.kausal.dsl.Position
import dev.kausal.dsl.Run
import dev.kausal.dsl.Span
import dev.kausal.dsl.declare.Edit
import dev.kausal.dsl.declare.Value
import dev.kausal.dsl.mistakes.EditMistake
import dev.kausal.dsl.mistakes.Mistake
import dev.kausal.engine.hooks.HookKind
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.PartSpec
import dev.kausal.spec.PromptSpec
import dev.kausal.spec.RunSpec
import java.util.IdentityHashMap

/**
 * Checks the edits of one sweep against its prompts.
 *
 * @param aligned false if the sweep is over positions and its prompts were found to differ in length, in which case
 *   single positions are not reported again
 */
internal class EditChecks(
    private val binding: Binding,
    private val needs: InputRequirements,
    private val set: ContrastSetSpec,
    private val aligned: Boolean,
) {
    private data class EditKey(
        val line: Int?,
        val place: Place?,
        val value: Any,
        val base: Run,
        val site: Address,
    )

    /** What it depends on whether a place is in all prompts, and as long in those that a patch reads. */
    private data class PlaceKey(
        val line: Int?,
        val place: Place?,
        val from: Run?,
        val base: Run,
        val keys: Boolean,
    )

    private val mistakes = binding.mistakes
    private val spans = PositionResolver(binding)
    private val asked = HashSet<EditKey>()
    private val found = HashSet<PlaceKey>()
    private val runs = HashSet<Pair<Int?, Run>>()

    /** Vectors for the set's examples. */
    val vectors = VectorBinder(binding, set)

    private val edited = IdentityHashMap<EditedRun, RunSpec>()

    /** Returns the data of a run with changes, made once by [bind]. */
    fun edited(
        run: EditedRun,
        bind: (EditedRun) -> RunSpec,
    ): RunSpec = edited.getOrPut(run) { bind(run) }

    /** Checks the prompts of [run]. */
    fun run(
        line: Int?,
        run: Run,
    ) {
        if (runs.add(line to run)) needs.run(line, "an intervention on $run", run, set)
    }

    /** Checks the places that [edit] of run [base] names, in the prompts that it changes and reads. */
    fun check(
        edit: Edit,
        base: Run,
    ) {
        val line = edit.script?.line
        if (!asked.add(EditKey(line, edit.place, edit.value, base, edit.site))) return
        val from = (edit.value as? Value.From)?.run
        if (from != null && runs.add(line to from)) needs.run(line, "a patch from $from", from, set, read = true)
        if (!aligned && (edit.place == null || edit.place is Position || edit.place is Patch)) return
        val key = PlaceKey(line, edit.place, from, base, edit.site.kind.attention())
        if (key !in found) {
            if (!place(edit, from, base)) return
            val before = mistakes.size
            if (from != null) lengths(line, edit, from, base)
            if (mistakes.size == before) found += key
        }
        if (edit.value is Value.Resample) donors(line, edit.place, base)
        averaged(line, edit, base)
        (from as? EditedRun)?.let { reached(line, edit, it) }
    }

    /** Returns whether all prompts that [edit] changes and reads have its place; reports those that lack it. */
    private fun place(
        edit: Edit,
        from: Run?,
        base: Run,
    ): Boolean {
        val sides = listOfNotNull(base, from)
        val prompts = set.contrasts.flatMap { c -> sides.mapNotNull { c.prompt(it)?.to(c.label) } }
        return spans.check(edit.script?.line, "an intervention at ${edit.place}", edit.place, prompts)
    }

    /**
     * Checks that a patch has equally many tokens on both sides; for attention, equally many keys, which are those of
     * the whole prompts. Spans edited token by token may differ.
     */
    private fun lengths(
        line: Int?,
        edit: Edit,
        from: Run,
        base: Run,
    ) {
        val keys = edit.site.kind.attention()
        if (!keys && (edit.place as? Span)?.eachOf == true) return
        set.contrasts.forEach { sameLength(line, it, edit.place.takeUnless { keys }, from, base, keys) }
    }

    /** Checks that a patch reads an edited run at or after its edits; before them it equals the unedited run. */
    private fun reached(
        line: Int?,
        edit: Edit,
        from: EditedRun,
    ) {
        val changed = from.changes.edits.filterNot { it.value == Value.Own || it.keeps(from.input) }
        val places = changed.map { it.site.hook to (binding.facts.place(it.site.hook) ?: return) }
        val site = (edit.value as? Value.From)?.writer ?: edit.site
        val read = binding.facts.place(site.hook) ?: return
        val (first, place) = places.minByOrNull { it.second } ?: return
        if (place > read) binding.mistakes += EditMistake.ReadBeforeEdit(line, site.hook, first)
    }

    /** Checks a mean: it must not show queries what they cannot see, and a mean by position needs equal lengths. */
    private fun averaged(
        line: Int?,
        edit: Edit,
        base: Run,
    ) {
        if (edit.value is Value.Mean && edit.site.kind.attention() && binding.facts.isA(CausalLm::class.java)) {
            mistakes += Mistake.MeanOverQueries(line, edit.site.hook)
        }
        val of = aligned(edit) ?: return
        val edited = set.contrasts.mapNotNull { it.prompt(base)?.length }.distinct()
        val reference = edit.value.reference?.let(binding.setOf)
        val lengths = reference?.contrasts?.map { it.clean.length }?.distinct() ?: edited
        if (lengths.size > 1) {
            val name = (reference ?: set).shown
            mistakes += Mistake.MeanOverLengths(line, name, lengths.min(), lengths.max(), of)
        } else if (reference != null && edited.any { it !in lengths } && lengths.isNotEmpty()) {
            val tokens = lengths.single()
            mistakes += EditMistake.MeanOfOtherLength(line, reference.shown, tokens, edited.min(), edited.max(), of)
        }
    }

    /** Checks edits of per-head inputs, which a layer cannot combine with some others, or not if heads share keys. */
    fun inputs(
        line: Int?,
        edits: List<Edit>,
    ) {
        val shape = binding.facts.shape
        val perHead = edits.filter { it.site.kind.inputPerHead() }
        perHead.filter { it.site.kind == HookKind.ATTN_IN && shape.keyValueHeads < shape.heads }.forEach {
            val why = "${shape.heads / shape.keyValueHeads} heads share a key-value head; edit qInput, kInput or vInput"
            mistakes += EditMistake.CannotEdit(line, it.site.hook, why)
        }
        val layers = perHead.map { it.site.layer }
        edits.filter { it.site.layer in layers && normsInput(it.site) }.forEach {
            val why = "another edit gives heads of this layer inputs of their own before that norm; make one of the two"
            mistakes += EditMistake.CannotEdit(line, it.site.hook, why)
        }
    }

    private fun normsInput(site: Address): Boolean {
        if (site.kind != HookKind.LN1_SCALE && site.kind != HookKind.LN1_NORMALIZED) return false
        return binding.facts.point(site.hook)?.reach() == HookKind.Reach.ATTENTION
    }

    /** Returns what requires prompts to have the same positions; null if nothing does. */
    private fun aligned(edit: Edit): String? =
        when {
            edit.value is Value.PositionMean -> "positionMean" + if (edit.site.kind.attention()) " of attention" else ""
            !edit.site.kind.attention() -> null
            edit.value is Value.Mean -> "a mean of attention"
            edit.value is Value.Resample -> "resampled attention"
            else -> null
        }

    /** Checks that frozen values leave some effect of the cell's other edits. */
    fun kept(
        line: Int?,
        edits: List<Edit>,
        base: Run,
    ) {
        val (keeping, changing) = edits.partition { it.keeps(base) }
        if (keeping.isEmpty()) return
        if (changing.isEmpty()) {
            mistakes += Mistake.SameRun(line, "$base")
        } else if (changing.all { change -> keeping.any { undoes(it, change, edits) } }) {
            mistakes += EditMistake.FrozenAway(line, changing.map { it.site.hook }.distinct(), "$base")
        }
    }

    /** Returns whether [keeping] undoes all of [change]: the same site, or the whole stream after it. */
    private fun undoes(
        keeping: Edit,
        change: Edit,
        edits: List<Edit>,
    ): Boolean {
        // It is not known which layers will be chosen, so no change is surely undone.
        if (keeping.top != null || change.top != null) return false
        val everywhere = keeping.place == null && keeping.site.part == PartSpec.All
        if (keeping.site.hook == change.site.hook) {
            val place = keeping.place == null || keeping.place == change.place
            val part = keeping.site.part == PartSpec.All || keeping.site.part == change.site.part
            return place && part && edits.indexOf(keeping) > edits.indexOf(change)
        }
        if (!everywhere || keeping.site.kind !in STREAM) return false
        val kept = binding.facts.place(keeping.site.hook) ?: return false
        val changed = binding.facts.place(change.site.hook) ?: return false
        return kept > changed
    }

    private fun sameLength(
        line: Int?,
        contrast: ContrastSpec,
        place: Place?,
        from: Run,
        to: Run,
        keys: Boolean = false,
    ) {
        val read = contrast.prompt(from)?.let { PositionResolver.find(place, it) } ?: return
        val changed = contrast.prompt(to)?.let { PositionResolver.find(place, it) } ?: return
        if (read.count() == changed.count()) return
        val name = place?.toString() ?: "the prompt"
        mistakes += Mistake.PatchLengths(line, contrast.label, name, read.count(), changed.count(), keys)
    }

    /** Checks that each contrast has another one whose prompt reaches as far as the replaced positions. */
    fun donors(
        line: Int?,
        place: Place?,
        base: Run,
    ) {
        val prompts = set.contrasts.mapNotNull { c -> c.prompt(base)?.let { c to it } }
        val longest = prompts.map { it.second.length }.sortedDescending()
        for ((contrast, prompt) in prompts) {
            val needed = reach(place, prompt) ?: continue
            val longestOther = longest.getOrElse(if (prompt.length == longest[0]) 1 else 0) { 0 }
            if (longestOther < needed) mistakes += Mistake.NoDonor(line, contrast.label, needed)
        }
    }

    private fun reach(
        place: Place?,
        prompt: PromptSpec,
    ): Int? = PositionResolver.find(place, prompt)?.let { it.last + 1 }

    private companion object {
        /** Hook points that every change passes. */
        val STREAM =
            setOf(
                HookKind.RESID_PRE,
                HookKind.RESID_MID,
                HookKind.RESID_POST,
                HookKind.FINAL_NORMALIZED,
                HookKind.LOGITS,
            )
    }
}

/** Returns whether the edit writes back the values of [base], its own run. */
internal fun Edit.keeps(base: Run): Boolean = (value as? Value.From)?.run == base
