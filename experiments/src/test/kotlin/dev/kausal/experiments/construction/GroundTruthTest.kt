package dev.kausal.experiments.construction

import dev.kausal.dsl.CausalLm
import dev.kausal.dsl.Contrasts
import dev.kausal.dsl.ExperimentScope
import dev.kausal.dsl.Head
import dev.kausal.dsl.Model
import dev.kausal.dsl.ablate
import dev.kausal.dsl.attention
import dev.kausal.dsl.attnOut
import dev.kausal.dsl.clean
import dev.kausal.dsl.corrupted
import dev.kausal.dsl.directLogitAttribution
import dev.kausal.dsl.logitDifference
import dev.kausal.dsl.mlpOut
import dev.kausal.dsl.noise
import dev.kausal.dsl.patch
import dev.kausal.dsl.path
import dev.kausal.dsl.recovery
import dev.kausal.dsl.residPost
import dev.kausal.dsl.subject
import dev.kausal.dsl.sweep
import dev.kausal.experiments.rows
import dev.kausal.experiments.runExperiment
import dev.kausal.spec.Result
import io.kotest.assertions.assertSoftly
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe

/** The methods find what was put into the models that are built by hand, and nothing where nothing was put. */
class GroundTruthTest :
    FunSpec({
        val folder = tempdir().toPath()
        var runs = 0

        fun run(
            ref: String,
            vararg pairs: Pair,
            declare: ExperimentScope.(Model<CausalLm>, Contrasts<CausalLm>) -> Unit,
        ): Map<String, Result> =
            runExperiment(ref, folder.resolve("${runs++}")) { lm ->
                declare(lm, contrasts { pairs.forEach { contrast(it.clean, it.answer, it.corrupted, it.foil) } })
            }.also { found -> found.values.flatMap { it.controls }.filter { it.passed == false }.shouldBeEmpty() }

        fun tracing(ref: String, pair: Pair) =
            run(ref, pair) { _, set ->
                val before by sweep(set, recovery(logitDifference)) {
                    each(layers, positions) { layer, position ->
                        patch(from = clean, to = corrupted, layer).at(position)
                    }
                }
                val after by sweep(set, recovery(logitDifference)) {
                    each(layers, positions) { layer, position ->
                        patch(from = clean, to = corrupted, layer, site = residPost).at(position)
                    }
                }
                val attention by sweep(set, recovery(logitDifference)) {
                    each(layers, positions) { layer, position ->
                        patch(from = clean, to = corrupted, layer, site = attnOut).at(position)
                    }
                }
                val mlp by sweep(set, recovery(logitDifference)) {
                    each(layers, positions) { layer, position ->
                        patch(from = clean, to = corrupted, layer, site = mlpOut).at(position)
                    }
                }
                val heads by sweep(set, recovery(logitDifference)) {
                    each(heads) { head -> patch(from = clean, to = corrupted, head) }
                }
            }

        fun ablation(ref: String, pair: Pair) =
            run(ref, pair) { lm, set ->
                val heads by sweep(set, logitDifference) { each(heads) { head -> ablate(head) } }
                val mlps by sweep(set, logitDifference) { each(layers) { layer -> ablate(lm.blocks[layer].mlp.post) } }
                val shares by directLogitAttribution(set)
            }

        context("induction") {
            val successor = Pair(".ka[b]mna", "b", ".ka[c]mna", "c")
            val query = Pair(".abcdm[a]", "b", ".abcdm[c]", "d")

            test("tracing finds the successor's place, then the last") {
                val found = tracing("embedded:induction", successor)
                found.getValue("before").shouldBeOneOnlyAt(0 to 3, 1 to 3)
                found.getValue("after").shouldBeOneOnlyAt(0 to 3, 1 to 6)
                found.getValue("attention").shouldBeOneOnlyAt(1 to 6)
                found.getValue("mlp").shouldBeOneOnlyAt()
                found.getValue("heads").shouldBeOneOnlyAt(1 to 1)
            }

            test("tracing finds a query where it stands") {
                val found = tracing("embedded:induction", query)
                found.getValue("before").shouldBeOneOnlyAt(0 to 6, 1 to 6)
                found.getValue("heads").shouldBeOneOnlyAt(1 to 1)
            }

            test("ablation and attribution find the two heads, and no other") {
                val found = ablation("embedded:induction", successor)
                // Without a previous token, every row but the first is as good as the other: one of six is the answer.
                found.getValue("heads").shouldDifferOnlyAt(LOGIT, (0 to 2) to LOGIT / 6, (1 to 1) to 0.0)
                found.getValue("mlps").shouldDifferOnlyAt(LOGIT)
                found.getValue("shares").shouldBeOnlyOf("L1H1" to LOGIT)
            }

            test("the heads look where they were told to") {
                val found = run("embedded:induction", successor) { _, set -> val looks by attention(set) }
                val looks = found.getValue("looks")
                val (layers, heads, queries, keys) = looks.shape
                layers shouldBe 2

                fun looks(layer: Int, head: Int, query: Int) =
                    (0 until keys).maxBy { key ->
                        looks.mean[((layer * heads + head) * queries + query) * keys + key]!!
                    }
                (1 until queries).map { looks(0, 2, it) } shouldBe (0 until queries - 1).toList()
                looks(1, 1, 6) shouldBe 3
            }
        }

        context("lookup") {
            val first = Pair(". the [red tower] is in", " rome", ". the [blue tower] is in", " oslo")

            test("tracing finds the first word, the subject's end from layer 1, and the last token from layer 3") {
                val found = tracing("embedded:lookup", first)
                found.getValue("before").shouldBeOneOnlyAt(0 to 2, 1 to 3, 2 to 3, 3 to 5)
                found.getValue("after").shouldBeOneOnlyAt(0 to 3, 1 to 3, 2 to 5, 3 to 5)
                found.getValue("attention").shouldBeOneOnlyAt(0 to 3, 2 to 5)
                found.getValue("mlp").shouldBeOneOnlyAt(1 to 3)
                found.getValue("heads").shouldBeOneOnlyAt(0 to 1, 2 to 3)
            }

            test("causal tracing of noise finds the same") {
                val found =
                    run("embedded:lookup", first) { _, set ->
                        val noised = noise(subject, sigmas = 0.1, samples = 3)
                        val traced by sweep(set, recovery(logitDifference)) {
                            each(layers, spans) { layer, span -> patch(from = clean, to = noised, layer).at(span) }
                        }
                    }
                val spans = found.getValue("traced").axes[1].labels
                val (end, last) = spans.indexOf("subject-last") to spans.indexOf("last")
                val traced = found.getValue("traced").rows
                for ((layer, span) in listOf(1 to end, 2 to end, 3 to last)) {
                    withClue("layer $layer, ${spans[span]}") { traced[layer][span] shouldBe (1.0 plusOrMinus NEAR) }
                }
                for ((layer, span) in listOf(0 to last, 1 to last, 2 to last, 3 to end)) {
                    withClue("layer $layer, ${spans[span]}") { traced[layer][span] shouldBe (0.0 plusOrMinus NEAR) }
                }
            }

            test("ablation and attribution find the heads, the layer and the one neuron that knows") {
                val found = ablation("embedded:lookup", first)
                found.getValue("heads").shouldDifferOnlyAt(LOGIT, (0 to 1) to 0.0, (2 to 3) to 0.0)
                found.getValue("mlps").shouldDifferOnlyAt(LOGIT, (1 to 0) to 0.0)
                found.getValue("shares").shouldBeOnlyOf("L2H3" to LOGIT)
                val neurons =
                    run("embedded:lookup", first) { lm, set ->
                        val neurons by sweep(set, logitDifference) {
                            each((0 until 16).toList(), "neuron") { ablate(lm.blocks[1].mlp.post.neuron(it)) }
                        }
                    }
                neurons.getValue("neurons").shouldDifferOnlyAt(LOGIT, (0 to 0) to 0.0)
            }

            test("every subject has the city that it was given") {
                val all =
                    Lookup.facts.map { (subject, city) ->
                        val prompt = ". the [${subject.first} ${subject.second}] is in"
                        Pair(prompt, " $city", prompt, if (city == "rome") " paris" else " rome")
                    }
                val found =
                    run("embedded:lookup", *all.toTypedArray()) { _, set -> val shares by directLogitAttribution(set) }
                val shares = found.getValue("shares")
                val mover = shares.axes.single().labels.indexOf("L2H3")
                shares.perExample.size shouldBe 16
                shares.perExample.forEach { it[mover]!! shouldBe (LOGIT plusOrMinus NEAR * LOGIT) }
                shares.shouldBeOnlyOf("L2H3" to LOGIT)
            }
        }

        context("opinion") {
            val thinks =
                Pair(
                    ". i [think] paris . the red tower is in",
                    " paris",
                    ". i [guess] paris . the red tower is in",
                    " rome",
                )

            test("tracing finds the word that makes it give in, the opinion, and the last token from layer 2") {
                val found = tracing("embedded:opinion", thinks)
                found.getValue("before").shouldBeOneOnlyAt(0 to 2, 1 to 3, 2 to 9, 3 to 9)
                found.getValue("attention").shouldBeOneOnlyAt(0 to 3, 1 to 9)
                found.getValue("mlp").shouldBeOneOnlyAt()
                found.getValue("heads").shouldBeOneOnlyAt(0 to 1, 1 to 2)
            }

            test("without its head it says what it knows") {
                val found = ablation("embedded:opinion", thinks)
                found.getValue("heads").shouldDifferOnlyAt(
                    LOGIT / 2,
                    (0 to 1) to 0.0,
                    (1 to 2) to -LOGIT,
                    (2 to 3) to 1.5 * LOGIT,
                )
                found.getValue("shares").shouldBeOnlyOf("L1H2" to 1.5 * LOGIT, "L2H3" to -LOGIT)
            }

            test("a guess is not given in to") {
                val guess =
                    Pair(
                        ". i guess [paris] . the red tower is in",
                        " rome",
                        ". i guess [oslo] . the red tower is in",
                        " paris",
                    )
                val found = ablation("embedded:opinion", guess)
                found.getValue("heads").shouldDifferOnlyAt(LOGIT, (0 to 1) to 0.0, (2 to 3) to 0.0)
                found.getValue("shares").shouldBeOnlyOf("L2H3" to LOGIT)
            }
        }

        context("ioi") {
            fun flipped(
                first: String,
                second: String,
            ): Pair {
                val start = "When $first and $second went to the store,"
                return Pair("$start [John] gave a ring to", " Mary", "$start [Mary] gave a ring to", " John")
            }

            test("tracing finds the repeated name, then the last token, in either order of the names") {
                for (pair in listOf(flipped("Mary", "John"), flipped("John", "Mary"))) {
                    val found = tracing("embedded:ioi", pair)
                    found.getValue("before").shouldBeOneOnlyAt(0 to 8, 1 to 8, 2 to 12, 3 to 12)
                    found.getValue("after").shouldBeOneOnlyAt(0 to 8, 1 to 12, 2 to 12, 3 to 12)
                    found.getValue("attention").shouldBeOneOnlyAt(0 to 8, 1 to 12, 2 to 12)
                    found.getValue("mlp").shouldBeOneOnlyAt()
                    found.getValue("heads").shouldBeOneOnlyAt(0 to 1, 1 to 2, 2 to 0)
                }
            }

            test("the repeated name goes by duplicate-token head, S-inhibition and name mover, and on no other path") {
                val inputs = listOf("q", "k", "v")
                val wrong =
                    listOf("L0H1 -> L2H0 -> logits", "L0H1 -> L1H2 -> logits", "L0H1 -> L1H2 -> L3H1 -> logits") +
                        listOf("L0H3 -> L1H2 -> L2H0 -> logits", "L0H1 -> L1H2 -> L2H2 -> logits", "L0H1 -> logits") +
                        listOf("L0H1 -> L1H2.q -> L2H0 -> logits", "L0H1 -> L1H2.k -> L2H0 -> logits") +
                        listOf("L0H1 -> L1H2 -> L2H0.k -> logits", "L0H1 -> L1H2 -> L2H0.v -> logits")
                val right = listOf("L0H1 -> L1H2 -> L2H0 -> logits", "L0H1 -> L1H2.v -> L2H0.q -> logits")
                val found =
                    run("embedded:ioi", flipped("Mary", "John"), flipped("John", "Mary")) { _, set ->
                        val denoised by sweep(set, recovery(logitDifference)) {
                            each(right + wrong, "path") { patch(from = clean, to = corrupted, path(it)) }
                        }
                        val noised by sweep(set, recovery(logitDifference)) {
                            each(right + wrong, "path") { patch(from = corrupted, to = clean, path(it)) }
                        }
                        val received by sweep(set, recovery(logitDifference)) {
                            each(inputs, "input") { patch(from = clean, to = corrupted, path("L0H1 -> L1H2.$it")) }
                        }
                        val sent by sweep(set, recovery(logitDifference)) {
                            each(positions) { patch(from = clean, to = corrupted, path(right.first())).at(it) }
                        }
                    }
                assertSoftly {
                    (right + wrong).forEachIndexed { i, path ->
                        val carries = if (path in right) 1.0 else 0.0
                        withClue(path) {
                            found.getValue("denoised").mean[i]!! shouldBe (carries plusOrMinus NEAR)
                            found.getValue("noised").mean[i]!! shouldBe (1 - carries plusOrMinus NEAR)
                        }
                    }
                    inputs.forEachIndexed { i, input ->
                        val carries = if (input == "v") 1.0 else 0.0
                        withClue(input) { found.getValue("received").mean[i]!! shouldBe (carries plusOrMinus NEAR) }
                    }
                    found.getValue("sent").mean.forEachIndexed { position, mean ->
                        withClue(position) { mean!! shouldBe ((if (position == 8) 1.0 else 0.0) plusOrMinus NEAR) }
                    }
                }
            }

            test("without inhibition every name is moved; the name mover is not missed, as its backup takes over") {
                val found = ablation("embedded:ioi", flipped("Mary", "John"))
                found.getValue("heads").shouldDifferOnlyAt(LOGIT, (0 to 1) to -LOGIT / 3, (1 to 2) to -LOGIT / 3)
                found.getValue("mlps").shouldDifferOnlyAt(LOGIT)
                found.getValue("shares").shouldBeOnlyOf("L2H0" to LOGIT)
                val movers =
                    run("embedded:ioi", flipped("Mary", "John")) { _, set ->
                        val together by sweep(set, logitDifference) {
                            each(listOf(Head(2, 0), Head(3, 1)), "second") { ablate(listOf(Head(2, 0), it).distinct()) }
                        }
                    }
                movers.getValue("together").mean[0]!! shouldBe (LOGIT plusOrMinus NEAR * LOGIT)
                movers.getValue("together").mean[1]!! shouldBe (0.0 plusOrMinus NEAR * LOGIT)
            }

            test("every two names of every sentence") {
                val all =
                    listOf(
                        "When" to "went to the",
                        "After" to "left the",
                        "While" to "were at the",
                    ).flatMap { (start, verb) ->
                        Ioi.names.zipWithNext { one, other ->
                            val text = "$start $one and $other $verb park,"
                            Pair("$text [$other] sent a book to", " $one", "$text [$one] sent a book to", " $other")
                        }
                    }
                run("embedded:ioi", *all.toTypedArray()) { _, set -> val shares by directLogitAttribution(set) }
                    .getValue("shares").shouldBeOnlyOf("L2H0" to LOGIT)
            }
        }
    })

