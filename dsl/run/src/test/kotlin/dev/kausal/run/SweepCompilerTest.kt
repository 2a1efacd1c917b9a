package dev.kausal.run

import dev.kausal.dsl.Head
import dev.kausal.dsl.ablate
import dev.kausal.dsl.facts
import dev.kausal.dsl.inTestFile
import dev.kausal.dsl.logitDifference
import dev.kausal.dsl.resample
import dev.kausal.dsl.script
import dev.kausal.dsl.subject
import dev.kausal.dsl.sweep
import dev.kausal.engine.edits.FromRun
import dev.kausal.engine.edits.PositionRange
import dev.kausal.engine.model.ModelSource
import dev.kausal.run.context.ScriptFunctions
import dev.kausal.run.inputs.EngineInputs
import dev.kausal.run.sweep.SweepCompiler
import dev.kausal.run.sweep.SweepInputs
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
            val spec = inTestFile { declaration.bind(facts()) }.spec
            val sweep = spec.analyses.single() as SweepSpec
            val points = ModelSource.open(tinyLlama).use { it.points() }
            val compiled =
                SweepCompiler(
                    sweep,
                    SweepInputs(points, spec.contrasts.single().contrasts, EngineInputs(emptyMap())) { Double.NaN },
                    ScriptFunctions.NONE,
                ).compile()
            val values = compiled.grid.map { example ->
                compiled.plan.cells()[example.single().single()].edits().single()
            }
            val sources = values.map { it.replacement() as FromRun }
            sources.map { it.rows() } shouldBe listOf(PositionRange.at(1), PositionRange.at(1))
            sources.map { compiled.plan.runs()[it.run()].ids().size } shouldBe listOf(4, 8)
        }
    })
