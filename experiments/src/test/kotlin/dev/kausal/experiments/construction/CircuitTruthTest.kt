package dev.kausal.experiments.construction

import dev.kausal.dsl.circuit
import dev.kausal.dsl.edge
import dev.kausal.dsl.edgeAttribution
import dev.kausal.dsl.exact
import dev.kausal.dsl.logitDifference
import dev.kausal.experiments.runExperiment
import dev.kausal.spec.Result
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlin.io.path.readText

/** The measures of circuits on `embedded:ioi`, whose edges are known. The corrupted prompts have no names, so nothing is moved. */
class CircuitTruthTest :
    FunSpec({
        val folder = tempdir().toPath()
        val results: Map<String, Result> by lazy {
            runExperiment("embedded:ioi", folder.resolve("bundle")) {
                val set =
                    contrasts {
                        Ioi.names.zipWithNext().forEach { (one, other) ->
                            contrast(
                                clean = "When [$one and $other went to the store, $other] gave a ring to",
                                answer = " $one",
                                corrupted = "When [the and the went to the store, the] gave a ring to",
                                foil = " $other",
                            )
                        }
                    }
                val mover by circuit(set, logitDifference, MOVER.map(::edge), completeness = true, minimality = true)
                val both by circuit(set, logitDifference, (MOVER + BACKUP).map(::edge), completeness = true)
                val more by circuit(set, logitDifference, (MOVER + IDLE).map(::edge), minimality = true)
                val effects by edgeAttribution(set, logitDifference, by = exact)
                val ranked by circuit(effects, sizes = listOf(MOVER.size), minimality = MOVER.size)
            }
        }

        test("the name mover's circuit is faithful, but not complete without the backup's edges") {
            results.getValue("mover").faithfulness!!.single()!! shouldBe (1.0 plusOrMinus NEAR)
            // Without the inhibition of the repeated name, which both movers need, the backup says each of three names.
            results.getValue("mover").completeness!!.single()!! shouldBe (4.0 / 3 plusOrMinus NEAR)
            results.getValue("both").faithfulness!!.single()!! shouldBe (1.0 plusOrMinus NEAR)
            results.getValue("both").completeness!!.single()!! shouldBe (1.0 plusOrMinus NEAR)
            val page = folder.resolve("bundle/report.html").readText()
            page shouldContain "the circuit is faithful, but not complete"
        }

        test("every edge of the name mover's circuit is needed, and no other is") {
            val record = results.getValue("mover.minimality").minimality!!
            record.needed shouldContainExactlyInAnyOrder MOVER
            record.unneeded.shouldBeEmpty()
            val more = results.getValue("more.minimality").minimality!!
            more.needed shouldContainExactlyInAnyOrder MOVER
            more.unneeded shouldContainExactlyInAnyOrder IDLE
        }

        test("exact effects rank the same edges") {
            results.getValue("ranked").circuit!!.ranked.single() shouldContainExactlyInAnyOrder MOVER
            results.getValue("ranked.minimality").minimality!!.needed shouldContainExactlyInAnyOrder MOVER
        }
    })

private val MOVER =
    listOf(
        "embed -> L0.q1",
        "embed -> L0.k1",
        "embed -> L0.v1",
        "L0H1 -> L1.k2",
        "L0H1 -> L1.v2",
        "L1H2 -> L2.q0",
        "embed -> L2.k0",
        "embed -> L2.v0",
        "L2H0 -> logits",
    )

private val BACKUP = listOf("L1H2 -> L3.q1", "embed -> L3.k1", "embed -> L3.v1", "L2H0 -> L3.q1", "L3H1 -> logits")

/** Their writers are active, but nothing reads them. */
private val IDLE = listOf("L0H3 -> L2.v0", "L2H2 -> logits")

private const val NEAR = 0.02
