package dev.kausal.experiments.training

import dev.kausal.engine.config.Input
import dev.kausal.engine.hooks.Hooks
import dev.kausal.engine.model.HookedModel
import dev.kausal.engine.tensor.Torch
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Path
import kotlin.io.path.createDirectories
import kotlin.io.path.exists
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readBytes
import kotlin.io.path.readText
import kotlin.io.path.writeBytes
import kotlin.io.path.writeText
import kotlin.random.Random

/** Counting up: after n comes n + 1. */
private class Counting(
    private val stopAfter: Int = Int.MAX_VALUE,
) : Training {
    override val name = "counting"
    override val description = "Counts up"
    override val licence = "Apache-2.0"
    override val schedule = Schedule(steps = 60, peak = 1e-2, warmUp = 5, decay = 0.0, seed = 3)
    override val config =
        """{"model_type": "gpt2", "n_embd": 16, "n_head": 2, "n_layer": 1, "n_positions": 8, "vocab_size": 10}"""

    override fun furnish(folder: Path): List<String> = emptyList()

    override fun data(
        folder: Path,
        seed: Long,
        progress: (String) -> Unit,
    ): TrainingData =
        object : TrainingData {
            override val probes = "successors"

            override fun batch(step: Int): Batch {
                if (step == stopAfter) throw InterruptedException("as by Ctrl-C")
                val random = Random(seed + step)
                val starts = List(8) { random.nextInt(7) }
                val targets = starts.flatMap { listOf(it + 1L, it + 2L) }.toLongArray()
                val rows = IntArray(16) { it / 2 * 3 + it % 2 }
                val objective = WeightedTokens.mean(rows, targets, FloatArray(16) { 1f })
                return Batch(starts.map { Input.tokens(it, it + 1, it + 2) }, objective)
            }

            override fun probe(model: HookedModel): Double =
                Torch.manager().use { manager ->
                    val asked = (0..7).map { intArrayOf(it) }
                    val best = model.lastLogits(asked, Hooks(model.points()), manager).argMax(1).toLongArray()
                    best.indices.count { best[it] == it + 1L } / 8.0
                }

            override fun figures(model: HookedModel) = mapOf("right" to probe(model))

            override fun close() = Unit
        }
}

class TrainerTest :
    FunSpec({
        val folder = tempdir().toPath()
        val said = mutableListOf<String>()
        val progress = Notes(said)

        fun train(out: Path, training: Training, schedule: Schedule = training.schedule) =
            Trainer(training, schedule, out, progress, every = 20).run()

        test("a training learns, and leaves weights, card and page") {
            val whole = train(folder.resolve("whole"), Counting())
            whole.listDirectoryEntries().map { it.name }.toSet() shouldBe
                setOf("config.json", "model.safetensors", "card.json", "training.html")
            whole.resolve("card.json").readText() shouldContain "./kausal train counting"
            whole.resolve("training.html").readText() shouldContain "<svg"
            HookedModel.open(whole).use { model ->
                Counting().data(whole, 3) {}.use { it.probe(model) shouldBeGreaterThan 0.9 }
            }
        }

        test("an interrupted training goes on to the same weights") {
            val out = folder.resolve("parts")
            shouldThrow<InterruptedException> { train(out, Counting(stopAfter = 47)) }
            out.resolve("model.safetensors").exists() shouldBe false
            said.clear()
            train(out, Counting())
            said shouldContain "continuing after step 40 of 60"
            out.resolve("model.safetensors").readBytes()
                .contentEquals(folder.resolve("whole/model.safetensors").readBytes()) shouldBe true
            out.resolve("checkpoint").exists() shouldBe false
        }

        test("a checkpoint with another bit is refused") {
            val out = folder.resolve("damaged")
            shouldThrow<InterruptedException> { train(out, Counting(stopAfter = 25)) }
            val files = listOf("model.safetensors", "optimizer/moments.safetensors", "state.json", "SHA256SUMS")
            files.map(out.resolve("checkpoint")::resolve).forEach { file ->
                val whole = file.readBytes()
                file.writeBytes(whole.copyOf().also { it[it.lastIndex - 1] = (it[it.lastIndex - 1] + 1).toByte() })
                shouldThrow<CheckpointDamagedException> { train(out, Counting()) }
                file.writeBytes(whole)
            }
            train(out, Counting())
        }

        test("a finished model is measured again, not trained over") {
            val whole = folder.resolve("whole")
            val before = whole.resolve("model.safetensors").readBytes()
            val card = whole.resolve("card.json").readText()
            whole.resolve("card.json").writeText("{}")
            val halfRemoved = whole.resolve("checkpoint.partial").createDirectories()
            halfRemoved.resolve("state.json").writeText("{}")
            said.clear()
            train(whole, Counting(stopAfter = 0))
            halfRemoved.exists() shouldBe false
            said.first() shouldContain "measuring it again"
            whole.resolve("card.json").readText() shouldBe card
            whole.resolve("model.safetensors").readBytes().contentEquals(before) shouldBe true
        }

        test("a checkpoint of another training is not continued") {
            val out = folder.resolve("other")
            shouldThrow<InterruptedException> { train(out, Counting(stopAfter = 25)) }
            val other = Counting().schedule.copy(seed = 4)
            shouldThrow<OtherTrainingException> { train(out, Counting(), other) }.step shouldBe 20
        }
    })
