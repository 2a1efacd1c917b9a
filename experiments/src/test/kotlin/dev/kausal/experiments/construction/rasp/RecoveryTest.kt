package dev.kausal.experiments.construction.rasp

import dev.kausal.engine.circuits.CircuitRun
import dev.kausal.engine.forward.Linearisation
import dev.kausal.engine.tensor.Torch
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe
import java.nio.file.Path
import kotlin.math.abs

/** Which methods find the known edges of compiled programs, which do not, and what mends them. */
class RecoveryTest :
    FunSpec({
        val folder = tempdir().toPath()

        for (program in Programs.all) {
            test("${program.name}: exact edges and 30 points of integrated gradients rank all known edges first") {
                Recovery(CompiledModel(program, folder)).use { recovery ->
                    recovery.area { recovery.model.exact(it) } shouldBe 1.0
                    recovery.area { recovery.model.estimate(it, MANY) } shouldBe 1.0
                }
            }
        }

        for (program in Programs.all - listOf(Programs.or, Programs.inhibit)) {
            test("${program.name}: gradients miss edges, also with RelP's rules") {
                Recovery(CompiledModel(program, folder.resolve("gradient"))).use { recovery ->
                    recovery.area { recovery.model.estimate(it) } shouldBeLessThan 0.99
                    recovery.area { recovery.model.estimate(it, 0, Linearisation.RELP) } shouldBeLessThan 0.99
                }
            }
        }

        test("slopes that cancel: five points of integrated gradients step over the steps of a count") {
            Recovery(CompiledModel(Programs.hist, folder.resolve("steps"))).use { recovery ->
                recovery.area { recovery.model.estimate(it, FEW) } shouldBeLessThan 0.99
            }
        }

        test("saturated softmax: the gradient of a key edge is less than a hundredth of its effect") {
            CompiledModel(Programs.and, folder.resolve("keys")).use { compiled ->
                val pair = compiled.pair("a c b".split(" "), "c c c".split(" "))
                val edge = compiled.graph.find("embed -> L0.k0").asInt
                val exact = compiled.exact(pair)[edge]
                exact shouldBe (-2 * LOGIT plusOrMinus LOGIT / 10)
                Torch.inference()
                abs(compiled.estimate(pair)[edge]) shouldBeLessThan abs(exact) / 100
                abs(compiled.estimate(pair, MANY)[edge]) shouldBeGreaterThan abs(exact) / 20
            }
        }

        test("a backup: neither edge of two heads changes the answer alone, both together do") {
            CompiledModel(Programs.or, folder.resolve("backup")).use { compiled ->
                val (clean, corrupted) = listOf("a c b".split(" "), "c c c".split(" "))
                val pair = compiled.pair(clean, corrupted)
                KnownCircuit(Programs.or).deciding(clean, corrupted) shouldBe setOf("L0 mlp -> logits")
                val edges = listOf("L0H0 -> L0 mlp", "L0H1 -> L0 mlp").map { compiled.graph.find(it).asInt }
                val exact = compiled.exact(pair)
                edges.forEach { exact[it] shouldBe (0.0 plusOrMinus LOGIT / 20) }
                val rest = compiled.graph.all().also { all -> edges.forEach(all::clear) }
                val (all, without) =
                    CircuitRun(compiled.model, compiled.graph, pair).use {
                        it.metrics(listOf(compiled.graph.all(), rest)).toList()
                    }
                all shouldBe (LOGIT plusOrMinus LOGIT / 10)
                without shouldBe (-LOGIT plusOrMinus LOGIT / 10)
            }
        }
    })

private const val LOGIT = 10.0
private const val FEW = 5
private const val MANY = 30
