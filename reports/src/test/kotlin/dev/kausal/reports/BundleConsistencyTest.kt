package dev.kausal.reports

import dev.kausal.bundle.Bundle
import dev.kausal.bundle.BundleFiles
import dev.kausal.bundle.BundleUnreadableException
import dev.kausal.spec.AttentionFlowSpec
import dev.kausal.spec.AttentionSpec
import dev.kausal.spec.CaptureSpec
import dev.kausal.spec.CellAudit
import dev.kausal.spec.Change
import dev.kausal.spec.CircuitRecord
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.Control
import dev.kausal.spec.ExampleRatios
import dev.kausal.spec.ExperimentSpec
import dev.kausal.spec.FilterResult
import dev.kausal.spec.PositionRange
import dev.kausal.spec.PromptSpec
import dev.kausal.spec.Result
import dev.kausal.spec.Results
import dev.kausal.spec.RunSpec
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Path
import kotlin.io.path.writeText

/** A bundle whose parts do not fit each other is refused in a sentence, before anything relies on them. */
class BundleConsistencyTest :
    FunSpec({
        val from = Path.of(BundleConsistencyTest::class.java.getResource("/bundles-0.1.0/language")!!.toURI())
        val whole = Bundle.read(from)

        fun read(
            spec: ExperimentSpec = whole.spec,
            results: Results = whole.results,
        ): Bundle {
            val folder = tempdir().toPath()
            from.toFile().copyRecursively(folder.toFile(), overwrite = true)
            val json = BundleFiles.compact
            folder.resolve("spec.json").writeText(json.encodeToString(ExperimentSpec.serializer(), spec))
            folder.resolve("results.json").writeText(json.encodeToString(Results.serializer(), results))
            return Bundle.read(folder)
        }

        fun refused(
            spec: ExperimentSpec = whole.spec,
            results: Results = whole.results,
        ): String = shouldThrow<BundleUnreadableException> { read(spec, results) }.message!!

        fun longer(prompt: PromptSpec) =
            prompt.copy(ids = prompt.ids + List(50) { 1 }, tokens = prompt.tokens + List(50) { "x" })

        fun first(change: (ContrastSpec) -> ContrastSpec) =
            whole.spec.copy(
                contrasts = whole.spec.contrasts.map { set ->
                    set.copy(contrasts = listOf(change(set.contrasts.first())) + set.contrasts.drop(1))
                },
            )

        fun all(change: (Result) -> Result) = whole.results.copy(results = whole.results.results.map(change))

        test("prompts longer than their attention, or marked beyond their end") {
            refused(first { it.copy(clean = it.clean.copy(tokens = it.clean.tokens + "more")) }) shouldContain "tokens"
            refused(first { it.copy(clean = longer(it.clean)) }) shouldContain "attention of"
            val beyond = first { it.copy(clean = it.clean.copy(subject = PositionRange(0, 1000))) }
            refused(beyond) shouldContain "outside a prompt"
        }

        test("attention of the corrupted run is as long as the corrupted prompts") {
            val analyses = whole.spec.analyses.map { if (it is AttentionSpec) it.copy(run = RunSpec.Corrupted) else it }
            // These have queries or keys of the clean run.
            val others = analyses.filterNot { it is CaptureSpec || it is AttentionFlowSpec }
            val corrupted = first { it.copy(corrupted = longer(it.corrupted!!)) }.copy(analyses = others)
            refused(corrupted) shouldContain "in 'looks' attention of 10 positions, but a prompt of 60"
            val clean = first { it.copy(clean = longer(it.clean)) }.copy(analyses = others)
            read(clean).spec shouldBe clean
        }

        test("rows, axes and statistics of other lengths") {
            refused(results = all { it.copy(shape = it.shape.map { size -> size + 1 }) }) shouldContain "shape"
            refused(results = all { it.copy(perExample = it.perExample.map { row -> row.drop(1) }) }) shouldContain
                "rows of"
            refused(results = all { it.copy(examples = it.examples + "one more") }) shouldContain "examples, but"
            refused(results = all { it.copy(mean = it.mean.drop(1)) }) shouldContain "in mean"

            fun audited(change: (CellAudit) -> CellAudit) = all { it.copy(cellAudit = it.cellAudit?.let(change)) }
            refused(results = audited { it.copy(fired = emptyList()) }) shouldContain "in cellAudit.fired"
            refused(results = audited { it.copy(largestChange = it.largestChange.drop(1)) }) shouldContain
                "in cellAudit.largestChange"
        }

        test("numbers of examples and cells in every list of a result") {
            fun baseline(change: (List<Double?>) -> List<Double?>) =
                all { it.copy(baseline = it.baseline.mapValues { (_, values) -> change(values) }) }
            refused(results = baseline { it.drop(1) }) shouldContain "numbers in baseline."
            refused(results = baseline { it + 1.0 }) shouldContain "numbers in baseline."

            fun plain(change: (List<List<Double?>>) -> List<List<Double?>>) =
                all { it.copy(plain = it.plain?.let(change)) }
            refused(results = plain { it.drop(1) }) shouldContain "rows in plain"
            refused(results = plain { rows -> rows.map { it.drop(1) } }) shouldContain "numbers in plain"

            fun controls(change: (Control) -> Control) = all { it.copy(controls = it.controls.map(change)) }
            refused(results = controls { it.copy(perExample = it.perExample.drop(1)) }) shouldContain "in controls"
            refused(results = controls { it.copy(cell = 100_000) }) shouldContain "a control of cell 100000"

            fun changes(change: (Change) -> Change) = all { it.copy(change = it.change?.let(change)) }
            refused(results = changes { it.copy(mean = it.mean.drop(1)) }) shouldContain "in change.mean"
            refused(results = changes { it.copy(ciHigh = emptyList()) }) shouldContain "in change.ciHigh"

            refused(results = all { it.copy(top = it.top?.drop(1)) }) shouldContain "rows in top"
            refused(results = all { it.copy(groups = listOf(1)) }) shouldContain "groups"
            refused(results = all { it.copy(faithfulness = listOf(1.0)) }) shouldContain "in faithfulness"
            refused(results = all { it.copy(completeness = listOf(1.0)) }) shouldContain "in completeness"
            refused(results = all { it.copy(ratios = ExampleRatios(1, listOf(1.0))) }) shouldContain "in ratios.mean"
            val circuit = CircuitRecord(edges = 1, sizes = listOf(1), connected = emptyList(), ranked = emptyList())
            refused(results = all { it.copy(circuit = circuit) }) shouldContain "in circuit.sizes"
            refused(results = all { it.copy(roc = emptyList()) }) shouldContain "in roc"
        }

        test("filters that keep what there is not") {
            val set = whole.spec.contrasts.first().name
            val filters = listOf(FilterResult(set, "any", 1, listOf(1000), emptyList()))
            refused(results = whole.results.copy(filters = filters)) shouldContain "keeps contrasts"
        }
    })
