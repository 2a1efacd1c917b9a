package dev.kausal.run.analyses

import dev.kausal.engine.exec.Continuation
import dev.kausal.engine.exec.Greedy
import dev.kausal.engine.exec.Sampled
import dev.kausal.engine.exec.TextEdit
import dev.kausal.engine.exec.TextPrompt
import dev.kausal.engine.exec.TextWriter
import dev.kausal.engine.exec.TokenChoice
import dev.kausal.engine.plan.CellOutcome
import dev.kausal.engine.requests.Decoded
import dev.kausal.engine.requests.Generation
import dev.kausal.run.context.ResultSize
import dev.kausal.run.context.RunContext
import dev.kausal.run.context.ScriptFunctions
import dev.kausal.run.context.Setting
import dev.kausal.run.inference.measured
import dev.kausal.run.inputs.Seeds
import dev.kausal.run.inputs.run
import dev.kausal.run.sweep.CellEdit
import dev.kausal.run.sweep.PlanRuns
import dev.kausal.run.sweep.RunKey
import dev.kausal.run.sweep.SweepInputs
import dev.kausal.run.sweep.references
import dev.kausal.run.sweep.terms
import dev.kausal.run.sweep.unchanged
import dev.kausal.spec.Audit
import dev.kausal.spec.CellAudit
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.During
import dev.kausal.spec.GeneratedText
import dev.kausal.spec.GenerationSpec
import dev.kausal.spec.MetricSpec
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind
import dev.kausal.spec.RunSpec
import dev.kausal.spec.Stopped
import dev.kausal.spec.SweepSpec
import dev.kausal.spec.TokenChoiceSpec
import dev.kausal.spec.resolved

/** Texts of all prompts, variants and draws. */
internal object GenerationAnalysis : JournaledReading<GenerationSpec>(GenerationSpec::class) {
    override fun size(
        spec: GenerationSpec,
        on: Setting,
    ): ResultSize {
        val contrasts = on.contrasts(spec)
        val texts = contrasts.size.toLong() * spec.cells.size * spec.choice.samples
        val longest = contrasts.maxOf { it.run(spec.run).length }
        val each = bytes(on, longest, spec.tokens)
        return ResultSize(
            axes = spec.axes,
            shapes = List(contrasts.size) { listOf(spec.cells.size) },
            native = minOf(texts * each, maxOf(TOGETHER, each)),
            more = texts * (TEXT + PER_TOKEN * spec.tokens),
            isFiled = false,
        )
    }

    override fun read(
        spec: GenerationSpec,
        on: RunContext,
    ): List<Result> {
        val cells = spec.cells.map { it.resolved(on.choices::places) }
        val plan = SweepSpec(spec.name, spec.contrasts, spec.line, MetricSpec.Loss, spec.axes, cells)
        val texts = TextPlan(spec, plan, on)
        val written = write(texts, on)
        return listOf(on.choices.noted(spec, TextResult(spec, texts, written, on).result()))
    }

    /** Writes the texts, in parts that fit into memory. */
    private fun write(
        texts: TextPlan,
        on: RunContext,
    ): List<Continuation> {
        val tokens = texts.spec.tokens
        on.progress.begin(texts.spec.name, texts.prompts.size * tokens)
        val backend = if (texts.spec.callsScript) on.backend.local("The analysis '${texts.spec.name}'") else on.backend
        val written = mutableListOf<Continuation>()
        while (written.size < texts.prompts.size) {
            var bytes = 0L
            val part = texts.prompts.drop(written.size).takeWhile { prompt ->
                val first = bytes == 0L
                bytes += bytes(on.setting, prompt.input().length(), tokens)
                first || bytes <= TOGETHER
            }
            val before = written.size * tokens
            written += backend.write(texts.request(part)) { on.progress.done(before + it) }
        }
        on.progress.end()
        return written
    }

    /** Returns the native bytes for one text: keys and values, its first pass, and logits. */
    private fun bytes(
        on: Setting,
        length: Int,
        tokens: Int,
    ): Long =
        TextWriter.bytes(on.config, length + tokens) + on.passBytes(length) +
            LOGITS * on.config.vocabulary() * Float.SIZE_BYTES

    /** Native bytes of the texts that are written together. */
    private const val TOGETHER = 1L shl 30

    /** Arrays of the size of a text's logits that exist at once. */
    private const val LOGITS = 4L

    /** Characters in `results.json` of a text without tokens, and of each token. */
    private const val TEXT = 120L
    private const val PER_TOKEN = 32L
}