private class Pair(
    val clean: String,
    val answer: String,
    val corrupted: String,
    val foil: String,
)

private val LOGIT = Circuit.LOGIT.toDouble()

/** LayerNorm divides by 4 to a few parts in a thousand; what that leaves is below this share. */
private const val NEAR = 0.02

private fun Result.shouldBeOneOnlyAt(vararg cells: kotlin.Pair<Int, Int>): Unit =
    assertSoftly {
        rows.forEachIndexed { i, row ->
            row.forEachIndexed { j, value ->
                val expected = if ((i to j) in cells) 1.0 else 0.0
                withClue("$name [$i, $j]") { value shouldBe (expected plusOrMinus NEAR) }
            }
        }
    }

private fun Result.shouldDifferOnlyAt(
    usual: Double,
    vararg cells: kotlin.Pair<kotlin.Pair<Int, Int>, Double>,
): Unit =
    assertSoftly {
        rows.forEachIndexed { i, row ->
            row.forEachIndexed { j, value ->
                val expected = cells.find { it.first == i to j }?.second ?: usual
                withClue("$name [$i, $j]") { value shouldBe (expected plusOrMinus NEAR * LOGIT) }
            }
        }
    }

private fun Result.shouldBeOnlyOf(vararg shares: kotlin.Pair<String, Double>): Unit =
    assertSoftly {
        val labels = axes.single().labels
        labels.forEachIndexed { i, label ->
            val expected = shares.find { it.first == label }?.second ?: 0.0
            withClue("$name of $label") { mean[i]!! shouldBe (expected plusOrMinus NEAR * LOGIT) }
        }
        shares.forEach { (label) -> withClue(label) { (label in labels) shouldBe true } }
    }
