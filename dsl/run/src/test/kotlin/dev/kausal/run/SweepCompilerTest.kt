package dev.kausal.run

import dev.kausal.dsl.Head
import dev.kausal.dsl.ablate
import dev.kausal.dsl.clean
import dev.kausal.dsl.corrupted
import dev.kausal.dsl.facts
import dev.kausal.dsl.inTestFile
import dev.kausal.dsl.logitDifference
import dev.kausal.dsl.patch
import dev.kausal.dsl.resample
import dev.kausal.dsl.script
import dev.kausal.dsl.subject
import dev.kausal.dsl.sweep
import dev.kausal.engine.edits.Edit
import dev.kausal.engine.edits.FromRun
import dev.kausal.engine.edits.Part
import dev.kausal.engine.edits.PositionRange
import dev.kausal.engine.model.ModelSource
import dev.kausal.run.context.CompiledSweep
import dev.kausal.run.context.ScriptFunctions
import dev.kausal.run.inputs.EngineInputs
import dev.kausal.run.sweep.SweepCells
import dev.kausal.run.sweep.SweepCompiler
import dev.kausal.run.sweep.SweepInputs
import dev.kausal.spec.ExperimentSpec
import dev.kausal.spec.PartSpec
import dev.kausal.spec.PlaceSpec
import dev.kausal.spec.SweepSpec
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe

class SweepCompilerTest :
    FunSpec({
        test("a donor need only reach the positions that it replaces") {
            val declaration =
                script {
                    val set =
                        contrasts {
                            contrast("The [Eiffel] stands in the old city of", " Paris", foil = " Madrid")
                            contrast("The [Prado] is in", " Madrid", foil = " Paris")
                        }
                    val swapped by sweep(set, logitDifference) {
                        each(listOf(0)) { head -> ablate(Head(0, head), with = resample).at(subject) }
                    }
                    report { heatmap(swapped) }
                }
            val (_, compiled) = compiled(inTestFile { declaration.bind(facts()) }.spec)
            val values = compiled.grid.map { example ->
                compiled.plan.cells()[example.single().single()].edits().single()
            }
            val sources = values.map { it.replacement() as FromRun }
            sources.map { it.rows() } shouldBe listOf(PositionRange.at(1), PositionRange.at(1))
            sources.map { compiled.plan.runs()[it.run()].ids().size } shouldBe listOf(4, 8)
            (compiled.plan.cells() as SweepCells).made shouldBe 2
        }

        test("patched cells are no objects, and each is made as its place in the grid says") {
            val declaration =
                script {
                    val set =
                        contrasts {
                            contrast("The [Eiffel] is in", " Paris", "The [Prado] is in", " Madrid")
                            contrast("The [Louvre] is in", " Paris", "The [Prado] is in", " Madrid")
                        }
                    val patched by sweep(set, logitDifference) {
                        each(heads, positions) { head, position ->
                            patch(from = clean, to = corrupted, head).at(position)
                        }
                    }
                    report { heatmap(patched) }
                }
            val (sweep, compiled) = compiled(inTestFile { declaration.bind(facts()) }.spec)
            val cells = compiled.plan.cells() as SweepCells
            cells.made shouldBe 0
            cells.size shouldBe 2 * sweep.cells.size + 2 * 2
            compiled.grid.forEachIndexed { example, row ->
                row.forEachIndexed { at, numbers ->
                    val spec = sweep.cells[at].edits.single()
                    val cell = cells[numbers.single()]
                    val edit = cell.edits().single()
                    val place = PositionRange.at((spec.at as PlaceSpec.Position).position)
                    val head = (spec.part as PartSpec.Head).head
                    edit shouldBe Edit(spec.site, place, Part.Head(head), FromRun(example, place))
                    // The clean runs of both pairs come first.
                    cell.run() shouldBe 2 + example
                    cells.metric(numbers.single()) shouldBe cell.metric()
                }
            }
        }
    })

/** Returns the only sweep of [spec], and what it compiles to. */
private fun compiled(spec: ExperimentSpec): Pair<SweepSpec, CompiledSweep> {
    val sweep = spec.analyses.single() as SweepSpec
    val points = ModelSource.open(tinyLlama).use { it.points() }
    val given = SweepInputs(points, spec.contrasts.single().contrasts, EngineInputs(emptyMap())) { Double.NaN }
    return sweep to SweepCompiler(sweep, given, ScriptFunctions.NONE).compile()
}