/** The engine's prompts for all texts: by example, then variant, then draw. */
internal class TextPlan(
    val spec: GenerationSpec,
    private val plan: SweepSpec,
    private val on: RunContext,
) {
    private val contrasts = on.contrasts(spec)
    private val sets = on.spec.contrasts.filter { it.name in plan.references }.associate { it.name to it.contrasts }
    private val runs =
        PlanRuns(
            plan,
            SweepInputs(on.backend.points, contrasts, on.inputs, references = sets) {
                on.noise.deviation(it, spec.contrasts)
            },
            ScriptFunctions(on.experiment),
        )
    val draws = spec.choice.samples
    val prompts: List<TextPrompt> =
        contrasts.flatMapIndexed { example, contrast ->
            plan.cells.indices.flatMap { cell -> List(draws) { draw -> prompt(example, contrast, cell, draw) } }
        }

    /** Number of edits of each variant. */
    val edits: List<Int> = plan.cells.map { it.edits.size }

    private fun prompt(
        example: Int,
        contrast: ContrastSpec,
        cell: Int,
        draw: Int,
    ): TextPrompt {
        val prompt = contrast.run(spec.run)
        val made = plan.cells[cell].edits
        val edits = made.map { edit ->
            TextEdit(runs.edit(CellEdit(RunKey(example, spec.run, 0), edit, made, null, cell)), spec.during.engine)
        }
        val seed = (spec.choice as? TokenChoiceSpec.Sampled)?.seed ?: 0
        return TextPrompt(on.inputs.of(prompt), edits, Seeds.text(seed, prompt.ids, draw))
    }

    fun request(part: List<TextPrompt>) =
        Generation(
            runs.runs,
            part,
            spec.tokens,
            spec.ends.map { it.id }.toSet(),
            spec.choice.engine,
        )
}

private val During.engine: TextEdit.During get() = TextEdit.During.valueOf(name.uppercase())

private val TokenChoiceSpec.engine: TokenChoice
    get() =
        when (this) {
            TokenChoiceSpec.Greedy -> Greedy()
            is TokenChoiceSpec.Sampled -> Sampled(temperature, topP)
        }

/** Turns written tokens into the result: texts, their scores, and the audit of the edits. */
private class TextResult(
    private val spec: GenerationSpec,
    private val plan: TextPlan,
    private val written: List<Continuation>,
    private val on: RunContext,
) {
    private val contrasts = on.contrasts(spec)
    private val ends = spec.ends.map { it.id }.toSet()
    private val texts = texts().chunked(plan.draws).chunked(spec.cells.size)
    private val outcomes =
        written
            .map { CellOutcome(0.0, 0, it.changes().largest(), it.changes().size()) }
            .chunked(plan.draws)
            .chunked(spec.cells.size)

    private fun texts(): List<GeneratedText> {
        val decoded =
            on.backend.answer(
                Decoded(
                    written.mapIndexed { index, text ->
                        val prompt = contrasts[index / (spec.cells.size * plan.draws)].run(spec.run)
                        Decoded.Text(prompt.ids, text.tokens().filterIndexed { i, token -> !isEnd(text, i, token) })
                    },
                ),
            )
        return written.zip(decoded) { text, words ->
            val stopped = if (text.ended()) Stopped.EndToken else Stopped.Length
            GeneratedText(words, text.tokens(), text.logProbabilities(), stopped)
        }
    }

    private fun isEnd(
        text: Continuation,
        index: Int,
        token: Int,
    ) = text.ended() && index == text.tokens().lastIndex && token in ends

    fun result(): Result {
        val rows = texts.mapIndexed { example, cells -> cells.map { value(contrasts[example], it) } }
        val result =
            measured(
                spec.name,
                ResultKind.Generation,
                spec.measure(on.spec).text,
                spec.axes,
                contrasts.map { it.label },
                rows,
            ).copy(texts = texts)
        val audited = if (spec.cells.size > 1) audited(result) else result
        // The probability of a text is that of other words once it differs: its change says little, and is not tested.
        val inference = on.inference.takeIf { spec.score != null } ?: return audited
        val unedited = rows.map { row -> row.map { row.first() } }
        return inference.of(audited, contrasts, unedited.takeIf { spec.cells.size > 1 }, tested = { it > 0 })
    }

    /** Returns the share of right texts, or the mean log probability per token. */
    private fun value(
        contrast: ContrastSpec,
        draws: List<GeneratedText>,
    ): Double {
        val score = spec.score ?: return draws.flatMap { it.logProbabilities }.average()
        val right = if (spec.run == RunSpec.Corrupted) contrast.foils else contrast.answers
        val answers = right.map { it.text }
        return draws.count { score.of(it.text, answers) }.toDouble() / draws.size
    }

    private fun audited(result: Result): Result {
        val terms = on.backend.config.terms
        val variants = spec.cells.indices.drop(1)
        val fired = spec.cells.indices.map { plan.edits[it] * contrasts.size * plan.draws }
        val unchanged =
            spec.cells.indices.map { cell ->
                if (cell == 0) 0 else outcomes.count { row -> row[cell].all { it.unchanged(terms) } }
            }
        val largest =
            spec.cells.indices.map { cell -> outcomes.maxOf { row -> row[cell].maxOf { it.largestChange() } } }
        val audit = Audit(variants.size * contrasts.size, fired.sum(), unchanged.sum(), largest.max())
        return result.copy(
            audit = audit,
            cellAudit = CellAudit(fired, unchanged, largest),
            notes = result.notes + listOfNotNull(unchangedNote(audit)),
        )
    }

    private fun unchangedNote(audit: Audit): String? =
        when (audit.unchanged) {
            0 -> {
                null
            }

            audit.cells -> {
                "No intervention changed an activation beyond float32 rounding: all texts are the " +
                    "unedited ones."
            }

            else -> {
                "${audit.unchanged} of ${audit.cells} edited texts changed no activation beyond float32 rounding."
            }
        }
}
