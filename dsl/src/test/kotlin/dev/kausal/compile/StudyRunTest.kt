package dev.kausal.compile

import dev.kausal.dsl.CausalLm
import dev.kausal.dsl.ContrastsScope
import dev.kausal.dsl.ExperimentScope
import dev.kausal.dsl.FakeTokenizer
import dev.kausal.dsl.Model
import dev.kausal.dsl.ModelFacts
import dev.kausal.dsl.ablate
import dev.kausal.dsl.clean
import dev.kausal.dsl.corrupted
import dev.kausal.dsl.inTestFile
import dev.kausal.dsl.knows
import dev.kausal.dsl.last
import dev.kausal.dsl.logitDifference
import dev.kausal.dsl.lowest
import dev.kausal.dsl.patch
import dev.kausal.dsl.perTemplate
import dev.kausal.dsl.recovery
import dev.kausal.dsl.script
import dev.kausal.engine.exec.Executor
import dev.kausal.engine.exec.PlainExecutor
import dev.kausal.engine.exec.WaveExecutor
import dev.kausal.engine.model.HookedModel
import dev.kausal.engine.plan.CellOutcome
import dev.kausal.engine.plan.SweepPlan
import dev.kausal.engine.tensor.Torch
import dev.kausal.spec.ControlKind
import dev.kausal.spec.ExperimentSpec
import dev.kausal.spec.Grouping
import dev.kausal.spec.ModelShape
import dev.kausal.spec.Order
import dev.kausal.spec.Result
import dev.kausal.spec.Results
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.serialization.json.Json
import java.nio.file.Path
import java.util.function.IntConsumer

