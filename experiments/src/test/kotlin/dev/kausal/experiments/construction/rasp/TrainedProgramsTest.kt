package dev.kausal.experiments.construction.rasp

import dev.kausal.engine.source.EmbeddedModels
import dev.kausal.engine.tokens.Tokenizers
import dev.kausal.experiments.training.InterchangeData
import dev.kausal.experiments.training.Trainings
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe
import kotlin.math.abs

/** The models that were trained to compute programs do, part by part, and exact edges find their circuits. */
class TrainedProgramsTest :
    FunSpec({
        val folder = tempdir().toPath()

        fun unpacked(program: Program) = EmbeddedModels.builtIn().unpack("siit-${program.name}", folder)

        for (program in Trainings.programs) {
            test("${program.name}: interchanges do to the model what they do to the program, as its card says") {
                val measured =
                    ProgramModel(program, unpacked(program)).use { one ->
                        InterchangeData(program, one.model.config(), seed = 1).use { it.figures(one.model) }
                    }
                val card = EmbeddedModels.builtIn().all().first { it.name() == "siit-${program.name}" }.figures()
                measured.keys shouldBe card.keys
                for ((name, value) in measured) {
                    withClue(name) {
                        value shouldBe (card.getValue(name) plusOrMinus CLOSE)
                        if (name.startsWith("changed.") || name.startsWith("effect.")) {
                            value shouldBeLessThan NOTHING
                        } else {
                            value shouldBeGreaterThan ALL
                        }
                    }
                }
            }

            test("${program.name}: patching an edge changes the answer if the program says so, and little otherwise") {
                ProgramModel(program, unpacked(program)).use { trained ->
                    val known = KnownCircuit(program)
                    val labels = trained.graph.labels()
                    for ((clean, corrupted) in pairs(program, 12)) {
                        val deciding = known.deciding(clean, corrupted)
                        val effects = trained.exact(trained.pair(clean, corrupted))
                        withClue("$clean, corrupted $corrupted") {
                            labels.filterIndexed { i, _ -> abs(effects[i]) > LOGIT / 2 }.toSet() shouldBe deciding
                            labels.indices.filter { labels[it] !in deciding }
                                .maxOf { abs(effects[it]) } shouldBeLessThan LOGIT / 4
                        }
                    }
                }
            }

            test("${program.name}: exact edges rank all known edges first, gradients do not") {
                Recovery(ProgramModel(program, unpacked(program))).use { recovery ->
                    val (known, others) = recovery.labels.zip(recovery.sizes { recovery.model.exact(it) })
                        .partition { it.first in recovery.truth }
                    known.minOf { it.second } shouldBeGreaterThan 2 * others.maxOf { it.second }
                    recovery.area { recovery.model.estimate(it) } shouldBeLessThan 1.0
                }
            }

            test("${program.name}: the tokenizer's words are those that the model was trained on") {
                Tokenizers.open(unpacked(program)).use { tokenizer ->
                    val text = listOf(Tokens.START) + program.words
                    tokenizer.encode(text.joinToString(" ")).ids().toList() shouldBe text.map(program::id)
                }
            }
        }
    })

/** Figures of a card may differ by this on another processor. */
private const val CLOSE = 0.003
private const val ALL = 0.99
private const val NOTHING = 0.01

/** Difference of the logits of an answer and another word: log(0.9 + 0.1 / 7) - log(0.1 / 7) = 4.2. */
private const val LOGIT = 4.16
