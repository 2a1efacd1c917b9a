package dev.kausal.experiments.construction

import dev.kausal.dsl.ablate
import dev.kausal.dsl.clean
import dev.kausal.dsl.corrupted
import dev.kausal.dsl.interaction
import dev.kausal.dsl.logitDifference
import dev.kausal.dsl.patch
import dev.kausal.dsl.recovery
import dev.kausal.dsl.sweep
import dev.kausal.experiments.runExperiment
import dev.kausal.spec.Result
import io.kotest.assertions.assertSoftly
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import java.nio.file.Path
import kotlin.io.path.readText
import kotlin.math.abs

/** A backup and an AND that were built are reported as such, and nothing else is. */
class InteractionTruthTest :
    FunSpec({
        val folder = tempdir().toPath()

        fun run(gate: Gate): kotlin.Pair<Result, String> {
            val out: Path = folder.resolve("bundle-$gate")
            val results =
                runExperiment("${GateModel.write(gate, folder.resolve("$gate"))}", out) {
                    val facts = contrasts {
                        Lookup.facts.forEach { (subject, city) ->
                            val (first, second) = subject
                            val other = Lookup.facts.keys.first { it.second == second && Lookup.facts[it] != city }
                            contrast(
                                clean = ". the [$first $second] is in",
                                answer = " $city",
                                corrupted = ". the [${other.first} $second] is in",
                                foil = " ${Lookup.facts[other]}",
                            )
                        }
                    }
                    val needed by sweep(facts, logitDifference) { each(heads) { ablate(it) } }
                    val restored by sweep(facts, recovery(logitDifference)) {
                        each(heads) { head -> patch(from = clean, to = corrupted, head) }
                    }
                    val pairs by interaction(facts, logitDifference, needed, restored, top = 5)
                    report { heatmap(pairs) }
                }
            return results.getValue("pairs") to text(out)
        }

        test("a backup is found by the pair, where each head alone changes next to nothing") {
            val (pairs, page) = run(Gate.Either)
            pairs.shouldBeOnly(listOf("0.1" to -LOGIT), listOf(("2.1" to "2.3") to -LOGIT))
            page shouldContain "2.1 and 2.3 (redundant): "
            for (head in listOf("0.1", "2.1", "2.3")) page shouldNotContain "0.1 and $head"
            page shouldNotContain "acting jointly"
        }

        test("an AND is found by pairs that change no more than one of them") {
            val (pairs, page) = run(Gate.Both)
            val built = listOf("0.1", "2.1", "2.3")
            val series = listOf("0.1" to "2.1", "0.1" to "2.3", "2.1" to "2.3")
            pairs.shouldBeOnly(built.map { it to -LOGIT }, series.map { it to LOGIT })
            for ((one, other) in series) page shouldContain "$one and $other (acting jointly): "
            page shouldNotContain "(redundant)"
            page shouldNotContain "more pair"
        }
    })

private const val LOGIT = 10.0

/** Up to what LayerNorm couples, a few parts in a thousand. */
private const val NEAR = 0.03 * LOGIT

private fun Result.shouldBeOnly(
    alone: List<kotlin.Pair<String, Double>>,
    together: List<kotlin.Pair<kotlin.Pair<String, String>, Double>>,
): Unit =
    assertSoftly {
        val labels = axes[0].labels
        for ((name, _) in alone) withClue("$name in $labels") { (name in labels) shouldBe true }
        labels.forEachIndexed { i, one ->
            labels.forEachIndexed { j, other ->
                val pair = together.find { it.first == (one to other) || it.first == (other to one) }?.second
                val expected = if (i == j) alone.find { it.first == one }?.second ?: 0.0 else pair ?: 0.0
                val cell = i * labels.size + j
                withClue("$one with $other") {
                    mean[cell]!! shouldBe (expected plusOrMinus NEAR)
                    (pCorrected[cell]!! < 0.05 && abs(mean[cell]!!) >= smallest!!) shouldBe (expected != 0.0)
                }
            }
        }
    }

/** What a reader sees of the page. */
private fun text(bundle: Path): String =
    bundle.resolve("report.html").readText()
        .replace(Regex("<script.*?</script>|<style.*?</style>|<svg.*?</svg>", RegexOption.DOT_MATCHES_ALL), "")
        .replace(Regex("<[^>]+>"), " ").replace(Regex("\\s+"), " ")