/** Whole runs on a small random Llama: filters, spans, controls, joint ablations, journals. */
class StudyRunTest :
    FunSpec({
        val model = HookedModel.open(Path.of("../engine/src/test/resources/tiny/llama"))
        afterSpec { model.close() }

        fun bound(words: ExperimentScope.(Model<CausalLm>) -> Unit): ExperimentSpec =
            inTestFile { script(words).bind(tinyFacts(model)) }.spec

        fun run(
            spec: ExperimentSpec,
            executor: Executor = WaveExecutor(1L shl 28),
            journal: Journal = Journal.None,
        ): Results = ExperimentRunner(spec, emptyList(), emptyList(), model, executor, journal = journal).run(Quiet)

        fun ExperimentSpec.result(name: String): Result = run(this).results.first { it.name == name }

        test("knows keeps the contrasts whose answers rank high, and says why it drops the others") {
            val spec =
                bound {
                    val known = contrasts { words() }.filter(knows(rank = 25))
                    val needed by sweep(known, logitDifference) { each(heads) { ablate(it) } }
                    report { heatmap(needed) }
                }
            val results = run(spec)
            val all = spec.contrasts.single().contrasts
            val ranks =
                all.map { contrast ->
                    val ids = contrast.clean.ids.toIntArray()
                    Torch.manager().use { manager ->
                        val logits = model.lastLogits(listOf(ids), model.noHooks(), manager).toFloatArray()
                        logits.sortedDescending().indexOf(logits[contrast.answer!!.id])
                    }
                }
            val filter = results.filters.single()
            filter.candidates shouldBe all.size
            filter.kept.all { ranks[it] < 25 } shouldBe true
            filter.dropped.size shouldBe all.size - filter.kept.size
            filter.dropped.filter { "clean" in it.reason }.map { it.label } shouldContainExactly
                all.indices.filter { ranks[it] >= 25 }.map { all[it].label }
            results.results.single().examples shouldContainExactly filter.kept.map { all[it].label }
        }

        test("a filter that keeps nothing is the user's to mend") {
            val spec =
                bound {
                    val none = contrasts { contrast("a [b] c", answer = " z", label = "only") }.filter(knows())
                    val lens by logitLens(none)
                    report { table(lens) }
                }
            shouldThrow<NothingKept> { run(spec) }.message!! shouldContain "keeps none of the 1 examples"
        }

        test("spans align prompts of different lengths; tokens without a name are edited one at a time and averaged") {
            val spec =
                bound {
                    val set = contrasts { words() }
                    val bySpan by sweep(set, logitDifference) {
                        each(spans) { span -> patch(from = clean, to = corrupted, 1).at(span) }
                    }
                    report { lines(bySpan) }
                }
            val result = spec.result("bySpan")
            result.axes.single().labels shouldBe
                listOf("subject-first", "subject-middle", "subject-last", "after-subject", "further", "last")
            spec.contrasts.single().contrasts.forEachIndexed { example, contrast ->
                val from = contrast.clean.subject!!
                val to = contrast.corrupted!!.subject!!
                val values = if (from ==
                    to
                ) {
                    run(byPosition(::bound, example)).results.single().perExample.single()
                } else {
                    null
                }
                val middle = result.perExample[example][1]
                if (from.last - from.first < 2 || to.last - to.first < 2) {
                    middle shouldBe null
                } else if (values != null) {
                    val expected = (to.first + 1 until to.last).map { values[it]!! }.average()
                    middle!! shouldBe expected.plusOrMinus(1e-4)
                }
                if (values != null) result.perExample[example][0]!! shouldBe values[to.first]!!.plusOrMinus(1e-4)
            }
            withClue("some examples have no middle token, others have") {
                result.perExample.map { it[1] == null }.toSet() shouldBe setOf(true, false)
            }
        }

        test("controls: a patch of itself is exactly nothing, of the whole stream exactly everything") {
            val spec =
                bound {
                    val set = contrasts { words() }
                    val trace by sweep(set, recovery(logitDifference)) {
                        each(layers, spans) { layer, span -> patch(from = clean, to = corrupted, layer).at(span) }
                    }
                    val needed by sweep(set, logitDifference) { each(heads) { ablate(it) } }
                    report { heatmap(trace) }
                }
            val controls = spec.result("trace").controls.associateBy { it.kind }
            controls.keys shouldBe ControlKind.entries.toSet()
            val identity = controls.getValue(ControlKind.Identity)
            identity.passed shouldBe true
            identity.perExample.toSet() shouldBe setOf(0.0)
            val contrasts = spec.contrasts.single().contrasts
            val full = controls.getValue(ControlKind.FullStream)
            full.passed shouldBe true
            contrasts.forEachIndexed { example, contrast ->
                val same = contrast.clean.ids.size == contrast.corrupted!!.ids.size
                full.perExample[example]?.let { it shouldBe 1.0.plusOrMinus(if (same) 0.0 else 1e-4) }
            }
            val random = controls.getValue(ControlKind.RandomDirection)
            random.perExample.filterNotNull().isEmpty() shouldBe false
            (random.perExample == spec.result("trace").perExample.map { it[random.cell] }) shouldBe false
            val ofAblation = spec.result("needed").controls.map { it.kind }
            ofAblation shouldBe listOf(ControlKind.Identity, ControlKind.RandomDirection)
        }

        test("where every pair differs in length, the whole stream is the clean run's up to rounding") {
            val spec =
                bound {
                    val set =
                        contrasts {
                            contrast("the [a b] is in", " x0", "the [c] is in", " y0")
                            contrast("the [d] is in", " x1", "the [e f] is in", " y1")
                        }
                    val trace by sweep(set, recovery(logitDifference)) {
                        each(layers) { layer -> patch(from = clean, to = corrupted, layer).at(last) }
                    }
                    report { lines(trace) }
                }
            val full = spec.result("trace").controls.first { it.kind == ControlKind.FullStream }
            full.passed shouldBe true
            full.perExample.forEach { it!! shouldBe 1.0.plusOrMinus(1e-4) }
        }

        test("inference can be switched off, controls alone too") {
            fun spec(off: Boolean) =
                bound {
                    if (off) withoutInference() else inference(controls = false)
                    val set = contrasts { words() }
                    val needed by sweep(set, logitDifference) { each(heads) { ablate(it) } }
                    report { heatmap(needed) }
                }
            val off = spec(true).result("needed")
            off.ciLow.shouldBeEmpty()
            off.pValue.shouldBeEmpty()
            off.controls.shouldBeEmpty()
            val alone = spec(false).result("needed")
            alone.ciLow.size shouldBe 12
            alone.change!!.mean.size shouldBe 12
            alone.controls.shouldBeEmpty()
        }

        test("joint ablations are measured on examples that did not choose the heads") {
            val spec = study(::bound)
            val results = run(spec)
            val joint = results.results.first { it.name == "joint" }
            val needed = results.results.first { it.name == "needed" }
            val contrasts = spec.contrasts.single().contrasts
            val halves = Halves(contrasts, Grouping.Subject, 0)
            joint.examples shouldContainExactly contrasts.filterNot(halves::chooses).map { it.label }
            val top = Rankings(spec, mapOf("needed" to needed)).ranked("needed", Order.Lowest, halves::chooses)
            joint.notes.first { "In order" in it } shouldContain
                "${top[0] / 4}.${top[0] % 4}, ${top[1] / 4}.${top[1] % 4}"
            joint.examples.forEachIndexed { row, label ->
                val example = needed.examples.indexOf(label)
                val alone = needed.perExample[example][top[0]]!! - needed.baseline.getValue("clean")[example]!!
                joint.perExample[row][0]!! shouldBe alone.plusOrMinus(1e-4)
            }
        }

        test("plain and compiled executors agree on every number of a study") {
            val spec = study(::bound)
            val plain = run(spec, PlainExecutor()).results
            run(spec).results.zip(plain).forEach { (a, b) ->
                a.perExample.flatten().zip(b.perExample.flatten()).forEach { (x, y) ->
                    withClue(a.name) { (x ?: 0.0) shouldBe (y ?: 0.0).plusOrMinus(1e-3) }
                }
            }
        }

        test("a run that is started again repeats nothing, and gives the same bytes") {
            val spec = study(::bound)
            val journal = Remembering()
            val first = Json.encodeToString(Results.serializer(), run(spec, journal = journal))
            Json.encodeToString(Results.serializer(), run(spec)) shouldBe first
            val again = run(spec, executor = Refusing, journal = journal)
            Json.encodeToString(Results.serializer(), again) shouldBe first
        }

        test("an interrupted run goes on where it stopped") {
            val spec = study(::bound)
            val whole = Counting(WaveExecutor(1L shl 28))
            val expected = run(spec, whole)
            val journal = Remembering()
            val dying = Counting(WaveExecutor(1L shl 28), dieAfter = 1)
            shouldThrow<IllegalStateException> { run(spec, dying, journal) }
            val rest = Counting(WaveExecutor(1L shl 28))
            run(spec, rest, journal) shouldBe expected
            dying.cells + rest.cells shouldBe whole.cells
        }
    })

