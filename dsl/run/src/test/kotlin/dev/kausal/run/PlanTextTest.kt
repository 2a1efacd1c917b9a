package dev.kausal.run

import dev.kausal.dsl.ablate
import dev.kausal.dsl.clean
import dev.kausal.dsl.corrupted
import dev.kausal.dsl.directLogitAttribution
import dev.kausal.dsl.facts
import dev.kausal.dsl.inTestFile
import dev.kausal.dsl.logitDifference
import dev.kausal.dsl.on
import dev.kausal.dsl.patch
import dev.kausal.dsl.recovery
import dev.kausal.dsl.script
import dev.kausal.dsl.sweep
import dev.kausal.engine.model.ModelSource
import dev.kausal.engine.plan.Sizes
import dev.kausal.spec.ModelShape
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Path
import kotlin.io.path.readText

class PlanTextTest :
    FunSpec({
        /** What `explain` says of one sweep of each kind and a reading, on a tiny model. */
        fun explained(
            budget: Long,
            threads: Int,
        ): String =
            ModelSource.open(Path.of("../../engine/src/test/resources/tiny/llama")).use { source ->
                val config = source.config()
                val declaration =
                    script {
                        val set =
                            contrasts {
                                contrast("The [Eiffel] is in", " Paris", "The [Prado] is in", " Madrid")
                            }
                        val trace by sweep(set, recovery(logitDifference)) {
                            each(layers, positions) { layer, position ->
                                patch(from = clean, to = corrupted, layer).at(position)
                            }
                        }
                        val needed by sweep(set, logitDifference) { each(heads) { head -> ablate(head) } }
                        val shares by directLogitAttribution(set)
                        report {
                            heatmap(trace)
                            heatmap(needed)
                            bars(shares)
                        }
                    }
                val shape =
                    ModelShape(
                        config.layers(),
                        config.heads(),
                        config.keyValueHeads(),
                        config.dModel(),
                        config.dHead(),
                        config.dMlp(),
                        1000,
                        config.context(),
                    )
                val bound = inTestFile { declaration.bind(facts(shape = shape)) }
                PlanSummary.of(
                    bound.spec,
                    Sizes(config),
                    source.points(),
                    budget,
                    threads,
                    source.device().tuning(),
                ).text()
            }

        test("explain says what each rewrite saves") {
            explained(1L shl 30, 1) + "\n" shouldBe Path.of("src/test/resources/plans/explain.txt").readText()
        }

        test("explain says how many groups are computed side by side") {
            explained(100_000, 4) shouldContain Regex("in \\d+ groups, [2-4] at a time\\.")
            explained(100_000, 1) shouldContain Regex("in \\d+ groups\\.")
        }
    })
