package dev.kausal.bundle

import dev.kausal.spec.AxisSpec
import dev.kausal.spec.EdgeSummary
import dev.kausal.spec.ModelShape
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind
import io.kotest.core.spec.style.StringSpec
import io.kotest.matchers.maps.shouldContainExactly
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe

/** MIB's names and signs, written and read. */
class MibScoresTest :
    StringSpec({
        val labels =
            listOf("q0", "k0", "v0").map { "embed -> L0.$it" } + listOf("embed -> L0 mlp", "L0H0 -> L0 mlp") +
                listOf("embed", "L0H0", "L0 mlp").map { "$it -> logits" }
        val shape = ModelShape(1, 1, 1, 8, 8, 32, 50, 16)

        fun result(clean: Double) =
            Result(
                name = "edges",
                kind = ResultKind.Edges,
                metric = "change of logitDifference",
                axes = listOf(AxisSpec("edge", labels)),
                examples = listOf("a"),
                shape = listOf(8),
                perExample = listOf(List(8) { it - 3.5 }),
                baseline = mapOf("clean" to listOf(clean), "corrupted" to listOf(1.0)),
                mean = List(8) { it - 3.5 },
                edges = EdgeSummary(8, emptyList(), emptyList()),
            )

        "an edge whose corruption lowers the metric helps, and has a positive score" {
            val scores = MibScores.of(result(clean = 2.0), shape).shouldNotBeNull()
            scores.edges.mapValues { it.value.score } shouldContainExactly
                mapOf(
                    "input->a0.h0<q>" to 3.5,
                    "input->a0.h0<k>" to 2.5,
                    "input->a0.h0<v>" to 1.5,
                    "input->m0" to 0.5,
                    "a0.h0->m0" to -0.5,
                    "input->logits" to -1.5,
                    "a0.h0->logits" to -2.5,
                    "m0->logits" to -3.5,
                )
            scores.nodes.keys shouldBe setOf("input", "a0.h0", "m0", "logits")
            scores.cfg shouldBe MibScores.Config(1, 1, false, 8)
        }

        "where the corrupted run has the larger metric, an edge that raises it helps" {
            MibScores.of(result(clean = 0.0), shape)!!.edges.getValue("m0->logits").score shouldBe 3.5
        }

        "what was written is read again, fields of other tools aside" {
            val scores = MibScores.of(result(clean = 2.0), shape)!!
            MibScores.read(scores.text()) shouldBe scores
            scores.effects() shouldContainExactly labels.zip(List(8) { it - 3.5 }).toMap()
            val other =
                """{"cfg":{"n_layers":1,"n_heads":1,"parallel_attn_mlp":true,"d_model":8,"more":1},
                "nodes":{"m0":{"in_graph":false,"score":2.0}},
                "edges":{"m0->logits":{"score":1.5,"in_graph":true}}}"""
            MibScores.read(other).effects() shouldContainExactly mapOf("L0 mlp -> logits" to -1.5)
        }

        "neither shared keys nor a part of the edges have such a file" {
            MibScores.of(result(clean = 2.0), shape.copy(heads = 2)).shouldBeNull()
            val part = result(clean = 2.0).copy(axes = listOf(AxisSpec("edge", labels.drop(1))))
            MibScores.of(part, shape).shouldBeNull()
        }
    })