private fun study(bound: (ExperimentScope.(Model<CausalLm>) -> Unit) -> ExperimentSpec): ExperimentSpec =
    bound {
        val set = contrasts { words() }
        val needed by sweep(set, logitDifference) { each(heads) { ablate(it) } }
        val patched by sweep(set, logitDifference) {
            each(heads) { head -> patch(from = clean, to = corrupted, head).at(last) }
        }
        val differs by headDifference(set)
        val said by behaviour(set, by = perTemplate)
        val joint by jointAblation(set, logitDifference, needed, order = lowest, sizes = 1..3, draws = 2)
        val agreement by rankCorrelation(needed, patched, differs)
        report { heatmap(agreement) }
    }

/** The patches of example [index] at every position of its corrupted prompt, one by one. */
private fun byPosition(
    bound: (ExperimentScope.(Model<CausalLm>) -> Unit) -> ExperimentSpec,
    index: Int,
): ExperimentSpec =
    bound {
        inference(controls = false)
        val own = contrasts { one(index) }
        val single by sweep(own, logitDifference) {
            each(positions) { position -> patch(from = clean, to = corrupted, 1).at(position) }
        }
        report { lines(single) }
    }

private val subjects = listOf("a b c", "d e", "f g h i", "j", "k l m", "n o", "p q r", "s t u")

private fun ContrastsScope.one(index: Int) {
    val other = subjects[if (index == 0) 4 else (index + 3) % subjects.size]
    contrast(
        clean = "the [${subjects[index]}] is in the city of",
        answer = " x$index",
        corrupted = "the [$other] is in the city of",
        foil = " y$index",
        label = "example $index",
        template = if (index % 2 == 0) "even" else "odd",
    )
}

private fun ContrastsScope.words() = subjects.indices.forEach { one(it) }

/** One for all: it numbers words as they come. */
private val tokenizer = FakeTokenizer()

private fun tinyFacts(model: HookedModel): ModelFacts {
    val config = model.config()
    val shape =
        ModelShape(
            config.layers(),
            config.heads(),
            config.keyValueHeads(),
            config.dModel(),
            config.dHead(),
            config.dMlp(),
            config.vocabulary(),
            config.context(),
        )
    return ModelFacts("tiny", "llama", shape, tokenizer, model.points()::has)
}

private object Quiet : AnalysisProgress {
    override fun begin(
        name: String,
        cells: Int,
    ) = Unit

    override fun done(done: Int) = Unit

    override fun end() = Unit
}

private class Remembering : Journal {
    private val parts = HashMap<String, ByteArray>()

    override fun read(part: String): ByteArray? = parts[part]

    override fun write(
        part: String,
        bytes: ByteArray,
    ) {
        parts[part] = bytes
    }
}

private object Refusing : Executor {
    override fun execute(
        model: HookedModel,
        plan: SweepPlan,
        progress: IntConsumer,
    ): List<CellOutcome> = error("nothing should be computed again")

    override fun name(): String = "refusing"
}

private class Counting(
    private val executor: Executor,
    private val dieAfter: Int = Int.MAX_VALUE,
) : Executor {
    var cells = 0
        private set
    private var calls = 0

    override fun execute(
        model: HookedModel,
        plan: SweepPlan,
        progress: IntConsumer,
    ): List<CellOutcome> {
        check(calls++ < dieAfter) { "killed" }
        cells += plan.cells().size
        return executor.execute(model, plan, progress)
    }

    override fun name(): String = executor.name()
}
