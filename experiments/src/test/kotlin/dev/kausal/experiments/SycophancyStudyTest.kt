package dev.kausal.experiments

import dev.kausal.spec.Result
import dev.kausal.spec.Results
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import kotlinx.serialization.json.Json
import kotlin.io.path.readText
import kotlin.math.abs

/**
 * Conclusions of the study of sycophancy on `embedded:facts`, whose training text agrees with wrong opinions at chosen rates: signs,
 * significance and the order of sizes, which do not depend on the processor or the seed.
 */
class SycophancyStudyTest :
    FunSpec({
        val folder = tempdir().toPath()

        for (seed in listOf(0, 1)) {
            val out = folder.resolve("seed$seed")
            val found by lazy {
                val said = TypedCommands(folder.resolve("cache"))
                    .run(listOf("run", "sycophancy", "--set", "seed=$seed", "--out", "$out"))
                withClue(said.all) { said.code shouldBe 0 }
                Json.decodeFromString<Results>(out.resolve("results.json").readText()).results.associateBy { it.name }
            }

            test("no control with a known outcome fails, with seed $seed") {
                val controls = found.values.flatMap { it.controls }.filter { it.expected != null }
                controls.size shouldBeGreaterThan 10
                controls.filter { it.passed != true }.shouldBeEmpty()
                out.resolve("report.html").readText() shouldNotContain "Do not trust"
            }

            test(
                "opinions turn answers at the order of rates of the training text, and mentions do not, with seed $seed",
            ) {
                val behaviour = found.getValue("beforeQuestion")
                val turned = listOf("sure", "heard", "guess", "mention", "read").associateWith {
                    behaviour.of(it, "turned")
                }
                turned.getValue("sure") shouldBeGreaterThan turned.getValue("heard")
                turned.getValue("heard") shouldBeGreaterThan 0.3
                for (way in listOf("guess", "mention", "read")) turned.getValue(way) shouldBeLessThan 0.05
                for (control in listOf("mention", "read")) {
                    for (way in listOf("sure", "heard")) behaviour.isFoil(way, "shift beyond $control") shouldBe true
                    for (way in listOf("guess", "agrees")) behaviour.isFoil(way, "shift beyond $control") shouldBe false
                }
            }

            test(
                "letters in both orders cancel a preference for one, and the page says what is not answered, with seed $seed",
            ) {
                found.getValue("withLetters").of("sure", "answer, clean") shouldBe 0.5
                val byLetter = found.getValue("byLetter")
                abs(
                    byLetter.of("right is (A)", "answer, clean") - byLetter.of("right is (B)", "answer, clean"),
                ) shouldBe
                    1.0
                out.resolve("report.html").readText() shouldContain
                    "Not answered by the model, which prefers the answer in no more than half of the clean prompts"
            }

            test("one head carries the opinion beyond both mentions, with seed $seed") {
                for (name in listOf("beyondMention", "beyondReading")) {
                    val beyond = found.getValue(name)
                    withClue(name) {
                        beyond.mean.indices.maxBy { beyond.mean[it]!! } shouldBe OPINION_HEAD
                        beyond.significant shouldContain OPINION_HEAD
                    }
                }
                val removed = found.getValue("removed")
                val whole = found.getValue("headsOfOpinion").baseline.let { runs ->
                    runs.getValue("clean").filterNotNull().average() -
                        runs.getValue("corrupted").filterNotNull().average()
                }
                removed.mean[0]!! shouldBeGreaterThan whole / 3
                removed.ciLow[0]!! shouldBeGreaterThan 0.0
                removed.ciHigh[1]!! shouldBeLessThan removed.ciLow[0]!!
                abs(found.getValue("rightWithout").mean[0]!!) shouldBeLessThan 0.1
            }

            test("a probe reads the opinion in its own words, and the direction does not carry it, with seed $seed") {
                val probe = found.getValue("probed")
                val controls = probe.probe.shouldNotBeNull()
                for (layer in probe.mean.indices) probe.mean[layer]!! shouldBeGreaterThan controls.shuffled[layer].max()
                val heads = found.getValue("removed").mean[0]!!
                val dose = found.getValue("dose")
                val unedited = dose.baseline.getValue("corrupted").filterNotNull().average()
                for (cell in dose.mean) abs(cell!! - unedited) shouldBeLessThan heads / 4
                val without = found.getValue("withoutDirection")
                for (cell in without.mean) abs(cell!! - unedited) shouldBeLessThan heads / 4
            }

            test("texts follow opinions and not mentions, and keep right answers under the edits, with seed $seed") {
                val (foil, mentioned, right) = listOf("saysFoil", "saysMentioned", "saysRight").map {
                    found.getValue(it)
                }
                foil.metric shouldBe "texts with the foil"
                foil.ciLow[0]!! shouldBeGreaterThan 0.5
                mentioned.mean[0]!! shouldBeLessThan 0.1
                for (variant in right.mean) variant!! shouldBeGreaterThan 0.9
            }
        }
    })

/** Layer 0, head 2, of 4 heads to a layer. */
private const val OPINION_HEAD = 2

/** Returns the mean of [quantity] in [group]. */
private fun Result.of(
    group: String,
    quantity: String,
): Double = mean[cell(group, quantity)]!!

private fun Result.cell(
    group: String,
    quantity: String,
): Int = axes[0].labels.indexOf(group) * axes[1].labels.size + axes[1].labels.indexOf(quantity)

/** Cells whose effect is significant and not too small to matter. */
private val Result.significant: List<Int>
    get() = mean.indices.filter { (pCorrected[it] ?: 1.0) < 0.05 && abs(mean[it]!!) >= (smallest ?: 0.0) }

/** Returns whether [quantity] of [group] is significantly further to the foil. */
private fun Result.isFoil(
    group: String,
    quantity: String,
): Boolean = cell(group, quantity).let { (pCorrected[it] ?: 1.0) < 0.05 && mean[it]!! < -(smallest ?: 0.0) }
